"""The table `contains_path`: people whose episodes hold a pathway, whatever else they hold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from linkage.pathways.histories.episodes import Episodes
from linkage.pathways.histories.numbering import Numbers, distinct
from linkage.pathways.raw_counts import CountKey, Derived, Rule
from linkage.pathways.tables.draft import Draft, Rows
from schemas.pathway_text import write_path
from schemas.pathways_asked import DIRECT, LOOSE, PathAsked


def contains_path(draft: Draft) -> None:
    """`contains_path`: people with episodes in the states of a pathway, one after the other.

    For each step and the next: the next episode begins when this one does or later, and (with `within_days` w) at most
    w days after this one's last day; overlapping episodes are in order by their beginnings. No episode is used twice.
    `direct`: between the beginnings of the two no episode of a third state begins; `loose`: others may. Somebody counts
    once. `people_first` were in the first state at all; `share` is people / people_first. At level period there is no
    limit in days, and two states that begin in one period are in order both ways.
    """
    seeker = _Seeker(draft.histories.episodes)
    rows: Rows = []
    for asked in draft.plan.paths:
        key = key_of(asked)
        people = len(seeker.people_with([_number(draft, state) for state in asked.path], asked))
        first = _key_in(draft, asked.path[0])
        _relate(draft, asked, key, people)
        rows.append((key[1:], (key, first, Derived(Rule.SHARE, (key, first)))))
    columns = (("pathway", "within_days", "mode"), ("people", "people_first", "share"))
    draft.put("contains_path", "People whose stays hold a pathway", columns, rows)


def key_of(asked: PathAsked) -> CountKey:
    """The count of a pathway asked for; its texts are the keys of its row."""
    path = write_path([state] for state in asked.path)
    within = "" if asked.within_days < 0 else str(asked.within_days)
    return ("contains", path, within, DIRECT if asked.direct else LOOSE)


def _number(draft: Draft, state: str) -> int:
    return draft.states.index(state) if state in draft.states else -1


def _key_in(draft: Draft, state: str) -> CountKey:
    """The people in a state; of a state that nobody was in, a count of nobody."""
    key: CountKey = ("member" if draft.plan.state_is_member else "state", state)
    draft.unknowns.count(key, np.empty(0, np.int64))
    return key


def _relate(draft: Draft, asked: PathAsked, key: CountKey, people: int) -> None:
    """Whoever took the pathway was in each of its states."""
    came, states = draft.histories.came, set(asked.path)
    unknowns, column = draft.unknowns, draft.unknowns.add(np.array([people]))
    unknowns.count(key, column)
    for state in sorted(states):
        others = int((came.state == _number(draft, state)).sum()) - people
        unknowns.tie([_key_in(draft, state)], np.append(column, unknowns.add(np.array([others]))))


@dataclass(frozen=True, eq=False)
class _Found:
    """Episodes that end a part of a pathway, in order of `key`.

    Attributes:
        key: int64; person and start as one number.
        end: int64; person and end as one number of the same kind.
        run: int64; how many steps up to this one begin at the same time, at least.
    """

    key: Numbers
    end: Numbers
    run: Numbers


@dataclass(frozen=True, eq=False)
class _Seeker:
    """Looks for pathways in episodes."""

    episodes: Episodes

    @cached_property
    def room(self) -> int:
        """More than there are days between any two starts or ends."""
        if not len(self.episodes):
            return 1
        return int(max(self.episodes.start.max(), self.episodes.end.max()) - self.episodes.start.min()) + 1

    @cached_property
    def keys(self) -> Numbers:
        """int64 (episodes,): person and start as one number, in the order of the episodes."""
        earliest = self.episodes.start.min() if len(self.episodes) else 0
        return self.episodes.person * self.room + self.episodes.start - earliest

    @cached_property
    def all_keys(self) -> Numbers:
        """The same, in order."""
        return np.sort(self.keys)

    def people_with(self, path: list[int], asked: PathAsked) -> Numbers:
        """int64: the people whose episodes hold the pathway."""
        found = self._of_state(path[0])
        for step in range(1, len(path)):
            found = self._follow(found, path[: step + 1], asked)
        return distinct(found.key // self.room)

    def _of_state(self, state: int) -> _Found:
        at = np.flatnonzero(self.episodes.state == state)
        key = self.keys[at]
        return _Found(key, key + self.episodes.end[at] - self.episodes.start[at], np.ones(len(at), np.int64))

    def _follow(self, before: _Found, path: list[int], asked: PathAsked) -> _Found:
        """The episodes of the path's last state that follow on one of `before`.

        The latest that begins before it is the best: it ends last, and least lies between. One that begins with it will
        do, if the same episode is not among those that begin with it already: the shorter that run, the fewer are.
        """
        here = self._of_state(path[-1])
        if not len(before.key):
            return _Found(here.key[:0], here.end[:0], here.run[:0])
        last = np.searchsorted(before.key, here.key) - 1
        after = (last >= 0) & (before.key[last] // self.room == here.key // self.room)
        if asked.within_days >= 0:
            after &= here.key - before.end[last] <= asked.within_days
        if asked.direct:
            after &= self._nothing_between(before.key[last], here.key, path[-2:])
        same = np.minimum(last + 1, len(before.key) - 1)
        fresh = np.array([path[-1] not in path[-1 - run : -1] for run in range(len(path))])
        together = (before.key[same] == here.key) & fresh[before.run[same]]
        run = np.where(after, 1, before.run[same] + 1)
        kept = after | together
        return _Found(here.key[kept], here.end[kept], run[kept])

    def _nothing_between(self, first: Numbers, then: Numbers, pair: list[int]) -> NDArray[np.bool_]:
        """Whether no episode of a third state begins after the one and before the other."""
        between = _between(self.all_keys, first, then)
        for state in set(pair):
            between -= _between(self._of_state(state).key, first, then)
        nothing: NDArray[np.bool_] = between == 0
        return nothing


def _between(keys: Numbers, first: Numbers, then: Numbers) -> Numbers:
    """int64: how many keys lie between two, without them."""
    return np.searchsorted(keys, then) - np.searchsorted(keys, first, side="right")
