"""Files that break before a column is looked at, and files in odd dress that have to work."""

from __future__ import annotations

import datetime
from pathlib import Path

from tests.encoder.broken.case import GOOD, Broken, content, fails, lines, table, works
from tests.encoder.broken.makers import (
    blown_up,
    changed,
    compressed,
    cut,
    locked,
    ods,
    part_changed,
    sheets,
    spoilt,
    xls,
    xlsx,
    zipped,
)
from tests.encoder.conftest import HEADER, PEOPLE, SERVICES

ACCENTED = tuple(line.replace("Euphemia", "Zoë").replace("Fitzgerald", "José") for line in GOOD)
CYRILLIC = tuple(line.replace("Quillfeather", "Кузнецова").replace("Osterhagen", "Соколов") for line in GOOD)
CHINESE = tuple(line.replace("Quillfeather", "王小芳").replace("Osterhagen", "张伟明") for line in GOOD)
NUMBERED = tuple(line.replace("C-000", "1000") for line in GOOD)
NOTED = (f"{HEADER},note", *(f"{line},{'n' * (10_000_000 if row == 2 else 1)}" for row, line in enumerate(PEOPLE)))
WIDE = tuple(
    ",".join([line, *(f"{'column' if row == 0 else 'x'}{c}" for c in range(292))]) for row, line in enumerate(GOOD)
)
DATED = [HEADER.split(","), *([*row[:4], datetime.date.fromisoformat(row[4]), *row[5:]] for row in table(*PEOPLE))]
SERIAL = [HEADER.split(","), *([*row[:4], (row[4] - datetime.date(1899, 12, 30)).days, *row[5:]] for row in DATED[1:])]


def reordered(order: list[int]) -> list[str]:
    return [",".join(line.split(",")[place] for place in order) for line in GOOD]


def folder(path: Path) -> None:
    path.mkdir()
    (path / "clients.csv").write_text("\n".join(GOOD))


def hide_rows(book) -> None:
    for row in (3, 5):
        book.active.row_dimensions[row].hidden = True


def spread_title(book) -> None:
    sheet = book.active
    sheet.insert_rows(1, 2)
    sheet["A1"] = "Clients of the quarter"
    sheet.merge_cells("A1:H1")


def merge_names(book) -> None:
    sheet = book.active
    sheet["D1"] = None
    sheet["B1"] = "Name"
    sheet.merge_cells("B1:D1")


def not_there(book) -> None:
    book.active["F4"] = "#N/A"
    book.active["F4"].data_type = "e"


def calculate(book) -> None:
    book.active["F4"] = '=IF(1=1,"Female","Male")'


def far_away(book) -> None:
    book.active["XFD1048576"] = "x"


def title(book) -> None:
    book.active.title = "Anna's clients"


CASES: tuple[Broken, ...] = (
    # Nothing, or nearly nothing
    fails("empty", "clients.csv", content(b""), ("E1101", 0, "")),
    fails("only white space", "clients.csv", content(b" \r\n\r\n\t\n"), ("E1101", 0, "")),
    fails("only a byte order mark", "clients.csv", content(b"\xef\xbb\xbf"), ("E1101", 0, "")),
    fails("only zeros, as after a full disk", "clients.csv", content(bytes(4096)), ("E1101", 0, "")),
    fails("only a header", "clients.csv", lines(HEADER), ("E1104", 0, "")),
    fails("no header", "clients.csv", lines(*PEOPLE), ("E1109", 1, "")),
    fails("a folder without an export", "clients", folder, ("E1110", 0, "")),
    # Encodings
    works("byte order mark", "clients.csv", lines(*GOOD, encoding="utf-8-sig")),
    works("UTF-16", "clients.csv", lines(*ACCENTED, encoding="utf-16")),
    works("UTF-16 without a mark", "clients.csv", lines(*ACCENTED, encoding="utf-16-le"), ("E1152", 0, "")),
    fails("UTF-16 cut in a letter", "clients.csv", content(ACCENTED[1].encode("utf-16")[:-1]), ("E1102", 0, "")),
    works("Windows' Western", "clients.csv", lines(*ACCENTED, encoding="cp1252"), ("E1151", 0, "")),
    fails("Windows' Cyrillic", "clients.csv", lines(*CYRILLIC, encoding="cp1251"), ("E1102", 0, "")),
    fails("KOI8-R", "clients.csv", lines(*CYRILLIC, encoding="koi8-r"), ("E1102", 0, "")),
    fails("GBK", "clients.csv", lines(*CHINESE, encoding="gbk"), ("E1102", 0, "")),
    fails("DOS", "clients.csv", lines(*ACCENTED, encoding="cp850"), ("E1102", 0, "")),
    fails(
        "UTF-8 with a line of Windows' Western pasted in",
        "clients.csv",
        content("\n".join(ACCENTED).encode() + b"\nC-0009,Ren\xe9,K,M\xfcller,1980-01-01,Male,1,main street\n"),
        ("E1102", 0, ""),
    ),
    fails("a NUL byte", "clients.csv", lines(*GOOD[:3], "C-0009,An\0n,,Li,1980-01-01,f,1,a"), ("E1103", 0, "")),
    # The form of a CSV
    works("sep= in the first line", "clients.csv", lines("sep=;", *(line.replace(",", ";") for line in GOOD))),
    works("columns in another order", "clients.csv", lines(*reordered([7, 3, 0, 1, 6, 5, 4, 2]))),
    works("mixed line ends", "clients.csv", content("\r\n".join(GOOD[:3]) + "\n" + "\r".join(GOOD[3:]))),
    works("lone carriage returns", "clients.csv", lines(*GOOD, end="\r")),
    works("300 columns", "clients.csv", lines(*WIDE)),
    works("a cell of ten million characters", "clients.csv", lines(*NOTED)),
    works("delimiters after the last column", "clients.csv", lines(*(line + ",," for line in GOOD))),
    works("blank rows before, between and after", "clients.csv", lines("", *GOOD[:3], ",,,,,,,", *GOOD[3:], "", ",,,")),
    works(
        "spaces and breaks in the header", "clients.csv", lines('"client\u00a0id","first\nname"' + HEADER[20:], *PEOPLE)
    ),
    fails("a row too short", "clients.csv", lines(*GOOD, "C-0007,Gwendolyn"), ("E1107", 8, "")),
    fails("a comma without quotes", "clients.csv", lines(*GOOD[:4], f"{GOOD[4]}, flat 2", *GOOD[5:]), ("E1107", 5, "")),
    fails("quotes that never close", "clients.csv", lines(*GOOD[:3], 'C-0009,"Gwendolyn', *GOOD[3:]), ("E1108", 4, "")),
    fails("quotes in the middle", "clients.csv", lines(*GOOD[:3], 'C-0009,"Gwen" Dolyn,', *GOOD[3:]), ("E1108", 4, "")),
    fails(
        "a header without a name",
        "clients.csv",
        lines(HEADER + ",", *(f"{line},x" for line in PEOPLE)),
        ("E1105", 1, ""),
    ),
    works("a header without a name over nothing", "clients.csv", lines(HEADER + ",", *(f"{line}," for line in PEOPLE))),
    fails(
        "two headers alike",
        "clients.csv",
        lines(HEADER + ",sex", *(f"{line},x" for line in PEOPLE)),
        ("E1106", 1, "sex"),
    ),
    # What reports put around their data
    works(
        "a title above", "clients.csv", lines("Client list,,,,,,,", "Printed 2024-01-31", "", *GOOD), ("E1154", 4, "")
    ),
    works("the header again on the next page", "clients.csv", lines(*GOOD[:4], *GOOD[:1], *GOOD[4:]), ("E1155", 5, "")),
    works("a row of totals", "clients.csv", lines(*GOOD, "Total,6,,,,,,"), ("E1156", 8, "")),
    works("a report's foot", "clients.csv", lines(*GOOD, "", "(6 rows affected)"), ("E1156", 9, "")),
    works("the header in two rows", "clients.csv", lines(",name,,name,,,address,", HEADER, *PEOPLE), ("E1154", 2, "")),
    fails(
        "a chosen header that is not there",
        "clients.csv",
        lines(*GOOD),
        ("E1116", 30, ""),
        options=("--header-row", "30"),
    ),
    # Client ids
    fails("a client id twice", "clients.csv", lines(*GOOD, GOOD[2]), ("E1204", 8, "client_id")),
    fails(
        "a client id missing", "clients.csv", lines(*GOOD, GOOD[2].replace("C-0002", " ")), ("E1203", 8, "client_id")
    ),
    works(
        "client ids with .0",
        "clients.csv",
        lines(NUMBERED[0], *(line.replace(",", ".0,", 1) for line in NUMBERED[1:])),
        ("E1158", 0, "client_id"),
    ),
    # Other programs' files
    fails("a picture renamed", "clients.xlsx", content(b"\x89PNG\r\n\x1a\n" + bytes(64)), ("E1110", 0, "")),
    fails("a photograph renamed", "clients.csv", content(b"\xff\xd8\xff\xe0" + bytes(64)), ("E1110", 0, "")),
    fails("a PDF renamed", "clients.csv", content(b"%PDF-1.7\n1 0 obj\n"), ("E1110", 0, "")),
    fails(
        "a web page saved as a workbook",
        "clients.xls",
        content("<html><table><tr><td>client_id</td></tr></table>"),
        ("E1110", 0, ""),
    ),
    fails("an XML spreadsheet of 2003", "clients.xls", content('<?xml version="1.0"?><Workbook/>'), ("E1110", 0, "")),
    fails("JSON", "clients.csv", content('[{"client_id": "C-0001"}]'), ("E1110", 0, "")),
    fails("a text document", "clients.csv", content(r"{\rtf1\ansi client_id}"), ("E1110", 0, "")),
    fails("a CSV under gzip", "clients.csv.gz", compressed, ("E1110", 0, "")),
    fails("a Numbers document", "clients.numbers", zipped(Index__Document_iwa=b"x"), ("E1110", 0, "")),
    fails("a Word document", "clients.xlsx", zipped(word__document_xml="<w/>"), ("E1110", 0, "")),
    fails("a zip archive of a CSV", "clients.zip", zipped(clients_csv="\n".join(GOOD)), ("E1110", 0, "")),
    fails("an Access database", "clients.csv", content(b"\0\1\0\0Standard ACE DB\0" + bytes(64)), ("E1110", 0, "")),
    # Workbooks under another name, damaged, locked
    works("a CSV renamed", "clients.xlsx", lines(*GOOD)),
    works("an old workbook renamed", "clients.xlsx", xls),
    works("a workbook renamed", "clients.csv", xlsx()),
    works("a LibreOffice workbook renamed", "clients.xls", ods),
    fails("a workbook cut off", "clients.xlsx", cut(xlsx(), 0.6), ("E1112", 0, "")),
    fails("an old workbook cut off", "clients.xls", cut(xls, 0.3), ("E1112", 0, "")),
    fails("a LibreOffice workbook cut off", "clients.ods", cut(ods, 0.6), ("E1112", 0, "")),
    fails("a workbook with other bytes", "clients.xlsx", spoilt(xlsx()), ("E1112", 0, "")),
    fails(
        "a workbook without its sheet",
        "clients.xlsx",
        part_changed(xlsx(), "xl/_rels/workbook.xml.rels", rb"sheet1", b"sheet7"),
        ("E1112", 0, ""),
    ),
    fails(
        "a workbook that is no XML",
        "clients.xlsx",
        part_changed(xlsx(), "xl/workbook.xml", rb"<", b"["),
        ("E1112", 0, ""),
    ),
    fails("a workbook with a password", "clients.xlsx", locked, ("E1111", 0, "")),
    fails("a workbook that blows up", "clients.xlsx", blown_up, ("E1113", 0, "")),
    fails("a cell in the last corner", "clients.xlsx", changed(xlsx(), far_away), ("E1113", 0, "")),
    # Sheets
    fails("a workbook without data", "clients.xlsx", sheets(One=[], Two=[]), ("E1101", 0, "")),
    works(
        "one sheet of several with clients",
        "clients.xlsx",
        sheets(Read_me=table("please,read"), List=table(*GOOD)),
        ("E1153", 0, ""),
    ),
    fails(
        "two sheets with clients", "clients.xlsx", sheets(Spring=table(*GOOD), Autumn=table(*GOOD)), ("E1115", 0, "")
    ),
    works(
        "one of two, chosen",
        "clients.xlsx",
        sheets(Spring=table(*GOOD), Autumn=table(*GOOD[:4])),
        options=("--sheet", "autumn"),
        records=3,
    ),
    fails(
        "a chosen sheet that is not there",
        "clients.xlsx",
        sheets(Spring=table(*GOOD)),
        ("E1114", 0, ""),
        options=("--sheet", "May"),
    ),
    fails(
        "a chosen sheet without data",
        "clients.xlsx",
        sheets(Spring=table(*GOOD), May=[]),
        ("E1101", 0, ""),
        options=("--sheet", "May"),
    ),
    works(
        "clients and services in one workbook",
        "clients.xlsx",
        sheets(Visits=table(*SERVICES), People=table(*GOOD)),
        ("E1153", 0, ""),
    ),
    # Excel's traps
    works("true dates", "clients.xlsx", xlsx(DATED)),
    works("day numbers for dates", "clients.xlsx", xlsx(SERIAL), ("E1159", 0, "birth_date")),
    works("a title over merged cells", "clients.xlsx", changed(xlsx(), spread_title), ("E1154", 3, "")),
    fails(
        "a header over merged cells", "clients.xlsx", changed(xlsx(), merge_names), ("E1105", 1, ""), ("E1105", 1, "")
    ),
    works("hidden rows", "clients.xlsx", changed(xlsx(), hide_rows), ("E1157", 0, "")),
    works("an error in a cell", "clients.xlsx", changed(xlsx(), not_there), ("E1330", 4, "sex")),
    works(
        "an error in a CSV",
        "clients.csv",
        lines(*GOOD[:3], GOOD[3].replace("Female", "#REF!"), *GOOD[4:]),
        ("E1330", 4, "sex"),
    ),
    works("a formula that was never calculated", "clients.xlsx", changed(xlsx(), calculate), ("E1331", 4, "sex")),
    works("totals under a sheet", "clients.xlsx", xlsx(table(*GOOD, ["Grand total", 6])), ("E1156", 8, "")),
    works(
        "the header again in a sheet", "clients.xlsx", xlsx(table(*GOOD[:4], *GOOD[:1], *GOOD[4:])), ("E1155", 5, "")
    ),
    works("a sheet with an apostrophe", "clients.xlsx", changed(xlsx(), title)),
)
