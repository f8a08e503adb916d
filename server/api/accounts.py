"""Routes: one's own account and tokens; seats, accounts and tokens for the operator."""

from __future__ import annotations

from fastapi import APIRouter, Response, status

from server.actions import accounts
from server.api.access import TheActor, TheDesk
from server.api.bodies import (
    AccountIn,
    AccountOut,
    Id,
    Name,
    NewTokenOut,
    SeatIn,
    SeatOut,
    SelfOut,
    TokenIn,
    TokenOut,
)
from server.api.one_hop import OneHop

router = APIRouter(prefix="/api", tags=["accounts"], route_class=OneHop)


@router.get("/me")
def see_self(actor: TheActor) -> SelfOut:
    """Who the caller is to the server."""
    return SelfOut.of(actor)


@router.get("/me/tokens")
def list_own_tokens(desk: TheDesk, actor: TheActor) -> list[TokenOut]:
    """The caller's live tokens."""
    return [TokenOut.of(row) for row in accounts.list_tokens(desk, actor)]


@router.post("/me/tokens", status_code=status.HTTP_201_CREATED)
def rotate_token(desk: TheDesk, actor: TheActor, body: TokenIn, response: Response) -> NewTokenOut:
    """Make another token for the caller's own account; shown once."""
    response.headers["Cache-Control"] = "no-store"
    return NewTokenOut.of(accounts.rotate_token(desk, actor, body.scopes, body.days))


@router.delete("/tokens/{token_id}", status_code=status.HTTP_204_NO_CONTENT)
def revoke_token(desk: TheDesk, actor: TheActor, token_id: Id) -> None:
    """Revoke a token: one's own or, as the operator, anybody's."""
    accounts.revoke_token(desk, actor, token_id)


@router.get("/seats")
def list_seats(desk: TheDesk, actor: TheActor) -> list[SeatOut]:
    """All seats."""
    return [SeatOut(name=name, kind=kind) for name, kind in sorted(accounts.list_seats(desk, actor).items())]


@router.post("/seats", status_code=status.HTTP_201_CREATED)
def create_seat(desk: TheDesk, actor: TheActor, body: SeatIn) -> SeatOut:
    """Make room for a member or for people who are served."""
    accounts.create_seat(desk, actor, body.name, body.kind)
    return SeatOut(name=body.name, kind=body.kind)


@router.get("/accounts")
def list_accounts(desk: TheDesk, actor: TheActor) -> list[AccountOut]:
    """All accounts."""
    return [AccountOut.of(row) for row in accounts.list_accounts(desk, actor)]


@router.post("/accounts", status_code=status.HTTP_201_CREATED)
def create_account(desk: TheDesk, actor: TheActor, body: AccountIn) -> AccountOut:
    """Make an account."""
    return AccountOut.of(accounts.create_account(desk, actor, body.name, body.role, body.seat))


@router.delete("/accounts/{name}", status_code=status.HTTP_204_NO_CONTENT)
def disable_account(desk: TheDesk, actor: TheActor, name: Name) -> None:
    """Shut an account out."""
    accounts.disable_account(desk, actor, name)


@router.post("/accounts/{name}/tokens", status_code=status.HTTP_201_CREATED)
def issue_token(desk: TheDesk, actor: TheActor, name: Name, body: TokenIn, response: Response) -> NewTokenOut:
    """Make a token for an account; shown once."""
    response.headers["Cache-Control"] = "no-store"
    return NewTokenOut.of(accounts.issue_token(desk, actor, name, body.scopes, body.days))
