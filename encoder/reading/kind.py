"""What a file is, by its first bytes and never by its name: a CSV renamed .xlsx is a CSV."""

from __future__ import annotations

import re
import zipfile
from enum import Enum

from encoder import problems as rules
from encoder.problems import Problems
from encoder.reading.source import Source


class Kind(Enum):
    """A kind of file that holds a table."""

    TEXT = "text"
    WORKBOOK = "workbook"


_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # OLE, the container of .xls and of locked workbooks (MS-CFB 2.2)
_COMPOUND_HEADER = 512  # bytes

_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\0", "a picture"),
    (b"MM\0*", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"{\\rtf", "a text document"),
    (b"SQLite format 3", "a database"),
    (b"\0\1\0\0Standard ", "an Access database"),
    (b"PAR1", "a Parquet file"),
    (b"$FL2", "an SPSS file"),
    (b"\0\0\0\0\0\0\0\0\0\0\0\0\xc2\xea\x81", "a SAS file"),
    (b"\x09\x00\x04\x00", "a workbook of Excel 4 or older"),
    (b"\x09\x02\x06\x00", "a workbook of Excel 4 or older"),
    (b"\x09\x04\x06\x00", "a workbook of Excel 4 or older"),
)
"""How files begin that people take for tables, and what to call them."""

_MARKED_UP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:(?P<xml><\?xml)|(?P<page><(?:!doctype|html|head|body|meta|style|table|div)\b)|(?P<json>[\[{]\s*[\"{\[]))",
    re.IGNORECASE,
)
_MARKUP_NAMES = {"xml": "an XML file", "page": "a web page", "json": "JSON"}

_PARTS: tuple[tuple[str, str], ...] = (
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a presentation"),
    ("Index/Document.iwa", "a Numbers document"),
    ("Index.zip", "a Numbers document"),
)
_WORKBOOK_PARTS = {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_OLD_BOOKS = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book"))


def kind_of_file(source: Source, problems: Problems) -> Kind | None:
    """The kind of a file; None, with a problem noted, where it holds no table that can be read."""
    head = source.head()
    if head.startswith((_ZIP, _EMPTY_ZIP)):
        return _kind_of_zip(source, problems)
    if head.startswith(_COMPOUND):
        return _kind_of_compound(source, problems)
    other = next((name for sign, name in _OTHERS if head.startswith(sign)), "")
    marked = _MARKED_UP.match(head)
    if marked and not other:
        other = next(name for group, name in _MARKUP_NAMES.items() if marked[group])
    if other:
        problems.add(rules.NOT_A_TABLE, source.name, detail=other)
        return None
    return Kind.TEXT


def _kind_of_zip(source: Source, problems: Problems) -> Kind | None:
    try:
        with source.open() as content, zipfile.ZipFile(content) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError):
        problems.add(rules.DAMAGED, source.name)
        return None
    if names & _WORKBOOK_PARTS:
        return Kind.WORKBOOK
    other = next((name for part, name in _PARTS if part in names), "a zip archive, but no HMIS export")
    problems.add(rules.NOT_A_TABLE, source.name, detail=other)
    return None


def _directory_end(content: bytes) -> int:
    """Where the first sector of a container's directory ends, by its header (MS-CFB 2.2)."""
    if len(content) < _COMPOUND_HEADER:
        return _COMPOUND_HEADER
    shift, first = int.from_bytes(content[30:32], "little"), int.from_bytes(content[48:52], "little")
    return (first + 2) << min(shift, 16)


def _kind_of_compound(source: Source, problems: Problems) -> Kind | None:
    """Streams are known by their names in the container's directory, which are UTF-16."""
    with source.open() as whole:
        content = whole.read()
    if _LOCKED in content:
        problems.add(rules.LOCKED, source.name)
        return None
    if any(name in content for name in _OLD_BOOKS):
        return Kind.WORKBOOK
    if _directory_end(content) > len(content):
        problems.add(rules.DAMAGED, source.name)
        return None
    problems.add(rules.NOT_A_TABLE, source.name, detail="an old Office document, but no workbook")
    return None
