"""What missed and wrong links do to people by set, beside sums over every way it can happen; and undoing it."""

from itertools import product

import numpy as np
import pytest

from linkage.linkage_error.set_errors import count_with_errors, error_flows, sets_of, undo_errors, wrong_chance


def by_definition(people, loose, wrong):
    """Expected people by set, and who came from elsewhere and went, one case after the other."""
    sets = len(people)
    apart, into, out = np.zeros(sets), np.zeros(sets), np.zeros(sets)
    for at in range(1, sets):
        inside = [member for member in range(len(loose)) if at >> member & 1]
        for gone in product((False, True), repeat=len(inside)):
            chance = np.prod([loose[m] if off else 1 - loose[m] for m, off in zip(inside, gone, strict=True)])
            ends = [1 << m for m, off in zip(inside, gone, strict=True) if off]
            rest = at - sum(ends)
            if len(inside) == 1:
                chance, ends, rest = float(not any(gone)), [], at
            for end in [*ends, *([rest] if rest else [])]:
                apart[end] += chance * people[at]
                into[end] += chance * people[at] * (end != at)
            out[at] += chance * people[at] * (rest != at)
    counted = apart.copy()
    for one, other in product(range(1, sets), repeat=2):
        pairs = wrong * apart[one] * apart[other] / 2
        counted[[one, other]] -= pairs if one != other else 0
        counted[one] -= 2 * pairs if one == other else 0
        counted[one | other] += pairs
    return counted, into, out


@pytest.mark.parametrize("members", [2, 3, 4])
def test_the_expected_counts_are_those_of_every_case(members):
    rng = np.random.default_rng(members)
    people = np.concatenate([[0], rng.integers(0, 500, (1 << members) - 1)]).astype(float)
    loose, wrong = rng.uniform(0, 0.2, members), 2e-5
    counted, into, out = by_definition(people, loose, wrong)
    assert count_with_errors(people[None], loose[None], np.array([wrong]))[0] == pytest.approx(counted)
    flows = error_flows(people[None], loose[None], np.array([0.0]))
    assert flows.into[0] == pytest.approx(into)
    assert flows.out[0] == pytest.approx(out)


def test_flows_and_the_people_they_move_agree():
    rng = np.random.default_rng(5)
    people = np.concatenate([[0], rng.integers(50, 500, 15)]).astype(float)[None]
    loose, wrong = rng.uniform(0, 0.1, (1, 4)), np.array([1e-5])
    flows = error_flows(people, loose, wrong)
    assert (flows.out >= 0).all()
    assert (flows.into >= 0).all()
    assert people - flows.out + flows.into == pytest.approx(count_with_errors(people, loose, wrong))


def test_what_came_loose_is_as_many_places_as_before():
    rng = np.random.default_rng(6)
    people = np.concatenate([[0], rng.integers(0, 500, 31)]).astype(float)[None]
    size = sets_of(5).sum(axis=1)
    apart = count_with_errors(people, np.full((1, 5), 0.1), np.zeros(1))
    assert (apart * size).sum() == pytest.approx((people * size).sum())
    assert apart.sum() > people.sum()


def test_errors_are_undone():
    rng = np.random.default_rng(7)
    people = np.concatenate([[0], rng.integers(20, 900, 127)]).astype(float)
    loose, wrong = rng.uniform(0, 0.08, (3, 7)), np.array([0.0, 1e-6, 3e-6])
    for draw in range(3):
        counted = count_with_errors(people[None], loose[draw : draw + 1], wrong[draw : draw + 1])
        found = undo_errors(counted, loose[draw : draw + 1], wrong[draw : draw + 1])
        assert np.abs(found[0] - people).max() < 0.1


def test_nobody_is_below_zero_and_nobody_is_nowhere():
    counted = np.array([[0.0, 100, 0, 100, 0, 0, 0, 0]])
    found = undo_errors(counted, np.full((1, 3), 0.3), np.array([1e-3]))
    assert (found >= 0).all()
    assert found[0, 0] == 0


def test_the_chance_of_wrong_links_makes_as_many_as_the_precision_says():
    people = np.array([0.0, 400, 300, 100])
    (chance,) = wrong_chance(people[None], np.array([0.9]))
    # 100 links, ten of them wrong, among 500 people at the one and 400 at the other
    assert chance == pytest.approx(10 / (500 * 400))
