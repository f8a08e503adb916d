"""Steps: what a person came to, in order; what begins at the same time is one step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from linkage.pathways.histories.episodes import Episodes
from linkage.pathways.histories.numbering import Numbers, Sequences, number_sequences, order_of, starts_of


@dataclass(frozen=True, eq=False)
class Steps:
    """Each person's steps, ordered by person, then time.

    Attributes:
        people, states: how many there are.
        person: int64 (steps,); every person has a step.
        start: int64 (steps,); when it begins.
        code: int64 (steps,); a state's number, or `states` and more for several that begin at the same time.
        together: what these are: code - states is their number there, less the empty one's.
        starts: int64 (people + 1,); where each person's steps start, and the end.
    """

    people: int
    states: int
    person: Numbers
    start: Numbers
    code: Numbers
    together: Sequences
    starts: Numbers

    @property
    def codes(self) -> int:
        """One more than the highest code."""
        return self.states + len(self.together) - 1

    def states_of(self, code: int) -> tuple[int, ...]:
        """The states of a step, rising."""
        return (code,) if code < self.states else self.together.read(code - self.states + 1)

    def code_of(self, states: Sequence[int]) -> int | None:
        """The code of a step of these states, rising; None where nobody has one."""
        if len(states) == 1:
            return states[0]
        number = self.together.find(states)
        return None if number is None else self.states + number - 1

    @property
    def sizes(self) -> tuple[Numbers, Numbers]:
        """int64 (codes + 1,) twice: how many states each code has, and the sum of their numbers; 0 for no code."""
        size, total = np.ones(self.codes + 1, np.int64), np.arange(self.codes + 1)
        for number in range(1, len(self.together)):  # shorter ones come first
            code, parent = self.states + number - 1, int(self.together.parent[number])
            before = self.states + parent - 1
            size[code] = 1 + (size[before] if parent else 0)
            total[code] = self.together.last[number] + (total[before] if parent else 0)
        size[-1] = total[-1] = 0
        return size, total

    @property
    def first(self) -> Numbers:
        """int64 (people,): the code of each person's first step."""
        return self.code[self.starts[:-1]]

    @property
    def last(self) -> Numbers:
        """int64 (people,): the code of each person's last step."""
        return self.code[self.starts[1:] - 1]

    def cut(self, most: int) -> tuple[Steps, Numbers]:
        """The first steps of everybody, `most` at most; and int64 (people,): how many steps each has in all."""
        length = np.diff(self.starts)
        kept = np.arange(len(self.person)) - np.repeat(self.starts[:-1], length) < most
        return self._where(kept), length

    def collapsed(self) -> Steps:
        """Without the steps that equal the one before."""
        kept = np.ones(len(self.person), bool)
        kept[1:] = (np.diff(self.person) != 0) | (np.diff(self.code) != 0)
        return self._where(kept)

    def _where(self, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Steps:
        person, start, code = self.person[kept], self.start[kept], self.code[kept]
        return Steps(self.people, self.states, person, start, code, self.together, starts_of(person, self.people))


def steps_of(episodes: Episodes) -> Steps:
    """The steps that episodes make by their starts; ends do not matter."""
    person, start, state = _by_start(episodes)
    is_new = np.ones(len(person), bool)
    is_new[1:] = (np.diff(person) != 0) | (np.diff(start) != 0)
    at = np.append(np.flatnonzero(is_new), len(person)).astype(np.int64)
    code = state[at[:-1]]
    several = np.flatnonzero(np.diff(at) > 1)
    number, together = _number_together(at, several, state, episodes.states)
    code[several] = episodes.states + number - 1
    person = person[at[:-1]]
    starts = starts_of(person, episodes.people)
    return Steps(episodes.people, episodes.states, person, start[at[:-1]], code, together, starts)


def _by_start(episodes: Episodes) -> tuple[Numbers, Numbers, Numbers]:
    """Person, start and state of every episode, in this order."""
    if not len(episodes):
        return episodes.person, episodes.start, episodes.state
    start = episodes.start - episodes.start.min()
    # by state already, and equal rows stay as they are: two columns are enough
    order = order_of((episodes.person, start), (episodes.people, int(start.max()) + 1))
    return episodes.person[order], episodes.start[order], episodes.state[order]


def _number_together(at: Numbers, several: Numbers, state: Numbers, states: int) -> tuple[Numbers, Sequences]:
    """A number for the states of each step that has several, and what they are; 1 and more, the last states' first."""
    size = at[several + 1] - at[several]
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(size)])
    within = np.arange(starts[-1]) - np.repeat(starts[:-1], size)
    number, tree = number_sequences(starts, state[np.repeat(at[several], size) + within], max(states, 1))
    return number, tree
