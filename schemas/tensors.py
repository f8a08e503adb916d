"""A border file: named arrays and string metadata in one safetensors file, with a digest of its content.

safetensors (https://github.com/huggingface/safetensors) holds plain arrays, can be mapped without running code and
is checked for its own sizes. The digest catches what the format cannot: altered bytes. It is no signature: who sent a
file is the upload's business.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load

from schemas.digest import Digest, canonical_json
from schemas.errors import BrokenFile, FileMissing

FORMAT_VERSION = "1"
_DIGEST_KEY = "content_sha256"
_SIZE_BYTES = 8  # a safetensors file starts with the size of its header, little-endian
_ALIGNMENT = 8  # of the first array, as safetensors itself writes it
_DTYPES = {
    np.dtype(kind): name
    for kind, name in {np.uint8: "U8", np.uint16: "U16", np.uint32: "U32", np.int32: "I32", np.int64: "I64"}.items()
}
_UNREADABLE = (SafetensorError, ValueError, TypeError, KeyError, OSError)
_AGAIN = "have the member encode again"


@dataclass(frozen=True)
class BorderFile:
    """What a border file holds: arrays by name, and metadata (strings)."""

    arrays: Mapping[str, NDArray[np.generic]]
    metadata: Mapping[str, str]


def write_border_file(path: Path, kind: str, content: BorderFile) -> None:
    """Write the arrays and the metadata, with the kind, the format's version and the content's digest."""
    labels = {**content.metadata, "format": kind, "format_version": FORMAT_VERSION}
    arrays = {name: np.ascontiguousarray(array) for name, array in content.arrays.items()}
    order = sorted(arrays, key=lambda name: (-arrays[name].itemsize, name))  # widest first, so that each is aligned
    digest = _content_digest(arrays, labels)
    with path.open("wb") as file:
        file.write(_header({name: arrays[name] for name in order}, {**labels, _DIGEST_KEY: digest}))
        for name in order:
            file.write(_bytes_of(arrays[name]))


def _header(arrays: Mapping[str, NDArray[np.generic]], metadata: Mapping[str, str]) -> bytes:
    """What stands before the arrays. Written here and not by safetensors, which makes the file of a copy of them all
    or under permissions of its own, and tells a full disk as an error of the format."""
    fields: dict[str, object] = {"__metadata__": metadata}
    end = 0
    for name, array in arrays.items():
        begin, end = end, end + array.nbytes
        fields[name] = {"dtype": _DTYPES[array.dtype], "shape": array.shape, "data_offsets": (begin, end)}
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % _ALIGNMENT)
    return len(text).to_bytes(_SIZE_BYTES, "little") + text


def _bytes_of(array: NDArray[np.generic]) -> memoryview | bytes:
    """An array's bytes in place, little-endian."""
    ordered = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return ordered.reshape(-1).view(np.uint8).data if array.size else b""


def read_border_file(path: Path, kind: str) -> BorderFile:
    """Read a border file and prove that it is whole.

    Raises:
        FileMissing: there is no such file.
        BrokenFile: it is truncated, altered, of another kind or of a later version.
    """
    if not path.is_file():
        raise FileMissing("no such file", where=str(path))
    return _proven(*_read(path), kind, str(path))


def parse_border_file(data: bytes, kind: str, where: str) -> BorderFile:
    """Prove that these bytes are a whole border file, and give what it holds; the arrays are copies.

    Args:
        data: all bytes of the file.
        kind: what it has to be.
        where: what to call it in an error.

    Raises:
        BrokenFile: see `read_border_file`.
    """
    try:
        arrays = load(data)
        size = int.from_bytes(data[:_SIZE_BYTES], "little")  # of the header, which `load` found to be sound
        metadata = json.loads(data[_SIZE_BYTES : _SIZE_BYTES + size]).get("__metadata__") or {}
    except _UNREADABLE:
        raise BrokenFile("is truncated, or no safetensors file", where=where, fix=_AGAIN) from None
    return _proven(arrays, metadata, kind, where)


def _proven(arrays: dict[str, NDArray[np.generic]], metadata: dict[str, str], kind: str, where: str) -> BorderFile:
    labels = {key: value for key, value in metadata.items() if key != _DIGEST_KEY}
    # (1) it is of the kind asked for
    if labels.get("format") != kind:
        raise BrokenFile(f"is not a {kind} file", where=where)
    # (2) in a version that this reader knows
    if labels.get("format_version") != FORMAT_VERSION:
        raise BrokenFile("was written by a later version of waylink", where=where, fix="update waylink")
    # (3) with every byte as it was written
    if metadata.get(_DIGEST_KEY) != _content_digest(arrays, labels):
        raise BrokenFile("was altered since it was written", where=where, fix=_AGAIN)
    return BorderFile(arrays, labels)


def require_array(
    content: BorderFile, name: str, dtype: type[np.generic], shape: tuple[int | None, ...], *, where: str
) -> NDArray[np.generic]:
    """The array of that name; BrokenFile unless dtype and shape (None: any length) are as the contract says."""
    array = content.arrays.get(name)
    fits = (
        array is not None
        and array.dtype == np.dtype(dtype)
        and array.ndim == len(shape)
        and all(want is None or want == got for want, got in zip(shape, array.shape, strict=True))
    )
    if array is None or not fits:
        raise BrokenFile(f"has no array '{name}' of the right type and shape", where=where, fix=_AGAIN)
    return array


def _read(path: Path) -> tuple[dict[str, NDArray[np.generic]], dict[str, str]]:
    try:
        with safe_open(path, framework="numpy") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except _UNREADABLE:
        raise BrokenFile("is truncated, or no safetensors file", where=str(path), fix=_AGAIN) from None


def _content_digest(arrays: Mapping[str, NDArray[np.generic]], labels: Mapping[str, str]) -> Digest:
    running = hashlib.sha256(canonical_json(dict(labels)))
    for name in sorted(arrays):
        array = arrays[name]
        running.update(canonical_json([name, str(array.dtype), list(array.shape)]))
        running.update(_bytes_of(np.ascontiguousarray(array)))
    return Digest(running.hexdigest())
