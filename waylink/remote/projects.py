"""Projects on the server: proposed, seen, voted on, changed, left, closed. Digests of agreements are computed here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from schemas.agreement import Agreement, load_agreement, parse_agreement
from schemas.errors import BadAgreement, BadLinkageSchema, CannotWrite, OutputExists
from schemas.linkage_schema import linkage_schema, preset_names
from schemas.toml_lines import parse_toml
from waylink.remote.address import require_id
from waylink.remote.connection import Answer, Connection
from waylink.remote.errors import AgreementDiffers, BadAnswer

PROJECTS = "/api/projects"


@dataclass(frozen=True)
class Participant:
    """A seat in a project; `vote` is None while it has not voted, `left_at` while it takes part."""

    seat: str
    kind: str
    vote: str | None
    left_at: str | None


@dataclass(frozen=True)
class Project:
    """A project as the server shows it to those who take part."""

    id: str
    state: str
    title: str
    purpose: str
    run: str
    agreement_digest: str
    proposer: str
    quorum: int
    tables: list[str]
    participants: list[Participant]
    waiting_for: list[str]
    created_at: str
    closed_at: str | None


@dataclass(frozen=True)
class SentAgreement:
    """What the server says the agreement is."""

    agreement_digest: str
    agreement: str
    linkage_schema: dict[str, Any]


@dataclass(frozen=True)
class ReadAgreement:
    """An agreement that came from the server and was read here.

    Attributes:
        agreement: what it says; its digest was computed here.
        toml: word for word.
        schema_name: the linkage schema as the text names it.
    """

    agreement: Agreement
    toml: str
    schema_name: str


def propose_project(connection: Connection, path: Path) -> Project:
    """Propose the project of an agreement's file; its linkage schema goes with it where the file names one.

    Raises:
        FileMissing, BadAgreement: the file; nothing was sent then.
        AgreementDiffers: the server read another agreement in it.
    """
    agreement, body = _proposal(path)
    return _of(connection.request("POST", PROJECTS, json=body), agreement)


def change_agreement(connection: Connection, project: str, path: Path) -> Project:
    """Put another agreement in place of a project's: approval starts again, and what was sent is deleted."""
    agreement, body = _proposal(path)
    return _of(connection.request("PUT", f"{_path(project)}/agreement", json=body), agreement)


def list_projects(connection: Connection) -> list[Project]:
    """The projects that the caller's seat takes part in."""
    return connection.request("GET", PROJECTS).read_as(list[Project])


def show_project(connection: Connection, project: str) -> Project:
    """One project."""
    return connection.request("GET", _path(project)).read_as(Project)


def read_agreement(connection: Connection, project: str) -> ReadAgreement:
    """A project's agreement, read here: the server's word is not taken for what it says, nor for its digest.

    A preset that it names is the one that came with this waylink; only a schema of its own comes from the server.

    Raises:
        AgreementDiffers: what was sent has another digest than the server says.
        BadAnswer: what was sent is no agreement.
    """
    sent = connection.request("GET", f"{_path(project)}/agreement").read_as(SentAgreement)
    try:
        named = str(parse_toml(sent.agreement)[0].get("linkage_schema", "person-v1"))
        own = None if named in preset_names() else linkage_schema(sent.linkage_schema, name="linkage_schema")
        agreement = parse_agreement(sent.agreement, where="the server's agreement", schema=own)
    except (BadAgreement, BadLinkageSchema, ValueError):
        raise BadAnswer(
            "what the server sent is no agreement", fix="is your waylink older than the server's?"
        ) from None
    if agreement.digest != sent.agreement_digest:
        raise AgreementDiffers(
            "the agreement that the server sent is not the one that it says is voted on",
            where=project,
            fix="approve nothing; tell the other members. Is your waylink older than the server's?",
        )
    return ReadAgreement(agreement, sent.agreement, named)


def require_same(read: ReadAgreement, path: Path) -> None:
    """Hold a project's agreement to the one in a file.

    Raises:
        AgreementDiffers: they are not the same.
    """
    if load_agreement(path).digest != read.agreement.digest:
        raise AgreementDiffers(
            "the project's agreement is not the one in this file",
            where=str(path),
            fix="compare them: waylink project agreement",
        )


def write_agreement(read: ReadAgreement, path: Path) -> list[Path]:
    """Write an agreement as it was proposed and, where it names a linkage schema of its own, that beside it.

    Gives back the files written. Nothing is overwritten, and no file is written outside of the folder.

    Raises:
        OutputExists: a file is there already.
        CannotWrite: no permission, no room.
    """
    files = [(path, read.toml)]
    if read.schema_name not in preset_names():
        schema = json.dumps(read.agreement.linkage_schema.definition, indent=2, ensure_ascii=False) + "\n"
        files.append((path.parent / PurePosixPath(read.schema_name.replace("\\", "/")).name, schema))
    for file, text in files:
        try:
            with file.open("x", encoding="utf-8", newline="") as new:
                new.write(text)
        except FileExistsError:
            raise OutputExists("is already there, and nothing is overwritten", where=str(file)) from None
        except OSError as error:
            raise CannotWrite(f"cannot be written ({error.strerror})", where=str(file)) from None
    return [file for file, _ in files]


def vote_on_project(connection: Connection, project: str, digest: str, vote: str) -> Project:
    """Approve or decline (`approve`, `decline`) the agreement of that digest."""
    body = {"agreement_digest": digest, "vote": vote}
    return connection.request("POST", f"{_path(project)}/votes", json=body).read_as(Project)


def leave_project(connection: Connection, project: str) -> None:
    """Leave: what the caller's member sent is deleted."""
    connection.request("POST", f"{_path(project)}/leave")


def close_project(connection: Connection, project: str) -> Project:
    """Close: everything that was sent to it is deleted."""
    return connection.request("POST", f"{_path(project)}/close").read_as(Project)


def _path(project: str) -> str:
    return f"{PROJECTS}/{require_id(project, 'project')}"


def _proposal(path: Path) -> tuple[Agreement, dict[str, Any]]:
    agreement = load_agreement(path)
    body: dict[str, Any] = {"agreement": path.read_bytes().decode("utf-8-sig")}
    if agreement.linkage_schema.name not in preset_names():
        body["linkage_schema"] = agreement.linkage_schema.definition
    return agreement, body


def _of(answer: Answer, agreement: Agreement) -> Project:
    project = answer.read_as(Project)
    if project.agreement_digest != agreement.digest:
        raise AgreementDiffers(
            "the server read another agreement than the one in the file",
            where=project.id,
            fix="approve nothing. Is your waylink older or newer than the server's?",
        )
    return project
