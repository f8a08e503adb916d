"""Text -> CLKs beside clkhash, and the whole command: `python -m benchmarks.encode [--whole N ...] [--json FILE]`.

Ours and clkhash's `generate_clks` take turns in one process, on the same rows of text in memory, and must give the
same bits. Ours includes finding the distinct values; clkhash has as many processes as there are processors, and its
caches are warm from the turn before. clkhash is given fewer records: its speed does not grow with the list.

`--whole` runs `waylink encode` itself, in a process of its own: from CSV files, with half as many services again, to
the receipt. `--workbooks` does so with the clients in a workbook (.xlsx), their birth dates as Excel's dates.
"""

from __future__ import annotations

import argparse
import copy
import csv
import json
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import xlsxwriter
from clkhash.clk import generate_clks
from clkhash.schema import from_json_dict
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.machine import installed, machine, write_figures
from benchmarks.people import LETTERS, draw_people, read_names, write_down
from encoder.distinct import distinct
from encoder.hashing.clk import encode_columns, usable_cpus
from encoder.hashing.clkhash_spec import Recipe, read_recipe
from schemas.encodings import Bits
from schemas.linkage_schema import load_linkage_schema

SEED = 20261123
SECRET = b"no one's secret: benchmarks only"
RECORDS, CLKHASH_RECORDS, ROUNDS = 500_000, 20_000, 3
SIX = ("first_name", "last_name", "birth_date", "sex", "street_number", "street_name")
NINE = (*SIX, "middle_initial", "ssn_last4", "phone")
ADDED = {"ssn_last4": "street_number", "phone": "birth_date"}  # field -> the preset's field that is hashed alike
LENGTHS = {"first_name": 7, "last_name": 8, "street_name": 14, "middle_initial": 7}  # letters of values that all differ
DIGITS = {"birth_date": 8, "street_number": 7, "sex": 7, "ssn_last4": 7, "phone": 10}
SERVICES_A_CLIENT = 1.5
CSV, WORKBOOK = "clients.csv", "clients.xlsx"
BIRTH_DATES = "%Y%m%d"
AGREEMENT = """
project = "Benchmark"
purpose = "benchmarks"
members = ["clinic", "shelter"]
data_level = "period"
period = "month"
tables = ["unduplicated"]
linkage_schema = "person-v1"
"""

_Made = TypeVar("_Made")

Columns = list[list[str]]
"""Each field's cells, by row."""


@dataclass(frozen=True)
class Figure:
    """Records a second, the best of some turns; `cpu` by CPU seconds of all processes, `clock` by the clock.

    `one_thread` is ours on one thread, by its CPU seconds: records a second and processor.
    """

    fields: int
    values: str
    records: int
    one_thread: float
    clock: float
    cpu: float
    clkhash_records: int
    clkhash_clock: float
    clkhash_cpu: float


@dataclass(frozen=True)
class Whole:
    """`waylink encode` from the command line to the receipt: seconds, CPU seconds and its process's most memory."""

    clients: str
    records: int
    services: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    out_bytes: int


def schema_of(fields: Sequence[str]) -> dict[str, Any]:
    """The preset person-v1 with these fields: those it does not have are hashed as another of its fields."""
    definition = copy.deepcopy(load_linkage_schema("person-v1").definition)
    known = {feature["identifier"]: feature for feature in definition["features"]}
    definition["features"] = [{**known[ADDED.get(field, field)], "identifier": field} for field in fields]
    return definition


def lifelike(rng: Generator, fields: Sequence[str], count: int) -> Columns:
    """People's cells: names, streets and birthdays repeat as they do among people; phones are nearly all different."""
    names = read_names()
    people = write_down(rng, names, draw_people(rng, names, count))
    numbers = {"ssn_last4": _numbers(rng, 4, count), "phone": _numbers(rng, 10, count)}
    return [numbers[field] if field in numbers else list(people[field].values()) for field in fields]


def all_distinct(rng: Generator, fields: Sequence[str], count: int) -> Columns:
    """Cells of which no two in a column are alike; letters as likely as another."""
    letters = np.array(list(LETTERS))
    columns = []
    for field in fields:
        if field in DIGITS:
            least = 10 ** (DIGITS[field] - 1)
            step = 9 * least // count  # so that they fill the numbers of that length
            columns.append([str(least + number * step) for number in rng.permutation(count).tolist()])
        else:
            drawn = letters[rng.integers(len(letters), size=(count, LENGTHS[field]))]
            columns.append([f"{''.join(word)}{number}" for number, word in enumerate(drawn)])
    return columns


def compare(fields: Sequence[str], values: str, columns: Columns, rounds: int, clkhash_records: int) -> Figure:
    """Take turns; stops unless both sides give the same bits."""
    definition = schema_of(fields)
    recipe, schema = read_recipe(definition, SECRET), from_json_dict(copy.deepcopy(definition))
    rows = list(zip(*(column[:clkhash_records] for column in columns), strict=True))
    best = dict.fromkeys(("one", "clock", "cpu", "their clock", "their cpu"), float("inf"))
    for _ in range(rounds):
        _, _, one = _timed(lambda: _ours(columns, recipe, 1))
        ours, clock, cpu = _timed(lambda: _ours(columns, recipe, usable_cpus()))
        theirs, their_clock, their_cpu = _timed(lambda: generate_clks(rows, schema, SECRET))
        for name, seconds in zip(best, (one, clock, cpu, their_clock, their_cpu), strict=True):
            best[name] = min(best[name], seconds)
        made = np.frombuffer(b"".join(clk.tobytes() for clk in theirs), np.uint8).reshape(len(rows), -1)
        if not np.array_equal(made, ours[: len(rows)]):
            raise AssertionError("not the same bits: no figure counts")
    records = len(columns[0])
    return Figure(
        fields=len(fields),
        values=values,
        records=records,
        one_thread=records / best["one"],
        clock=records / best["clock"],
        cpu=records / best["cpu"],
        clkhash_records=len(rows),
        clkhash_clock=len(rows) / best["their clock"],
        clkhash_cpu=len(rows) / best["their cpu"],
    )


def _ours(columns: Columns, recipe: Recipe, threads: int) -> Bits:
    return encode_columns([distinct(column) for column in columns], recipe, threads=threads)


def _timed(work: Callable[[], _Made]) -> tuple[_Made, float, float]:
    """What the work gives, its seconds, and CPU seconds with those of its child processes."""
    start, cpu = time.perf_counter(), _cpu_seconds()
    made = work()
    return made, time.perf_counter() - start, _cpu_seconds() - cpu


def _cpu_seconds() -> float:
    for child in multiprocessing.active_children():
        child.join()  # clkhash leaves them; a child's seconds count once it was waited for
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def whole_command(rng: Generator, records: int, clients: str = CSV) -> Whole:
    """Write a member's files, run `waylink encode` on them, and read what it took; `clients` is a file's name."""
    services = round(records * SERVICES_A_CLIENT)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_member(rng, folder / clients, records, services)
        command = [sys.executable, "-m", "waylink"]
        subprocess.run([*command, "secret", "new", folder / "secret"], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        given = ["--agreement", folder / "agreement.toml", "--member", "clinic", "--secret", folder / "secret"]
        files = [folder / clients, "--services", folder / "services.csv", "--out", folder / "out"]
        words = [str(word) for word in (*command, "encode", *files, *given)]
        between = [sys.executable, "-m", "benchmarks.spent", *words]
        took = json.loads(subprocess.run(between, check=True, stdout=subprocess.PIPE).stdout)  # noqa: S603 (ours)
        if took["status"]:
            raise RuntimeError("waylink encode failed")
        out = sum(path.stat().st_size for path in (folder / "out").rglob("*") if path.is_file())
        return Whole(clients, records, services, took["seconds"], took["cpu_seconds"], took["peak_bytes"], out)


def _write_member(rng: Generator, clients: Path, records: int, services: int) -> None:
    """Clients with ids in no order and, beside them, services of these and the agreement."""
    folder = clients.parent
    fields = tuple(feature["identifier"] for feature in load_linkage_schema("person-v1").definition["features"])
    columns = lifelike(rng, fields, records)
    ids = [f"C{number:08d}" for number in rng.permutation(records).tolist()]
    write = _write_workbook if clients.suffix == ".xlsx" else _write_csv
    write(clients, ("client_id", *fields), zip(ids, *columns, strict=True))
    start = np.datetime64("2024-01-01") + rng.integers(700, size=services)
    end = start + rng.integers(90, size=services)
    kinds = [f"service {number}" for number in rng.integers(4, size=services).tolist()]
    who = [ids[row] for row in rng.integers(records, size=services).tolist()]
    _write_csv(
        folder / "services.csv",
        ("client_id", "service", "start", "end"),
        zip(who, kinds, start.astype(str).tolist(), end.astype(str).tolist(), strict=True),
    )
    (folder / "agreement.toml").write_text(AGREEMENT, encoding="utf-8")


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(chain([header], rows))


def _write_workbook(path: Path, header: Sequence[str], rows: Iterable[tuple[str, ...]]) -> None:
    """Numbers that people write as text stay text; days are Excel's."""
    day = header.index("birth_date")
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet, shown = book.add_worksheet("Clients"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, header)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                if column == day and cell:
                    sheet.write_datetime(number, column, datetime.strptime(cell, BIRTH_DATES), shown)
                else:
                    sheet.write_string(number, column, cell)


def _numbers(rng: Generator, digits: int, count: int) -> list[str]:
    numbers: NDArray[np.int64] = rng.integers(10**digits, size=count)
    return [f"{number:0{digits}d}" for number in numbers.tolist()]


def show(figures: Iterable[Figure], wholes: Iterable[Whole]) -> str:
    """The figures for people."""
    lines = ["fields  values       records/s, one thread   all threads      clkhash   times  times by CPU"]
    for one in figures:
        speeds = f"{one.one_thread:>21,.0f} {one.clock:>13,.0f} {one.clkhash_clock:>12,.0f}"
        ratios = f"{one.clock / one.clkhash_clock:>7.0f} {one.cpu / one.clkhash_cpu:>13.0f}"
        lines.append(f"{one.fields:>6}  {one.values:<12} {speeds} {ratios}")
    lines += ["", "waylink encode     records  services  seconds  CPU s  peak MB  written MB"]
    for whole in wholes:
        lines.append(
            f"{whole.clients:<14} {whole.records:>11,} {whole.services:>9,} {whole.seconds:>8.1f}"
            f" {whole.cpu_seconds:>6.1f} {whole.peak_bytes / 1e6:>8.0f} {whole.out_bytes / 1e6:>11.0f}"
        )
    return "\n".join(lines)


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="Encode people; compare with clkhash; time the whole command.")
    parser.add_argument("--records", type=int, default=RECORDS, help="ours; 0 leaves the comparison out")
    parser.add_argument("--clkhash-records", type=int, default=CLKHASH_RECORDS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--whole", type=int, nargs="*", default=[], metavar="N", help="clients of the whole command")
    parser.add_argument("--workbooks", type=int, nargs="*", default=[], metavar="N", help="the same, of a workbook's")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    options = parser.parse_args()
    figures = []
    for fields in (SIX, NINE) if options.records else ():
        for values, make in (("as in life", lifelike), ("all distinct", all_distinct)):
            columns = make(np.random.default_rng(SEED), fields, options.records)
            figures.append(compare(fields, values, columns, options.rounds, options.clkhash_records))
    wanted = [(CSV, records) for records in options.whole] + [(WORKBOOK, records) for records in options.workbooks]
    wholes = [whole_command(np.random.default_rng(SEED), records, clients) for clients, records in wanted]
    sys.stdout.write(show(figures, wholes) + "\n")
    if options.json:
        about = machine() | {"threads": usable_cpus(), "clkhash": installed("clkhash"), "seed": SEED}
        measured = {"figures": [asdict(one) for one in figures], "whole": [asdict(one) for one in wholes]}
        write_figures(about | measured, options.json)


if __name__ == "__main__":
    main()
