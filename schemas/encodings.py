"""Encodings: a member's CLKs under random record tokens. The only thing about people that leaves a member."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from schemas.errors import BrokenFile
from schemas.tensors import BorderFile, parse_border_file, read_border_file, require_array, write_border_file

KIND = "waylink-encodings"
TOKEN_BYTES = 16  # 128 random bits: no two records of a co-op ever share a token by chance
_TEXTS_AT_ONCE = 1 << 14
FILE_NAME = "encodings.safetensors"

Bits = NDArray[np.uint8]
"""CLKs, uint8 (n, bytes), most significant bit first, as clkhash writes them."""

Tokens = NDArray[np.uint8]
"""Record tokens, uint8 (n, 16), random; only the member can map them back."""


@dataclass(frozen=True)
class Origin:
    """Where encodings come from; strings only, none of which says anything about a person.

    Attributes:
        member: the member's name in the agreement ("" for encodings made outside an agreement).
        agreement_digest: SHA-256 of the agreement they were made under.
        schema_digest: SHA-256 of the linkage schema.
        key_check: equal at all members that used the same secret, agreement, schema and cleaning; tells nothing else.
        cleaning_version: the recipe that cleaned the fields ("" where nothing was cleaned).
        encoder_version: the version of waylink.
    """

    member: str = ""
    agreement_digest: str = ""
    schema_digest: str = ""
    key_check: str = ""
    cleaning_version: str = ""
    encoder_version: str = ""

    def as_metadata(self) -> dict[str, str]:
        """As a border file's metadata holds it."""
        return {field.name: str(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def of_metadata(cls, metadata: Mapping[str, str]) -> Origin:
        """What a border file says of where it comes from; "" where it says nothing."""
        return cls(**{field.name: metadata.get(field.name, "") for field in fields(cls)})


NO_ORIGIN = Origin()
"""Made outside an agreement."""


@dataclass(frozen=True, eq=False)
class Encodings:
    """A member's CLKs.

    Attributes:
        bits: uint8 (n, bytes), most significant bit first; row i is one record.
        tokens: uint8 (n, 16); row i names record i.
        origin: which member, agreement, schema and software they come from.
    """

    bits: Bits
    tokens: Tokens
    origin: Origin = NO_ORIGIN

    def __post_init__(self) -> None:
        if self.bits.ndim != 2 or self.bits.dtype != np.uint8:
            raise BrokenFile("bits must be uint8 of shape (n, bytes)")
        if self.tokens.dtype != np.uint8 or self.tokens.shape != (len(self.bits), TOKEN_BYTES):
            raise BrokenFile(f"tokens must be uint8 of shape (n, {TOKEN_BYTES}), one row a record")

    def __len__(self) -> int:
        return len(self.bits)

    @property
    def bits_per_record(self) -> int:
        """Length of one CLK in bits."""
        return int(self.bits.shape[1]) * 8


def write_encodings(encodings: Encodings, path: Path) -> None:
    """Write encodings to one safetensors file."""
    metadata = encodings.origin.as_metadata() | {"n": str(len(encodings)), "l": str(encodings.bits_per_record)}
    write_border_file(path, KIND, BorderFile({"bits": encodings.bits, "tokens": encodings.tokens}, metadata))


def read_encodings(path: Path | str) -> Encodings:
    """Read encodings from a safetensors file, or from a folder that `waylink encode` wrote.

    Raises:
        FileMissing: there is no such file.
        BrokenFile: it is truncated, altered, or not an encodings file.
    """
    path = Path(path)
    path = path / FILE_NAME if path.is_dir() else path
    return _encodings_of(read_border_file(path, KIND), str(path))


def parse_encodings(data: bytes, where: str) -> Encodings:
    """The encodings that the bytes of such a file hold.

    Args:
        data: all bytes of the file.
        where: what to call it in an error.

    Raises:
        BrokenFile: see `read_encodings`.
    """
    return _encodings_of(parse_border_file(data, KIND, where), where)


def _encodings_of(content: BorderFile, where: str) -> Encodings:
    bits = cast(Bits, require_array(content, "bits", np.uint8, (None, None), where=where))
    tokens = cast(Tokens, require_array(content, "tokens", np.uint8, (len(bits), TOKEN_BYTES), where=where))
    if content.metadata.get("n") != str(len(bits)) or content.metadata.get("l") != str(bits.shape[1] * 8):
        raise BrokenFile("its sizes are not those of its header", where=where)
    if len({token.tobytes() for token in tokens}) != len(tokens):
        raise BrokenFile("names two records by the same token", where=where)
    return Encodings(bits, tokens, Origin.of_metadata(content.metadata))


def token_texts(tokens: Tokens) -> Iterator[str]:
    """Each record token as `token_text` writes it."""
    digits = 2 * TOKEN_BYTES
    for start in range(0, len(tokens), _TEXTS_AT_ONCE):
        text = tokens[start : start + _TEXTS_AT_ONCE].tobytes().hex()
        yield from (text[place : place + digits] for place in range(0, len(text), digits))


def token_text(token: NDArray[np.uint8]) -> str:
    """A record token as people and CSV files write it: 32 hexadecimal digits."""
    return token.tobytes().hex()
