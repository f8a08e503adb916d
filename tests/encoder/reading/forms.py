"""The same rows in every form that members have them in. Cells are text, numbers, truth values, days or nothing."""

import csv
import datetime
import io

import openpyxl
import xlwt
from odf import opendocument, table, text

from tests.encoder.reading.xlsb import write_xlsb


def shown(cell):
    """A cell as a CSV has it; days as ISO 8601."""
    if cell is None:
        return ""
    return str(cell).upper() if isinstance(cell, bool) else str(cell)


def csv_text(rows, delimiter=",", end="\r\n", quoting=csv.QUOTE_MINIMAL):
    """The rows as CSV."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(
        [shown(cell) for cell in row] for row in rows
    )
    return file.getvalue()


def write_xlsx(path, sheets):
    """Write sheets (name -> rows) with openpyxl."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def write_xls(path, sheets):
    """Write sheets (name -> rows) as Excel 97 does."""
    book = xlwt.Workbook()
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write(number, column, cell, *([day] if isinstance(cell, datetime.date) else []))
    book.save(str(path))
    return path


def write_ods(path, sheets):
    """Write sheets (name -> rows) as LibreOffice does."""
    document = opendocument.OpenDocumentSpreadsheet()
    for name, rows in sheets.items():
        sheet = table.Table(name=name)
        for row in rows:
            line = table.TableRow()
            for cell in row:
                line.addElement(_ods_cell(cell))
            sheet.addElement(line)
        document.spreadsheet.addElement(sheet)
    document.save(str(path))
    return path


def _ods_cell(cell):
    if cell is None:
        return table.TableCell()
    if isinstance(cell, bool):
        return table.TableCell(valuetype="boolean", booleanvalue=str(cell).lower())
    if isinstance(cell, datetime.date):
        return table.TableCell(valuetype="date", datevalue=cell.isoformat())
    if isinstance(cell, int | float):
        return table.TableCell(valuetype="float", value=str(cell))
    made = table.TableCell(valuetype="string")
    made.addElement(text.P(text=cell))
    return made


def _coded(encoding, **how):
    return lambda path, rows: path.write_bytes(csv_text(rows, **how).encode(encoding))


def _with_sep(path, rows):
    path.write_bytes(b"sep=;\r\n" + csv_text(rows, delimiter=";").encode())


FORMS = {
    "plain.csv": _coded("utf-8"),
    "mark.csv": _coded("utf-8-sig"),
    "utf16.csv": _coded("utf-16"),
    "utf16-big-endian.csv": lambda path, rows: path.write_bytes(b"\xfe\xff" + csv_text(rows).encode("utf-16-be")),
    "utf16-unmarked.csv": _coded("utf-16-le"),
    "utf16-unmarked-big-endian.csv": _coded("utf-16-be"),
    "western.csv": _coded("cp1252"),
    "semicolon.csv": _coded("utf-8", delimiter=";"),
    "tab.txt": _coded("utf-8", delimiter="\t"),
    "excel-unicode.txt": _coded("utf-16", delimiter="\t"),
    "pipe.csv": _coded("utf-8", delimiter="|"),
    "newline.csv": _coded("utf-8", end="\n"),
    "return.csv": _coded("utf-8", end="\r", quoting=csv.QUOTE_ALL),
    "quoted.csv": _coded("utf-8", quoting=csv.QUOTE_ALL),
    "sep.csv": _with_sep,
    "book.xlsx": lambda path, rows: write_xlsx(path, {"Clients": rows}),
    "book.xls": lambda path, rows: write_xls(path, {"Clients": rows}),
    "book.xlsb": lambda path, rows: write_xlsb(path, {"Clients": rows}),
    "book.ods": lambda path, rows: write_ods(path, {"Clients": rows}),
    "renamed-xls.xlsx": lambda path, rows: write_xls(path, {"Clients": rows}),
    "renamed-csv.xlsx": _coded("utf-8"),
    "renamed-xlsx.csv": lambda path, rows: write_xlsx(path, {"Clients": rows}),
}
"""File name -> writes rows to a path."""
