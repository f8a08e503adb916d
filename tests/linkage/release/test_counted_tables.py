"""What counting makes fits what a release writes: the columns of the contract, pictures, report, on ugly co-ops."""

from __future__ import annotations

import pytest

from linkage.pathways.count_tables import MAKERS, count_tables
from linkage.pathways.raw_counts import RawCounts
from linkage.release.csv_files import csv_bytes, read_csv
from linkage.release.release_files import Formats, release_files
from schemas import Cell, ReleaseTable, Status, Unit
from schemas.table_columns import TABLE_COLUMNS, Kind, shape_faults
from tests.linkage.pathways.evaluate import rows_of
from tests.linkage.pathways.random_coops import random_coop
from tests.linkage.release.examples import CHECKS, FACTS


def as_released(raw: RawCounts, name: str) -> ReleaseTable:
    """A counted table with nothing hidden, for tests alone."""
    counted, contract = raw.tables[name], TABLE_COLUMNS[name]
    kinds = [contract.column(measure).kind for measure in counted.measures]
    rows = [
        (keys, tuple(_cell(value, kind) for value, kind in zip(values, kinds, strict=True)))
        for keys, values in rows_of(raw, name).items()
    ]
    counts = frozenset(one.name for one in contract.measures if one.kind is Kind.COUNT)
    return ReleaseTable(name, contract.title, counted.keys, counted.measures, rows, counts)


def _cell(value: object, kind: Kind) -> Cell:
    if value is None:
        return Cell(None, Status.NOT_APPLICABLE)
    return Cell(int(value) if kind is Kind.COUNT else float(value))  # type: ignore[call-overload]


@pytest.mark.parametrize("seed", range(12))
def test_what_is_counted_can_be_released(seed: int) -> None:
    coop = random_coop(seed, Unit.DAY)
    raw = count_tables(coop.events, coop.plan(*MAKERS))
    tables = {name: as_released(raw, name) for name in raw.tables}
    assert [fault for table in tables.values() for fault in shape_faults(table)] == []
    files = release_files(tables, coop.agreement, FACTS, Formats(workbook=True, parquet=True), checks=CHECKS)
    for name, table in tables.items():
        assert read_csv(name, csv_bytes(table), "here") == table
        assert f"tables/{name}.parquet" in files


def test_every_counted_table_has_columns() -> None:
    assert set(MAKERS) <= set(TABLE_COLUMNS)
