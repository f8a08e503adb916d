"""The leak scan: before a folder is given its name, no value of the client list is in a file of it that leaves.

What is sought: client ids, the cells of the hashed columns as they stand, and what cleaning made of them; in any case,
backwards, in hexadecimal and in base64. Where:

(1) in every text of a file (the receipt's, and what the binary files say of themselves) but the keys, which are the
    program's own words, and digests: values of four characters or more;
(2) in the names that are meant to leave in clear (services, headers, the agreement's): values of six or more that hold
    a digit, for a service may be called Hope House and a client Hope. People's whole names are no services (E1407);
(3) in the CLKs and tokens: values of eight or more. Random bytes spell some word of four letters in every file; eight
    given letters once in 10^13 megabytes. Letters that are not ASCII are sought there as cleaning writes them.

`receipt.html` is not searched but held to say nothing that the receipt does not (`receipt_page.py`): people's names may
be words of its sentences.

Not promised: that no value could be found by computing with the secret. That is what CLKs are for.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from os import SEEK_CUR
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoder.errors import LeakFound

_IN_TEXT, _IN_NAMES, _IN_BYTES = 4, 6, 8
"""Characters of the shortest value that is sought in each place; see above."""

_PRINTABLE = np.zeros(256, np.bool_)
_PRINTABLE[0x20:0x7F] = True
_COUNTS = ("n", "l")  # numbers that the files say as text: of records, of bits
_PART_VALUES = 1 << 14
_OVERLAP = 256  # bytes: a longer value that lies across the end of a part is not found
_PART_BYTES = 1 << 22  # looked at at a time
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){4,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{6,}")
_DIGEST = re.compile(r"[0-9a-f]{64}")  # four digits of a house number are in one by chance


def require_no_leak(files: Sequence[Path], values: Iterable[Sequence[str]], named: Collection[str]) -> None:
    """Look through the files that leave.

    Args:
        files: `.safetensors` and `.json` files.
        values: lists of what must not be in them.
        named: what is meant to leave in clear: services, headers, what the agreement says.

    Raises:
        LeakFound: names the file, never the value.
    """
    found = [_Found(path, named) for path in files]
    heads = frozenset(head for file in found for head in file.heads())
    for part in values:
        for value in _that_may_be_there(part, heads):
            for file in found:
                if file.holds(value) or file.holds(value[::-1]):
                    fault, fix = (
                        "a value of the client list is in a file that would leave",
                        "see that no service's name has",
                    )
                    raise LeakFound(
                        fault, where=file.name, fix=f"{fix} a client's number in it; else report it, please"
                    )


def _that_may_be_there(values: Sequence[str], heads: frozenset[str]) -> Iterator[str]:
    """The values, case folded, of which the first or the last four letters are somewhere: hardly any of a million."""
    for start in range(0, len(values), _PART_VALUES):  # all of them folded would be a second list as large
        for value in [value.strip().casefold() for value in values[start : start + _PART_VALUES]]:
            if value[:_IN_TEXT] in heads or value[: -_IN_TEXT - 1 : -1] in heads:
                yield value


class _Found:
    """What there is to be found in one file, by the first letters of whatever may be there."""

    def __init__(self, path: Path, named: Collection[str]) -> None:
        self.name = path.name
        document, payload = _parts_of(path)
        told = [text for text in texts_in(document) if not _DIGEST.fullmatch(text)]
        texts = [text for text in told if text not in named]
        names = [text for text in told if text in named]
        self._starts = _starts(_forms(texts), _IN_TEXT)
        self._names = _starts(_forms(names), _IN_NAMES)
        self._bytes = _starts(_forms(_runs(payload)), _IN_BYTES)

    def heads(self) -> set[str]:
        """The first four letters of whatever may be there."""
        return {start[:_IN_TEXT] for starts in (self._starts, self._names, self._bytes) for start in starts}

    def holds(self, value: str) -> bool:
        """Whether the value, case folded, is in one of the texts."""
        if _is_in(value, self._starts, _IN_TEXT):
            return True
        if len(value) >= _IN_NAMES and any(map(str.isdigit, value)) and _is_in(value, self._names, _IN_NAMES):
            return True
        return len(value) >= _IN_BYTES and _is_in(value, self._bytes, _IN_BYTES)


def _is_in(value: str, starts: dict[str, list[str]], size: int) -> bool:
    return any(value in text for text in starts.get(value[:size], ()))


def _starts(texts: Iterable[str], size: int) -> dict[str, list[str]]:
    """The texts by each run of so many characters in them."""
    starts: dict[str, list[str]] = {}
    for text in texts:
        for place in range(len(text) - size + 1):
            starts.setdefault(text[place : place + size], []).append(text)
    return starts


def _forms(texts: Iterable[str]) -> Iterator[str]:
    """Each text case folded, and what it says where it is hexadecimal or base64."""
    for text in texts:
        yield text.casefold()
        for run in _HEX.findall(text):
            yield _said(binascii.unhexlify(run))
        for run in _BASE64.findall(text):
            for start in range(4):
                whole = run[start : start + (len(run) - start) // 4 * 4]
                rest = run[start + len(whole) :]
                padded = whole + (rest + "=" * (4 - len(rest)) if len(rest) > 1 else "")
                yield _said(base64.b64decode(padded))


def _said(data: bytes) -> str:
    return data.decode("utf-8", errors="replace").casefold()


def _parts_of(path: Path) -> tuple[object, Iterator[NDArray[np.uint8]]]:
    """A file's JSON, and the bytes after it: safetensors begins with the length of its JSON, in eight bytes."""
    if path.suffix == ".json":
        return json.loads(path.read_text(encoding="utf-8")), iter(())
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        return json.loads(file.read(size)), _payload(path, 8 + size)


def _payload(path: Path, start: int) -> Iterator[NDArray[np.uint8]]:
    """The file's bytes in parts, each with the first of the next: a value that lies across the end is in both. Not
    mapped: all that is looked at of a mapped file counts as the program's memory."""
    with path.open("rb") as file:
        file.seek(start)
        while part := file.read(_PART_BYTES + _OVERLAP):
            yield np.frombuffer(part, np.uint8)
            if len(part) <= _PART_BYTES:
                return
            file.seek(-_OVERLAP, SEEK_CUR)


def texts_in(document: object) -> Iterator[str]:
    """Every text of a JSON document but its keys; JSON in a text is looked into."""
    if isinstance(document, dict):
        document = [value for key, value in document.items() if key not in _COUNTS]
    if isinstance(document, list):
        for each in document:
            yield from texts_in(each)
    elif isinstance(document, str):
        if document[:1] in ("[", "{"):
            try:
                yield from texts_in(json.loads(document))
            except ValueError:
                yield document
        else:
            yield document


def _runs(payload: Iterable[NDArray[np.uint8]]) -> Iterator[str]:
    """The runs of eight or more printable characters in bytes: of random ones, one in 4,000."""
    for part in payload:
        here = np.concatenate([[False], _PRINTABLE[part], [False]])
        edges = np.flatnonzero(here[1:] != here[:-1]).reshape(-1, 2)
        for first, end in edges[np.diff(edges, axis=1)[:, 0] >= _IN_BYTES].tolist():
            yield part[first:end].tobytes().decode("ascii")
