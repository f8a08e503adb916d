"""The encoding benchmark measures what it says: the same bits on both sides, values that repeat or do not."""

import numpy as np
import pytest

from benchmarks.encode import CSV, NINE, SIX, WORKBOOK, all_distinct, compare, lifelike, schema_of, show, whole_command


@pytest.mark.parametrize("fields", [SIX, NINE])
def test_values_that_all_differ_do_and_lifelike_ones_repeat(fields):
    distinct = all_distinct(np.random.default_rng(1), fields, 2000)
    assert [len(set(column)) for column in distinct] == [2000] * len(fields)
    repeating = dict(zip(fields, lifelike(np.random.default_rng(1), fields, 2000), strict=True))
    assert {len(column) for column in repeating.values()} == {2000}
    assert len(set(repeating["first_name"])) < 1000
    assert len(set(repeating["sex"])) == 3


def test_both_sides_are_timed_on_the_same_bits():
    figure = compare(NINE, "as in life", lifelike(np.random.default_rng(1), NINE, 60), 1, 40)
    assert (figure.fields, figure.records, figure.clkhash_records) == (9, 60, 40)
    assert min(figure.one_thread, figure.clock, figure.cpu, figure.clkhash_clock, figure.clkhash_cpu) > 0
    assert "as in life" in show([figure], [])
    assert [feature["identifier"] for feature in schema_of(NINE)["features"]] == list(NINE)


@pytest.mark.parametrize("clients", [CSV, WORKBOOK])
def test_the_whole_command_is_run_and_measured(clients):
    whole = whole_command(np.random.default_rng(1), 200, clients)
    assert (whole.clients, whole.records, whole.services) == (clients, 200, 300)
    assert whole.cpu_seconds > 0
    assert whole.peak_bytes > 10_000_000
    assert whole.out_bytes > 200 * (128 + 16) + 300 * 26
    assert clients in show([], [whole])
