"""The blob's format: a start, then chunks of 64 KiB, each sealed by itself, the last one marked and shorter.

    "waylink blob" 0x00 0x01 | nonce (24) | tag (16)        the start: magic, version, an empty seal that proves the key
    nonce (24) | ciphertext | tag (16)                      each chunk

A chunk is sealed by XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03, by libsodium). Its nonce is random: 192 bits never
repeat by chance. The blob's id, the chunk's index and whether it is the last are authenticated with it, so that a
truncated, reordered or spliced blob does not open. Every blob ends with a last chunk of 0 to 65,535 bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_ABYTES as TAG_BYTES,
)
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES as NONCE_BYTES,
)
from nacl.exceptions import CryptoError

from server.store.blobs.durable import RandomBytes
from server.store.blobs.errors import BlobBroken
from server.store.blobs.names import BlobId
from server.store.blobs.vault_keys import VaultKey

MAGIC = b"waylink blob\x00\x01"
CHUNK_BYTES = 1 << 16
SEAL_BYTES = NONCE_BYTES + TAG_BYTES
SEALED_BYTES = CHUNK_BYTES + SEAL_BYTES
START_BYTES = len(MAGIC) + SEAL_BYTES

_INNER, _LAST, _START = 0, 1, 2  # what a seal is of


def position_of(chunk: int) -> int:
    """Where a chunk starts in the file, in bytes."""
    return START_BYTES + chunk * SEALED_BYTES


def start_of(blob: BlobId, key: VaultKey, random_bytes: RandomBytes) -> bytes:
    """The first bytes of a blob's file, before any chunk."""
    nonce, bound = random_bytes(NONCE_BYTES), _bound_to(blob, 0, _START)
    return MAGIC + nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(b"", bound, nonce, key.reveal())


def prove_start(start: bytes, blob: BlobId, key: VaultKey) -> None:
    """BlobBroken unless a blob of that id and key starts so: a file that is another's is not to be cut or added to."""
    if start[: len(MAGIC)] != MAGIC:
        raise broken(blob)
    _open(start[len(MAGIC) :], _bound_to(blob, 0, _START), blob, key)


def seal(plain: bytes, blob: BlobId, key: VaultKey, index: int, random_bytes: RandomBytes, *, last: bool) -> bytes:
    """A chunk as it stands in the file: nonce, ciphertext, tag."""
    nonce, bound = random_bytes(NONCE_BYTES), _bound_to(blob, index, _LAST if last else _INNER)
    return nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(plain, bound, nonce, key.reveal())


def unseal(sealed: bytes, blob: BlobId, key: VaultKey, index: int, *, last: bool) -> bytes:
    """The chunk's plaintext.

    Raises:
        BlobBroken: it is not that chunk of that blob, or the key is another one.
    """
    return _open(sealed, _bound_to(blob, index, _LAST if last else _INNER), blob, key)


def seal_all(data: bytes, blob: BlobId, key: VaultKey, random_bytes: RandomBytes) -> Iterator[bytes]:
    """A whole blob's file, in pieces."""
    view, chunks = memoryview(data), len(data) // CHUNK_BYTES
    yield start_of(blob, key, random_bytes)
    for index in range(chunks + 1):
        plain = bytes(view[index * CHUNK_BYTES : (index + 1) * CHUNK_BYTES])
        yield seal(plain, blob, key, index, random_bytes, last=index == chunks)


def plain_size(file_bytes: int) -> int:
    """The plaintext's length, in bytes, of a finished blob whose file has so many; negative where no blob has."""
    chunks, rest = divmod(file_bytes - START_BYTES, SEALED_BYTES)
    return chunks * CHUNK_BYTES + rest - SEAL_BYTES if chunks >= 0 and rest >= SEAL_BYTES else -1


def broken(blob: BlobId) -> BlobBroken:
    """The one error for every way in which a blob does not open: which way is nobody's business."""
    fault = "is unfinished, truncated or altered, or its key is another one"
    return BlobBroken(fault, where=f"blob {blob}", fix="send it again, or restore it from a backup")


def _open(sealed: bytes, bound: bytes, blob: BlobId, key: VaultKey) -> bytes:
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        if len(rest) < TAG_BYTES:
            raise CryptoError
        return crypto_aead_xchacha20poly1305_ietf_decrypt(rest, bound, nonce, key.reveal())
    except CryptoError:
        raise broken(blob) from None


def _bound_to(blob: BlobId, index: int, what: int) -> bytes:
    return MAGIC + index.to_bytes(8, "big") + bytes([what]) + blob.encode()
