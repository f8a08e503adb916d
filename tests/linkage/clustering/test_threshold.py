"""The threshold is found from scores alone, says how sure it is, and falls back where the data cannot tell."""

import numpy as np
import pytest

from linkage.candidates.pair_graph import PairGraph, offsets_of
from linkage.clustering.distance import Ruler
from linkage.clustering.groups import Groups
from linkage.clustering.score_model import count_scores, fit_score_model
from linkage.clustering.threshold import How, default_threshold, sample_strangers, settle_threshold
from schemas.agreement import parse_agreement
from tests.schemas.test_agreement import GOOD

AUTO = parse_agreement(GOOD)
MEMBERS = 3
RULER = Ruler(0.45, 0)  # without a fold distances are proportional to 1 - score


def coop(records: int, matches: int, duplicates: int, middle: float = 0.46, seed: int = 1) -> PairGraph:
    """Scores as a co-op's: strangers fall off exponentially, matches are broad and high. Truth is known exactly."""
    rng = np.random.default_rng(seed)
    per_member = records // MEMBERS
    offsets = offsets_of([per_member] * MEMBERS)
    strangers = records * 20
    left, right = np.sort(rng.integers(0, records, (2, strangers)), axis=0)
    stranger_score = middle + rng.exponential(0.02, strangers)
    twin_left = rng.integers(0, per_member, matches)
    twin_right = rng.integers(per_member, records, matches)
    own_left = rng.integers(0, per_member // 2, duplicates)
    own_right = rng.integers(per_member // 2, per_member, duplicates)
    match_score = 1 - np.abs(rng.normal(0, 0.12, matches + duplicates))
    left = np.concatenate([left, twin_left, own_left])
    right = np.concatenate([right, twin_right, own_right])
    score = np.concatenate([stranger_score, match_score])
    kept = (score >= 0.5) & (score <= 1) & (left != right)
    order = np.argsort(-score[kept], kind="stable")
    return PairGraph(offsets, left[kept][order], right[kept][order], score[kept][order], 0.5)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_it_is_found_between_strangers_and_matches():
    found = settle_threshold(coop(6000, 4000, 120), AUTO, rng(), RULER)
    assert found.how is How.FOUND
    # Of 120,000 strangers two thirds are pairs across members; exp(-(t - 0.46) / 0.02) of them score t or more. At
    # 0.63 that is 16 pairs, at 0.69 less than one; of 4,000 matches 0.2 and 1 % score less than that.
    assert 0.61 <= found.value <= 0.70
    assert found.standard_error is not None
    assert found.standard_error < 0.03


def test_it_moves_with_the_strangers():
    low, high = (settle_threshold(coop(6000, 4000, 120, middle), AUTO, rng(), RULER).value for middle in (0.46, 0.54))
    assert 0.04 <= high - low <= 0.12


def test_duplicates_inside_members_do_not_move_it():
    few, many = (settle_threshold(coop(6000, 4000, duplicates), AUTO, rng(), RULER).value for duplicates in (0, 400))
    assert abs(few - many) <= 0.03


def test_its_expectations_are_near_the_truth():
    graph = coop(6000, 4000, 120)
    found = settle_threshold(graph, AUTO, rng(), RULER)
    assert found.expected_matches == pytest.approx(4000, rel=0.03)
    assert found.expected_precision == pytest.approx(1, abs=0.02)


def test_the_same_scores_give_the_same_threshold():
    assert settle_threshold(coop(3000, 2000, 50), AUTO, rng(), RULER) == settle_threshold(
        coop(3000, 2000, 50), AUTO, rng(), RULER
    )


def test_a_given_threshold_is_taken_as_it_is():
    given = parse_agreement(GOOD + "threshold = 0.81")
    assert settle_threshold(coop(60, 40, 1), given, rng(), RULER).how is How.GIVEN
    assert settle_threshold(coop(60, 40, 1), given, rng(), RULER).value == 0.81


@pytest.mark.parametrize(("records", "matches"), [(60, 40), (6000, 5)])
def test_where_the_data_cannot_tell_the_stated_default_is_taken(records, matches):
    settled = settle_threshold(coop(records, matches, 1), AUTO, rng(), RULER)
    assert (settled.how, settled.value) == (How.DEFAULT, default_threshold(AUTO.linkage_schema))
    assert "too few" in settled.why


def test_the_model_tells_strangers_from_matches_by_the_members_own_lists():
    graph = coop(9000, 6000, 200, seed=3)
    sizes = np.diff(graph.offsets)
    inside = (sizes * (sizes - 1) // 2).sum()
    ratio = (graph.records * (graph.records - 1) // 2 - inside) / inside
    counts = count_scores(graph.score, graph.inside, 0.56, ratio)
    model = fit_score_model(counts)
    # Two thirds of 180,000 strangers are pairs across members, and exp(-0.1 / 0.02) of those score 0.56 or more.
    assert model.wrong_links()[0] == pytest.approx(120_000 * np.exp(-5), rel=0.15)
    assert model.duplicates == pytest.approx(200 / 6000, rel=0.3)


def test_the_floor_keeps_about_one_own_list_pair_a_record():
    bits = [np.random.default_rng(m).integers(0, 256, (400, 128), np.uint8) for m in range(2)]
    strangers = sample_strangers(bits, AUTO, rng())
    assert strangers.typical == pytest.approx(0.5, abs=0.01)
    assert 0.52 <= strangers.floor <= 0.56


def test_the_floor_is_never_over_a_given_threshold():
    bits = [np.random.default_rng(m).integers(0, 256, (400, 128), np.uint8) for m in range(2)]
    for threshold in (0.3, 0.6, 0.9):
        given = parse_agreement(GOOD + f"threshold = {threshold}")
        assert sample_strangers(bits, given, rng()).floor <= threshold


def test_members_with_one_record_each_have_a_floor_too():
    bits = [np.zeros((1, 128), np.uint8)] * 2
    assert 0 < sample_strangers(bits, AUTO, rng()).floor < default_threshold(AUTO.linkage_schema)


def test_with_clustering_it_is_where_as_many_are_linked_as_there_are_matches():
    graph = coop(6000, 4000, 120)
    asked = []

    def cluster(cut: float) -> Groups:  # links every pair over the cut, so the balance is known from the scores alone
        asked.append(cut)
        links = int((~graph.inside & (graph.score >= cut)).sum())
        return Groups(np.array([0, links, 2 * links]), np.tile(np.arange(links), 2))

    found = settle_threshold(graph, AUTO, rng(), RULER, cluster)
    linked = int((~graph.inside & (graph.score >= found.value)).sum())
    assert found.how is How.FOUND
    assert linked == pytest.approx(found.expected_matches, rel=0.01)
    assert len(asked) <= 7
