"""`waylink token …` and `waylink me`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from waylink.remote.commands.at_server import AtServer, at_server, new_group
from waylink.remote.commands.told import facts_text, table_text

app = new_group("Your access tokens; the text of one is never shown.")
own_commands = typer.Typer()


@app.command("list")
@at_server
def list_command(at: AtServer) -> None:
    """List your tokens that work."""
    from waylink.remote.tokens import list_tokens

    tokens = list_tokens(at.connect())
    rows = [(one.id, ", ".join(one.scopes), one.created_at, one.expires_at) for one in tokens]
    text = table_text(("token", "scopes", "created", "expires"), rows, empty="no tokens")
    at.console.result(text, {"tokens": [asdict(one) for one in tokens]})


@app.command("new")
@at_server
def new_command(
    at: AtServer,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file, which only you can read.")],
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="SCOPE", help="read, send, govern or administer; can be given again."),
    ] = None,
    days: Annotated[int | None, typer.Option("--days", min=1, help="How long it works.")] = None,
) -> None:
    """Make another token of your own, into a file."""
    from waylink.remote.tokens import make_token

    made = make_token(at.connect(), out, scope or [], days)
    at.console.result(f"token {made.id} is in {out}; it works until {made.expires_at}", asdict(made))


@app.command("revoke")
@at_server
def revoke_command(at: AtServer, token: Annotated[str, typer.Argument(metavar="ID", help="The token's id.")]) -> None:
    """Revoke a token by its id."""
    from waylink.remote.tokens import revoke_token

    revoke_token(at.connect(), token)
    at.console.result("revoked", {"token": token, "revoked": True})


@own_commands.command("me")
@at_server
def me_command(at: AtServer) -> None:
    """Show who you are to the server."""
    from waylink.remote.tokens import see_self

    seen = see_self(at.connect())
    at.console.result(facts_text(asdict(seen)), asdict(seen))
