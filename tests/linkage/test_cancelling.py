"""Whatever a progress raises ends the work, wherever it raises it."""

from contextlib import contextmanager
from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from linkage import link
from linkage.candidates import tiles
from linkage.candidates.pair_graph import PairGraph
from linkage.clustering import reference
from linkage.clustering.average import cluster_average
from linkage.clustering.greedy import cluster_greedy
from linkage.disclosure.protect import protect
from linkage.events import Events
from linkage.heeding import heeded
from linkage.pathways.count_tables import count_tables
from linkage.pathways.plan import Plan
from schemas import Unit
from schemas.console import unheard
from tests.linkage.coops import small_agreement, small_coop
from tests.linkage.kept_in_memory import Kept
from tests.linkage.release.examples import agreement as release_agreement

pytestmark = pytest.mark.usefixtures("few_draws")
WAYS = {
    "exact": 'compare = "exact"\nthreshold = "auto"',
    "search": 'compare = "lsh"',
    "greedy": 'compare = "exact"\nclustering = "greedy"',
}
EVERY_WAY = {"sampling", "checking", "clustering"}
OTHERS = {"search": {"planning", "searching", "sampling recall"}}


class Cancelled(Exception):
    """Somebody wants the run to end."""


class Patience:
    """A `Progress` that raises when it has heard so many stages and steps; that work goes on (0) is no step."""

    def __init__(self, words):
        self.left, self.heard = words, []

    def _hear(self, word):
        if self.left == 0:
            raise Cancelled
        self.left -= 1
        self.heard.append(word)

    @contextmanager
    def stage(self, title, total):
        self._hear((title, total))
        yield lambda units: self._hear((title, units)) if units else None


def heard_of(way, kept=None):
    patience = Patience(-1)
    agreement = small_agreement(WAYS[way])
    link(small_coop(agreement, people=120)[0], agreement, progress=patience, kept=kept)
    return patience.heard


@pytest.mark.parametrize("way", WAYS)
def test_a_run_ends_at_whatever_stage_or_step_its_progress_raises(way, monkeypatch):
    monkeypatch.setattr(tiles, "BLOCK_RECORDS", 80)
    agreement = small_agreement(WAYS[way])
    encodings, _ = small_coop(agreement, people=120)
    for words in range(len(heard_of(way, Kept()))):
        with pytest.raises(Cancelled):
            link(encodings, agreement, progress=Patience(words), kept=Kept())


@pytest.mark.parametrize("way", WAYS)
def test_every_step_of_a_run_is_a_stage_and_no_stage_tells_more_than_it_promised(way):
    heard = heard_of(way)
    titles = {title for title, _ in heard}
    assert titles == EVERY_WAY | OTHERS.get(way, {"comparing", "judging links"})
    for title in titles:
        promised, *told = [units for one, units in heard if one == title]
        assert 0 < sum(told) <= promised


def every_pair(records):
    """A graph that takes any solver far longer than it waits before it calls back."""
    left, right = np.triu_indices(records, 1)
    score = np.sort(np.random.default_rng(4).uniform(0.6, 1.0, len(left)))[::-1]
    return PairGraph(np.array([0, records]), left.astype(np.int64), right.astype(np.int64), score, 0.6)


def cancel(units):
    assert units == 0
    raise Cancelled


def test_average_linkage_calls_back_while_it_works_and_ends_on_what_that_raises():
    with pytest.raises(Cancelled):
        cluster_average(every_pair(2500), 0.6, missing_score=0.1, advance=cancel)


def test_the_slow_average_linkage_does_too():
    with pytest.raises(Cancelled):
        reference.cluster_average(every_pair(20), 0.6, missing_score=0.7, advance=cancel)


def test_the_greedy_solver_does_too():
    with pytest.raises(Cancelled):
        cluster_greedy(every_pair(4000), 0.6, inside_too=True, advance=cancel)


def test_work_that_cannot_be_stopped_is_left_alone_when_its_caller_is_told_to_stop():
    go_on, ended = Event(), Event()
    with pytest.raises(Cancelled):
        heeded(lambda: go_on.wait() and ended.set(), cancel)
    assert not ended.is_set()
    go_on.set()
    assert ended.wait(60)


@pytest.mark.parametrize("advance", [unheard, [].append], ids=["unheard", "heard"])
def test_heeded_work_gives_what_it_gives_and_raises_what_it_raises(advance):
    assert heeded(lambda: 7, advance) == 7
    with pytest.raises(ZeroDivisionError):
        heeded(lambda: 1 // 0, advance)


def test_disclosure_control_ends_before_its_next_linear_programme():
    people = np.repeat(np.arange(117), np.repeat([1, 2, 1], [50, 7, 60]))  # 50 at a, 7 at both, 60 at b
    at = np.concatenate([np.zeros(50, np.int64), np.tile([0, 1], 7), np.ones(60, np.int64)])
    none = np.empty(0, np.int32)
    events = Events(("a", "b"), ("a", "b"), people, at, np.arange(124), at, none, none, False)
    raw = count_tables(events, Plan(("set_pathway", "overlap_pairs"), Unit.NONE))
    with pytest.raises(Cancelled):
        protect(raw, replace(release_agreement(), tables=("set_pathway", "overlap_pairs")), advance=cancel)
