"""A file of text with delimiters -> a table. The file is read in parts and never held."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from encoder import problems as rules
from encoder.distinct import Distinct
from encoder.problems import Problems
from encoder.reading._native import Csv
from encoder.reading.body import Body, Ragged, table_of
from encoder.reading.encoding import encoding_of, utf8_parts
from encoder.reading.header import HEAD_ROWS, Choice, Header, Row, filled, find_header
from encoder.reading.source import PART_BYTES, Source
from encoder.reading.table import Table
from schemas.console import Advance, Progress

_DELIMITERS = ",;\t|"
_LONGEST_HEADER = 1 << 16  # characters looked at to find the delimiter
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_SEP = re.compile(r'"?sep=(?P<delimiter>[\t\x20-\x7e])"?\r?\n?', re.IGNORECASE)
_MOST_IN_A_CELL = 1 << 28  # csv's own limit of 131,072 characters would stop at a long note; the native one's is this


def read_csv(source: Source, choice: Choice, problems: Problems, progress: Progress) -> Table | None:
    """Read a CSV file; None, with a problem noted, where nothing of it can be used.

    UTF-8, UTF-16 or cp1252, with or without a byte order mark; commas, semicolons, tabs or pipes, told by a first line
    `sep=;` (which Excel does not count as a row) or found from the header; quoted delimiters and newlines; any line
    end.
    """
    encoding = encoding_of(source, problems)
    if encoding is None:
        return None
    parts = utf8_parts(source, encoding)
    first, text, delimiter = _opening(next(parts))
    head = _head(text, delimiter, whole=source.size <= PART_BYTES)
    if not head:
        problems.add(rules.BROKEN_QUOTES, source.name, rows=[1])
        return None
    header = find_header(head, source.name, choice, problems)
    if header is None:
        return None
    with progress.stage(f"reading {source.name}", source.size) as advance:
        body = _body(chain([first], parts), delimiter, header, source.name, problems, advance)
    return table_of(header, body, source.name, choice, problems)


def _opening(first: bytes) -> tuple[bytes, str, str]:
    """The first part without a byte order mark and a line `sep=;`, its text, and the delimiter."""
    first = first.removeprefix(codecs.BOM_UTF8)
    text = first.decode("utf-8", errors="ignore")  # a sign may be cut in two at the end
    told = _SEP.match(text)
    if told is None:
        return first, text, _delimiter(text)
    return first[told.end() :], text[told.end() :], told["delimiter"]


def _delimiter(text: str) -> str:
    """The delimiter that the first rows have most of, outside quotes; a comma where they have none."""
    rows = _QUOTED.sub("", text[:_LONGEST_HEADER]).lstrip("\r\n").splitlines()[:HEAD_ROWS]
    return max(_DELIMITERS, key=lambda delimiter: max(row.count(delimiter) for row in rows) if rows else 0)


def _head(text: str, delimiter: str, *, whole: bool) -> list[Row]:
    """The first rows that have any text; without the last of a part that may end in the middle of it."""
    csv.field_size_limit(_MOST_IN_A_CELL)
    records: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        records.extend(islice(reader, HEAD_ROWS + 1))
    except csv.Error:
        whole = True  # what is there came before the fault
    if not whole and len(records) <= HEAD_ROWS:
        records = records[:-1]
    return [(row, cells) for row, cells in enumerate(records[:HEAD_ROWS], start=1) if filled(cells)]


def _body(
    parts: Iterable[bytes], delimiter: str, header: Header, name: str, problems: Problems, advance: Advance
) -> Body:
    named = [number for number, title in enumerate(header.titles, start=1) if title]
    csv_file = Csv(delimiter.encode(), len(header.titles), max(named, default=0), header.row)
    rows: list[NDArray[np.int64]] = []
    codes: list[list[NDArray[np.int32]]] = [[] for _ in header.titles]
    ragged: list[Ragged] = []
    for part in chain(parts, [b""]):
        found, numbers, odd = csv_file.feed(part, not part)
        rows.append(found)
        ragged += [Ragged(*row) for row in odd]
        for column, more in zip(codes, numbers, strict=True):
            column.append(more)
        advance(len(part))
    if csv_file.broken_row:
        problems.add(rules.BROKEN_QUOTES, name, rows=[csv_file.broken_row])
    columns = [Distinct(csv_file.texts(number), _joined(codes, number)) for number in range(len(codes))]
    return Body(np.concatenate(rows), columns, ragged)


def _joined(codes: list[list[NDArray[np.int32]]], number: int) -> NDArray[np.int32]:
    """A column's parts in one, given up as they are joined: memory has room for one column twice, not for all."""
    parts, codes[number] = codes[number], []
    return np.concatenate(parts)
