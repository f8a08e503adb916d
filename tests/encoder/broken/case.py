"""One broken file and what is expected of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.encoder.conftest import AGREEMENT, HEADER, PEOPLE

OK, USAGE, DATA = 0, 2, 3

Make = Callable[[Path], object]


@dataclass(frozen=True)
class Broken:
    """A file that a steward may have.

    Attributes:
        what: what is wrong, in words.
        file: the name of the clients' file.
        make: writes it to a path.
        finds: (code, row, column) of everything that has to be told of it, and nothing else.
        exit: the status of `waylink encode`; 0 where the file is encoded all the same.
        options: of the command.
        records: how many are encoded, where the status is 0.
        services: writes the services' file, where there is one.
        level: the agreement's data level.
    """

    what: str
    file: str
    make: Make
    finds: tuple[tuple[str, int, str], ...] = ()
    exit: int = DATA
    options: tuple[str, ...] = ()
    records: int = len(PEOPLE)
    services: Make | None = None
    level: str = "membership"

    @property
    def name(self) -> str:
        """A name for the test."""
        return f"{self.what} ({self.file})"


def works(what: str, file: str, make: Make, *finds: tuple[str, int, str], **more: object) -> Broken:
    """A file that is encoded; what was assumed or left out is told."""
    return Broken(what, file, make, finds, OK, **more)  # type: ignore[arg-type]


def fails(what: str, file: str, make: Make, *finds: tuple[str, int, str], **more: object) -> Broken:
    """A file of which nothing is encoded."""
    return Broken(what, file, make, finds, **more)  # type: ignore[arg-type]


def arguments(case: Broken, folder: Path) -> list[str]:
    """The words of `waylink encode`; what the case needs is made, but for `folder`/secret."""
    case.make(folder / case.file)
    level = {"level": case.level, "period": 'period = "month"' if case.level == "period" else ""}
    (folder / "agreement.toml").write_text(AGREEMENT.format(schema="person-v1", **level))
    services = ["--services", str(folder / "services.csv")] if case.services else []
    if case.services:
        case.services(folder / "services.csv")
    named = {"agreement": folder / "agreement.toml", "member": "clinic", "secret": folder / "secret"}
    options = [word for name, value in named.items() for word in (f"--{name}", str(value))]
    return ["encode", str(folder / case.file), *options, *services, "--out", str(folder / "out"), *case.options]


def content(data: bytes | str) -> Make:
    """Writes these bytes."""
    return lambda path: path.write_bytes(data.encode() if isinstance(data, str) else data)


def lines(*rows: str, end: str = "\n", encoding: str = "utf-8") -> Make:
    """Writes these lines."""
    return content("".join(row + end for row in rows).encode(encoding))


def table(*rows: list[object] | str) -> list[list[object]]:
    """Rows of cells, from lists or lines with commas."""
    return [row.split(",") if isinstance(row, str) else list(row) for row in rows]


GOOD = (HEADER, *PEOPLE)
"""The lines of a file that has no fault."""

__all__ = ["DATA", "GOOD", "OK", "USAGE", "Broken", "arguments", "content", "fails", "field", "lines", "table", "works"]
