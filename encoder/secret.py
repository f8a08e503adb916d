"""The members' secret: made, kept and read here; it never leaves, is never printed and never pickled."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from encoder.errors import BadSecret, InputMissing
from encoder.keeping.strength import looks_random
from schemas.digest import Digest, canonical_json
from schemas.hidden import Hidden
from schemas.whole import write_secretly

SECRET_BYTES = 32  # 256 bits: nobody guesses it, so a key check gives nothing away
_PREFIX = "waylink-secret-1"
_CHECKSUM_DIGITS = 8  # 32 bits: a slip in copying goes unseen once in four thousand million times
_KEY_CHECK_LABEL = b"waylink key check 1"
_AGAIN = "get the file again from the member who made it; all members use the same one"


class Secret(Hidden):
    """The members' secret. Shows itself to nobody but the caller of `reveal`."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = bytes(value)

    def reveal(self) -> bytes:
        """The secret's bytes, for deriving keys."""
        return self._value


def new_secret(path: Path, token_source: Callable[[int], bytes] = secrets.token_bytes) -> None:
    """Make a secret of 256 bits and write it to a file that only its owner can read (mode 600).

    Raises:
        OutputExists: the file is already there.
        BadSecret: the source of random bytes is broken.
    """
    value = token_source(SECRET_BYTES)
    if not _is_strong(value):
        raise BadSecret("would be weak", where=str(path), fix="this computer's source of random bytes is broken")
    write_secret(Secret(value), path)


def write_secret(secret: Secret, path: Path) -> None:
    """Write a secret to a new file that only its owner can read (mode 600)."""
    write_secretly(path, f"{secret_line(secret)}\n".encode())


def read_secret(path: Path) -> Secret:
    """Read a secret's file.

    Raises:
        InputMissing: it cannot be read.
        BadSecret: it is no secret's file, a character of it was changed, or it is weak; never says what is in it.
    """
    try:
        line = path.read_bytes().decode("utf-8-sig")
    except OSError:
        raise InputMissing("no such secret file", where=str(path), fix="make one: waylink secret new FILE") from None
    except UnicodeDecodeError:
        raise BadSecret("is not a secret file", where=str(path), fix=_AGAIN) from None
    return secret_of_line(line, where=str(path))


def secret_line(secret: Secret) -> str:
    """The secret as a line of text: what it is, its bytes in hexadecimal, a checksum."""
    digits = secret.reveal().hex()
    return f"{_PREFIX}:{digits}:{_checksum(digits)}"


def secret_of_line(line: str, *, where: str) -> Secret:
    """The secret of a line of text; `where` it was found is said in errors.

    Raises:
        BadSecret: it is none, is damaged, or is weak: no 256 bits, or not random.
    """
    prefix, _, rest = line.strip().partition(":")
    digits, _, checksum = rest.partition(":")
    if prefix != _PREFIX:
        raise BadSecret("is not a secret file", where=where, fix="make one: waylink secret new FILE")
    if not hmac.compare_digest(checksum.encode(), _checksum(digits).encode()):
        raise BadSecret("is damaged: its checksum is not that of its secret", where=where, fix=_AGAIN)
    try:
        value = bytes.fromhex(digits)
    except ValueError:
        value = b""
    if len(value) != SECRET_BYTES:
        raise BadSecret("holds no secret of 256 bits", where=where, fix=_AGAIN)
    if not _is_strong(value):
        fix = "make a new one: waylink secret new FILE"
        raise BadSecret("is weak: a phrase, a count or a repetition, and not random", where=where, fix=fix)
    return Secret(value)


def others_can_read(path: Path) -> bool:
    """Whether a secret's file is open to other accounts (where the system has such permissions)."""
    return os.name == "posix" and path.is_file() and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def key_check(secret: Secret, agreement: Digest, schema: Digest, cleaning_version: str) -> str:
    """64 hexadecimal digits, equal at all members that use the same secret, agreement, linkage schema and cleaning.

    HMAC-SHA256 under a key of its own (an HMAC of a label under the secret), so that it says nothing about the keys
    that hash. Safe to send only because the secret has 256 bits: a guessable one could be tried against it.
    """
    key = hmac.digest(secret.reveal(), _KEY_CHECK_LABEL, "sha256")
    return hmac.digest(key, canonical_json([agreement, schema, cleaning_version]), "sha256").hex()


def _checksum(digits: str) -> str:
    return hashlib.sha256(f"{_PREFIX}:{digits}".encode()).hexdigest()[:_CHECKSUM_DIGITS]


def _is_strong(value: bytes) -> bool:
    return len(value) == SECRET_BYTES and looks_random(value)
