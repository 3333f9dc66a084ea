"""``python -m matebot``."""

from matebot.cli import main

main(prog_name="python -m matebot")
