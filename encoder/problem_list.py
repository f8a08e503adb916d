"""Problems as the steward reads them: grouped on the terminal, and all that are listed in a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.whole import write_whole

if TYPE_CHECKING:
    from encoder.problems import Problem, Severity

FILE_NAME = "problems.csv"
"""Among what stays, where the encoding was made."""

PAGE = "docs/errors.md"

_COLUMNS = ("file", "row", "column", "code", "severity", "what", "fix")
_SHOWN = 20
"""Groups that are shown: a terminal has some 40 lines, and a group takes two."""


@dataclass(frozen=True)
class Group:
    """All problems of one kind in one column.

    Attributes:
        code, severity, file, column, what, fix: as of each of them.
        count: how many there are.
        rows: the first five rows; none where they are of the file as a whole.
    """

    code: str
    severity: Severity
    file: str
    column: str
    what: str
    fix: str
    count: int
    rows: tuple[int, ...]

    def text(self) -> str:
        """The group in two lines: what and where, and the fix."""
        more = ", ..." if self.count > len(self.rows) else ""
        rows = f"row{'s' * (len(self.rows) > 1)} {', '.join(map(str, self.rows))}{more}" if self.rows else ""
        column = f"column '{self.column}'" if self.column else ""
        place = ", ".join(part for part in (self.file, column, rows) if part)
        return f"{self.code} {self.severity}, {self.count:,} x: {place}: {self.what}\n      fix: {self.fix}"


def summary(groups: Sequence[Group]) -> list[str]:
    """The groups, two lines each, and where their codes are explained; nothing where there are none."""
    rest = [f"and {len(groups) - _SHOWN} more kinds of problems"] if len(groups) > _SHOWN else []
    page = [f"each code: {PAGE}"] if groups else []
    return [*(group.text() for group in groups[:_SHOWN]), *rest, *page]


def csv_of(problems: Iterable[Problem]) -> bytes:
    """The listed problems as CSV, a line each; no cell holds what a person's cell holds."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    writer.writerows([problem.as_dict()[name] for name in _COLUMNS] for problem in problems)
    return text.getvalue().encode("utf-8")


def list_beside(out: Path, problems: Iterable[Problem]) -> Path:
    """Write the list of an encoding that was not made beside the folder it would have been in, over an earlier one.

    Returns:
        Where it is.

    Raises:
        CannotWrite: no permission, no room.
    """
    file = _beside(out)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, csv_of(problems))
    return file


def forget_list_beside(out: Path) -> None:
    """Take the list of an earlier try away, once the encoding is made: what it lists was corrected.

    A file of that name that is no such list, or that cannot be taken away, stays.
    """
    file = _beside(out)
    with suppress(OSError):
        with file.open("rb") as listed:
            ours = listed.read(len(_HEADER)) == _HEADER
        if ours:
            file.unlink()


def _beside(out: Path) -> Path:
    return out.with_name(f"{out.name}-{FILE_NAME}")


_HEADER = csv_of(())
