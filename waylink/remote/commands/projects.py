"""`waylink project …` and `waylink approve`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from waylink.remote.commands.at_server import AtServer, ProjectId, Yes, at_server, new_group
from waylink.remote.commands.told import facts_text, table_text

if TYPE_CHECKING:
    from waylink.remote.projects import Project, ReadAgreement

app = new_group("Projects: what the members do together, under an agreement that they approve.")
own_commands = typer.Typer()

_File = Annotated[Path, typer.Argument(metavar="A.toml", help="The agreement.")]


@app.command("propose")
@at_server
def propose_command(at: AtServer, agreement: _File) -> None:
    """Propose a project with its agreement; that counts as your approval."""
    from waylink.remote.projects import propose_project

    project = propose_project(at.connect(), agreement)
    at.console.result(f"proposed: {_told(project)}", asdict(project))


@app.command("list")
@at_server
def list_command(at: AtServer) -> None:
    """List the projects that you take part in."""
    from waylink.remote.projects import list_projects

    projects = list_projects(at.connect())
    rows = [(one.id, one.title, one.state, ", ".join(one.waiting_for)) for one in projects]
    text = table_text(("project", "title", "state", "waiting for"), rows, empty="no projects")
    at.console.result(text, {"projects": [asdict(one) for one in projects]})


@app.command("show")
@at_server
def show_command(at: AtServer, project: ProjectId) -> None:
    """Show a project, and who has voted."""
    from waylink.remote.projects import show_project

    shown = show_project(at.connect(), project)
    at.console.result(_told(shown), asdict(shown))


@app.command("agreement")
@at_server
def agreement_command(
    at: AtServer,
    project: ProjectId,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it to a new file.")] = None,
) -> None:
    """Show a project's agreement, word for word; its digest is computed here."""
    from waylink.remote.projects import read_agreement, write_agreement

    read = read_agreement(at.connect(), project)
    files = [str(file) for file in write_agreement(read, out)] if out else []
    digest = read.agreement.digest
    written = f"written: {', '.join(files)}" if files else read.toml
    data = {"project": project, "agreement_digest": digest, "agreement": read.toml, "files": files}
    at.console.result(f"{written}\nSHA-256 {digest}", data)


@app.command("change")
@at_server
def change_command(at: AtServer, project: ProjectId, agreement: _File, yes: Yes = False) -> None:
    """Put another agreement in its place: everybody approves again, and what was sent is deleted."""
    from waylink.remote.projects import change_agreement, show_project

    connection = at.connect()
    warning = "What all members sent is deleted, releases that are not published are withdrawn, and all vote again."
    at.confirm_by_name(warning, show_project(connection, project).title, yes=yes)
    changed = change_agreement(connection, project, agreement)
    at.console.result(f"changed: {_told(changed)}", asdict(changed))


@app.command("leave")
@at_server
def leave_command(at: AtServer, project: ProjectId, yes: Yes = False) -> None:
    """Leave a project: what you sent is deleted from the server, and later runs are without you."""
    from waylink.remote.projects import leave_project

    at.confirm(f"Leave project {project}, and have what you sent deleted?", yes=yes)
    leave_project(at.connect(), project)
    at.console.result("left; what you sent is deleted", {"project": project, "left": True})


@app.command("close")
@at_server
def close_command(at: AtServer, project: ProjectId, yes: Yes = False) -> None:
    """Close a project: everything that was sent to it is deleted. The log and published releases stay."""
    from waylink.remote.projects import close_project, show_project

    connection = at.connect()
    warning = "It is closed for everybody: what all members sent, link maps and unpublished releases are deleted."
    at.confirm_by_name(warning, show_project(connection, project).title, yes=yes)
    closed = close_project(connection, project)
    at.console.result(f"closed: {_told(closed)}", asdict(closed))


@own_commands.command("approve")
@at_server
def approve_command(
    at: AtServer,
    project: ProjectId,
    agreement: Annotated[
        Path | None, typer.Option("--agreement", metavar="FILE", help="It must be the agreement in this file.")
    ] = None,
    decline: Annotated[bool, typer.Option("--decline", help="Vote against it.")] = False,
    yes: Yes = False,
) -> None:
    """Approve a project's agreement, or decline it, after reading it; its digest is computed here."""
    from waylink.remote.projects import read_agreement, require_same, vote_on_project

    connection, vote = at.connect(), "decline" if decline else "approve"
    read = read_agreement(connection, project)
    if agreement is not None:
        require_same(read, agreement)
    at.console.remark(_read_out(read))
    at.confirm(f"{vote.capitalize()} this agreement?", yes=yes or at.json)
    voted = vote_on_project(connection, project, read.agreement.digest, vote)
    at.console.result(f"voted to {vote}: {_told(voted)}", asdict(voted) | {"vote": vote})


def _told(project: Project) -> str:
    votes = [f"{one.seat} ({_vote(one.vote, one.left_at)})" for one in project.participants]
    facts = {
        "project": project.id,
        "purpose": project.purpose,
        "run": project.run,
        "agreement": project.agreement_digest,
        "proposed_by": project.proposer,
        "tables": project.tables,
        "seats": votes,
        "approvals_needed": project.quorum,
        "waiting_for": project.waiting_for,
    }
    return f"{project.title}: {project.state}\n{facts_text(facts)}"


def _vote(vote: str | None, left_at: str | None) -> str:
    if left_at is not None:
        return "left"
    return {"approve": "approved", "decline": "declined"}.get(vote or "", "not yet")


def _read_out(read: ReadAgreement) -> str:
    agreement = read.agreement
    facts = {
        "purpose": agreement.purpose,
        "members": list(agreement.members),
        "community": list(agreement.community),
        "hashed": agreement.linkage_schema.hashed_fields,
        "time": f"by {agreement.unit}" if agreement.unit != "none" else "does not leave a member",
        "tables": list(agreement.tables),
        "minimum_cell": agreement.minimum_cell,
        "approvals_needed": agreement.quorum,
        "encodings_kept": f"{agreement.retention_days} days after the run"
        if agreement.retention_days
        else "until it ends",
        "time_to_review": f"{agreement.review_days} days" if agreement.review_days else "until all have",
        "SHA-256": agreement.digest,
    }
    return f"{read.toml.strip()}\n\n{agreement.project}\n{facts_text(facts)}"
