"""Files that no library writes on purpose: damaged, locked, blown up, or of another program."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from pathlib import Path

import msoffcrypto
import openpyxl

from tests.encoder.broken.case import GOOD, Make, table
from tests.encoder.reading.forms import write_ods, write_xls, write_xlsx


def xlsx(rows: list[list[object]] | None = None) -> Make:
    """Writes one sheet."""
    return lambda path: write_xlsx(path, {"Clients": rows or table(*GOOD)})


def sheets(**named: list[list[object]]) -> Make:
    """Writes several sheets."""
    return lambda path: write_xlsx(path, named)


def xls(path: Path) -> None:
    """Writes an Excel 97 workbook."""
    write_xls(path, {"Clients": table(*GOOD)})


def ods(path: Path) -> None:
    """Writes a LibreOffice workbook."""
    write_ods(path, {"Clients": table(*GOOD)})


def changed(make: Make, change: object) -> Make:
    """Writes a workbook whose sheet is changed with openpyxl before it is saved."""

    def write(path: Path) -> None:
        make(path)
        book = openpyxl.load_workbook(path)
        change(book)  # type: ignore[operator]
        book.save(path)

    return write


def cut(make: Make, share: float) -> Make:
    """Writes the first part of a file: a broken download."""

    def write(path: Path) -> None:
        make(path)
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * share)])

    return write


def spoilt(make: Make) -> Make:
    """Writes a workbook in whose sheet some bytes are others."""

    def write(path: Path) -> None:
        make(path)
        whole = bytearray(path.read_bytes())
        with zipfile.ZipFile(path) as archive:
            start = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 100
        whole[start : start + 8] = bytes(8)
        path.write_bytes(whole)

    return write


def part_changed(make: Make, part: str, pattern: bytes, by: bytes) -> Make:
    """Writes a workbook in one of whose parts a pattern is replaced."""

    def write(path: Path) -> None:
        make(path)
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        parts[part] = re.sub(pattern, by, parts[part])
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in parts.items():
                archive.writestr(name, data)

    return write


def locked(path: Path) -> None:
    """Writes a workbook with a password."""
    plain = io.BytesIO()
    write_xlsx(plain, {"Clients": table(*GOOD)})
    plain.seek(0)
    with path.open("wb") as file:
        msoffcrypto.OfficeFile(plain).encrypt("a password", file)


def zipped(**parts: bytes | str) -> Make:
    """Writes a zip archive; `__` in a name stands for a slash, `_` for a dot."""

    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in parts.items():
                archive.writestr(name.replace("__", "/").replace("_", "."), data)

    return write


def blown_up(path: Path) -> None:
    """Writes a workbook of a few kilobytes with a part that unpacks to 128 megabytes."""
    write_xlsx(path, {"Clients": table(*GOOD)})
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("xl/worksheets/sheet9.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(1 << 7):
            part.write(bytes(1 << 20))


def compressed(path: Path) -> None:
    """Writes a CSV under gzip."""
    path.write_bytes(gzip.compress("\n".join(GOOD).encode()))
