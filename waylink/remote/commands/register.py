"""`waylink register`: for everybody, without a token."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from waylink.remote.commands.at_server import AtServer, at_server
from waylink.remote.commands.told import facts_text

if TYPE_CHECKING:
    from waylink.remote.register import Entry

app = typer.Typer()


@app.command("register")
@at_server
def register_command(at: AtServer) -> None:
    """Show the public register: every project's purpose and members, what was published, how to opt out."""
    from waylink.remote.register import read_register

    entries = read_register(at.connect_openly())
    text = "\n\n".join(map(_told, entries)) or "no project was approved yet"
    at.console.result(text, {"projects": [asdict(entry) for entry in entries]})


def _told(entry: Entry) -> str:
    facts = {
        "purpose": entry.purpose,
        "members": entry.members,
        "community": entry.community,
        "tables": entry.tables,
        "published": [f"{', '.join(one.tables)} ({one.published_at})" for one in entry.releases],
        "opt_out": entry.opt_out,
    }
    return f"{entry.title}: {entry.state}\n{facts_text(facts)}"
