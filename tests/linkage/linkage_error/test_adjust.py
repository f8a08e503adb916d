"""Estimates beside published counts: made of published numbers alone, near the truth, and with an interval."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from linkage.counting import checks_of
from linkage.linkage_error.adjust import ESTIMATES, MOST_MEMBERS, draw_people
from linkage.linkage_error.intervals import Interval
from linkage.linkage_error.link_rates import LinkRates
from linkage.linkage_error.set_errors import count_with_errors, wrong_chance
from linkage.release.release_files import Formats, release_files
from schemas.tables import Cell, Status
from tests.linkage.linkage_error.known_tables import MEMBERS, RATES, agreement_of, release_of

CLINIC, SCHOOL, SHELTER = MEMBERS
TRUE = {
    (CLINIC,): 900,
    (SCHOOL,): 700,
    (SHELTER,): 500,
    (CLINIC, SCHOOL): 240,
    (CLINIC, SHELTER): 310,
    (SCHOOL, SHELTER): 150,
    MEMBERS: 130,
}
SMALL = TRUE | {(CLINIC, SCHOOL): 4, (SCHOOL, SHELTER): 6, (CLINIC, SHELTER): 5, MEMBERS: 3}
FLAT = Interval(0.95, 0.93, 0.965)


def estimates(table):
    """Of each row: estimate, low, high (None where hidden)."""
    at = list(table.measures).index("estimate")
    return {keys: tuple(cell.value for cell in cells[at:]) for keys, cells in table.rows}


def counted(true, loose, precision):
    """The sets as they are counted where records come loose and links are wrong as often as the rates say."""
    people = np.zeros((1, 8))
    for names, number in true.items():
        people[0, sum(1 << MEMBERS.index(name) for name in names)] = number
    wrong = wrong_chance(people, np.array([precision]))
    found = count_with_errors(people, np.array([loose]), wrong)[0]
    return {names: round(found[sum(1 << MEMBERS.index(name) for name in names)]) for names in true}


def test_estimates_undo_the_errors_that_the_rates_tell_of():
    loose = 1 - np.sqrt(0.95)
    rates = LinkRates(Interval(0.98, 0.97, 0.987), FLAT, {})
    seen = counted(TRUE, [loose] * 3, 0.98)
    found = estimates(release_of(seen, rates).tables["set_pathway"])
    for names, true in TRUE.items():
        estimate, low, high = found[("+".join(names),)]
        assert low <= true <= high
        assert abs(estimate - true) <= max(0.2 * abs(seen[names] - true), 2)


def test_an_overlap_is_estimated_as_the_sum_of_its_sets():
    tables = release_of(TRUE).tables
    sets, pairs = (estimates(tables[name]) for name in ("set_pathway", "overlap_pairs"))
    both = [sets[("clinic+school",)][0], sets[("clinic+school+shelter",)][0]]
    assert pairs[(CLINIC, SCHOOL)][0] == pytest.approx(sum(both), abs=2)


def test_a_recall_of_two_members_changes_most_what_is_between_them():
    less = replace(RATES, between={(CLINIC, SHELTER): Interval(0.8, 0.78, 0.82)})
    more, plain = (release_of(TRUE, rates).tables["overlap_pairs"] for rates in (less, replace(RATES, between={})))
    raised = {keys: one[0] - estimates(plain)[keys][0] for keys, one in estimates(more).items()}
    assert max(raised, key=raised.__getitem__) == (CLINIC, SHELTER)


def test_the_interval_widens_with_those_of_the_rates():
    sure = replace(RATES, recall=Interval(0.95, 0.949, 0.951), between={})
    unsure = replace(sure, recall=Interval(0.95, 0.8, 0.99))
    width = [
        sum(high - low for _, low, high in estimates(release_of(TRUE, one).tables["overlap_pairs"]).values())
        for one in (sure, unsure)
    ]
    assert width[1] > 1.5 * width[0]


def test_hidden_counts_have_no_estimate_and_shown_ones_have():
    for name in ("set_pathway", "overlap_pairs"):
        table = release_of(SMALL).tables[name]
        assert table.measures[-3:] == ESTIMATES
        for _, cells in table.rows:
            hidden = cells[0].status is Status.SUPPRESSED
            assert all((cell.status is Status.SUPPRESSED) == hidden for cell in cells[-3:])
    assert any(cells[0].status is Status.SUPPRESSED for _, cells in release_of(SMALL).tables["set_pathway"].rows)


def test_the_counts_themselves_stay():
    with_rates, without = release_of(SMALL).tables, release_of(SMALL, None).tables
    for name, table in without.items():
        kept = len(table.measures)
        assert with_rates[name].measures[:kept] == table.measures
        assert [(keys, cells[:kept]) for keys, cells in with_rates[name].rows] == list(table.rows)


def test_raw_counts_that_publish_alike_have_equal_estimates():
    """Other hidden numbers, the same release: whatever an estimate tells, the published counts tell it."""
    without = release_of(SMALL, None)
    alike = []
    pairs = [(CLINIC, SCHOOL), (CLINIC, SHELTER), (SCHOOL, SHELTER)]
    for change in product((-1, 0, 1), repeat=4):
        other = dict(SMALL)
        for names, step in zip([*pairs, MEMBERS], change, strict=True):
            other[names] += step
        for name in MEMBERS:  # the people at each member stay as many
            other[(name,)] -= sum(step for names, step in zip([*pairs, MEMBERS], change, strict=True) if name in names)
        if sum(other.values()) == sum(SMALL.values()) and any(change):
            released = release_of(other, None)
            if released.tables == without.tables:
                alike.append(other)
    assert len(alike) > 2
    expected = release_of(SMALL)
    for other in alike:
        assert release_of(other).tables == expected.tables


def test_services_as_states_have_no_estimates():
    table = release_of(TRUE, RATES, agreement_of('state = "service"\n')).tables["set_pathway"]
    assert "estimate" not in table.measures


def test_more_members_than_can_be_done_have_no_estimates():
    tables = release_of(TRUE, None).tables
    many = [f"m{number}" for number in range(MOST_MEMBERS + 1)]
    assert draw_people(tables, RATES, many, 11) is None


def test_pairs_alone_can_be_estimated():
    agreement = replace(agreement_of(), tables=("overlap_pairs",))
    found = estimates(release_of(TRUE, RATES, agreement).tables["overlap_pairs"])
    whole = estimates(release_of(TRUE).tables["overlap_pairs"])
    for keys, (estimate, _, _) in found.items():
        assert estimate == pytest.approx(whole[keys][0], rel=0.05)


def test_estimates_fit_the_files_of_a_release():
    agreement, released = agreement_of(), release_of(SMALL)
    facts = {"waylink_version": "1", "run_digest": "0" * 64, "links": RATES.as_dict()}
    files = release_files(released.tables, agreement, facts, Formats(), checks=checks_of(released, agreement))
    header, *rows = files["tables/set_pathway.csv"].decode().splitlines()
    assert "estimate,estimate_status,estimate_low,estimate_low_status,estimate_high,estimate_high_status" in header
    assert len(rows) == 7
    report = files["report.html"].decode()
    assert "98.0% (97.0% to 98.7%)" in report
    assert "95.0% (93.0% to 96.5%)" in report


def test_counts_with_noise_have_no_estimates():
    tables = release_of(TRUE, None).tables
    noised = {
        name: replace(table, rows=[(keys, (Cell(1, Status.NOISED), *cells[1:])) for keys, cells in table.rows])
        for name, table in tables.items()
    }
    assert draw_people(noised, RATES, MEMBERS, 11) is None
