"""What goes over the wire: request and answer bodies, closed (nothing unknown is taken) and bounded."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from server.actions.accounts import Account, Issued, Token
from server.actions.projects import ProjectView
from server.actions.register import RegisterEntry
from server.domain.accounts import Actor, Role, Scope, SeatKind
from server.domain.votes import Vote

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
Id = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
MOST_TEXT = 200_000  # an agreement is a page; the longest linkage schema known is 30 kB


class Body(BaseModel):
    """Base: unknown keys are refused, so that a misspelt one is not lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SelfOut(Body):
    """Who the caller is to the server."""

    account: str
    role: Role
    seat: str
    scopes: list[Scope]

    @classmethod
    def of(cls, actor: Actor) -> SelfOut:
        """The body of an actor."""
        return cls(account=actor.account, role=actor.role, seat=actor.seat, scopes=sorted(actor.scopes))


class SeatIn(Body):
    """A seat to create."""

    name: Name
    kind: SeatKind = SeatKind.MEMBER


class SeatOut(Body):
    """A seat."""

    name: str
    kind: SeatKind


class AccountIn(Body):
    """An account to create."""

    name: Name
    role: Role
    seat: str = Field("", max_length=64)


class AccountOut(Body):
    """An account."""

    id: str
    name: str
    role: Role
    seat: str
    created_at: str
    disabled_at: str | None

    @classmethod
    def of(cls, account: Account) -> AccountOut:
        """The body of an account."""
        return cls(**asdict(account))


class TokenIn(Body):
    """A token to make: with these scopes (no more than its owner's), for so many days."""

    scopes: list[Scope] = Field(default_factory=lambda: list(Scope), max_length=len(Scope))
    days: int | None = Field(None, ge=1, le=3650)


class TokenOut(Body):
    """A token, without its text."""

    id: str
    scopes: list[Scope]
    created_at: str
    expires_at: str

    @classmethod
    def of(cls, token: Token) -> TokenOut:
        """The body of a token."""
        return cls(**asdict(token))


class NewTokenOut(Body):
    """A token that was just made: the only time that its text is shown."""

    id: str
    account: str
    token: str
    expires_at: str

    @classmethod
    def of(cls, issued: Issued) -> NewTokenOut:
        """The body of a token that was just made."""
        return cls(id=issued.id, account=issued.account, token=issued.text.reveal(), expires_at=issued.expires_at)


class ProposalIn(Body):
    """A project's agreement: the text of agreement.toml and, where it names no preset, the linkage schema."""

    agreement: str = Field(max_length=MOST_TEXT)
    linkage_schema: dict[str, object] | None = None


class VoteIn(Body):
    """A vote on the agreement of that digest."""

    agreement_digest: Sha256
    vote: Vote


class ParticipantOut(Body):
    """A seat that takes part in a project, and its vote on the current agreement."""

    seat: str
    kind: SeatKind
    vote: Vote | None
    left_at: str | None


class ProjectOut(Body):
    """A project as those who take part in it see it."""

    id: str
    state: str
    title: str
    purpose: str
    run: str
    agreement_digest: str
    proposer: str
    quorum: int
    tables: list[str]
    participants: list[ParticipantOut]
    waiting_for: list[str]
    created_at: str
    closed_at: str | None

    @classmethod
    def of(cls, view: ProjectView) -> ProjectOut:
        """The body of a view."""
        project, agreement = view.project, view.agreement
        return cls(
            id=project.id,
            state=project.state,
            title=agreement.project,
            purpose=agreement.purpose,
            run=agreement.run,
            agreement_digest=project.agreement_digest,
            proposer=project.proposer,
            quorum=agreement.quorum,
            tables=list(agreement.tables),
            participants=[
                ParticipantOut(
                    seat=one.seat,
                    kind=SeatKind.COMMUNITY if one.seat in agreement.community else SeatKind.MEMBER,
                    vote=view.votes.get(one.seat),
                    left_at=one.left_at,
                )
                for one in view.participants
            ],
            waiting_for=view.waiting_for,
            created_at=project.created_at,
            closed_at=project.closed_at,
        )


class AgreementOut(Body):
    """The agreement that is voted on, as it was proposed."""

    agreement_digest: str
    agreement: str
    linkage_schema: dict[str, object]


class PublishedOut(Body):
    """A published release in the register."""

    tables: list[str]
    published_at: str


class RegisterEntryOut(Body):
    """A project in the public register."""

    state: str
    title: str
    purpose: str
    members: list[str]
    community: list[str]
    tables: list[str]
    opt_out: str
    releases: list[PublishedOut]

    @classmethod
    def of(cls, entry: RegisterEntry) -> RegisterEntryOut:
        """The body of an entry."""
        return cls(
            state=entry.state,
            title=entry.agreement.project,
            purpose=entry.agreement.purpose,
            members=entry.members,
            community=entry.community,
            tables=list(entry.agreement.tables),
            opt_out=entry.agreement.opt_out,
            releases=[PublishedOut(tables=one.tables, published_at=one.published_at) for one in entry.releases],
        )


class HeadOut(Body):
    """A signed head of the audit log."""

    size: int
    root: str
    at: str
    log_id: str
    signature: str


class ProofOut(Body):
    """A proof (RFC 6962) against a head: its nodes, and for inclusion the event."""

    head: HeadOut
    nodes: list[str]
    event: dict[str, object] | None = None
