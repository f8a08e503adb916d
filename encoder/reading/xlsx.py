"""What a workbook's XML says that no cell does: hidden rows, error values, formulas without a value, the date system.

The reading library gives an empty text for an error and for a formula that was never calculated; a steward would not
know that something is missing. Every part is unpacked here first, so a file that is damaged, or that unpacks to more
than it says, is refused before anything else opens it.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from encoder import problems as rules
from encoder.problems import Rule
from encoder.reading.archive import unpacks_to_too_much
from encoder.reading.source import PART_BYTES, Source

_MOST_CELLS = 1 << 26
"""Cells of the rectangle that a sheet's cells span: the reading library holds them all, in 24 bytes each."""

_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_ROW_NUMBER = re.compile(rb'\br="(\d+)"')
_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_ERROR = re.compile(rb'<(?:\w+:)?c\b[^>]*\bt="e"[^>]*>')
_NO_VALUE = re.compile(
    rb'<(?:\w+:)?c\b(?![^>]*\bt="str")[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)'
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_FAR = re.compile(rb' r="([A-Z]{2,3})\d')
_OVERLAP = 1 << 14  # bytes of a part that are looked at again with the next one: a tag or a formula may be cut in two
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


@dataclass
class SheetFacts:
    """What the XML of one sheet says.

    Attributes:
        hidden: rows that are hidden, as Excel counts.
        odd: rule -> (row as Excel counts, column from 0) of each cell that it is to be told of.
        rows, columns: how far the sheet's cells reach.
    """

    hidden: set[int] = field(default_factory=set)
    odd: dict[Rule, set[tuple[int, int]]] = field(default_factory=lambda: defaultdict(set))
    rows: int = 0
    columns: int = 0


@dataclass(frozen=True)
class XlsxFacts:
    """What a workbook's XML says.

    Attributes:
        sheets: by the sheet's name.
        from_1904: whether day numbers count from 1904, as on old Macs.
    """

    sheets: dict[str, SheetFacts]
    from_1904: bool


def xlsx_facts(source: Source) -> XlsxFacts | Rule:
    """Look through a workbook's XML; the fault where the file is damaged or too large, nothing where it is no XML.

    Workbooks of other forms (.xlsb, .ods) are unpacked alike, and nothing is known of their sheets.
    """
    try:
        with source.open() as content, zipfile.ZipFile(content) as archive:
            return _facts(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, ElementTree.ParseError, NotImplementedError, KeyError):
        return rules.DAMAGED
    except RuntimeError:  # what zipfile raises where a part needs a password
        return rules.LOCKED


def _facts(archive: zipfile.ZipFile) -> XlsxFacts | Rule:
    if unpacks_to_too_much(archive.infolist()):
        return rules.TOO_LARGE
    sheets, from_1904 = _sheet_parts(archive)
    found = {name: SheetFacts() for name in sheets.values()}
    for part in archive.infolist():
        facts = found.get(sheets.get(part.filename, ""), SheetFacts())
        for window in _windows(archive, part):
            _look(window, facts)
        if facts.rows * facts.columns > _MOST_CELLS:
            return rules.TOO_LARGE
    return XlsxFacts(found, from_1904)


def _windows(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part's bytes, unpacked and held to their checksum, with the end of each window again at the next's start."""
    before = b""
    with archive.open(part) as content:
        while more := content.read(PART_BYTES):
            yield before + more
            before = more[-_OVERLAP:]


def _look(window: bytes, facts: SheetFacts) -> None:
    if b'hidden="' in window or b"hidden='" in window:
        rows = [row[0] for row in _ROW.finditer(window) if _HIDDEN.search(row[0])]
        facts.hidden |= {int(number[1]) for number in map(_ROW_NUMBER.search, rows) if number}
    for sign, pattern, rule in ((b't="e"', _ERROR, rules.CELL_ERROR), (b"<f", _NO_VALUE, rules.NO_VALUE)):
        if sign in window:
            places = (_PLACE.search(cell[0]) for cell in pattern.finditer(window))
            facts.odd[rule] |= {(int(place[2]), column_number(place[1])) for place in places if place}
    last = window.rfind(b"<row ")
    number = _ROW_NUMBER.search(window, last) if last >= 0 else None
    facts.rows = max(facts.rows, int(number[1]) if number else 0)
    far = max((column_number(letters) for letters in set(_FAR.findall(window))), default=25)
    facts.columns = max(facts.columns, far + 1)


def column_number(letters: bytes) -> int:
    """The number of a column, counted from 0, by its letters: A is 0, Z 25, AA 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def _sheet_parts(archive: zipfile.ZipFile) -> tuple[dict[str, str], bool]:
    """The part of each sheet -> the sheet's name, and whether days count from 1904. Nothing where it is no .xlsx."""
    if "xl/workbook.xml" not in archive.namelist():
        return {}, False
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 (expat itself stops at blown-up entities)
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 (as above)
    target = {link.get("Id"): posixpath.normpath(posixpath.join("xl", link.get("Target", ""))) for link in links}
    parts: dict[str, str] = {}
    for sheet in book.iter():
        if sheet.tag.endswith("}sheet"):
            relation = sheet.get(_RELATION) or sheet.get(_STRICT_RELATION)
            parts[target.get(relation, "").removeprefix("/").lstrip("/")] = sheet.get("name", "")
    properties = next((entry for entry in book.iter() if entry.tag.endswith("}workbookPr")), None)
    return parts, properties is not None and properties.get("date1904") in ("1", "true")
