"""Seats, accounts and tokens as rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import JSON

from server.domain.accounts import Actor, Role, Scope, SeatKind, hash_of_token
from server.store.database import Base, one_of


class SeatRow(Base):
    """A seat at the table: a member organisation, or people who are served."""

    __tablename__ = "seats"
    __table_args__ = (one_of("kind", SeatKind),)
    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    created_at: Mapped[str]


class AccountRow(Base):
    """Somebody (or a machine of theirs) that may speak to the server. Its name is a label, not a person's."""

    __tablename__ = "accounts"
    __table_args__ = (one_of("role", Role),)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    seat: Mapped[str | None] = mapped_column(ForeignKey("seats.name"))
    created_at: Mapped[str]
    disabled_at: Mapped[str | None]


class TokenRow(Base):
    """An access token: its hash, never its text."""

    __tablename__ = "tokens"
    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[str]
    expires_at: Mapped[str]
    revoked_at: Mapped[str | None]


def seats_of(session: Session) -> dict[str, SeatKind]:
    """All seats and their kinds."""
    return {row.name: SeatKind(row.kind) for row in session.scalars(select(SeatRow))}


def all_accounts(session: Session) -> Sequence[AccountRow]:
    """All accounts, by name."""
    return session.scalars(select(AccountRow).order_by(AccountRow.name)).all()


def account_named(session: Session, name: str) -> AccountRow | None:
    """The account of that name."""
    return session.scalars(select(AccountRow).where(AccountRow.name == name)).one_or_none()


def analysts(session: Session) -> set[str]:
    """The names of the analysts' accounts that are not disabled."""
    wanted = select(AccountRow.name).where(AccountRow.role == Role.ANALYST, AccountRow.disabled_at.is_(None))
    return set(session.scalars(wanted))


def live_tokens(session: Session, account_id: str, now: str) -> Sequence[TokenRow]:
    """The tokens of an account that work now, oldest first."""
    mine = select(TokenRow).where(TokenRow.account_id == account_id)
    live = mine.where(TokenRow.revoked_at.is_(None), TokenRow.expires_at > now)
    return session.scalars(live.order_by(TokenRow.created_at, TokenRow.id)).all()


def unrevoked_tokens(session: Session) -> Sequence[TokenRow]:
    """Everybody's tokens that nobody has revoked, oldest first; whether their time is over is not looked at."""
    wanted = select(TokenRow).where(TokenRow.revoked_at.is_(None))
    return session.scalars(wanted.order_by(TokenRow.created_at, TokenRow.id)).all()


def actor_of_token(session: Session, text: str, now: str) -> Actor | None:
    """Whose token that is; None where it is unknown, expired, revoked, or its account disabled."""
    found = session.execute(
        select(TokenRow, AccountRow)
        .join(AccountRow, AccountRow.id == TokenRow.account_id)
        .where(TokenRow.sha256 == hash_of_token(text))
        .where(TokenRow.revoked_at.is_(None), TokenRow.expires_at > now, AccountRow.disabled_at.is_(None))
    ).one_or_none()
    if found is None:
        return None
    token, account = found
    scopes = frozenset(Scope(scope) for scope in token.scopes)
    return Actor(account.id, Role(account.role), account.seat or "", scopes, token.id)
