"""`waylink release …`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from waylink.remote.commands.at_server import AtServer, ProjectId, ReleaseId, RunId, Yes, at_server, new_group
from waylink.remote.commands.told import facts_text, table_text

if TYPE_CHECKING:
    from waylink.remote.release_archive import ReleaseFiles
    from waylink.remote.releases import Release

app = new_group("Releases: tables that passed disclosure control, reviewed by the members before anybody reads them.")


@app.command("propose")
@at_server
def propose_command(
    at: AtServer,
    project: ProjectId,
    run: RunId,
    reader: Annotated[
        list[str] | None, typer.Option("--reader", metavar="NAME", help="An analyst's account; can be given again.")
    ] = None,
    table: Annotated[
        list[str] | None,
        typer.Option("--table", "--tables", metavar="TABLE,...", help="Only these of the agreement's tables."),
    ] = None,
) -> None:
    """Propose to publish the agreement's tables of a linking run."""
    from waylink.remote.releases import propose_release

    tables = [name.strip() for text in table or () for name in text.split(",") if name.strip()]
    release = propose_release(at.connect(), project, run, reader or [], tables)
    at.console.result(f"proposed: {_told(release)}", asdict(release))


@app.command("list")
@at_server
def list_command(at: AtServer) -> None:
    """List the releases that you may see."""
    from waylink.remote.releases import list_releases

    releases = list_releases(at.connect())
    rows = [(one.id, one.title, one.state, _reviews(one), one.own_vote) for one in releases]
    text = table_text(("release", "title", "state", "reviews", "yours"), rows, empty="no releases")
    at.console.result(text, {"releases": [asdict(one) for one in releases]})


@app.command("show")
@at_server
def show_command(at: AtServer, release: ReleaseId) -> None:
    """Show a release, and its reviews once all are in."""
    from waylink.remote.releases import show_release

    shown = show_release(at.connect(), release)
    at.console.result(_told(shown), asdict(shown))


@app.command("review")
@at_server
def review_command(
    at: AtServer,
    release: ReleaseId,
    approve: Annotated[bool, typer.Option("--approve", help="Vote for it.")] = False,
    decline: Annotated[bool, typer.Option("--decline", help="Vote against it.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where its files go; else to a folder release-… here.")
    ] = None,
    yes: Yes = False,
) -> None:
    """Download a release, check every file, and vote on what you have; without a vote, only look."""
    from waylink.remote.errors import BadRequest
    from waylink.remote.releases import download_release, review_release

    if approve and decline:
        raise BadRequest("a vote is for it or against it", fix="give --approve or --decline")
    connection = at.connect()
    files = download_release(connection, release)
    folder = out or Path(f"release-{release[:8]}")
    _keep(files, folder)
    seen = {"release": release, "out": str(folder), "report": _report(folder), "manifest_sha256": files.manifest_sha256}
    if not (approve or decline):
        at.console.result(f"checked: {facts_text(seen)}\nvote with --approve or --decline", seen | {"vote": None})
        return
    vote = "approve" if approve else "decline"
    at.console.remark(f"every file is as the manifest says; read {seen['report']}")
    at.confirm(f"{vote.capitalize()} this release?", yes=yes or at.json)
    voted = review_release(connection, release, files.manifest_sha256, vote)
    at.console.result(f"voted to {vote}: {_told(voted)}", asdict(voted) | seen | {"vote": vote})


@app.command("publish")
@at_server
def publish_command(at: AtServer, release: ReleaseId) -> None:
    """Let the named analysts read an approved release."""
    from waylink.remote.releases import publish_release

    published = publish_release(at.connect(), release)
    at.console.result(f"published: {_told(published)}", asdict(published))


@app.command("withdraw")
@at_server
def withdraw_command(at: AtServer, release: ReleaseId) -> None:
    """Take a release back; what was downloaded already, the server cannot take back."""
    from waylink.remote.releases import withdraw_release

    withdrawn = withdraw_release(at.connect(), release)
    at.console.result(f"withdrawn: {_told(withdrawn)}", asdict(withdrawn))


@app.command("download")
@at_server
def download_command(
    at: AtServer,
    release: ReleaseId,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A new folder.")],
) -> None:
    """Download a release: the whole folder, every file checked against its manifest, or nothing."""
    from schemas.whole import refuse_to_overwrite
    from waylink.remote.release_archive import write_release_folder
    from waylink.remote.releases import download_release

    refuse_to_overwrite(out)
    files = download_release(at.connect(), release)
    write_release_folder(files, out)
    tables = [str(table["name"]) for table in files.manifest["tables"]]
    data = {"release": release, "out": str(out), "manifest_sha256": files.manifest_sha256, "tables": tables}
    text = f"{len(files.files):,} files in {out}, all as the manifest says\nreport: {_report(out)}"
    at.console.result(text, data | {"report": _report(out), "files": sorted(files.files)})


def _keep(files: ReleaseFiles, folder: Path) -> None:
    """Write a release unless the folder holds just this one: who looked first and votes now has it already."""
    from waylink.remote.release_archive import is_written, write_release_folder

    if not (folder.is_dir() and is_written(files, folder)):
        write_release_folder(files, folder)


def _report(folder: Path) -> str:
    from waylink.remote.release_archive import REPORT

    return str(folder / REPORT)


def _told(release: Release) -> str:
    votes = release.votes and [f"{seat} ({vote})" for seat, vote in sorted(release.votes.items())]
    facts = {
        "release": release.id,
        "project": release.project_id,
        "run": release.run,
        "proposed_by": release.proposer,
        "readers": release.readers,
        "tables": [str(table) for table in release.tables],
        "counted": "yes" if release.ready else "not yet",
        "manifest": release.manifest_sha256,
        "reviews": _reviews(release),
        "waiting_for": release.waiting_for,
        "review_until": release.review_until if release.state == "proposed" else None,
        "your_vote": release.own_vote,
        "votes": votes,
        "published": release.published_at,
        "withdrawn": release.withdrawn_at,
    }
    return f"{release.title}: {release.state}\n{facts_text(facts)}"


def _reviews(release: Release) -> str:
    return f"{release.reviews_cast} of {release.reviewers}"
