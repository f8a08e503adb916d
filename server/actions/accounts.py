"""Seats, accounts, tokens: made by the operator; an account changes its own tokens."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.actions.desk import Change, Desk
from server.domain.accounts import (
    LIVE_TOKENS,
    SEATED,
    Actor,
    NewToken,
    Role,
    Scope,
    SeatKind,
    hash_of_token,
    looks_like_token,
    new_token,
)
from server.domain.audit.events import Subject
from server.domain.errors import AlreadyThere, BadRequest, NotFound, TokenRefused
from server.domain.permissions import Verb, require_may
from server.domain.policies import require_room_for_token
from server.store.accounts import (
    AccountRow,
    SeatRow,
    TokenRow,
    account_named,
    actor_of_token,
    all_accounts,
    live_tokens,
    seats_of,
)

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_NAME_RULE = "a name has 1 to 64 letters, digits, - and _, and starts with a letter or digit"


@dataclass(frozen=True)
class Account:
    """An account as the operator sees it."""

    id: str
    name: str
    role: Role
    seat: str
    created_at: str
    disabled_at: str | None

    @classmethod
    def of(cls, row: AccountRow) -> Account:
        """The account of a row."""
        return cls(row.id, row.name, Role(row.role), row.seat or "", row.created_at, row.disabled_at)


@dataclass(frozen=True)
class Token:
    """A token as its owner sees it: without its text, which nobody has kept."""

    id: str
    scopes: list[Scope]
    created_at: str
    expires_at: str


@dataclass(frozen=True)
class Issued:
    """A token that was just made: shown once, to whoever asked."""

    id: str
    account: str
    expires_at: str
    text: NewToken


def identify(desk: Desk, text: str) -> Actor:
    """Whose token that is.

    Raises:
        TokenRefused: it is unknown, mistyped, expired or revoked.
    """
    if not looks_like_token(text):
        raise TokenRefused
    with desk.reading() as session:
        actor = actor_of_token(session, text, desk.now())
    if actor is None:
        raise TokenRefused
    return actor


def create_seat(desk: Desk, actor: Actor, name: str, kind: SeatKind) -> None:
    """Make room for a member or for people who are served."""
    require_may(actor, Verb.ADMINISTER)
    _require_name(name)
    with desk.changing() as change:
        if name in seats_of(change.session):
            raise AlreadyThere("there is a seat of that name", where=name, fix="give this one another name")
        change.session.add(SeatRow(name=name, kind=kind, created_at=change.now))
        change.record(actor, "seat.created", Subject("seat", name), kind=kind)


def list_seats(desk: Desk, actor: Actor) -> dict[str, SeatKind]:
    """All seats."""
    require_may(actor, Verb.ADMINISTER)
    with desk.reading() as session:
        return seats_of(session)


def create_account(desk: Desk, actor: Actor, name: str, role: Role, seat: str = "") -> Account:
    """Make an account; stewards speak for a member, community accounts for a community seat, the others for nobody."""
    require_may(actor, Verb.ADMINISTER)
    _require_name(name)
    with desk.changing() as change:
        if account_named(change.session, name) is not None:
            raise AlreadyThere("there is an account of that name", where=name, fix="give this one another name")
        _require_seat_for(role, seat, seats_of(change.session))
        row = AccountRow(id=desk.new_id(), name=name, role=role, seat=seat or None, created_at=change.now)
        change.session.add(row)
        change.session.flush()
        change.record(actor, "account.created", Subject("account", row.id), role=role, seat=seat)
    return Account.of(row)


def list_accounts(desk: Desk, actor: Actor) -> list[Account]:
    """All accounts, by name."""
    require_may(actor, Verb.ADMINISTER)
    with desk.reading() as session:
        return [Account.of(row) for row in all_accounts(session)]


def disable_account(desk: Desk, actor: Actor, name: str) -> None:
    """Shut an account out; its tokens stop working with the next request."""
    require_may(actor, Verb.ADMINISTER)
    with desk.changing() as change:
        account = _account(change.session, name)
        if account.disabled_at is not None:
            raise AlreadyThere("the account is disabled already", where=name)
        account.disabled_at = change.now
        change.record(actor, "account.disabled", Subject("account", account.id))


def issue_token(
    desk: Desk, actor: Actor, name: str, scopes: Collection[Scope] = tuple(Scope), days: int | None = None
) -> Issued:
    """Make a token for somebody's account. The log shows every member that the operator did so."""
    require_may(actor, Verb.ADMINISTER)
    with desk.changing() as change:
        account = _account(change.session, name)
        if account.disabled_at is not None:
            raise NotFound("account")
        return _issue(desk, change, actor, account, scopes, days)


def rotate_token(desk: Desk, actor: Actor, scopes: Collection[Scope] = tuple(Scope), days: int | None = None) -> Issued:
    """Make another token for the caller's own account, with no more scopes than the token that asks."""
    require_may(actor, Verb.ROTATE)
    with desk.changing() as change:
        account = change.session.get_one(AccountRow, actor.account)
        return _issue(desk, change, actor, account, actor.scopes & set(scopes), days)


def list_tokens(desk: Desk, actor: Actor) -> list[Token]:
    """The caller's own live tokens, oldest first."""
    require_may(actor, Verb.SEE_SELF)
    with desk.reading() as session:
        return _live(session, actor.account, desk.now())


def list_tokens_of(desk: Desk, actor: Actor, name: str) -> list[Token]:
    """The live tokens of somebody's account, oldest first, for the operator: which one to revoke."""
    require_may(actor, Verb.ADMINISTER)
    with desk.reading() as session:
        return _live(session, _account(session, name).id, desk.now())


def revoke_token(desk: Desk, actor: Actor, token_id: str) -> None:
    """Revoke a token: one's own or, as the operator, anybody's. It is refused from the next request on."""
    require_may(actor, Verb.ADMINISTER if actor.role is Role.OPERATOR else Verb.ROTATE)
    with desk.changing() as change:
        token = change.session.get(TokenRow, token_id)
        own = token is not None and token.account_id == actor.account
        if token is None or token.revoked_at is not None or not (own or actor.role is Role.OPERATOR):
            raise NotFound("token")
        token.revoked_at = change.now
        change.record(actor, "token.revoked", Subject("account", token.account_id), token=token.id)


def _issue(
    desk: Desk, change: Change, actor: Actor, account: AccountRow, scopes: Collection[Scope], days: int | None
) -> Issued:
    require_room_for_token(len(live_tokens(change.session, account.id, change.now)), LIVE_TOKENS)
    longest = desk.limits.token_days
    if days is not None and not 1 <= days <= longest:
        raise BadRequest(f"a token lives for 1 to {longest} days", where="days")
    if not scopes:
        raise BadRequest("a token needs a scope that its owner has", where="scopes")
    text = new_token(Role(account.role), desk.random_bytes)
    token = TokenRow(
        id=desk.new_id(),
        account_id=account.id,
        sha256=hash_of_token(text.reveal()),
        scopes=sorted(scopes),
        created_at=change.now,
        expires_at=desk.later(days=days or longest),
    )
    change.session.add(token)
    change.record(actor, "token.issued", Subject("account", account.id), token=token.id, expires=token.expires_at)
    return Issued(token.id, account.name, token.expires_at, text)


def _live(session: Session, account: str, now: str) -> list[Token]:
    return [
        Token(row.id, [Scope(scope) for scope in row.scopes], row.created_at, row.expires_at)
        for row in live_tokens(session, account, now)
    ]


def _account(session: Session, name: str) -> AccountRow:
    account = account_named(session, name)
    if account is None:
        raise NotFound("account")
    return account


def _require_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise BadRequest(_NAME_RULE, where="name", fix="give another name")


def _require_seat_for(role: Role, seat: str, seats: dict[str, SeatKind]) -> None:
    wanted = SEATED.get(role)
    if wanted is None and seat:
        raise BadRequest(f"the role {role} speaks for no seat", where="seat", fix="leave the seat out")
    if wanted is not None and seats.get(seat) is not wanted:
        fix = "name one of that kind, or create it first" if seat else "say whom it speaks for: --seat NAME"
        raise BadRequest(f"the role {role} needs a seat of the kind '{wanted}'", where="seat", fix=fix)
