"""People are found as the agreement asks: which scores, which clustering, which threshold."""

import numpy as np
import pytest

from benchmarks.quality import EXAMPLE, encode_coop, waylink_figures
from linkage.candidates.compare import compare_members
from linkage.clustering.average import cluster_average
from linkage.clustering.distance import ruler_of
from linkage.clustering.greedy import cluster_greedy
from linkage.clustering.people import find_people
from linkage.clustering.recuts import cuts_beside
from linkage.clustering.threshold import How, sample_strangers, settle_threshold
from schemas import load_agreement
from tests.linkage.coops import small_agreement

LENGTH, FIELDS, MEMBERS = 1024, 6, 3
COMMON = 40  # values a field has: strangers agree now and then


def coop(people: int = 1500, seed: int = 1):
    """Members' CLKs of people with six fields, of which a record lacks or garbles some; and the truth."""
    rng = np.random.default_rng(seed)
    values = rng.random((FIELDS, COMMON, LENGTH)) < 0.07
    person_fields = rng.integers(0, COMMON, (people, FIELDS))
    bits, truth = [], []
    for _ in range(MEMBERS):
        who = np.flatnonzero(rng.random(people) < 0.5)
        who = np.concatenate([who, who[:20]])
        fields = person_fields[who]
        fields = np.where(rng.random(fields.shape) < 0.05, rng.integers(0, COMMON, fields.shape), fields)
        there = rng.random(fields.shape) > 0.1
        filled = [values[f, fields[:, f]] & there[:, f, None] for f in range(FIELDS)]
        bits.append(np.packbits(np.logical_or.reduce(filled), axis=1))
        truth.append(who)
    return bits, np.concatenate(truth)


def found(clustering: str, threshold: str):
    bits, truth = coop()
    agreement = small_agreement(f'clustering = "{clustering}"\nthreshold = {threshold}')
    strangers = sample_strangers(bits, agreement, rng())
    graph = compare_members(bits, strangers.floor)
    return find_people(graph, bits, agreement, strangers, rng()), graph, strangers, agreement, truth


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def errors(graph, truth, label) -> tuple[int, int]:
    """Pairs across members linked wrongly, and missed."""
    across = np.triu(graph.member[:, None] != graph.member[None, :])
    linked, true = (one[:, None] == one[None, :] for one in (label, truth))
    return int((across & linked & ~true).sum()), int((across & ~linked & true).sum())


def links_across(graph, label) -> int:
    across = np.triu(graph.member[:, None] != graph.member[None, :])
    return int((across & (label[:, None] == label[None, :])).sum())


def test_as_many_pairs_are_linked_after_clustering_as_the_model_counts_matches():
    people, graph, _, _, _ = found("average", '"auto"')
    assert people.threshold.how is How.FOUND
    # The cut is a multiple of 0.005, on either side of which 1 % of the links come or go.
    assert links_across(graph, people.groups.label) == pytest.approx(people.threshold.expected_matches, rel=0.01)


def test_on_the_example_co_op_the_bar_is_met_and_wrong_and_missed_links_balance():
    coop = encode_coop(EXAMPLE, load_agreement(EXAMPLE / "agreement.toml"))
    figures = waylink_figures(coop)[0]
    assert figures["f1"] >= 0.98
    assert figures["set_pathway_error"] <= 0.02
    assert abs(figures["precision"] - figures["recall"]) <= 0.01


def test_correcting_for_chance_leaves_fewer_errors_where_fields_are_missing():
    people, graph, strangers, agreement, truth = found("average", '"auto"')

    def cluster(cut):
        return cluster_average(graph, cut, missing_score=strangers.typical)

    raw = cluster(settle_threshold(graph, agreement, rng(), ruler_of(coop()[0], 2), cluster).value)
    assert sum(errors(graph, truth, people.groups.label)) < sum(errors(graph, truth, raw.label))


def test_a_given_threshold_is_a_dice_coefficient():
    people, graph, strangers, _, _ = found("average", "0.7")
    assert np.array_equal(people.groups.label, cluster_average(graph, 0.7, missing_score=strangers.typical).label)


@pytest.mark.parametrize("threshold", ['"auto"', "0.7"])
def test_greedy_clustering_is_anonlinks_on_the_scores_as_they_are(threshold):
    people, graph, _, _, _ = found("greedy", threshold)
    expected = cluster_greedy(graph, people.threshold.value, inside_too=True)
    assert np.array_equal(people.groups.label, expected.label)


def test_the_same_pairs_give_the_same_people():
    one, other = (found("average", '"auto"')[0] for _ in range(2))
    assert one.threshold == other.threshold
    assert np.array_equal(one.groups.label, other.groups.label)


@pytest.mark.parametrize(("clustering", "threshold"), [("average", '"auto"'), ("average", "0.7"), ("greedy", "0.7")])
def test_the_groups_beside_the_threshold_are_what_clustering_gives_there(clustering, threshold):
    people, graph, strangers, _, _ = found(clustering, threshold)
    assert [one.cut for one in people.recuts] == list(cuts_beside(people.threshold, strangers))
    below, above = (one.groups.people for one in people.recuts)
    assert below <= people.groups.people <= above
    for one in people.recuts:
        if clustering == "greedy":
            again = cluster_greedy(graph, one.cut, inside_too=True)
            assert np.array_equal(one.groups.label, again.label)
        elif threshold == "0.7":  # else the scores were corrected for chance
            again = cluster_average(graph, one.cut, missing_score=strangers.typical)
            assert np.array_equal(one.groups.label, again.label)
