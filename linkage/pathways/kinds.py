"""Raw counts: how many people took which pathway, before disclosure control. Defined here, for every table.

A person is a group with at least one event. `RawCounts` may show one person, so it lives in memory only.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from itertools import combinations
from typing import NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from linkage.events import Events

CountKey = tuple[str, ...]
"""Which count: its sort, then the texts that say which one. See `weights_of`."""

PEOPLE: CountKey = ("people",)
SUM_OF_PEOPLE: CountKey = ("sum of people",)
STEP, WITH = ">", "+"  # `shelter>clinic+training`: shelter first, then clinic and training in the same period
_MARKS = frozenset('>+"\r\n')  # in a name they could be read as something else

Numbers = NDArray[np.int64]


class Kind(NamedTuple):
    """What people of one kind have in common.

    Attributes:
        members: the members they are at (indices, rising).
        path: their states (indices) by first start; states with equal starts are one step. One step without time.
    """

    members: tuple[int, ...]
    path: tuple[tuple[int, ...], ...]


class RawCounts:
    """People per kind. Cannot be pickled, copied, serialised or printed: only `disclosure.protect` reads it.

    Attributes:
        members, states: names.
        timed: whether paths have an order.
        records: int64 (members,); client records with an event.
        kinds: every kind that occurs, in order.
        people: int64 (kinds,); how many people are of each kind, at least 1.
    """

    __slots__ = ("kinds", "members", "people", "records", "states", "timed")

    def __init__(
        self,
        members: tuple[str, ...],
        states: tuple[str, ...],
        *,
        timed: bool,
        records: Numbers,
        kinds: tuple[Kind, ...],
        people: Numbers,
    ) -> None:
        self.members, self.states, self.timed = members, states, timed
        self.records, self.kinds, self.people = records, kinds, people

    def __repr__(self) -> str:
        return "RawCounts(not shown)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("raw counts stay in memory: they are not copied, pickled or serialised")


def count_pathways(events: Events) -> RawCounts:
    """Count the people of each kind.

    A state's place in a path is that of its first event's start. The start is the record's own: it may lie before
    the window, since only the record has to intersect it. Episodes joined over gaps have the same first start.
    """
    _, who = np.unique(events.person, return_inverse=True)
    path, paths = _number_paths(who.astype(np.int64), events)
    at, belongs = _distinct(who.astype(np.int64), events.member, len(events.members))
    place, places = _number_sequences(at, belongs)
    pairs, people = np.unique(place * len(paths) + path, return_counts=True)
    kinds = [Kind(places[int(pair) // len(paths)], _steps(paths[int(pair) % len(paths)])) for pair in pairs]
    order = sorted(range(len(kinds)), key=kinds.__getitem__)
    served = np.unique(events.record, return_index=True)[1]
    return RawCounts(
        events.members,
        events.states,
        timed=events.timed,
        records=np.bincount(events.member[served], minlength=len(events.members)),
        kinds=tuple(kinds[i] for i in order),
        people=people[order].astype(np.int64),
    )


def count_keys(raw: RawCounts, tables: Collection[str], *, state_is_member: bool) -> list[CountKey]:
    """Every count that these tables show, in name order; for pathways every one that occurs."""
    state = "member" if state_is_member else "state"
    keys: list[CountKey] = []
    if "unduplicated" in tables:
        keys += [PEOPLE, SUM_OF_PEOPLE, *(("member", name) for name in raw.members)]
    if "set_pathway" in tables:
        keys += [("set", text) for text in _texts(raw, "set")]
    if "overlap_pairs" in tables:
        keys += [(state, name) for name in raw.states if (state, name) not in keys]
        keys += [("pair", a, b) for a, b in combinations(raw.states, 2)]
    if "ordered_pathway" in tables:
        keys += [("path", text) for text in _texts(raw, "path")]
    return keys


def weights_of(raw: RawCounts, keys: Sequence[CountKey]) -> Numbers:
    """int64 (keys, kinds): how often a person of each kind counts in each count; a count is its row times `people`.

    ("people",): once each. ("sum of people",): once for each member they are at. ("member", name): at that member.
    ("members", text): at exactly these. ("state", name): in that state. ("set", text): in exactly these states.
    ("pair", a, b): in both. ("path", text): took exactly this path.
    """
    at = _incidence([kind.members for kind in raw.kinds], len(raw.members))
    been = _incidence([[state for step in kind.path for state in step] for kind in raw.kinds], len(raw.states))
    member = {name: at[:, i] for i, name in enumerate(raw.members)}
    state = {name: been[:, i] for i, name in enumerate(raw.states)}
    texts = {sort: np.array(kind_texts(raw, sort), object) for sort in {key[0] for key in keys} & set(_WRITTEN)}
    rows = []
    for sort, *which in keys:
        match sort:
            case "people":
                row = np.ones(len(raw.kinds), np.int64)
            case "sum of people":
                row = at.sum(axis=1)
            case "member":
                row = member[which[0]]
            case "state":
                row = state[which[0]]
            case "pair":
                row = state[which[0]] * state[which[1]]
            case _:
                row = (texts[sort] == which[0]).astype(np.int64)
        rows.append(row)
    return np.array(rows, np.int64).reshape(len(keys), len(raw.kinds))


def kind_texts(raw: RawCounts, sort: str) -> list[str]:
    """Each kind's `path`, `set` (of states) or `members`, as the tables write it."""
    return [_WRITTEN[sort](raw, kind) for kind in raw.kinds]


def write_set(names: Iterable[str]) -> str:
    """A set of states as the tables write it: `clinic+shelter`; names that hold such a mark are quoted."""
    return WITH.join(f'"{name.replace(chr(34), chr(34) * 2)}"' if set(name) & _MARKS else name for name in names)


def read_set(text: str) -> list[str]:
    """The states of a set that `write_set` wrote."""
    return next(csv.reader(io.StringIO(text, newline=""), delimiter=WITH), [])


def _write_path(raw: RawCounts, kind: Kind) -> str:
    return STEP.join(write_set(raw.states[state] for state in step) for step in kind.path)


def _write_states(raw: RawCounts, kind: Kind) -> str:
    return write_set(raw.states[state] for state in sorted(state for step in kind.path for state in step))


def _write_members(raw: RawCounts, kind: Kind) -> str:
    return write_set(raw.members[member] for member in kind.members)


_WRITTEN = {"path": _write_path, "set": _write_states, "members": _write_members}


def _texts(raw: RawCounts, sort: str) -> list[str]:
    """The different texts, the fewest states first, then in name order: an order that tells nothing of the counts."""
    size = {
        text: sum(len(step) for step in kind.path) for text, kind in zip(kind_texts(raw, sort), raw.kinds, strict=True)
    }
    return sorted(size, key=lambda text: (size[text], text))


def _number_paths(who: Numbers, events: Events) -> tuple[Numbers, list[tuple[int, ...]]]:
    """Each person's path as a sequence of codes: twice the state, and one more where it joins the step before."""
    states = max(len(events.states), 1)
    key = who * states + events.state
    order = np.lexsort((events.start, key)) if events.timed else np.argsort(key)
    is_first = np.diff(key[order], prepend=-1) != 0
    person, state = np.divmod(key[order][is_first], states)
    first = events.start[order][is_first] if events.timed else np.zeros(len(person), np.int32)
    order = np.lexsort((first, person))  # stable: equal starts stay in name order
    person, state, first = person[order], state[order], first[order]
    joins = np.zeros(len(order), np.int64)
    joins[1:] = (np.diff(person) == 0) & (np.diff(first) == 0)
    return _number_sequences(person, 2 * state + joins)


def _steps(codes: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    steps: list[list[int]] = []
    for code in codes:
        state, joins = divmod(code, 2)
        steps = [*steps[:-1], [*steps[-1], state]] if joins else [*steps, [state]]
    return tuple(tuple(step) for step in steps)


def _distinct(who: Numbers, what: Numbers, sorts: int) -> tuple[Numbers, Numbers]:
    """Every different (who, what), by who, then what."""
    pairs = np.unique(who * max(sorts, 1) + what)
    return np.divmod(pairs, max(sorts, 1))


def _number_sequences(owner: Numbers, code: Numbers) -> tuple[Numbers, list[tuple[int, ...]]]:
    """A number for each owner's sequence of codes, equal where the sequences are, and the sequence of each number.

    `owner` is rising, 0 .. owners - 1, each at least once. Sequences are numbered step by step, every number standing
    for a prefix: exact, where a hash would be nearly so.
    """
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    position = np.arange(len(owner)) - np.repeat(starts, np.diff(starts, append=len(owner)))
    codes = int(code.max()) + 1 if len(code) else 1
    number = np.zeros(len(starts), np.int64)
    prefixes: list[tuple[int, ...]] = [()]
    for step in range(int(position.max()) + 1 if len(position) else 0):
        here = position == step
        longer, inverse = np.unique(number[owner[here]] * codes + code[here], return_inverse=True)
        number[owner[here]] = len(prefixes) + inverse
        prefixes += [(*prefixes[int(value) // codes], int(value) % codes) for value in longer]
    return number, prefixes


def _incidence(rows: Sequence[Sequence[int]], columns: int) -> Numbers:
    """int64 (rows, columns): 1 where a row names the column."""
    matrix = np.zeros((len(rows), columns), np.int64)
    for row, named in enumerate(rows):
        matrix[row, list(named)] = 1
    return matrix
