"""The member's commands: text in, typed arguments to one plain function, the result told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from encoder.keeping.cli import app as secret_app
from encoder.same_person import Duplicates, same_by

if TYPE_CHECKING:
    from encoder.encode import Encoded
    from schemas.console import Console, FrontDoor

app = typer.Typer()
app.add_typer(secret_app, name="secret")


ClientsFile = Annotated[Path, typer.Argument(metavar="CLIENTS", help="CSV, workbook or HMIS export.")]
MappingFile = Annotated[Path | None, typer.Option("--mapping", metavar="M.toml", help="What is known of your columns.")]
Yes = Annotated[bool, typer.Option("--yes", help="Ask nothing: take guesses about columns that are sure.")]
Sheet = Annotated[str, typer.Option("--sheet", metavar="NAME", help="The clients' sheet of a workbook.")]
HeaderRow = Annotated[
    int, typer.Option("--header-row", metavar="N", min=0, help="The row of the clients' header, if not found.")
]
Json = Annotated[bool, typer.Option("--json", help="Write the result as JSON.")]


@app.command("encode")
def encode(
    ctx: typer.Context,
    clients: ClientsFile,
    agreement: Annotated[Path, typer.Option("--agreement", metavar="A.toml", help="What the members approved.")],
    member: Annotated[str, typer.Option("--member", metavar="NAME", help="Your name in the agreement.")],
    secret: Annotated[
        str,
        typer.Option("--secret", metavar="FILE", help="The members' secret: its file, `keyring:NAME` or `prompt`."),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A new folder for the encodings.")],
    services: Annotated[
        Path | None, typer.Option("--services", metavar="SERVICES", help="CSV or workbook: who was served when.")
    ] = None,
    mapping: MappingFile = None,
    yes: Yes = False,
    sheet: Sheet = "",
    services_sheet: Annotated[str, typer.Option("--services-sheet", metavar="NAME", help="The services' sheet.")] = "",
    header_row: HeaderRow = 0,
    services_header_row: Annotated[
        int, typer.Option("--services-header-row", metavar="N", min=0, help="The row of the services' header.")
    ] = 0,
    opt_out: Annotated[
        Path | None, typer.Option("--opt-out", metavar="LIST", help="Who opted out, by client id: not encoded.")
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="DAY", help="Consent has to hold then. [today]"),
    ] = None,
    duplicates: Annotated[
        Duplicates, typer.Option("--duplicates", help="People who are twice in your list: keep, merge or ask.")
    ] = Duplicates.KEEP,
    preview: Annotated[
        bool, typer.Option("--preview", help="Say and show what would leave, and write nothing.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at warnings, too.")] = False,
    json: Json = False,
) -> None:
    """Encode a client list, offline: check it, hash it, and say what leaves and what stays."""
    from encoder.consent.leave_out import Consent
    from encoder.encode import encode_clients, write_folder
    from encoder.keeping.places import secret_at
    from encoder.mapping.mapper import mapper_of
    from encoder.problem_list import forget_list_beside
    from encoder.reading.header import Choice
    from schemas.agreement import load_agreement
    from schemas.whole import refuse_to_overwrite

    console = _console(ctx, json=json)
    refuse_to_overwrite(out)
    with _problems_listed(out):
        mapper = mapper_of(clients, mapping, console, yes=yes)
        encoded = encode_clients(
            clients,
            load_agreement(agreement),
            member,
            secret_at(secret, console),
            services=services,
            mapper=mapper,
            of_clients=Choice(sheet, header_row),
            of_services=Choice(services_sheet, services_header_row),
            consent=Consent(opt_out or mapper.opt_out, as_of.date() if as_of else date.today()),
            same=same_by(duplicates, console),
            strict=strict,
            progress=console,
        )
    if preview:
        from encoder.preview import as_data
        from encoder.preview import preview as previewed

        console.result(previewed(encoded), as_data(encoded))
        return
    receipt = write_folder(encoded, out)
    forget_list_beside(out)
    console.result(_told(encoded, receipt, out), {"out": str(out), "receipt": receipt})


@app.command("clean")
def clean(
    ctx: typer.Context,
    clients: ClientsFile,
    explain: Annotated[
        list[str] | None, typer.Option("--explain", metavar="COLUMN", help="Say all that was done to a column.")
    ] = None,
    schema: Annotated[
        str, typer.Option("--schema", metavar="NAME", help="A preset or a linkage schema's file.")
    ] = "person-v1",
    agreement: Annotated[
        Path | None, typer.Option("--agreement", metavar="A.toml", help="Whose linkage schema it is, instead.")
    ] = None,
    mapping: MappingFile = None,
    yes: Yes = False,
    sheet: Sheet = "",
    header_row: HeaderRow = 0,
    json: Json = False,
) -> None:
    """Say what cleaning does to a client list, column by column, and show nobody: nothing is hashed or written."""
    from encoder.errors import NoSuchColumn, ProblemsFound
    from encoder.explain import clean_clients, overview, told, told_briefly
    from encoder.explain import explain as explained
    from encoder.mapping.mapper import mapper_of
    from encoder.problem_list import summary
    from encoder.problems import Problems
    from encoder.reading.header import Choice
    from schemas.agreement import load_agreement
    from schemas.linkage_schema import load_linkage_schema

    console, problems = _console(ctx, json=json), Problems()
    cleaned = clean_clients(
        clients,
        load_agreement(agreement).linkage_schema if agreement else load_linkage_schema(schema),
        problems,
        mapper=mapper_of(clients, mapping, console, yes=yes),
        choice=Choice(sheet, header_row),
        progress=console,
    )
    if cleaned is None or (problems.errors and (json or not explain)):
        raise ProblemsFound(problems)
    try:
        columns = [explained(cleaned, column) for column in explain] if explain else overview(cleaned)
    except NoSuchColumn:
        if problems.errors:  # one of them is why the column is not read
            raise ProblemsFound(problems) from None
        raise
    text = "\n\n".join(map(told, columns)) if explain else "\n".join([told_briefly(columns), *summary(problems.groups)])
    console.result(text, {"columns": [each.as_dict() for each in columns], "counts": dict(problems.counts)})
    if problems.errors:
        raise ProblemsFound(problems)


@contextmanager
def _problems_listed(out: Path) -> Iterator[None]:
    """Where faults stop the encoding, list them in a file beside the folder that is not made."""
    from encoder.errors import ProblemsFound

    try:
        yield
    except ProblemsFound as found:
        from encoder.problem_list import list_beside

        raise found.listed_in(list_beside(out, found.problems)) from None


def _console(ctx: typer.Context, *, json: bool) -> Console:
    door: FrontDoor = ctx.obj
    return door.for_command(json=json)


def _told(encoded: Encoded, receipt: Mapping[str, Any], out: Path) -> str:
    from encoder.encode import PRIVATE
    from encoder.problem_list import summary as told_problems

    summary, unit = encoded.summary, encoded.agreement.unit.value
    left_out = f" ({summary.services_left_out:,} rows left out)" if summary.services_left_out else ""
    files = ", ".join(f"{name} ({entry['bytes']:,} bytes)" for name, entry in receipt["files"].items())
    twice = f"{summary.duplicates:,} pairs look alike, {summary.merged:,} records merged: {PRIVATE}/duplicates.csv"
    kept_back = [f"  {count:,} records kept back: {reason}" for reason, count in summary.kept_back.records.items()]
    return "\n".join(
        [
            f"{summary.records:,} records encoded, {summary.services:,} services{left_out}",
            *kept_back,
            *([f"  {twice}"] if summary.duplicates else []),
            *(f"  {line}" for line in told_problems(encoded.found.groups)),
            f"leaves:  {files}",
            f"         hashed: {', '.join(summary.hashed.values())}",
            f"         in clear: service names {', '.join(summary.service_names)}; dates by {unit}",
            f"stays:   {', '.join(summary.stays)}; {out / 'private'}",
        ]
    )
