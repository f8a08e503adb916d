"""The key that signs heads: kept by the server, never shown; and its public half, which members note down."""

from __future__ import annotations

import hashlib
from typing import NewType

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from schemas.digest import Digest
from schemas.hidden import Hidden
from server.domain.audit.errors import UnfitKey
from server.domain.audit.events import is_digest

KEY_BYTES = 32  # RFC 8032, section 5.1.5: an Ed25519 private key, and likewise a public one
PublicKey = NewType("PublicKey", bytes)
"""32 bytes: the Ed25519 key by which a log's heads are checked."""


class LogKey(Hidden):
    """The private key of a log. Signs, and shows itself to nobody."""

    __slots__ = ("_key",)

    def __init__(self, seed: bytes) -> None:
        """Take 32 random bytes as key.

        Raises:
            UnfitKey: they are not 32 bytes.
        """
        if len(seed) != KEY_BYTES:
            raise UnfitKey(f"a log's key has {KEY_BYTES} bytes")
        self._key = Ed25519PrivateKey.from_private_bytes(bytes(seed))

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return PublicKey(self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature (64 bytes) of a message; the same message has the same one."""
        return self._key.sign(message)


def is_signature(public_key: PublicKey, message: bytes, signature: bytes) -> bool:
    """Whether a signature of a message was made by the private half of a public key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):  # ValueError: a key that has another length, or is no point of the curve
        return False
    return True


def log_id(public_key: PublicKey) -> Digest:
    """The identity of a log: SHA-256 of its public key."""
    return Digest(hashlib.sha256(public_key).hexdigest())


def public_key_from(text: str) -> PublicKey:
    """A public key from its 64 lower-case hexadecimal digits.

    Raises:
        UnfitKey: the text is no such key.
    """
    if not is_digest(text):
        raise UnfitKey(f"a log's public key is {2 * KEY_BYTES} hexadecimal digits")
    return PublicKey(bytes.fromhex(text))
