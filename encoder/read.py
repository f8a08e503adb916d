"""A member's file, of any kind -> a table of text, with the row numbers that Excel shows."""

from __future__ import annotations

from pathlib import Path

from encoder import problems as rules
from encoder.errors import InputMissing
from encoder.problems import Problems
from encoder.reading.csv_file import read_csv
from encoder.reading.header import NOTHING_CHOSEN, Choice
from encoder.reading.kind import Kind, kind_of_file
from encoder.reading.source import Source, file_source
from encoder.reading.table import Table
from encoder.reading.workbook import read_workbook
from schemas.console import SILENT, Progress


def read_table(
    path: Path, problems: Problems, *, choice: Choice = NOTHING_CHOSEN, progress: Progress = SILENT
) -> Table | None:
    """Read a CSV file or a workbook; None, with a problem noted, where nothing of it can be used.

    Every cell is text, as a CSV would have it. Rows without any text are passed over, though counted. Ragged rows are
    noted as problems and left out of the table, so that the rest of the file is looked at in the same pass.

    Raises:
        InputMissing: the file cannot be read.
    """
    if path.is_dir():
        problems.add(rules.NOT_A_TABLE, path.name, detail="a folder, but no HMIS export")
        return None
    try:
        return read_source(file_source(path), problems, choice=choice, progress=progress)
    except OSError as error:
        raise InputMissing(f"cannot be read ({error.strerror})", where=str(path)) from None


def read_source(source: Source, problems: Problems, *, choice: Choice, progress: Progress) -> Table | None:
    """Read a table from wherever its bytes are; see `read_table`.

    Raises:
        OSError: the bytes cannot be read.
    """
    kind = kind_of_file(source, problems)
    if kind is None:
        return None
    read = read_workbook if kind is Kind.WORKBOOK else read_csv
    return read(source, choice, problems, progress)
