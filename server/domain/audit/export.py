"""The export: the whole log as a text file of JSON lines, written and read a line at a time.

The first line says the format and the log's public key, then comes one event a line, and the last line is the signed
head. Every line is canonical JSON in UTF-8 and ends with a line feed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from schemas.digest import canonical_json
from schemas.errors import FileMissing
from server.domain.audit.canonical import read_canonical
from server.domain.audit.errors import LogAltered, NotCanonical, UnfitEvent, UnfitHead, UnfitKey
from server.domain.audit.events import LINE_BYTES, Event, event_from
from server.domain.audit.heads import Head, head_from
from server.domain.audit.keys import PublicKey, public_key_from

FORMAT = "waylink-audit-log"
VERSION = 1
_HEADER_FIELDS = {"format", "version", "public_key"}


class EventLine(NamedTuple):
    """An event and where it stands: the line's number from 1 (the header is line 1) and its bytes without line end."""

    number: int
    raw: bytes
    event: Event


def write_export(public_key: PublicKey, events: Iterable[Event], head: Head) -> Iterator[bytes]:
    """The lines of an export, each with its line end. `head` is that of exactly these events."""
    yield canonical_json({"format": FORMAT, "version": VERSION, "public_key": public_key.hex()}) + b"\n"
    for event in events:
        yield event.line() + b"\n"
    yield head.line() + b"\n"


@contextmanager
def open_export(path: Path) -> Iterator[Iterator[bytes]]:
    """The lines of an export's file, for `read_export`; a line that is too long comes in pieces.

    Raises:
        FileMissing: it cannot be read.
    """
    try:
        file = path.open("rb")
    except OSError:
        raise FileMissing("cannot be read", where=str(path)) from None
    with file:
        yield iter(partial(file.readline, LINE_BYTES + 1), b"")


class Export:
    """An export being read: first the header, then the events one at a time, then the head. Holds one line only.

    It proves form alone: what the lines say is proved by `verify.verify_export`.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        """Read the header.

        Raises:
            LogAltered: (check 1) the first line is no header of this format and version.
        """
        self._lines = iter(lines)
        self._head: Head | None = None
        self.last_line = 0
        self.public_key = self._header()

    def events(self) -> Iterator[EventLine]:
        """The events, in the file's order; when they are through, `head` is there.

        Raises:
            LogAltered: (check 3) a line is no event in its canonical form; (check 4) the head is missing, has not its
                form, or is not the last line.
        """
        for raw in self._raw_lines(check=3):
            fields = self._fields(raw, check=3)
            if "signature" in fields:
                self._end_with(fields)
                return
            try:
                yield EventLine(self.last_line, raw, event_from(fields))
            except UnfitEvent as error:
                raise self._altered(f"is no audit event: {error}", check=3) from None
        self.last_line += 1
        raise self._altered("there should be an event or the signed head: the end is missing", check=4)

    @property
    def head(self) -> Head:
        """The signed head; only after all events were read."""
        if self._head is None:
            raise ValueError("the events come before the head")
        return self._head

    def _header(self) -> PublicKey:
        raw = next(self._raw_lines(check=1), None)
        if raw is None:
            raise LogAltered("the export is empty", check=1, line=1)
        fields = self._fields(raw, check=1)
        if fields.get("format") != FORMAT or fields.keys() != _HEADER_FIELDS:
            raise self._altered("is not the header of an audit log", check=1)
        if fields["version"] != VERSION or type(fields["version"]) is not int:
            raise self._altered(f"is not of version {VERSION}, the one that this program reads", check=1)
        key = fields["public_key"]
        try:
            return public_key_from(key if isinstance(key, str) else "")
        except UnfitKey:
            raise self._altered("has no public key", check=1) from None

    def _end_with(self, fields: dict[str, object]) -> None:
        try:
            self._head = head_from(fields)
        except UnfitHead as error:
            raise self._altered(f"is no signed head: {error}", check=4) from None
        if next(self._lines, None) is not None:
            self.last_line += 1
            raise self._altered("stands after the signed head, which ends the log", check=4)

    def _raw_lines(self, check: int) -> Iterator[bytes]:
        for line in self._lines:
            self.last_line += 1
            if not line.endswith(b"\n") or len(line) > LINE_BYTES + 1:
                raise self._altered(f"has no line end, or more than {LINE_BYTES:,} bytes", check=check)
            yield line[:-1]

    def _fields(self, raw: bytes, check: int) -> dict[str, object]:
        try:
            return read_canonical(raw)
        except NotCanonical as error:
            raise self._altered(error.what, check=check) from None

    def _altered(self, what: str, check: int) -> LogAltered:
        return LogAltered(what, check=check, line=self.last_line)


def read_export(lines: Iterable[bytes]) -> Export:
    """Begin to read an export from its lines, each with its line end.

    Raises:
        LogAltered: (check 1) there is no header of this format and version.
    """
    return Export(lines)
