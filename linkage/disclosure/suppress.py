"""Hide counts until no reader can work a hidden one out, then show again what need not have been hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from linkage.disclosure.exchange import Exchange, Moved
from linkage.disclosure.pattern import OUTSIDE, Guarded, Limits, Pattern
from linkage.disclosure.relations import Flags, Numbers
from linkage.disclosure.witnesses import Witnesses

_TRIES = 400
"""Programmes solved at most to show hidden counts again: ten members' tables would need thousands for the last few."""

_AT_ONCE = 12
"""A count is not shown again where that leaves more guarded counts than these without proof."""


_OTHERS = 8
"""Of how many other hidden cells it is tried whether they could be the small one."""


class Unsafe(Exception):
    """A count that cannot be made safe, whatever is hidden.

    Attributes:
        guarded: the count.
        reader: who can work it out.
    """

    def __init__(self, guarded: Guarded, reader: str) -> None:
        super().__init__()
        self.guarded, self.reader = guarded, reader


@dataclass(eq=False)
class Suppression:
    """The work on one draft.

    Attributes:
        pattern: the draft; counts in it are hidden while the work goes on.
        known: what each reader knows by itself, bool (counts,) each: every member, and the outsider, who knows nothing.
        exchange: the programmes.
        witnesses: those found so far. Hiding a count never lets a reader know more, so they stay witnesses.
        apart: rows of counts that cannot be made safe from what all members know together, only from each.
        eased: what a reader knows better by itself than a count has to be safe: its spread and top, by reader and row.
    """

    pattern: Pattern
    known: Mapping[str, Flags]
    exchange: Exchange
    witnesses: Witnesses
    eased: dict[tuple[str, bytes], tuple[int, int]] = field(default_factory=dict)
    apart: set[bytes] = field(default_factory=set)

    def hide_until_safe(self) -> None:
        """Hide shown counts until the witnesses prove every guarded count safe from every reader.

        Raises:
            Unsafe: hiding all that can be hidden would not be enough.
        """
        while open_ones := self._unsafe():
            for guarded, readers in open_ones:
                if not self._prove(guarded, readers):  # a smaller programme, and mostly enough
                    self._secure_from_all(guarded, readers)

    def _secure_from_all(self, guarded: Guarded, readers: tuple[str, ...]) -> None:
        """Make a count safe from all who do not know it: from what they know together or, if that fails, one by one."""
        if self._secure(guarded, self._knowing(readers)):
            return
        self.apart.add(_row(guarded, 0))
        for reader in readers:
            eased = self._eased(guarded, reader)
            if not self.witnesses.safe(self.pattern, self.known[reader], eased)[0] and not self._secure(
                eased, self.known[reader]
            ):
                self._ease(guarded, reader)

    def is_proven(self) -> bool:
        """Whether every guarded count is proven safe from every reader, one by one."""
        guarded = self.pattern.guarded()
        return all(self._are_safe(guarded.some(which), readers).all() for readers, which in self._circles(guarded))

    def fractions(self) -> tuple[int, int]:
        """How many guarded counts are proven with fractions of people only, and how many there are."""
        guarded = self.pattern.guarded()
        circles = self._circles(guarded)
        whole = [self._are_safe(guarded.some(which), readers, whole=True) for readers, which in circles]
        return int(sum((~safe).sum() for safe in whole)), len(guarded)

    def show_again(self, primary: Flags) -> None:
        """Show hidden counts again, the costliest first, where all stays proven without hiding another."""
        relations = self.pattern.relations
        hidden = np.flatnonzero((relations.cells > 0) & ~self.pattern.shown & ~primary)
        order = np.lexsort((hidden, -relations.values[hidden], -relations.cells[hidden]))
        tries = _TRIES
        for number in hidden[order]:
            if tries <= 0:
                return
            if self.pattern.may_show(number):
                tries -= self._show_if_safe(number)

    def _show_if_safe(self, number: int) -> int:
        """Show a count if everything can be proven with it; gives back how many programmes that took."""
        kept, solved = len(self.witnesses), 1
        self.pattern.shown[number] = True
        open_ones = self._unsafe()
        solved += len(open_ones)
        if len(open_ones) > _AT_ONCE or not all(self._prove(one, readers) for one, readers in open_ones):
            self.pattern.shown[number] = False
            self.witnesses.forget(kept)
        return solved

    def _unsafe(self) -> list[tuple[Guarded, tuple[str, ...]]]:
        """Guarded counts that are not proven safe, with all who do not know them by themselves; the largest first."""
        guarded = self.pattern.guarded()
        found = []
        for readers, which in self._circles(guarded):
            unsafe = which[~self._are_safe(guarded.some(which), readers)]
            found += [(guarded.some(np.array([number])), readers) for number in unsafe]
        return sorted(found, key=lambda one: -int(one[0].values[0]))

    def _circles(self, guarded: Guarded) -> Iterator[tuple[tuple[str, ...], Numbers]]:
        """Guarded counts by who does not know them by itself: those readers, and the numbers of the counts."""
        circles: dict[tuple[str, ...], list[int]] = {}
        for at, number in enumerate(guarded.number):
            readers = tuple(name for name, knows in self.known.items() if number < 0 or not knows[number])
            circles.setdefault(readers, []).append(at)
        for readers, which in circles.items():
            yield readers, np.array(which, np.int64)

    def _knowing(self, readers: tuple[str, ...]) -> Flags:
        """What some readers would know together: what is safe from all of them is safe from each."""
        together: Flags = np.any([self.known[name] for name in readers], axis=0)
        return together

    def _are_safe(self, guarded: Guarded, readers: tuple[str, ...], *, whole: bool = False) -> Flags:
        """bool (guarded,): which counts are proven safe from each of some readers."""
        safe = self.witnesses.safe(self.pattern, self._knowing(readers), guarded, whole=whole)
        left = np.array([at for at in np.flatnonzero(~safe).tolist() if _row(guarded, at) in self.apart], np.int64)
        if len(left):
            rest = guarded.some(left)
            each = [
                self.witnesses.safe(self.pattern, self.known[name], self._eased(rest, name), whole=whole)
                for name in readers
            ]
            safe[left] = np.all(each, axis=0)
        return safe

    def _eased(self, guarded: Guarded, reader: str) -> Guarded:
        """The counts as safe as they have to be from one reader."""
        if not any(name == reader for name, _ in self.eased):
            return guarded
        usual = zip(guarded.spread.tolist(), guarded.top.tolist(), strict=True)
        asked = [self.eased.get(_name(guarded, at, reader), one) for at, one in enumerate(usual)]
        return replace(guarded, spread=np.array([one for one, _ in asked]), top=np.array([one for _, one in asked]))

    def _secure(self, guarded: Guarded, pinned: Flags) -> bool:
        """Make one count safe from who knows `pinned`, by hiding as little as can be; False where nothing helps."""
        before = self.pattern.shown.copy()
        for by in self._ways(guarded, pinned):
            for at, limits in enumerate(self._worlds(guarded, pinned)):
                moved = self.exchange.change(guarded.weights, by, limits, self.pattern.room(pinned))
                if moved is None and at == 0:
                    break  # the worlds that follow are within the first
                if moved is None:
                    continue
                changed = self.witnesses.add(moved)
                self._hide_changed(changed, pinned)
                if self.pattern.is_plausible(changed[None, :])[0]:
                    break
            if self.witnesses.safe(self.pattern, pinned, guarded)[0]:
                return True
        return bool((self.pattern.shown != before).any())

    def _prove(self, guarded: Guarded, readers: tuple[str, ...]) -> bool:
        """Look for witnesses that one count is safe from all of some readers, with nothing more hidden."""
        if self._are_safe(guarded, readers)[0]:
            return True
        pinned = self._knowing(readers)
        for by in self._ways(guarded, pinned):
            for at, limits in enumerate(self._worlds(guarded, pinned)):
                moved = self.exchange.change(guarded.weights, by, limits)
                if moved is None and at == 0:
                    break
                if moved is not None and self._is_plausible(self.witnesses.add(moved), pinned):
                    break
            if self.witnesses.safe(self.pattern, pinned, guarded)[0]:
                return True
        return False

    def _ways(self, guarded: Guarded, pinned: Flags) -> Iterator[int]:
        """By how much to change a count: up, as far as is missing; down where it is large enough; then both."""
        value, spread, top = (int(one[0]) for one in (guarded.values, guarded.spread, guarded.top))
        least, _ = self.witnesses.ranges(self.pattern, pinned, guarded)
        yield max(spread - (value - int(np.ceil(least[0] - 1e-6))), top - value, 1)
        if value - spread >= self.pattern.policy.hidden_least and value >= top:
            yield -spread
        elif value > self.pattern.policy.hidden_least:
            yield -min(value - self.pattern.policy.hidden_least, spread)
            least, _ = self.witnesses.ranges(self.pattern, pinned, guarded)
            yield max(spread - (value - int(np.ceil(least[0] - 1e-6))), top - value, 1)

    def _worlds(self, guarded: Guarded, pinned: Flags) -> Iterator[Limits]:
        """Limits for other co-ops: any, then such in which another of the hidden cells is small, the smallest first."""
        low, high = self.pattern.limits(pinned)
        yield low, high
        values, hidden = self.pattern.relations.values, self.pattern.hidden_cells()
        others = hidden[hidden != guarded.number[0]]
        for number in others[np.argsort(values[others], kind="stable")][:_OTHERS]:
            capped = high.copy()
            capped[number] = min(high[number], self.pattern.minimum - 1 - values[number])
            if capped[number] >= low[number]:
                yield low, capped

    def _is_plausible(self, changed: Moved, pinned: Flags) -> bool:
        """Whether something small would be hidden in that co-op, with all hidden that differs in it."""
        shown = self.pattern.shown.copy()
        self._hide_changed(changed, pinned)
        plausible = bool(self.pattern.is_plausible(changed[None, :])[0])
        self.pattern.shown = shown
        return plausible

    def _hide_changed(self, changed: Moved, pinned: Flags) -> None:
        low, high = self.pattern.limits(pinned)
        broken = (changed < low - 1e-6) | (changed > high + 1e-6)
        self.pattern.hide(np.flatnonzero(broken & self.pattern.shown))

    def _ease(self, guarded: Guarded, reader: str) -> None:
        """Ask no more of a count than what its reader does not know without any release.

        Raises:
            Unsafe: for the outsider, who knows nothing by itself; or where that is asked already.
        """
        if reader == OUTSIDE or _name(guarded, 0, reader) in self.eased:
            raise Unsafe(guarded, reader)
        nothing = replace(self.pattern, shown=np.zeros_like(self.pattern.shown))
        limits = nothing.limits(self.known[reader])
        spread, top = int(guarded.spread[0]), int(guarded.top[0])
        value = int(guarded.values[0])
        up, down = (self._reach(guarded, sign, spread, limits) for sign in (1, -1))
        self.eased[_name(guarded, 0, reader)] = min(spread, up + down), min(top, value + up)

    def _reach(self, guarded: Guarded, sign: int, most: int, limits: tuple[Numbers, Numbers]) -> int:
        """How far a count can change at all, up to `most`."""
        low, high = 0, most
        while low < high:
            middle = (low + high + 1) // 2
            if self.exchange.change(guarded.weights, sign * middle, limits) is None:
                high = middle - 1
            else:
                low = middle
        return low


def _name(guarded: Guarded, at: int, reader: str) -> tuple[str, bytes]:
    return reader, _row(guarded, at)


def _row(guarded: Guarded, at: int) -> bytes:
    row = slice(guarded.weights.indptr[at], guarded.weights.indptr[at + 1])
    return guarded.weights.indices[row].tobytes() + guarded.weights.data[row].tobytes()
