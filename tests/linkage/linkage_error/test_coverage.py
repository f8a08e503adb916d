"""How many people there are in all: Chapman's numbers, made of published ones, with an interval of lists and links."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import comb

import numpy as np
import pytest

from linkage.counting import checks_of
from linkage.disclosure.protect import Protected
from linkage.errors import WrongAgreement
from linkage.linkage_error.adjust import draw_people
from linkage.linkage_error.coverage import LEAST_ON_BOTH, Captures, estimate_coverage
from linkage.linkage_error.intervals import Interval
from linkage.linkage_error.link_rates import LinkRates
from linkage.release.csv_files import read_csv
from linkage.release.release_files import Formats, release_files
from schemas import Cell, ReleaseTable, Status
from schemas.table_columns import shape_faults
from schemas.tables import HIDDEN
from tests.linkage.linkage_error.known_tables import MEMBERS, RATES, Sets, agreement_of, release_of
from tests.linkage.linkage_error.test_adjust import SMALL, TRUE

PAIR = ("clinic", "shelter")
PERFECT = LinkRates(Interval(1.0, 0.999, 1.0), Interval(1.0, 0.999, 1.0), {})
ASKED = replace(agreement_of(), tables=("unduplicated", "set_pathway", "overlap_pairs", "coverage_estimate"))
APART = {("clinic",): 400, ("shelter",): 300, ("school",): 200, ("clinic", "school"): 60, ("clinic", "shelter"): 90}


def of_two(both: Cell, at_a: Cell, at_b: Cell, rates: LinkRates = PERFECT) -> tuple[Cell, ...]:
    """Estimate, low, high of two members by their row of `overlap_pairs`, nothing else being released."""
    columns = ("a", "b"), ("people", "people_a", "people_b")
    pairs = ReleaseTable("overlap_pairs", "", *columns, [(PAIR, (both, at_a, at_b))])
    return estimate_coverage(pairs, draw_people({"overlap_pairs": pairs}, rates, PAIR, 11)).rows[0][1]


def values(both: int, at_a: int, at_b: int, rates: LinkRates = PERFECT) -> list[int]:
    return [int(cell.value or 0) for cell in of_two(Cell(both), Cell(at_a), Cell(at_b), rates)]


def released(sets: Sets, rates: LinkRates | None = RATES) -> Protected:
    return release_of(sets, rates, ASKED)


def in_all(at_a: int, at_b: int, both: int) -> tuple[float, float]:
    """Estimate and variance by the code."""
    one = Captures(*(np.array([float(number)]) for number in (at_a - both, at_b - both, both)))
    return float(one.seen[0] + one.unseen()[0]), float(one.variance()[0])


def test_chapman_and_seber_by_hand():
    assert in_all(10, 15, 5) == pytest.approx((11 * 16 / 6 - 1, 11 * 16 * 5 * 10 / (6**2 * 7)))
    assert in_all(346, 184, 49) == pytest.approx((1282.9, 347 * 185 * 297 * 135 / (50**2 * 51)))


@pytest.mark.parametrize(("people", "at_a", "at_b"), [(20, 12, 11), (50, 30, 20), (9, 8, 6)])
def test_both_are_unbiased_where_the_lists_are_long_enough(people: int, at_a: int, at_b: int):
    """Chapman 1951 and Seber 1970: exactly, over all ways to draw the lists, where n_a + n_b >= N."""
    overlaps = range(max(at_a + at_b - people, 0), min(at_a, at_b) + 1)
    chance = np.array([comb(at_a, m) * comb(people - at_a, at_b - m) / comb(people, at_b) for m in overlaps])
    found = np.array([in_all(at_a, at_b, m) for m in overlaps])
    mean = chance @ found[:, 0]
    assert mean == pytest.approx(people)
    assert chance @ found[:, 1] == pytest.approx(chance @ (found[:, 0] - mean) ** 2)


def test_without_linkage_error_it_is_chapmans_with_the_log_normal_interval():
    estimate, low, high = values(49, 346, 184)
    people, variance = in_all(346, 184, 49)
    assert estimate == pytest.approx(people, rel=0.01)
    seen = 346 + 184 - 49
    apart = np.exp(1.96 * np.sqrt(np.log1p(variance / (people - seen) ** 2)))
    assert (low, high) == pytest.approx((seen + (people - seen) / apart, seen + (people - seen) * apart), rel=0.04)


def test_missed_links_make_it_smaller_and_wrong_ones_larger():
    plain = values(100, 500, 400)[0]
    missed = values(100, 500, 400, replace(PERFECT, recall=Interval(0.8, 0.78, 0.82)))[0]
    wrong = values(100, 500, 400, replace(PERFECT, precision=Interval(0.8, 0.78, 0.82)))[0]
    assert missed == pytest.approx(0.8 * plain, rel=0.03)  # of 100 linked: 125 on both lists
    assert wrong == pytest.approx(plain / 0.8, rel=0.06)


def test_the_interval_is_of_lists_and_of_links():
    sure, unsure = (Interval(0.9, 0.9 - reach, 0.9 + reach) for reach in (0.002, 0.08))
    width = [high - low for _, low, high in (values(300, 900, 800, replace(PERFECT, recall=r)) for r in (sure, unsure))]
    assert width[1] > 1.3 * width[0]
    assert values(300, 900, 800)[1] > 900 + 800 - 300


@pytest.mark.parametrize("hidden", range(3))
def test_it_is_hidden_where_a_number_that_it_is_made_of_is(hidden: int):
    cells = [Cell(50), Cell(200), Cell(300)]
    cells[hidden] = HIDDEN
    assert of_two(*cells) == (HIDDEN,) * 3


def test_too_few_on_both_lists_say_nothing():
    statuses = {cell.status for cell in of_two(Cell(0), Cell(200), Cell(300))}
    assert statuses == {Status.NOT_APPLICABLE}
    assert values(LEAST_ON_BOTH + 5, 200, 300)[0] > 0


def test_a_release_hides_it_exactly_where_overlap_pairs_hides():
    tables = released(TRUE | {("clinic", "school"): 4, MEMBERS: 0}).tables
    hidden = {keys: any(cell.value is None for cell in cells[:3]) for keys, cells in tables["overlap_pairs"].rows}
    assert set(hidden.values()) == {True, False}
    for keys, cells in tables["coverage_estimate"].rows:
        assert {cell.status is Status.SUPPRESSED for cell in cells} == {hidden[keys]}


def test_raw_counts_that_publish_alike_have_equal_ones():
    """Other hidden numbers, the same release otherwise: whatever it tells, the other tables tell."""
    expected, plain = released(SMALL).tables, release_of(SMALL, None).tables
    alike = 0
    for pair, all_three in product((-1, 1), (-1, 0, 1)):
        other = dict(SMALL)
        other["clinic", "school"] += pair
        other[MEMBERS] += all_three
        for name in MEMBERS:
            other[(name,)] -= all_three + pair * (name in ("clinic", "school"))
        if release_of(other, None).tables == plain:
            alike += 1
            assert released(other).tables == expected
    assert alike


def test_it_is_not_in_a_release_that_does_not_ask_for_it():
    assert "coverage_estimate" not in release_of(TRUE).tables
    assert list(released(TRUE).tables) == list(ASKED.tables)


def test_the_other_tables_stay_as_they_are():
    assert {**released(TRUE).tables, "coverage_estimate": None} == {
        **release_of(TRUE).tables,
        "coverage_estimate": None,
    }


@pytest.mark.parametrize(
    ("rates", "more"), [(None, ""), (RATES, 'state = "service"\n')], ids=["nobody judged the links", "services"]
)
def test_it_is_not_applicable_where_links_have_no_rates(rates: LinkRates | None, more: str):
    asked = replace(agreement_of(more), tables=ASKED.tables)
    tables = release_of(TRUE, rates, asked).tables
    assert len(tables["coverage_estimate"].rows) == len(tables["overlap_pairs"].rows)
    for _, cells in tables["coverage_estimate"].rows:
        assert cells == (Cell(None, Status.NOT_APPLICABLE),) * 3


def test_without_overlap_pairs_it_is_refused():
    with pytest.raises(WrongAgreement, match="coverage_estimate is made of overlap_pairs"):
        release_of(TRUE, RATES, replace(ASKED, tables=("set_pathway", "coverage_estimate")))


def test_it_fits_the_files_of_a_release_and_the_report_says_what_it_assumes():
    done = released(APART)
    facts = {"waylink_version": "1", "run_digest": "0" * 64, "links": RATES.as_dict()}
    files = release_files(done.tables, ASKED, facts, Formats(), checks=checks_of(done, ASKED))
    table = done.tables["coverage_estimate"]
    assert shape_faults(table) == []
    assert read_csv("coverage_estimate", files["tables/coverage_estimate.csv"], "here").rows == list(table.rows)
    report = files["report.html"].decode()
    for words in ("a rough guide", "nobody came or went", "the chance of being on the other", "nearly never true"):
        assert words in " ".join(report.split())
