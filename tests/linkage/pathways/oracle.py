"""Every table by brute force: plain loops over people, periods and days, written from the definitions alone.

Nothing here is fast, and nothing is shared with the code that it checks. A table is a dictionary from the keys of its
rows to the values of its measures; counts that are 0 may be left out where the table lists only what occurs.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

Rows = dict[tuple[str, ...], tuple[object, ...]]


@dataclass(frozen=True)
class Record:
    """A service record; times are days or periods since 1970; `end` None: still open."""

    person: int
    member: str
    client: int
    service: str
    start: int
    end: int | None


@dataclass(frozen=True)
class Asked:
    """What is asked for; `first` and `last` are the window's, inclusive."""

    unit: str = "month"
    by_member: bool = True
    first: int | None = None
    last: int | None = None
    as_of: int | None = None
    gap: int = 1
    return_after: int = 14
    follow_up: int = 730


@dataclass(frozen=True)
class Episode:
    state: str
    start: int
    end: int
    is_open: bool


class Oracle:
    """Everybody's episodes, and the tables that follow from them."""

    def __init__(self, records: list[Record], asked: Asked, members: list[str], states: list[str]) -> None:
        self.asked, self.members, self.states = asked, members, states
        self.records = [record for record in records if self.counts(record)]
        self.until = self.known_until()
        self.people: dict[int, list[Record]] = {}
        for record in self.records:
            self.people.setdefault(record.person, []).append(record)
        self.episodes = {person: self.episodes_of(theirs) for person, theirs in self.people.items()}

    # --- what counts

    def counts(self, record: Record) -> bool:
        """Whether a record touches the window, and had begun by the as-of day."""
        asked = self.asked
        if asked.as_of is not None and record.start > asked.as_of:
            return False
        if asked.last is not None and record.start > asked.last:
            return False
        if asked.first is None:
            return True
        end = record.end
        if end is None or (asked.as_of is not None and end > asked.as_of):
            end = min((x for x in (end, asked.as_of, asked.last) if x is not None), default=asked.first)
            if record.end is None and asked.as_of is None and asked.last is None:
                end = max(asked.first, record.start)
        return end >= asked.first

    def known_until(self) -> int:
        limits = [x for x in (self.asked.as_of, self.asked.last) if x is not None]
        if limits:
            return min(limits)
        told = [record.start for record in self.records] + [r.end for r in self.records if r.end is not None]
        return max(told, default=0)

    def last_day(self, record: Record) -> tuple[int, bool]:
        """The last day of a record that is known, and whether it went on after that."""
        as_of = self.asked.as_of
        if record.end is None:
            if as_of is None:
                return self.until, True
            return (as_of if self.asked.last is None else min(as_of, self.asked.last)), True
        if as_of is not None and record.end > as_of:
            return as_of, True
        return record.end, False

    def state(self, record: Record) -> str:
        return record.member if self.asked.by_member else record.service

    def episodes_of(self, theirs: list[Record]) -> list[Episode]:
        """One person's episodes: days (or periods) with service, and the short gaps between them."""
        found = []
        for name in sorted({self.state(record) for record in theirs}):
            mine = [(record.start, *self.last_day(record)) for record in theirs if self.state(record) == name]
            days = sorted({day for start, end, _ in mine for day in range(start, end + 1)})
            runs = [[days[0]]]
            for day in days[1:]:
                if day - runs[-1][-1] - 1 < self.asked.gap:
                    runs[-1].append(day)
                else:
                    runs.append([day])
            for run in runs:
                is_open = any(open_ for start, _, open_ in mine if run[0] <= start <= run[-1])
                found.append(Episode(name, run[0], run[-1], is_open))
        return sorted(found, key=lambda episode: (episode.start, episode.state))

    # --- membership

    def people_in(self, *names: str) -> int:
        return sum(all(any(self.state(r) == n for r in theirs) for n in names) for theirs in self.people.values())

    def unduplicated(self) -> Rows:
        rows: Rows = {}
        total = 0
        for name in self.members:
            clients = {record.client for record in self.records if record.member == name}
            persons = {record.person for record in self.records if record.member == name}
            total += len(persons)
            rows[(name,)] = (len(clients), len(persons), less(len(persons), len(clients)), None, None)
        everybody = len(self.people)
        rows[("all members",)] = (None, everybody, None, total, less(everybody, total))
        return rows

    def set_pathway(self) -> Rows:
        return counted("+".join(sorted({self.state(r) for r in theirs})) for theirs in self.people.values())

    def overlap_pairs(self) -> Rows:
        rows: Rows = {}
        for i, a in enumerate(self.states):
            for b in self.states[i + 1 :]:
                both, in_a, in_b = self.people_in(a, b), self.people_in(a), self.people_in(b)
                either = sum(any(self.state(r) in (a, b) for r in theirs) for theirs in self.people.values())
                rows[a, b] = (both, in_a, in_b, share(both, in_a), share(both, in_b), share(both, either))
        return rows

    # --- order

    def steps(self, person: int) -> list[str]:
        """All episodes in order of start; those that start together are one step; equal neighbours are one."""
        steps: list[str] = []
        for at in sorted({episode.start for episode in self.episodes[person]}):
            step = "+".join(sorted(e.state for e in self.episodes[person] if e.start == at))
            if not steps or steps[-1] != step:
                steps.append(step)
        return steps

    def ordered_of(self, person: int) -> str:
        first: dict[str, int] = {}
        for episode in self.episodes[person]:
            first[episode.state] = min(first.get(episode.state, episode.start), episode.start)
        return ">".join("+".join(sorted(n for n in first if first[n] == at)) for at in sorted(set(first.values())))

    def ordered_pathway(self) -> Rows:
        return counted(self.ordered_of(person) for person in self.people)

    def sequence_pathway(self) -> Rows:
        def text(person: int) -> str:
            steps = self.steps(person)
            return ">".join(steps[:5]) + (">…" if len(steps) > 5 else "")

        return counted(text(person) for person in self.people)

    def first_touch(self) -> Rows:
        return counted(self.steps(person)[0] for person in self.people)

    def last_touch(self) -> Rows:
        return counted(self.steps(person)[-1] for person in self.people)

    def moves(self) -> list[tuple[int, str, str]]:
        found = []
        for person in self.people:
            nodes = ["(several)" if "+" in step else step for step in self.steps(person)]
            found += [(person, a, b) for a, b in zip(["(start)", *nodes], [*nodes, "(end)"], strict=True)]
        return found

    def transition_matrix(self) -> Rows:
        moves, rows = self.moves(), {}
        nodes = [*self.states, "(several)"]
        for source in [*nodes, "(start)"]:
            whole = sum(a == source for _, a, _ in moves)
            for target in [*nodes, "(end)"]:
                if (source == target and source != "(several)") or (source, target) == ("(start)", "(end)"):
                    continue
                part = sum((a, b) == (source, target) for _, a, b in moves)
                rows[source, target] = (part, share(part, whole))
            rows[source, "(all)"] = (whole, None)
        return rows

    def movers(self, source: str, target: str) -> int:
        return len({p for p, a, b in self.moves() if a == source and (b == target or target == "(all)")})

    # --- periods

    def period(self, day: int) -> int:
        if self.asked.unit != "day":
            return day
        then = date(1970, 1, 1) + timedelta(days=day)
        return (then.year - 1970) * 12 + then.month - 1

    def period_text(self, period: int) -> str:
        if self.asked.unit == "quarter":
            return f"{1970 + period // 4}Q{period % 4 + 1}"
        return f"{1970 + period // 12}-{period % 12 + 1:02d}"

    def flow_by_period(self) -> Rows:
        starts = [episode.start for theirs in self.episodes.values() for episode in theirs]
        if not starts and self.asked.first is None:
            return {}
        first = self.period(self.asked.first if self.asked.first is not None else min(starts))
        last = self.period(self.until)
        there: dict[str, list[set[int]]] = {name: [] for name in self.states}
        for theirs in self.episodes.values():
            for name in self.states:
                there[name].append(
                    {p for e in theirs if e.state == name for p in range(self.period(e.start), self.period(e.end) + 1)}
                )
        rows: Rows = {}
        for name in self.states:
            for p in range(first, last + 1):
                present = [periods for periods in there[name] if p in periods]
                new = sum(min(periods) == p for periods in present)
                continuing = sum(p - 1 in periods for periods in present)
                leaving = sum(p + 1 not in periods for periods in present)
                returning = len(present) - new - continuing
                rows[name, self.period_text(p)] = (new, returning, continuing, None if p == last else leaving)
        return rows


def counted(texts: object) -> Rows:
    return {(text,): (number,) for text, number in Counter(texts).items()}  # type: ignore[call-overload]


def share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def less(fewer: int, more: int) -> Fraction | None:
    return 1 - Fraction(fewer, more) if more else None
