"""Low and high: what a published count is at other cuts of the clustering, outward, and of nothing hidden."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.disclosure.protect import protect
from linkage.disclosure.publish import step_over
from linkage.pathways.raw_counts import RawCounts
from schemas import ReleaseTable
from tests.linkage.coops import small_agreement
from tests.linkage.disclosure.made import counted

TABLES = ("set_pathway", "ordered_pathway")
PEOPLE = {"a": 40, "b": 33, "a>b": 61, "b>a": 25, "a+b": 4, "a>c": 14, "c": 7, "b>c": 3, "c>b>a": 2, "a>b>c": 29}


@pytest.fixture(scope="module")
def made() -> tuple[RawCounts, dict[str, ReleaseTable]]:
    """Counts with made-up ones at two other cuts, and the tables of them."""
    raw = counted(PEOPLE, TABLES)
    values = raw.weights @ raw.people
    rng = np.random.default_rng(3)
    raw.recounts = np.maximum(values + rng.integers(-15, 15, (2, len(values))), 0)
    agreement = small_agreement('tables = ["set_pathway", "ordered_pathway"]')
    return raw, dict(protect(raw, agreement).tables)


def test_they_are_the_least_and_the_most_of_all_cuts_outward_to_ten(made) -> None:
    raw, tables = made
    of_key = {key: raw.recounts[:, number].tolist() for number, key in enumerate(raw.keys)}
    shown = 0
    for sort, name in (("set", "set_pathway"), ("ordered", "ordered_pathway")):
        named = {keys[0] for keys, _ in tables[name].rows} - {"other pathways"}
        for (text,), (cell,) in tables[name].rows:
            if cell.value is None:
                assert (cell.low, cell.high) == (None, None)
                continue
            pooled = [one for one in raw.keys if one[0] == sort and one[1] not in named]
            parts = pooled if text == "other pathways" else [(sort, text)]
            at_cuts = [sum(of_key[key][cut] for key in parts) for cut in range(2)]
            low, high = min(cell.value, *at_cuts), max(cell.value, *at_cuts)
            assert (cell.low, cell.high) == (low - low % 10, high + -high % 10)
            shown += 1
    assert shown >= 6
    assert "other pathways" in {keys[0] for keys, _ in tables["ordered_pathway"].rows}


@pytest.mark.parametrize(("minimum", "step"), [(11, 10), (5, 5), (12, 20), (21, 20), (30, 50), (2, 1), (101, 100)])
def test_a_step_is_as_wide_as_the_range_of_a_hidden_count(minimum: int, step: int) -> None:
    assert step_over(minimum - 1) == step
