"""`waylink send` and `waylink withdraw`: what a member gives, and takes back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from waylink.remote.commands.at_server import AtServer, LetGo, ProjectId, at_server

app = typer.Typer()

_Project = Annotated[str, typer.Option("--project", metavar="P", help="The project's id.")]


@app.command("send")
@at_server
def send_command(
    at: AtServer,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that `waylink encode` wrote.")],
    project: _Project,
) -> None:
    """Send a folder's encodings and services, and nothing else of it. Interrupted, the same command goes on."""
    from waylink.remote.uploads import send_to_project

    try:
        told = send_to_project(at.connect(), folder, project, at.console)
    except KeyboardInterrupt:
        at.console.remark("stopped; what has arrived is kept for some time: the same command goes on from there")
        raise LetGo from None
    at.console.result(f"sent and accepted: {told['records']:,} records (upload {told['id']})", told)


@app.command("withdraw")
@at_server
def withdraw_command(
    at: AtServer,
    project: ProjectId,
    tokens: Annotated[Path | None, typer.Option("--tokens", metavar="FILE", help="Record tokens, one a line.")] = None,
    clients: Annotated[
        Path | None, typer.Option("--clients", metavar="FILE", help="Client ids, one a line; they stay here.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="DIR", help="With --clients: the folder they were encoded in.")
    ] = None,
) -> None:
    """Take records back: no later run has them. Only their tokens leave; client ids are looked up here."""
    from waylink.remote.withdrawals import chosen_tokens, withdraw_records

    chosen = chosen_tokens(tokens, clients, folder)
    new = withdraw_records(at.connect(), project, chosen)
    text = f"{len(chosen):,} records are withdrawn; {new:,} of them were not before"
    at.console.result(text, {"project": project, "records": len(chosen), "withdrawn": new})
