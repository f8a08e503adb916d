"""Routes: projects, their agreements, votes; leaving and closing; the public register."""

from __future__ import annotations

from fastapi import APIRouter, status

from server.actions import projects
from server.actions.register import read_register
from server.api.access import TheActor, TheDesk
from server.api.bodies import AgreementOut, Id, ProjectOut, ProposalIn, RegisterEntryOut, VoteIn
from server.api.one_hop import OneHop

router = APIRouter(prefix="/api", tags=["projects"], route_class=OneHop)


@router.get("/register")
def register(desk: TheDesk) -> list[RegisterEntryOut]:
    """What every project is for, who takes part, what was published, how to opt out. For everybody."""
    return [RegisterEntryOut.of(entry) for entry in read_register(desk)]


@router.get("/projects")
def list_projects(desk: TheDesk, actor: TheActor) -> list[ProjectOut]:
    """The caller's projects."""
    return [ProjectOut.of(view) for view in projects.list_projects(desk, actor)]


@router.post("/projects", status_code=status.HTTP_201_CREATED)
def propose_project(desk: TheDesk, actor: TheActor, body: ProposalIn) -> ProjectOut:
    """Propose a project with its agreement."""
    return ProjectOut.of(projects.propose_project(desk, actor, body.agreement, body.linkage_schema))


@router.get("/projects/{project_id}")
def show_project(desk: TheDesk, actor: TheActor, project_id: Id) -> ProjectOut:
    """One project."""
    return ProjectOut.of(projects.show_project(desk, actor, project_id))


@router.get("/projects/{project_id}/agreement")
def show_agreement(desk: TheDesk, actor: TheActor, project_id: Id) -> AgreementOut:
    """The agreement that is voted on, word for word."""
    view = projects.show_project(desk, actor, project_id)
    return AgreementOut(
        agreement_digest=view.project.agreement_digest, agreement=view.text.toml, linkage_schema=view.text.schema
    )


@router.put("/projects/{project_id}/agreement")
def change_agreement(desk: TheDesk, actor: TheActor, project_id: Id, body: ProposalIn) -> ProjectOut:
    """Put another agreement in its place: approval starts again."""
    return ProjectOut.of(projects.change_agreement(desk, actor, project_id, body.agreement, body.linkage_schema))


@router.post("/projects/{project_id}/votes")
def vote_on_project(desk: TheDesk, actor: TheActor, project_id: Id, body: VoteIn) -> ProjectOut:
    """Approve or decline an agreement."""
    return ProjectOut.of(projects.vote_on_project(desk, actor, project_id, body.agreement_digest, body.vote))


@router.post("/projects/{project_id}/leave", status_code=status.HTTP_204_NO_CONTENT)
def leave_project(desk: TheDesk, actor: TheActor, project_id: Id) -> None:
    """Leave a project: what the seat's member sent is deleted."""
    projects.leave_project(desk, actor, project_id)


@router.post("/projects/{project_id}/close")
def close_project(desk: TheDesk, actor: TheActor, project_id: Id) -> ProjectOut:
    """Close a project: what was sent to it is deleted."""
    return ProjectOut.of(projects.close_project(desk, actor, project_id))
