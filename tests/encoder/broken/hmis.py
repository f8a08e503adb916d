"""HMIS exports that may not be encoded, or cannot be; and what is told of those that are."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tests.encoder.broken.case import Broken, Make, fails, works
from tests.encoder.hmis.made import CLIENT, EXIT, stamped, texts, with_lines, write_folder_export, write_zip_export

PEOPLE = 4  # of five, one is deleted
TOLD = (("E1551", 0, "DateDeleted"),) * 3
STREETLESS = ("E1552", 0, "")
NO_DATES = ["ExitID,EnrollmentID", "x1,n1"]
NAMES = (("E1332", 0, "FirstName"), ("E1332", 0, "LastName"))
HASHED = [CLIENT[0], *(stamped(f"C{row},{'0a1b' * 16},,{'c2d3' * 16},,1,,99,1979-07-06,1,0,0") for row in range(1, 5))]


def folder(**how: object) -> Make:
    return lambda path: write_folder_export(path, **how)


def archive(**how: object) -> Make:
    return lambda path: write_zip_export(path, **how)


def two_exports(path: Path) -> None:
    write_zip_export(path, folder="spring/")
    with zipfile.ZipFile(path, "a") as more:
        for name, content in texts().items():
            more.writestr(f"autumn/{name}", content)


def with_a_password(path: Path) -> None:
    """What zipfile cannot write: the entries' flags say that they need a password."""
    write_zip_export(path)
    whole = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = whole.find(signature)
        while place >= 0:
            whole[place + flags] |= 1
            place = whole.find(signature, place + 4)
    path.write_bytes(whole)


def spoilt(path: Path) -> None:
    """An archive of which a file's bytes are others than its checksum says."""
    write_zip_export(path)
    whole = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as read:
        place = read.getinfo("Client.csv").header_offset + 60
    whole[place : place + 16] = bytes(16)
    path.write_bytes(whole)


def blown_up(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in texts().items():
            made.writestr(name, content + ("\n" * (1 << 27) if name == "Client.csv" else ""))


CASES: tuple[Broken, ...] = (
    works("an export", "export", folder(), STREETLESS, *TOLD, records=PEOPLE),
    works("an export in an archive", "export.zip", archive(), STREETLESS, *TOLD, records=PEOPLE),
    works("an export in a folder of an archive", "e.zip", archive(folder="hmis/"), STREETLESS, *TOLD, records=PEOPLE),
    works("an archive that points outside", "e.zip", archive(folder="../../"), STREETLESS, *TOLD, records=PEOPLE),
    works("nobody has left", "export", folder(files=with_lines(Exit=EXIT[:1])), STREETLESS, *TOLD[1:], records=PEOPLE),
    fails("an export hashed with SHA-256", "export", folder(hash_status="4"), ("E1501", 0, "HashStatus")),
    fails("an export hashed with SHA-1", "export.zip", archive(hash_status="2"), ("E1501", 0, "HashStatus")),
    fails("an export that does not say", "export", folder(hash_status=""), ("E1501", 0, "HashStatus")),
    fails("a victim service provider", "export", folder(victims="1"), ("E1502", 3, "VictimServiceProvider")),
    fails("no Export.csv", "export", folder(files=with_lines(Export=None)), ("E1503", 0, "")),
    fails("no Organization.csv", "e.zip", archive(files=with_lines(Organization=None)), ("E1503", 0, "")),
    fails("no column of exits", "export", folder(files=with_lines(Exit=NO_DATES)), ("E1504", 1, "ExitDate"), *TOLD[1:]),
    fails("two exports", "export.zip", two_exports, ("E1505", 0, "")),
    fails("an archive with a password", "export.zip", with_a_password, ("E1111", 0, "")),
    fails("a damaged archive", "export.zip", spoilt, ("E1112", 0, "")),
    fails("an archive that blows up", "export.zip", blown_up, ("E1113", 0, "")),
    fails("hashes for names", "export", folder(files=with_lines(Client=HASHED)), *NAMES, STREETLESS, *TOLD[1:]),
)
