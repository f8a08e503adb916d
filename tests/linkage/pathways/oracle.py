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
    paths: tuple[tuple[tuple[str, ...], int | None, str], ...] = ()  # states, days between, loose or direct
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()  # name, pathways without marks in names


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
        if asked.first is None or record.start >= asked.first:
            return True
        if record.end is not None and asked.as_of is not None:
            return min(record.end, asked.as_of) >= asked.first
        if record.end is not None:
            return record.end >= asked.first
        if asked.as_of is not None:
            return asked.as_of >= asked.first
        return asked.last is None or asked.last >= asked.first

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
            return (self.until if as_of is None else as_of), True
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

    def link_quality(self) -> Rows:
        """Without what the linker knows of records and pairs."""
        at = [{record.member for record in theirs} for theirs in self.people.values()]
        rows: Rows = {}
        for name in self.members:
            here = [members for members in at if name in members]
            for text, one_alone in (("yes", False), ("no", True)):
                number = sum((len(members) == 1) is one_alone for members in here)
                rows["linked", name, text] = (number, share(number, len(here)))
        for size in range(1, len(self.members) + 1):
            number = sum(len(members) == size for members in at)
            rows["group_size", "all members", str(size)] = (number, share(number, len(at)))
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

    # --- the agreement's own pathways

    def contains_path(self) -> Rows:
        rows: Rows = {}
        for path, days, mode in self.asked.paths:
            people = sum(self.holds(person, path, days, mode, ()) for person in self.people)
            first = self.people_in(path[0])
            rows[">".join(path), "" if days is None else str(days), mode] = (people, first, share(people, first))
        return rows

    def holds(self, person: int, path: tuple[str, ...], days: int | None, mode: str, used: tuple[Episode, ...]) -> bool:
        """Whether the rest of a pathway can be found after the episodes used so far."""
        if len(used) == len(path):
            return True
        theirs = self.episodes[person]
        for episode in theirs:
            if episode.state != path[len(used)] or episode in used:
                continue
            if used:
                before = used[-1]
                if episode.start < before.start or (days is not None and episode.start - before.end > days):
                    continue
                others = [e for e in theirs if e.state not in (before.state, episode.state)]
                if mode == "direct" and any(before.start < e.start < episode.start for e in others):
                    continue
            if self.holds(person, path, days, mode, (*used, episode)):
                return True
        return False

    def grouped_pathway(self) -> Rows:
        rows = dict.fromkeys([(name,) for name, _ in self.asked.groups] + [("all other",)], 0)
        for person in self.people:
            rows[(self.group_of(person),)] += 1
        return {key: (number,) for key, number in rows.items()}

    def group_of(self, person: int) -> str:
        for name, pathways in self.asked.groups:
            if any(">" in text and self.same_order(text, person) for text in pathways):
                return name
        mine = {episode.state for episode in self.episodes[person]}
        for name, pathways in self.asked.groups:
            if any(">" not in text and set(text.split("+")) == mine for text in pathways):
                return name
        return "all other"

    def same_order(self, text: str, person: int) -> bool:
        asked = [set(step.split("+")) for step in text.split(">")]
        return asked == [set(step.split("+")) for step in self.ordered_of(person).split(">")]

    # --- days

    def first_episode(self, person: int, state: str) -> Episode | None:
        return min((e for e in self.episodes[person] if e.state == state), key=lambda e: e.start, default=None)

    def dwell(self) -> Rows:
        rows: Rows = {}
        for state in self.states:
            first = [e for person in self.people if (e := self.first_episode(person, state))]
            ended = [e.end - e.start for e in first if not e.is_open]
            still = [e.end - e.start for e in first if e.is_open]
            for name, low, high in BANDS:
                rows[state, name] = (sum(low <= days <= high for days in ended), None, None, None, None)
            rows[state, "all"] = (len(ended), len(still), *quartiles(ended, still))
        return rows

    def lag(self) -> Rows:
        rows: Rows = {}
        for a in self.states:
            left = [(p, e) for p in self.people if (e := self.first_episode(p, a)) and not e.is_open]
            left = [(person, e.end) for person, e in left if e.end <= self.until]
            for b in self.states:
                if a == b:
                    continue
                arrived, never = [], []
                for person, day in left:
                    comes = [e.start for e in self.episodes[person] if e.state == b and e.start >= day]
                    if comes:
                        arrived.append(min(comes) - day)
                    else:
                        never.append(self.until - day)
                for name, low, high in BANDS:
                    rows[a, b, name] = (sum(low <= days <= high for days in arrived), None, None, None, None)
                rows[a, b, "all"] = (len(arrived), len(never), *quartiles(arrived, never))
        return rows

    def next_state(self, person: int, state: str) -> tuple[str, int] | None:
        """Where somebody went first after leaving a state, and after how many days; None: left too late or never."""
        asked = self.asked
        mine = sorted((e for e in self.episodes[person] if e.state == state), key=lambda e: e.start)
        if not mine:
            return None
        stay, back = [mine[0]], max(asked.return_after, asked.gap)
        for episode in mine[1:]:
            if episode.start - stay[-1].end > back:
                break
            stay.append(episode)
        day = stay[-1].end
        if any(e.is_open for e in stay) or day + asked.follow_up > self.until:
            return None
        comes = [e for e in self.episodes[person] if e.start >= day and e not in stay]
        soonest = min((e.start for e in comes), default=day + asked.follow_up + 1)
        if soonest - day > asked.follow_up:
            return "(none)", 0
        names = [e.state for e in comes if e.start == soonest]
        return (names[0] if len(names) == 1 else "(several)"), soonest - day

    def transition_within(self) -> Rows:
        rows: Rows = {}
        most = self.asked.follow_up
        for a in self.states:
            found = [went for person in self.people if (went := self.next_state(person, a))]
            for b in [*self.states, "(several)", "(none)"]:
                least = max(self.asked.return_after, self.asked.gap) + 1 if a == b else 0
                days = [after for state, after in found if state == b]
                for _, low, high in BANDS if b != "(none)" else ():
                    low, high = max(low, least), min(high, most)
                    if low <= high:
                        name = str(low) if low == high else f"{low}-{high}"
                        people = sum(low <= after <= high for after in days)
                        rows[a, b, name] = (people, share(people, len(found)))
                rows[a, b, "all"] = (len(days), share(len(days), len(found)))
            rows[a, "(all)", "all"] = (len(found), None)
        return rows


BANDS = (
    ("0", 0, 0),
    ("1-7", 1, 7),
    ("8-30", 8, 30),
    ("31-60", 31, 60),
    ("61-90", 61, 90),
    ("91-180", 91, 180),
    ("181-365", 181, 365),
    ("366-547", 366, 547),
    ("548-730", 548, 730),
    ("731-1094", 731, 1094),
    ("1095+", 1095, 10**9),
)


def quartiles(done: list[int], cut: list[int]) -> list[int | None]:
    """Kaplan-Meier, exactly: the first day on which the share not yet done is 3/4, 1/2, 1/4 or less."""
    found: list[int | None] = []
    for part in (Fraction(3, 4), Fraction(1, 2), Fraction(1, 4)):
        left, day = Fraction(1), None
        for days in sorted(set(done)):
            waiting = sum(x >= days for x in done) + sum(x >= days for x in cut)
            left *= 1 - Fraction(sum(x == days for x in done), waiting)
            if left <= part:
                day = days
                break
        found.append(day)
    return found


def counted(texts: object) -> Rows:
    return {(text,): (number,) for text, number in Counter(texts).items()}  # type: ignore[call-overload]


def share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def less(fewer: int, more: int) -> Fraction | None:
    return 1 - Fraction(fewer, more) if more else None
