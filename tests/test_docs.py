"""The README, its neighbours and the example file say what the program does."""

import ast
import re
from functools import cache
from pathlib import Path

import click
import discord
import pytest

from matebot.bridge.commands import COMMANDS
from matebot.cli import main
from matebot.config import PREFIX, Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PAGES = ("README.md", "CHANGELOG.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md")
BOTFATHER = {"newbot", "setprivacy", "mybots", "revoke"}
PERMISSIONS = {
    "View Channels": "view_channel",
    "Send Messages": "send_messages",
    "Send Messages in Threads": "send_messages_in_threads",
    "Read Message History": "read_message_history",
    "Manage Webhooks": "manage_webhooks",
    "Attach Files": "attach_files",
    "Send Voice Messages": "send_voice_messages",
    "Add Reactions": "add_reactions",
    "Use External Emoji": "external_emojis",
    "Pin Messages": "pin_messages",
    "Create Polls": "create_polls",
}


def section(title: str) -> str:
    """The README's text below a heading of the second level."""
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_cells(text: str) -> list[str]:
    """What stands between backticks in the first column of a table."""
    return re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)


def fenced(text: str) -> list[str]:
    """The lines of a text's code blocks."""
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines()]


def one_line_command(end: str) -> str:
    """The README's only command that ends so and begins with making what it needs."""
    (command,) = {
        line for line in fenced(README) if line.startswith("python3 -m venv") and line.endswith(end)
    }
    return command


@cache
def written_by_the_program() -> str:
    """Every text in the package's code, each on a line of its own."""
    return "\n".join(
        node.value
        for path in sorted((ROOT / "matebot").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_the_table_has_every_setting_and_no_other() -> None:
    """The README's table of settings is complete, and names nothing that is gone."""
    assert sorted(first_cells(section("Settings"))) == sorted(
        PREFIX + name.upper() for name in Settings.model_fields
    )


@pytest.mark.parametrize("page", PAGES)
def test_settings_that_are_mentioned_exist(page: str) -> None:
    """No page speaks of a setting that is gone."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    named = set(re.findall(r"\bMATEBOT_[A-Z_]+[A-Z]\b", (ROOT / page).read_text("utf-8")))
    assert named - known == set()


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """Each link to a file leads to one, and each link to a heading has its heading."""
    text = (ROOT / page).read_text("utf-8")
    headings = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in headings, target
        elif "://" not in target:
            assert ((ROOT / page).parent / target).is_file(), target


@pytest.mark.parametrize("page", PAGES)
def test_files_that_are_mentioned_exist(page: str) -> None:
    """Files and folders of this repository that stand in backticks are there."""
    text = (ROOT / page).read_text("utf-8")
    for path in re.findall(r"`((?:matebot|tests|nginx|\.ci)/[\w./]*)`", text):
        assert (ROOT / path).exists(), path


def test_commands_that_are_mentioned_exist() -> None:
    """Each `/command` is MateBot's or BotFather's, and each of MateBot's is mentioned."""
    own = {spec.name for spec in COMMANDS}
    named = set(re.findall(r"`/([a-z]+)[ `]", README))
    assert named - BOTFATHER == own


def test_subcommands_and_options_that_are_mentioned_exist() -> None:
    """What follows `python -m matebot`, and the options of the sandbox, are the command line's."""
    assert isinstance(main, click.Group)
    named = set(re.findall(r"python -m matebot ([a-z]+)", README))
    assert named <= set(main.commands)
    options = {option for param in main.commands["sandbox"].params for option in param.opts}
    assert set(re.findall(r"`(--[a-z-]+)", section("Try it without a token"))) <= options


def test_ci_runs_the_very_command_that_readers_are_given() -> None:
    """The tests' one line in the README is the CI script's and CONTRIBUTING's, too."""
    command = one_line_command("pytest -q")
    assert command in (ROOT / ".ci" / "run").read_text("utf-8")
    assert command in fenced((ROOT / ".github" / "CONTRIBUTING.md").read_text("utf-8"))
    assert one_line_command("python -m matebot sandbox")


def test_the_invitation_asks_for_the_permissions_that_it_names() -> None:
    """The number in the invite link is the sum of the permissions named below it."""
    (number,) = re.findall(r"permissions=(\d+)", README)
    named = {name: flag for name, flag in PERMISSIONS.items() if f"**{name}**" in README}
    assert named == PERMISSIONS
    assert discord.Permissions(int(number)) == discord.Permissions(
        **dict.fromkeys(named.values(), True)
    )


@pytest.mark.parametrize("line", first_cells(section("When something does not work")))
def test_the_lines_that_are_explained_are_really_written(line: str) -> None:
    """What the table of troubles quotes is what the program writes."""
    assert line in written_by_the_program()
