"""`waylink pool-equity`: link rates by an attribute at several members together, from what each of them may share."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from linkage.equity import Pooled, Rate, pool
from linkage.errors import BadInput
from linkage.release.csv_files import defused, fused
from schemas import Cell, Status
from schemas.errors import BrokenFile, FileMissing
from schemas.tables import HIDDEN
from waylink.equity import COLUMNS as SHARED_COLUMNS
from waylink.equity import rounded

COLUMNS = ("value", "members", "records", "rate", "rate_low", "rate_high")
FEWEST = 2  # members: of one there is nothing to pool


@dataclass(frozen=True)
class PooledEquity:
    """Link rates by an attribute at several members.

    Attributes:
        attributes: what the members call it; more than one name is told.
        members: how many files were pooled.
        rates: by value, that of all last.
    """

    attributes: Sequence[str]
    members: int
    rates: Sequence[Pooled]


def pool_equity(files: Sequence[Path]) -> PooledEquity:
    """Put together what members wrote with `waylink equity --out`.

    Raises:
        BadInput: fewer than two files, or one of them twice.
        FileMissing, BrokenFile: a file.
    """
    if len({file.resolve() for file in files}) < max(FEWEST, len(files)):
        raise BadInput("needs the files of two or more members, each once", where="pool-equity")
    read = [_read(file) for file in files]
    attributes = list(dict.fromkeys(attribute for attribute, _ in read if attribute))
    return PooledEquity(attributes, len(files), pool([rates for _, rates in read]))


def csv_of(pooled: PooledEquity) -> bytes:
    """The result as CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows((_row(one) | {"value": defused(one.rate.value)}).values() for one in pooled.rates)
    return text.getvalue().encode("utf-8")


def as_dict(pooled: PooledEquity) -> dict[str, object]:
    """The result as JSON values."""
    rows = [_row(one) for one in pooled.rates]
    return {"attributes": list(pooled.attributes), "members": pooled.members, "rows": rows}


def told(pooled: PooledEquity) -> str:
    """The result as people read it."""
    title = " / ".join(pooled.attributes)
    width = max(len(title), *(len(one.rate.value) for one in pooled.rates), 0)
    lines = [f"{title:<{width}}  {'members':>7}  {'records':>8}  {'elsewhere':>9}  {'95 % interval':>15}"]
    for one in pooled.rates:
        rate = one.rate
        interval = f"{rate.low:.1%} - {rate.high:.1%}"
        lines.append(
            f"{rate.value:<{width}}  {one.members:>7}  {rate.records.value:>8,}  {rate.rate:>9.1%}  {interval:>15}"
        )
    lines.append(f"of {pooled.members} members; what one of them hides is not in it, so values need not sum to all")
    if len(pooled.attributes) > 1:
        lines.append("the members call the attribute by different names: make sure that they mean the same")
    return "\n".join(lines)


def _row(one: Pooled) -> dict[str, object]:
    rate = one.rate
    numbers = map(rounded, (rate.rate, rate.low, rate.high))
    return dict(zip(COLUMNS, (rate.value, one.members, rate.records.value, *numbers), strict=True))


def _read(path: Path) -> tuple[str, list[Rate]]:
    """The attribute's name and the rates of one member's file."""
    try:
        rows = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True)
        if tuple(rows.fieldnames or ()) != SHARED_COLUMNS:
            raise BrokenFile(
                f"is not what a member may share of its link rates ({','.join(SHARED_COLUMNS)})",
                where=str(path),
                fix="give the file that `waylink equity --out` wrote",
            )
        read = [(fused(row["attribute"]), _rate_of(row, path, number)) for number, row in enumerate(rows, 2)]
    except OSError:
        raise FileMissing("cannot be read", where=str(path)) from None
    except (UnicodeDecodeError, csv.Error):
        raise BrokenFile("is no CSV in UTF-8", where=str(path)) from None
    return (read[0][0] if read else "", [rate for _, rate in read])


def _rate_of(row: Mapping[str, str], path: Path, number: int) -> Rate:
    try:
        value = fused(row["value"])
        if Status(row["status"]) not in (Status.OK, Status.ROUNDED):
            return Rate(value, HIDDEN)
        records, numbers = int(row["records"]), [float(row[name]) for name in ("rate", "rate_low", "rate_high")]
        if records < 0 or not all(0 <= one <= 1 for one in numbers):
            raise ValueError
    except (KeyError, TypeError, ValueError):
        raise BrokenFile(f"row {number}: a number or the status is not one", where=str(path)) from None
    return Rate(value, Cell(records), *numbers)
