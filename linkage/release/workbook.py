"""A release as one Excel workbook: a first sheet that says what it is, then a sheet a table. Needs XlsxWriter.

For people: a number that is not there is written as its mark, `[c]`, and never left blank. Programs read the CSV files.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

from linkage.errors import BadInput
from linkage.release.csv_files import columns_of
from schemas import Cell, ReleaseTable
from schemas.table_columns import HIGH, LOW, STATUS, TABLE_COLUMNS, FileColumn, Kind
from schemas.tables import SHOWN_TO_PEOPLE

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_NO_TIME = datetime(1980, 1, 1)  # the earliest that a zip can say: when it was made is nobody's business
_NUMBERS = {Kind.COUNT: "#,##0", Kind.SHARE: "0.0%", Kind.DAYS: "#,##0", Kind.ESTIMATE: "#,##0", Kind.WHOLE: "0"}
_WIDEST, _NARROWEST = 48, 9  # of a column, in letters


def workbook_bytes(tables: Mapping[str, ReleaseTable], about: Sequence[tuple[str, str]]) -> bytes:
    """The workbook; equal inputs give equal bytes with one version of XlsxWriter.

    Args:
        tables: by name.
        about: lines of the first sheet: what, and the text.

    Raises:
        BadInput: XlsxWriter is not installed.
    """
    if find_spec("xlsxwriter") is None:
        raise BadInput("a workbook needs XlsxWriter", fix="pip install 'waylink[excel]'")
    from xlsxwriter.workbook import Workbook

    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(file, options)
    book.set_properties({"created": _NO_TIME})
    _first_sheet(book, [*about, *((name, TABLE_COLUMNS[name].title) for name in tables)])
    for table in tables.values():
        _table_sheet(book, table)
    book.close()
    return file.getvalue()


def _first_sheet(book: Workbook, lines: Sequence[tuple[str, str]]) -> None:
    sheet = book.add_worksheet("read me")
    strong, wrapped = book.add_format({"bold": True, "valign": "top"}), book.add_format({"text_wrap": True})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 96)
    for row, (what, text) in enumerate(lines):
        sheet.write_string(row, 0, what, strong)
        sheet.write_string(row, 1, text, wrapped)


def _table_sheet(book: Workbook, table: ReleaseTable) -> None:
    sheet = book.add_worksheet(table.name)
    head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"})
    mark = book.add_format({"align": "right", "font_color": "#5d6b79"})
    looks = {kind: book.add_format({"num_format": text}) for kind, text in _NUMBERS.items()}
    columns = [column for column in columns_of(table) if column.part != STATUS]
    for at, column in enumerate(columns):
        sheet.write_string(0, at, column.name, head)
        sheet.set_column(at, at, _width(column, table))
    for row, (keys, cells) in enumerate(table.rows, start=1):
        line = dict(zip(table.measures, cells, strict=True))
        texts = dict(zip(table.keys, keys, strict=True))
        for at, column in enumerate(columns):
            _write(sheet, row, at, texts.get(column.name), line.get(column.of or ""), column, looks, mark)
    sheet.freeze_panes(1, len(table.keys))
    sheet.autofilter(0, 0, max(len(table.rows), 1), len(columns) - 1)


def _write(
    sheet: Worksheet,
    row: int,
    at: int,
    text: str | None,
    cell: Cell | None,
    column: FileColumn,
    looks: Mapping[Kind, Format],
    mark: Format,
) -> None:
    if cell is None:
        if column.kind is Kind.WHOLE:
            sheet.write_number(row, at, int(text or 0), looks[Kind.WHOLE])
        else:
            sheet.write_string(row, at, text or "")
        return
    value = {"": cell.value, LOW: cell.low, HIGH: cell.high}[column.part]
    if value is not None:
        sheet.write_number(row, at, value, looks[column.kind])
    elif column.part == "":
        sheet.write_string(row, at, SHOWN_TO_PEOPLE[cell.status], mark)


def _width(column: FileColumn, table: ReleaseTable) -> int:
    texts = (
        [column.name] if column.of else [column.name, *(keys[table.keys.index(column.name)] for keys, _ in table.rows)]
    )
    return min(max(_NARROWEST, *(len(text) + 2 for text in texts)), _WIDEST)
