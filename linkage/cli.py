"""`waylink link` and `waylink pathways`: linking and counting on files, with no server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schemas.console import Advance, Console, FrontDoor

if TYPE_CHECKING:
    from linkage.release.release_files import Formats

app = typer.Typer()

_AGREEMENT = typer.Argument(metavar="A.toml", help="the agreement that the members approved")
_FOLDERS = typer.Argument(metavar="DIR...", help="the folders that `waylink encode` wrote, one of each member")
_EARLIER = typer.Option(
    "--earlier",
    metavar="RELEASE",
    help="an earlier release of this project, as folder or zip: the new one must not be subtracted from it; give all",
)
_TABLE = typer.Option(
    "--table", "--tables", metavar="TABLE,...", help="release only these of the agreement's tables [default: all]"
)
_JSON = typer.Option("--json", help="print the result as one JSON object")


@dataclass(frozen=True)
class Asked:
    """What a release is asked to have, and to heed.

    Attributes:
        tables: which of the agreement's tables; all where none is named.
        earlier: the folders or archives of earlier releases of the project.
    """

    tables: tuple[str, ...] = ()
    earlier: tuple[Path, ...] = ()


EVERYTHING = Asked()


@app.command("link")
def link_command(
    context: typer.Context,
    agreement: Annotated[Path, _AGREEMENT],
    folders: Annotated[list[Path], _FOLDERS],
    out: Annotated[Path | None, typer.Option("--out", metavar="RUN", help="a new folder for the run")] = None,
    estimate: Annotated[bool, typer.Option("--estimate", help="say what it would take, and link nothing")] = False,
    threads: Annotated[int | None, typer.Option(min=1, help="how many threads compare [default: all]")] = None,
    json: Annotated[bool, _JSON] = False,
) -> None:
    """Find which records of the members are one person."""
    front: FrontDoor = context.obj
    console = front.for_command(json=json)
    if estimate:
        foretold = foretell_folders(agreement, folders, console, threads=threads)
        console.result(_expected(foretold), foretold)
        return
    if out is None:
        from linkage.errors import BadInput

        raise BadInput("a run needs a folder to be written to", fix="add --out RUN, or --estimate to link nothing")
    facts = link_folders(agreement, folders, out, console, threads=threads)
    console.result(_told(facts, out), facts)


@app.command("pathways")
def pathways_command(
    context: typer.Context,
    agreement: Annotated[Path, _AGREEMENT],
    run: Annotated[Path, typer.Argument(metavar="RUN", help="the folder that `waylink link` wrote")],
    folders: Annotated[list[Path], _FOLDERS],
    out: Annotated[Path, typer.Option("--out", metavar="RELEASE", help="a new folder for the release")],
    excel: Annotated[bool, typer.Option("--excel", help="CSV files with the mark by which Excel reads UTF-8")] = False,
    workbook: Annotated[bool, typer.Option("--workbook", help="all tables as one Excel workbook, too")] = False,
    earlier: Annotated[list[Path] | None, _EARLIER] = None,
    table: Annotated[list[str] | None, _TABLE] = None,
    json: Annotated[bool, _JSON] = False,
) -> None:
    """Count how people move between members; write what passes disclosure control."""
    front: FrontDoor = context.obj
    console = front.for_command(json=json)
    from linkage.release.release_files import Formats

    formats = Formats(excel=excel, workbook=workbook)
    asked = Asked(tuple(names_in(table or ())), tuple(earlier or ()))
    manifest = release_pathways(agreement, run, folders, out, console, formats=formats, asked=asked)
    tables = ", ".join(table["name"] for table in manifest["tables"])
    console.result(f"released {tables}\nreport: {out / 'report.html'}", manifest)


def foretell_folders(
    agreement_path: Path, folders: list[Path], console: Console, *, threads: int | None = None
) -> dict[str, Any]:
    """Say what linking the members' folders would take; nothing is written."""
    from linkage.packages import require_packages

    require_packages()
    from linkage.foretelling import foretell_link
    from linkage.member_folder import read_member_folder
    from schemas.agreement import load_agreement

    agreement = load_agreement(agreement_path)
    encodings = [read_member_folder(folder).encodings for folder in folders]
    return foretell_link(encodings, agreement, clock=console.seconds, threads=threads).as_dict()


def link_folders(
    agreement_path: Path, folders: list[Path], out: Path, console: Console, *, threads: int | None = None
) -> dict[str, Any]:
    """Link the members' folders and write the run; gives back run.json."""
    from linkage.packages import require_packages

    require_packages()
    from linkage.linking import link
    from linkage.member_folder import read_member_folder
    from linkage.run_folder import write_run
    from schemas.agreement import load_agreement
    from schemas.whole import refuse_to_overwrite, whole_folder

    refuse_to_overwrite(out)
    agreement = load_agreement(agreement_path)
    delivered = [read_member_folder(folder) for folder in folders]
    progress = _Timed(console)
    started = console.seconds()
    encodings = [folder.encodings for folder in delivered]
    linked = link(encodings, agreement, clock=console.seconds, threads=threads, progress=progress)
    progress.seconds["total"] = console.seconds() - started
    for absent in sorted(set(agreement.members) - set(linked.members)):
        console.remark(f"note: {absent} is in the agreement but no encodings of it were given")
    with whole_folder(out) as draft:
        return write_run(draft, linked, agreement, delivered, progress.seconds)


def release_pathways(
    agreement_path: Path,
    run_path: Path,
    folders: list[Path],
    out: Path,
    console: Console,
    *,
    formats: Formats | None = None,
    asked: Asked = EVERYTHING,
) -> dict[str, Any]:
    """Count pathways over a run and write the release; gives back its manifest."""
    from linkage.packages import require_packages

    require_packages()
    from linkage.counting import release_run
    from linkage.member_folder import read_member_folder
    from linkage.release.past_release import read_earlier
    from linkage.release.release_files import PLAIN
    from linkage.run_folder import read_run
    from schemas.agreement import load_agreement
    from schemas.whole import refuse_to_overwrite, whole_folder

    refuse_to_overwrite(out)
    agreement = load_agreement(agreement_path)
    earlier = read_earlier(asked.earlier, agreement)
    delivered = [read_member_folder(folder) for folder in folders]
    run = read_run(run_path, agreement, delivered)
    with whole_folder(out) as draft:
        return release_run(
            draft, run, agreement, delivered, console, formats or PLAIN, tables=asked.tables, earlier=earlier
        )


def names_in(texts: Sequence[str]) -> list[str]:
    """The names in a repeated option whose values may list several, with commas."""
    return [name.strip() for text in texts for name in text.split(",") if name.strip()]


def _expected(foretold: Mapping[str, Any]) -> str:
    return (
        f"{foretold['pairs']:,} pairs of records, {foretold['pairs_per_second'] / 1e9:.2f} * 10^9 a second "
        f"with {foretold['threads']} threads on this machine\n"
        f"about {foretold['seconds']:,.1f} seconds to link, if every pair is compared\n"
        f"about {foretold['candidates']:,} candidate pairs, {foretold['memory_bytes'] / 2**20:,.0f} MiB of memory "
        f"beside the encodings\n"
        f"the agreement has them compared: {foretold['how']} ({foretold['why']})"
    )


def _told(facts: Mapping[str, Any], out: Path) -> str:
    counts, threshold, check = facts["counts"], facts["threshold"], facts["selfcheck"]
    error = f" +- {threshold['standard_error']:.3f}" if threshold["standard_error"] is not None else ""
    return (
        f"{counts['records']:,} records are {counts['people']:,} people; "
        f"{counts['people_at_two_members_or_more']:,} of them at two members or more\n"
        f"threshold {threshold['value']:.2f}{error} ({threshold['how']}: {threshold['why']})\n"
        f"{_searched(facts['comparison'])}"
        f"checked again with anonlink: {check['pairs_checked']:,} pairs, all equal\n"
        f"run: {out}"
    )


def _searched(comparison: Mapping[str, Any]) -> str:
    """What share of the pairs a search found; nothing where all were compared."""
    estimate = comparison.get("lsh", {}).get("estimate")
    if not estimate:
        return ""
    return (
        f"searched, not compared ({comparison['why']}): of {estimate['matches']:,} sampled pairs over the threshold "
        f"{estimate['recall']:.1%} were found ({estimate['low']:.1%} to {estimate['high']:.1%})\n"
    )


class _Timed:
    """A `Progress` that also notes how long each stage took."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, title: str, total: int) -> Iterator[Advance]:
        started = self.console.seconds()
        with self.console.stage(title, total) as advance:
            yield advance
        self.seconds[title] = self.console.seconds() - started
