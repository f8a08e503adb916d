"""Quality figures equal a plain count over pairs."""

from collections import Counter, defaultdict
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.quality import score_linkage

records = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=30)


def by_hand(rows: list[tuple[int, int, int]]) -> dict[str, float]:
    def groups(column: int) -> list[list[int]]:
        out = defaultdict(list)
        for number, row in enumerate(rows):
            out[row[column]].append(number)
        return list(out.values())

    def pairs(clusters: list[list[int]]) -> set[tuple[int, int]]:
        return {(a, b) for c in clusters for a, b in combinations(c, 2) if rows[a][0] != rows[b][0]}

    true, found = pairs(groups(1)), pairs(groups(2))
    sets = [Counter(frozenset(rows[r][0] for r in c) for c in groups(column)) for column in (1, 2)]
    people = [sum(s.values()) for s in sets]
    precision, recall = len(true & found) / max(len(found), 1), len(true & found) / max(len(true), 1)
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / max(precision + recall, 1e-12), 4),
        "people_true": people[0],
        "people_found": people[1],
        "set_pathway_error": round(sum(abs(sets[0][k] - sets[1][k]) for k in sets[0] | sets[1]) / people[0], 4),
    }


@given(records)
def test_the_figures_equal_a_count_over_pairs(rows):
    member, truth, found = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    assert score_linkage(member, truth, found).as_dict() == by_hand(rows)


def test_the_truth_itself_scores_one():
    member, truth = np.array([0, 1, 2, 0]), np.array([5, 5, 6, 6])
    quality = score_linkage(member, truth, truth * 3)
    assert (quality.precision, quality.recall, quality.set_pathway_error) == (1, 1, 0)
    assert quality.f1 == pytest.approx(1)
