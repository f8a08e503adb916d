"""`waylink audit …`: the log of everything that was done, proved here."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from waylink.remote.commands.at_server import AtServer, at_server, new_group
from waylink.remote.commands.told import facts_text

if TYPE_CHECKING:
    from schemas.console import FrontDoor
    from server.domain.audit.heads import Head
    from server.domain.audit.verify import Verified

app = new_group("The audit log: what was done on the server, by whom; its proofs are checked here.")


@app.command("head")
@at_server
def head_command(
    at: AtServer,
    keep: Annotated[
        Path | None,
        typer.Option("--keep", metavar="FILE", help="Keep it here; the log must go on from the one kept before."),
    ] = None,
) -> None:
    """Show the log's signed head, and keep it: by a kept head you can tell later whether the log was rewritten."""
    from waylink.remote.audit import fetch_head, keep_head

    connection = at.connect()
    head = keep_head(connection, keep) if keep else fetch_head(connection)
    at.console.result(_told(head) + (f"\nkept in {keep}" if keep else ""), asdict(head) | {"file": keep and str(keep)})


@app.command("export")
@at_server
def export_command(
    at: AtServer, out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file.")]
) -> None:
    """Write the whole log to a file, to be verified offline."""
    from waylink.remote.audit import export_log

    size = export_log(at.connect(), out)
    at.console.result(
        f"{size:,} bytes in {out}\nprove it: waylink audit verify {out}", {"out": str(out), "bytes": size}
    )


@app.command("verify")
def verify_command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `waylink audit export` wrote.")],
    head: Annotated[Path | None, typer.Option("--head", metavar="KEPT", help="The head that you kept before.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> None:
    """Prove an export offline: nothing in it was changed, removed, added or moved."""
    from waylink.remote.audit import held, verify_file

    door: FrontDoor = context.obj
    verified = verify_file(file, head)
    data = asdict(verified.head) | {"last_at": verified.last_at, "kept_size": verified.kept_size}
    door.for_command(json=json).result(_proved(verified), data | {"checks": held(verified)})


@app.command("check")
@at_server
def check_command(
    at: AtServer, head: Annotated[Path, typer.Option("--head", metavar="KEPT", help="The head that you kept before.")]
) -> None:
    """Have the server prove that its log goes on from the head that you kept."""
    from server.domain.audit.heads import read_head
    from waylink.remote.audit import check_log

    kept = read_head(head)
    newer = check_log(at.connect(), kept)
    text = f"the log goes on from the {kept.size:,} events that you kept\n{_told(newer)}"
    at.console.result(text, asdict(newer) | {"kept_size": kept.size})


def _told(head: Head) -> str:
    return facts_text({"events": head.size, "root": head.root, "signed": head.at, "log": head.log_id})


def _proved(verified: Verified) -> str:
    from waylink.remote.audit import CHECKS, held

    made = held(verified)
    lines = [f"({number}) {what}" for number, what in CHECKS.items() if number in made]
    if 6 not in made:
        lines.append("(2) (6) not checked: name the head that you kept with --head, or the log speaks for itself alone")
    return "\n".join([*lines, f"all of this holds for {verified.size:,} events", _told(verified.head)])
