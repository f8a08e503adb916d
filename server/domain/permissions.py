"""May this person? Which roles and scopes each verb needs; whose thing it is done to is asked elsewhere (NotFound)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from server.domain.accounts import Actor, Role, Scope
from server.domain.errors import Forbidden

RULE_ROLE = "role"
RULE_SCOPE = "scope"


class Verb(StrEnum):
    """Everything that can be asked of the server by somebody it knows."""

    SEE_SELF = "see your own account"
    ROTATE = "make or revoke your own tokens"
    ADMINISTER = "create seats, accounts and tokens"
    OPERATE = "see how the server is doing"
    SEE_PROJECTS = "see projects"
    PROPOSE_PROJECT = "propose, change or close a project"
    VOTE = "approve or decline"
    LEAVE = "leave a project"
    UPLOAD = "send encodings"
    SEE_UPLOADS = "see your own uploads"
    WITHDRAW_RECORDS = "withdraw records"
    START_RUN = "start or cancel a run"
    SEE_RUNS = "see runs"
    FETCH_LINK_MAP = "fetch your own link map"
    PROPOSE_RELEASE = "propose, publish or withdraw a release"
    SEE_RELEASES = "see releases"
    REVIEW = "review a release"
    READ_LOG = "read the audit log"


@dataclass(frozen=True)
class Needs:
    """What a verb needs: one of these roles, and this scope of the token."""

    scope: Scope
    roles: frozenset[Role]


_ALL = frozenset(Role)
_STEWARD = frozenset({Role.STEWARD})
_SEATED = frozenset({Role.STEWARD, Role.COMMUNITY})
_OPERATOR = frozenset({Role.OPERATOR})

PERMISSIONS: Mapping[Verb, Needs] = {
    Verb.SEE_SELF: Needs(Scope.READ, _ALL),
    Verb.ROTATE: Needs(Scope.GOVERN, _ALL),
    Verb.ADMINISTER: Needs(Scope.ADMINISTER, _OPERATOR),
    Verb.OPERATE: Needs(Scope.READ, _OPERATOR),
    Verb.SEE_PROJECTS: Needs(Scope.READ, _SEATED | _OPERATOR),
    Verb.PROPOSE_PROJECT: Needs(Scope.GOVERN, _STEWARD),
    Verb.VOTE: Needs(Scope.GOVERN, _SEATED),
    Verb.LEAVE: Needs(Scope.GOVERN, _SEATED),
    Verb.UPLOAD: Needs(Scope.SEND, _STEWARD),
    Verb.SEE_UPLOADS: Needs(Scope.READ, _STEWARD),
    Verb.WITHDRAW_RECORDS: Needs(Scope.SEND, _STEWARD),
    Verb.START_RUN: Needs(Scope.GOVERN, _STEWARD),
    Verb.SEE_RUNS: Needs(Scope.READ, _SEATED | _OPERATOR),
    Verb.FETCH_LINK_MAP: Needs(Scope.READ, _STEWARD),
    Verb.PROPOSE_RELEASE: Needs(Scope.GOVERN, _STEWARD),
    Verb.SEE_RELEASES: Needs(Scope.READ, _SEATED | {Role.ANALYST}),
    Verb.REVIEW: Needs(Scope.GOVERN, _SEATED),
    Verb.READ_LOG: Needs(Scope.READ, _SEATED | _OPERATOR | {Role.AUDITOR}),
}


def require_may(actor: Actor, verb: Verb) -> None:
    """Refuse a verb that the actor's role or token does not have.

    Raises:
        Forbidden: says whether role or scope is missing, and which.
    """
    needs = PERMISSIONS[verb]
    # (1) the role: an operator keeps the machine running and can approve nothing
    if actor.role not in needs.roles:
        roles = " or ".join(sorted(needs.roles))
        raise Forbidden(f"the role {actor.role} cannot {verb}", rule=RULE_ROLE, fix=f"this is for: {roles}")
    # (2) the token: it may be made for less than its owner may do
    if needs.scope not in actor.scopes:
        raise Forbidden(
            f"this token cannot {verb}: it lacks the scope '{needs.scope}'",
            rule=RULE_SCOPE,
            fix="use a token with that scope",
        )
