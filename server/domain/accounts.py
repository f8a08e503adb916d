"""Who there is: seats, roles, and the access tokens by which the server knows them."""

from __future__ import annotations

import hashlib
import hmac
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from schemas.hidden import Hidden

TOKEN_BYTES = 32  # 256 bits: nobody guesses one, so a plain SHA-256 of it may be stored
TOKEN_DAYS = 90
LIVE_TOKENS = 2  # an account has at most two: the old one works until the new one is in place
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class SeatKind(StrEnum):
    """What a seat at the table stands for."""

    MEMBER = "member"
    """An organisation that delivers data."""
    COMMUNITY = "community"
    """People who are served: a voice, no data."""


class Role(StrEnum):
    """What an account is for."""

    STEWARD = "steward"
    COMMUNITY = "community"
    OPERATOR = "operator"
    ANALYST = "analyst"
    AUDITOR = "auditor"


SEATED = {Role.STEWARD: SeatKind.MEMBER, Role.COMMUNITY: SeatKind.COMMUNITY}
"""The roles that speak for a seat, and the kind of that seat; the others have none."""


class Scope(StrEnum):
    """What a token may be used for; a role's rights are the most that a token can have."""

    READ = "read"
    SEND = "send"
    GOVERN = "govern"
    ADMINISTER = "administer"


@dataclass(frozen=True)
class Actor:
    """Who asks.

    Attributes:
        account: the account's id.
        role: its role.
        seat: the member or community seat it speaks for ("" where it has none).
        scopes: what the token may be used for.
        token: the token's id ("" for the operator at the server's own keyboard).
    """

    account: str
    role: Role
    seat: str = ""
    scopes: frozenset[Scope] = frozenset(Scope)
    token: str = ""


LOCAL_OPERATOR = Actor("local", Role.OPERATOR)
"""Whoever can run `waylink admin` on the server's machine."""

SERVER = Actor("server", Role.OPERATOR)
"""The server itself: deletion when its day has come, runs that ended."""


class NewToken(Hidden):
    """An access token that was just made. Shows itself to nobody but the caller of `reveal`, once."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The token's text, for its owner."""
        return self._text


def new_token(role: Role, random_bytes: Callable[[int], bytes]) -> NewToken:
    """Make `waylink_<role>_<random>_<check>`: a prefix that scanners for leaked secrets find, 256 bits, a CRC-32."""
    body = f"waylink_{role}_{_base62(random_bytes(TOKEN_BYTES), 43)}"
    return NewToken(f"{body}_{_check(body)}")


def looks_like_token(text: str) -> bool:
    """Whether the text has a token's form and check; says at a glance whether one was mistyped."""
    body, _, check = text.rpartition("_")
    return body.startswith("waylink_") and body.isascii() and hmac.compare_digest(check.encode(), _check(body).encode())


def hash_of_token(text: str) -> str:
    """What the database keeps of a token: SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(b"waylink token 1:" + text.encode()).hexdigest()


def _check(body: str) -> str:
    return _base62(zlib.crc32(body.encode()).to_bytes(4, "big"), 6)


def _base62(data: bytes, width: int) -> str:
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits.rjust(width, _ALPHABET[0])
