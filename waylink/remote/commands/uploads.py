"""`waylink send`, `waylink upload …` and `waylink withdraw`: what a member gives, and takes back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from waylink.remote.commands.at_server import AtServer, LetGo, ProjectId, Yes, at_server, new_group
from waylink.remote.commands.told import table_text

if TYPE_CHECKING:
    from waylink.remote.uploads import UploadThere

app = new_group("Uploads: what your own member has sent.")
own_commands = typer.Typer()

_Project = Annotated[str, typer.Option("--project", metavar="P", help="The project's id.")]


@own_commands.command("send")
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


@app.command("list")
@at_server
def list_command(at: AtServer, project: ProjectId) -> None:
    """List what your own member has sent to a project; other members' uploads are shown to nobody but them."""
    from waylink.remote.uploads import list_uploads

    uploads = list_uploads(at.connect(), project)
    rows = [(one.id, one.state, one.records, f"{one.received:.0%}", one.created_at) for one in uploads]
    text = table_text(("upload", "state", "records", "arrived", "begun"), rows, empty="nothing was sent")
    doubts = "".join(f"\n{_doubt(one)}" for one in uploads if one.doubting)
    at.console.result(text + doubts, {"project": project, "uploads": [asdict(one) for one in uploads]})


@app.command("delete")
@at_server
def delete_command(
    at: AtServer, upload: Annotated[str, typer.Argument(metavar="UP", help="The upload's id.")], yes: Yes = False
) -> None:
    """Take an upload back: it is deleted from the server, services too, and a run that uses it is cancelled."""
    from waylink.remote.uploads import delete_upload

    at.confirm(f"Delete upload {upload}, and cancel a run that uses it?", yes=yes)
    delete_upload(at.connect(), upload)
    at.console.result(f"upload {upload} is deleted", {"upload": upload, "deleted": True})


@own_commands.command("withdraw")
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


def _doubt(upload: UploadThere) -> str:
    return (
        f"{' and '.join(upload.doubting)} agree on another secret than that of upload {upload.id}, and cannot send:\n"
        "compare yours with theirs, encode again with the right one, and send"
    )
