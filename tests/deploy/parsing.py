"""Commands in files and guides, read by the command line's own parser and not run."""

from __future__ import annotations

import typer.main

from waylink.cli import app


def require_parsed(words: list[str]) -> None:
    """Fail where `waylink WORDS...` is no command, or lacks or has an option too many."""
    command, name = typer.main.get_command(app), "waylink"
    while hasattr(command, "commands"):
        name, words = words[0], words[1:]
        assert name in command.commands, name
        command = command.commands[name]
    command.make_context(name, list(words))
