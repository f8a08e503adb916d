"""`waylink admin`: what the operator does at the server's own keyboard, on the data folder, with no token."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.errors import UsageFault
from schemas.whole import refuse_to_overwrite, write_secretly
from server.cli.options import Config, Data, Json, console_of, settings_of
from server.domain.accounts import LOCAL_OPERATOR, Role, Scope, SeatKind
from server.domain.errors import ServerError

if TYPE_CHECKING:
    from server.actions.accounts import Issued
    from server.actions.desk import Desk

admin_app = typer.Typer(
    help="Run the co-op's server: seats, accounts, tokens, backups. Works on the data folder.", no_args_is_help=True
)
seat_app = typer.Typer(help="Seats: members, and people who are served.", no_args_is_help=True)
account_app = typer.Typer(help="Accounts: who may speak to the server.", no_args_is_help=True)
token_app = typer.Typer(help="Access tokens.", no_args_is_help=True)
for name, group in (("seat", seat_app), ("account", account_app), ("token", token_app)):
    admin_app.add_typer(group, name=name)


class NoPlaceForToken(ServerError, UsageFault):
    """A token would be shown where it could be kept by accident."""


@contextmanager
def _desk(data: Path | None, config: Path | None) -> Iterator[Desk]:
    settings = settings_of(config, data=data)
    from server.premises.opening import desk_of

    with desk_of(settings) as desk:
        yield desk


@seat_app.command("add")
def add_seat(
    ctx: typer.Context,
    seat: Annotated[str, typer.Argument(metavar="NAME", help="As agreements name it.")],
    community: Annotated[bool, typer.Option("--community", help="People who are served: a voice, no data.")] = False,
    data: Data = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Make room for a member, or for people who are served."""
    kind = SeatKind.COMMUNITY if community else SeatKind.MEMBER
    with _desk(data, config) as desk:
        from server.actions.accounts import create_seat

        create_seat(desk, LOCAL_OPERATOR, seat, kind)
    console_of(ctx, json=json).result(f"seat {seat} ({kind}) is there", {"seat": seat, "kind": kind})


@seat_app.command("list")
def list_seats_command(ctx: typer.Context, data: Data = None, config: Config = None, json: Json = False) -> None:
    """Show all seats."""
    with _desk(data, config) as desk:
        from server.actions.accounts import list_seats

        seats = sorted(list_seats(desk, LOCAL_OPERATOR).items())
    text = "\n".join(f"{seat}  {kind}" for seat, kind in seats) or "no seats yet"
    console_of(ctx, json=json).result(text, {"seats": [{"name": seat, "kind": kind} for seat, kind in seats]})


@account_app.command("add")
def add_account(
    ctx: typer.Context,
    account: Annotated[str, typer.Argument(metavar="NAME", help="A label, better not a person's name.")],
    role: Annotated[Role, typer.Option("--role", help="What it is for.")],
    seat: Annotated[str, typer.Option("--seat", help="Whom it speaks for (steward, community).")] = "",
    data: Data = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Make an account."""
    with _desk(data, config) as desk:
        from server.actions.accounts import create_account

        made = create_account(desk, LOCAL_OPERATOR, account, role, seat)
    said = {"id": made.id, "account": account, "role": role, "seat": seat}
    console_of(ctx, json=json).result(f"account {account} ({role}{f' of {seat}' if seat else ''}) is there", said)


@account_app.command("list")
def list_accounts_command(ctx: typer.Context, data: Data = None, config: Config = None, json: Json = False) -> None:
    """Show all accounts."""
    with _desk(data, config) as desk:
        from server.actions.accounts import list_accounts

        found = list_accounts(desk, LOCAL_OPERATOR)
    rows = [
        {"id": one.id, "name": one.name, "role": one.role, "seat": one.seat, "disabled_at": one.disabled_at}
        for one in found
    ]
    lines = [f"{one.name}  {one.role}  {one.seat or '-'}  {'disabled' if one.disabled_at else 'live'}" for one in found]
    console_of(ctx, json=json).result("\n".join(lines) or "no accounts yet", {"accounts": rows})


@account_app.command("disable")
def disable_account_command(
    ctx: typer.Context,
    account: Annotated[str, typer.Argument(metavar="NAME")],
    data: Data = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Shut an account out; its tokens stop working at once."""
    with _desk(data, config) as desk:
        from server.actions.accounts import disable_account

        disable_account(desk, LOCAL_OPERATOR, account)
    console_of(ctx, json=json).result(f"account {account} is disabled", {"account": account, "disabled": True})


@token_app.command("new")
def new_token_command(
    ctx: typer.Context,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT")],
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="A new file, yours alone to read.")] = None,
    scope: Annotated[list[Scope] | None, typer.Option("--scope", help="What it is for. [default: all]")] = None,
    days: Annotated[int | None, typer.Option("--days", help="How long it lives. [default: as the settings]")] = None,
    data: Data = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Make an access token for an account. The log shows every member that the operator did."""
    if out is None and (json or not _is_terminal()):
        raise NoPlaceForToken("a token is shown on a terminal only", fix="give --out FILE")
    if out is not None:
        refuse_to_overwrite(out)
    with _desk(data, config) as desk:
        from server.actions.accounts import issue_token

        issued = issue_token(desk, LOCAL_OPERATOR, account, scope or tuple(Scope), days)
        if out is not None:
            _write(desk, issued, out)
    where = f"is in {out}; hand it over, then delete the file" if out else f"(shown once): {issued.text.reveal()}"
    said = {"id": issued.id, "account": account, "expires_at": issued.expires_at, "file": str(out)}
    console_of(ctx, json=json).result(f"token {issued.id} of {account} {where}\nexpires {issued.expires_at}", said)


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _write(desk: Desk, issued: Issued, out: Path) -> None:
    """Put a token into its file; one that cannot be written is revoked again."""
    try:
        write_secretly(out, f"{issued.text.reveal()}\n".encode())
    except BaseException:
        from server.actions.accounts import revoke_token

        revoke_token(desk, LOCAL_OPERATOR, issued.id)
        raise


@token_app.command("list")
def list_tokens_command(
    ctx: typer.Context,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT")],
    data: Data = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Show the ids of an account's tokens that work."""
    with _desk(data, config) as desk:
        from server.actions.accounts import list_tokens_of

        tokens = list_tokens_of(desk, LOCAL_OPERATOR, account)
    lines = [f"{one.id}  {one.created_at}  expires {one.expires_at}  {', '.join(one.scopes)}" for one in tokens]
    console_of(ctx, json=json).result(
        "\n".join(lines) or "no token that works", {"account": account, "tokens": [asdict(one) for one in tokens]}
    )


@token_app.command("revoke")
def revoke_token_command(
    ctx: typer.Context,
    token: Annotated[str, typer.Argument(metavar="ID", help="The token's id, not its text.")],
    data: Data = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Revoke a token: it is refused from the next request on."""
    with _desk(data, config) as desk:
        from server.actions.accounts import revoke_token

        revoke_token(desk, LOCAL_OPERATOR, token)
    console_of(ctx, json=json).result(f"token {token} is revoked", {"token": token, "revoked": True})


@admin_app.command("status")
def status_command(ctx: typer.Context, data: Data = None, config: Config = None, json: Json = False) -> None:
    """Show how the server is doing, whether it runs or not."""
    with _desk(data, config) as desk:
        from server.actions.operation import Premises, show_status

        settings = settings_of(config, data=data)
        status = show_status(desk, LOCAL_OPERATOR, Premises(settings.data))
    said = {
        "version": status.version,
        "schema": status.schema,
        "runs": {str(state): number for state, number in status.runs.items()},
        "disk_free_bytes": status.disk_free_bytes,
        "data_bytes": status.data_bytes,
        "workers": status.workers,
        "backup_age_seconds": None if status.backup_age is None else round(status.backup_age),
    }
    console_of(ctx, json=json).result("\n".join(_lines(said)), said)


def _lines(said: Mapping[str, object]) -> Iterator[str]:
    for name, value in said.items():
        shown = ", ".join(f"{number} {key}" for key, number in value.items()) if isinstance(value, dict) else value
        yield f"{name.replace('_', ' ')}: {'never' if value is None else shown}"


@admin_app.command("migrate")
def migrate_command(
    ctx: typer.Context,
    backup: Annotated[
        Path | None, typer.Option("--backup", metavar="DIR", help="Where to back up first. [default: backups/ in it]")
    ] = None,
    data: Data = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Bring the database to this version's schema, after a backup; the server must be stopped."""
    settings = settings_of(config, data=data)
    from server.premises.restoring import bring_up_to_date

    done = bring_up_to_date(settings, backup)
    said = {"before": done.before, "after": done.after, "backup": str(done.backup) if done.backup else None}
    saved = f"; the backup from before is in {done.backup}" if done.backup else ""
    told = f"the schema is {done.after}, as before" if done.before == done.after else f"the schema is {done.after} now"
    console_of(ctx, json=json).result(told + saved, said)


@admin_app.command("backup")
def backup_command(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
    data: Data = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Back everything up but the vault keys, also while the server runs."""
    console = console_of(ctx, json=json)
    with _desk(data, config) as desk:
        from server.actions.backup import make_backup
        from server.premises.data_folder import LOG_KEY
        from server.premises.restoring import note_backup

        settings = settings_of(config, data=data)
        made = make_backup(desk, settings.data / LOG_KEY, folder)
        note_backup(settings.data)
    for name in made.missing:
        console.remark(f"warning: the blob {name} is lost: the backup, like the server, is without it")
    text = f"backup in {folder}: the database, {made.events} events of the log, {made.blobs} blobs; without keys/"
    console.result(text, {"backup": str(folder), "events": made.events, "blobs": made.blobs, "missing": made.missing})


@admin_app.command("verify-backup")
def verify_backup_command(
    ctx: typer.Context, folder: Annotated[Path, typer.Argument(metavar="DIR")], json: Json = False
) -> None:
    """Prove that a backup is whole, that its log verifies, and that a server could go on from it."""
    settings_of(None)
    from server.actions.verify_backup import verify_backup

    proved = verify_backup(folder)
    said = {
        "backup": str(folder),
        "made_at": proved.manifest.made_at,
        "schema": proved.manifest.schema,
        "events": proved.manifest.events,
        "blobs": proved.blobs,
        "manifest_sha256": proved.digest,
        "rows_read": proved.rows_read,
    }
    rows = "" if proved.rows_read else "\nthe dump's rows are read when it is restored: do that once in a while, too"
    text = f"the backup of {proved.manifest.made_at} is whole: {proved.blobs} blobs, {proved.manifest.events} events"
    console_of(ctx, json=json).result(text + rows, said)


@admin_app.command("restore")
def restore_command(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The backup.")],
    data: Annotated[Path, typer.Option("--data", metavar="NEW", help="A new data folder; it may hold the old keys/.")],
    keep_tokens: Annotated[
        bool, typer.Option("--keep-tokens", help="Let tokens work as in the backup: also those revoked since.")
    ] = False,
    config: Config = None,
    json: Json = False,
) -> None:
    """Make a new data folder from a backup; members get new tokens, and send again what has no key any more."""
    settings = settings_of(config, data=data)
    from server.premises.restoring import restore

    done = restore(settings, folder, keep_tokens=keep_tokens)
    settled = done.settled
    said = {"data": str(data), "uploads": settled.uploads, "runs": settled.runs, "releases": settled.releases}
    said |= {"tokens_revoked": settled.tokens}
    tokens = (
        "tokens work as in the backup, also those that were revoked since: revoke these again"
        if keep_tokens
        else f"{settled.tokens} access tokens are revoked: make new ones with `waylink admin token new`"
    )
    text = (
        f"restored to {data}, as of {done.backup.manifest.made_at}; start it with `waylink serve --data {data}`\n"
        f"gone with their keys: {settled.uploads} uploads, {settled.runs} runs, {settled.releases} releases\n"
        f"{tokens}\n"
        "disable again which accounts were disabled since\n"
        "tell the members: what was withdrawn since has to be withdrawn again, and the log goes on from the backup,\n"
        "which who keeps a newer head will see"
    )
    console_of(ctx, json=json).result(text, said)
