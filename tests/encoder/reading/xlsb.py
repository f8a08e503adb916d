"""Writes small .xlsb workbooks (MS-XLSB): no library does. Text, numbers, booleans, errors and days; hidden rows."""

import datetime
import struct
import zipfile

_BOOK, _END_BOOK, _BOOK_PROPERTIES = 131, 132, 153
_SHEETS, _END_SHEETS, _SHEET = 143, 144, 156
_SHEET_PART, _END_SHEET_PART, _DIMENSION, _DATA, _END_DATA, _ROW = 129, 130, 148, 145, 146, 0
_BLANK, _ERROR, _BOOL, _REAL, _TEXT = 1, 3, 4, 5, 6
_FORMATS, _END_FORMATS, _FORMAT, _END_FORMAT, _XF = 617, 618, 616, 616, 47
_ERRORS = {"#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#NUM!": 36, "#N/A": 42}
_PLAIN, _DATE = 0, 1
_BUILT_IN_DATE = 14  # the number format m/d/yyyy
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


class Error(str):
    """An error value, such as #N/A."""


def write_xlsb(path, sheets, hidden=()):
    """Write sheets (name -> rows of cells); `hidden` are rows of the first, as Excel counts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        kinds = [("bin", "application/vnd.ms-excel.sheet.binary.macroEnabled.main")]
        types = "".join(f'<Default Extension="{end}" ContentType="{kind}"/>' for end, kind in kinds)
        archive.writestr("[Content_Types].xml", f"<Types>{types}</Types>")
        archive.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.bin")]))
        parts = [f"worksheets/sheet{number}.bin" for number in range(1, len(sheets) + 1)]
        targets = [*(("worksheet", part) for part in parts), ("styles", "styles.bin")]
        archive.writestr("xl/_rels/workbook.bin.rels", _relations(targets))
        archive.writestr("xl/workbook.bin", _workbook(list(sheets)))
        archive.writestr("xl/styles.bin", _styles())
        for part, rows in zip(parts, sheets.values(), strict=True):
            archive.writestr(f"xl/{part}", _sheet(rows, hidden if part == parts[0] else ()))
    return path


def _relations(targets):
    entries = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_RELATIONS}">{entries}</Relationships>'


def _workbook(names):
    sheets = [
        _record(_SHEET, struct.pack("<II", 0, number) + _wide(f"rId{number}") + _wide(name))
        for number, name in enumerate(names, start=1)
    ]
    properties = _record(_BOOK_PROPERTIES, struct.pack("<II", 0, 0) + _wide(""))
    inside = _record(_SHEETS) + b"".join(sheets) + _record(_END_SHEETS)
    return _record(_BOOK) + properties + inside + _record(_END_BOOK)


def _styles():
    formats = [_record(_XF, struct.pack("<HH", 0, number) + bytes(12)) for number in (0, _BUILT_IN_DATE)]
    return _record(_FORMATS, struct.pack("<I", len(formats))) + b"".join(formats) + _record(_END_FORMATS)


def _sheet(rows, hidden):
    width = max(map(len, rows), default=1)
    size = struct.pack("<IIII", 0, max(len(rows) - 1, 0), 0, width - 1)
    data = b"".join(_row(number, cells, number + 1 in hidden) for number, cells in enumerate(rows))
    inside = _record(_DIMENSION, size) + _record(_DATA) + data + _record(_END_DATA)
    return _record(_SHEET_PART) + inside + _record(_END_SHEET_PART)


def _row(number, cells, hidden):
    flags = 0x10 << 8 if hidden else 0  # fDyZero
    header = struct.pack("<IIHHBI", number, 0, 300, flags, 0, 0)
    return _record(_ROW, header) + b"".join(_cell(column, cell) for column, cell in enumerate(cells))


def _cell(column, cell):
    style = _DATE if isinstance(cell, datetime.date) else _PLAIN
    place = struct.pack("<II", column, style)
    if cell is None or cell == "":
        return _record(_BLANK, place)
    if isinstance(cell, Error):
        return _record(_ERROR, place + bytes([_ERRORS[cell]]))
    if isinstance(cell, bool):
        return _record(_BOOL, place + bytes([cell]))
    if isinstance(cell, datetime.date):
        moment = cell if isinstance(cell, datetime.datetime) else datetime.datetime.combine(cell, datetime.time())
        cell = (moment - datetime.datetime(1899, 12, 30)) / datetime.timedelta(days=1)
    if isinstance(cell, str):
        return _record(_TEXT, place + _wide(cell))
    return _record(_REAL, place + struct.pack("<d", cell))


def _wide(text):
    coded = text.encode("utf-16-le")
    return struct.pack("<I", len(coded) // 2) + coded


def _record(number, content=b""):
    head = bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80, number >> 7])
    size, length = len(content), b""
    while size >= 0x80:
        length += bytes([size & 0x7F | 0x80])
        size >>= 7
    return head + length + bytes([size]) + content
