"""The commands of ``python -m matebot``; the only place that knows the terminal."""

import asyncio
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import click

from matebot import __version__
from matebot.core.errors import OperatorError
from matebot.core.faults import whereabouts

OPERATOR_MISTAKE = 2
"""The exit status for what only the operator can mend; systemd does not restart after it."""

log = logging.getLogger(__name__)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="matebot")
@click.pass_context
def main(context: click.Context) -> None:
    """One conversation for a Telegram group and a Discord channel.

    Without a command MateBot runs, with the settings of the environment and of the file .env;
    config.example.env tells what they are.
    """
    if context.invoked_subcommand is None:
        context.invoke(run)


@main.command()
def run() -> None:
    """Run the bridge (what happens without a command, too)."""
    from matebot.config import ConfigError, load_settings, unknown_variables
    from matebot.logs import configure_logging
    from matebot.words import Catalogue

    try:
        settings = load_settings()
    except ConfigError as error:
        _give_up(str(error))
    configure_logging(settings.log_level, settings.log_format, settings.secrets)
    for name in unknown_variables():
        log.warning("%s: no setting of MateBot's; see config.example.env", name)
    # Before the libraries: to read it takes 4 MB for a moment, which they fill afterwards.
    words = Catalogue.load()
    from matebot.app import run as run_app

    try:
        asyncio.run(run_app(settings, words))
    except BaseException as error:  # noqa: BLE001  (the last frame: whatever it is, it is told here)
        _end(error)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the page listens.")
@click.option("--port", default=8090, show_default=True, help="Its port; 0 is any that is free.")
@click.option("--script", type=click.Choice(["demo"]), help="A conversation that plays by itself.")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the daemon's data there; otherwise it is gone afterwards.",
)
@click.option("--open", "open_browser", is_flag=True, help="Open the page in a browser.")
def sandbox(
    host: str, port: int, script: str | None, data_dir: Path | None, open_browser: bool
) -> None:
    """Try everything on this machine, without a token."""
    from matebot.sandbox.demo import run_sandbox

    status = asyncio.run(
        run_sandbox(
            host=host, port=port, script=script, data_dir=data_dir, open_browser=open_browser
        )
    )
    sys.exit(status)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    help="MATEBOT_DATA_DIR, where it is not that of the settings.",
)
def backup(file: Path, data_dir: Path | None) -> None:
    """Copy the database into a new FILE, also while MateBot runs."""
    from matebot.config import ConfigError, load_settings
    from matebot.storage.backup import back_up

    try:
        folder = load_settings().data_dir if data_dir is None else data_dir
        size = back_up(folder / "matebot.sqlite", file)
    except (ConfigError, OperatorError) as error:
        _give_up(str(error))
    click.echo(f"{file}: {size:,} bytes")


def _end(error: BaseException) -> NoReturn:
    """Tell why MateBot ends, without a traceback and without a word of people's.

    Raises:
        SystemExit: 2 for what only the operator can mend, else 1.
        KeyboardInterrupt: As it came.
    """
    if isinstance(error, SystemExit | KeyboardInterrupt):
        raise error
    leaves = list(_leaves(error))
    mistakes = [str(each) for each in leaves if isinstance(each, OperatorError)]
    if mistakes:
        _give_up("\n".join(mistakes))
    for each in leaves:
        log.critical("MateBot ends by an error of its own: %s", whereabouts(each))
    sys.exit(1)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error


def _give_up(text: str) -> NoReturn:
    for line in text.splitlines():
        click.echo(f"matebot: {line}", err=True)
    sys.exit(OPERATOR_MISTAKE)
