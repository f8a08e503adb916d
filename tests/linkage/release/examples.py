"""Released tables as a co-op would have them: simulated people, counted plainly, with small counts hidden.

Every table of the contract is here, for the tests of files, pictures and the report. The counting is short, not exact
in every definition, and only hides what is small: that counts are right and safe is tested where they are made.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise

from linkage.release.release_files import Checks
from schemas import Agreement, Cell, ReleaseTable, Status
from schemas.agreement import parse_agreement
from schemas.table_columns import TABLE_COLUMNS, Kind
from schemas.tables import HIDDEN

STATES = ("clinic", "pantry", "school", "shelter", "training")
MINIMUM = 11
BANDS = ((0, 0), (1, 7), (8, 30), (31, 60), (61, 90), (91, 180), (181, 365), (366, None))
MONTHS = tuple(f"{year}-{month:02d}" for year in (2023, 2024) for month in range(1, 13))
DAYS_A_MONTH = 30.4
FOLLOWED = 365
NOT_APPLICABLE = Cell(None, Status.NOT_APPLICABLE)
FACTS = {
    "waylink_version": "1.2.3",
    "run_digest": "ab" * 32,
    "threshold": 0.68,
    "warnings": ["Few birth dates at school."],
}
CHECKS = Checks(["No count of 1 to 10 people is shown."], ["That nobody guesses well."], "cms11")

Stay = tuple[int, int, str]
"""First day, last day (over the window's end: open), state."""


@dataclass(frozen=True)
class Person:
    stays: tuple[Stay, ...]

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(sorted({state for _, _, state in self.stays}))

    def path(self, *, once: bool) -> str:
        steps: list[tuple[int, list[str]]] = []
        for start, _, state in self.stays:
            month = int(start // DAYS_A_MONTH)
            if once and any(state in names for _, names in steps):
                continue
            if steps and steps[-1][0] == month:
                steps[-1] = (month, sorted({*steps[-1][1], state}))
            elif not steps or steps[-1][1] != [state]:
                steps.append((month, [state]))
        texts = ["+".join(names) for _, names in steps]
        return ">".join([*texts[:5], "…"] if len(texts) > 5 else texts)


def agreement(text: str = "", project: str = "Coop pathways") -> Agreement:
    from json import dumps

    return parse_agreement(
        f"project = {dumps(project)}\n"
        'purpose = "See how people move between shelter, clinic, training, pantry and school"\n'
        f"members = {dumps(STATES)}\n"
        'data_level = "period"\nperiod = "month"\nwindow_start = 2023-01-01\nwindow_end = 2025-01-01\n'
        f'tables = ["unduplicated", "set_pathway", "overlap_pairs", "ordered_pathway"]\n{text}'
    )


@lru_cache
def people(number: int = 3000) -> tuple[Person, ...]:
    chance = random.Random(7)  # noqa: S311
    found = []
    for _ in range(number):
        day, state, stays = chance.randrange(700), chance.choices(STATES, (4, 4, 1, 6, 2))[0], []
        while day < 730:
            last = day + int(chance.expovariate(1 / 60))
            stays.append((day, last, state))
            if chance.random() < 0.45:
                break
            day = last + int(chance.expovariate(1 / 40)) - 10
            state = chance.choices(STATES, (3, 3, 1, 1, 3))[0]
        found.append(Person(tuple(sorted(stays))))
    return tuple(found)


def count(number: int) -> Cell:
    """A count as it is released: hidden where small, with a low and a high."""
    if 0 < number < MINIMUM:
        return HIDDEN
    return (
        Cell(number, Status.OK, number // 10 * 10 - (10 if number > 50 else 0), -(-number // 10) * 10 + 10)
        if number
        else Cell(0)
    )


def share(part: Cell, whole: Cell) -> Cell:
    if part.value is None or whole.value is None:
        return HIDDEN
    return Cell(round(part.value / whole.value, 4)) if whole.value else NOT_APPLICABLE


def estimates(cell: Cell) -> tuple[Cell, Cell, Cell]:
    if cell.value is None:
        return HIDDEN, HIDDEN, HIDDEN
    return Cell(cell.value * 1.02), Cell(math.floor(cell.value * 0.96)), Cell(math.ceil(cell.value * 1.08))


def table(name: str, rows: Iterable[tuple[tuple[str, ...], tuple[Cell, ...]]]) -> ReleaseTable:
    contract = TABLE_COLUMNS[name]
    keys, measures = (tuple(one.name for one in columns) for columns in (contract.keys, contract.measures))
    counts = frozenset(one.name for one in contract.measures if one.kind is Kind.COUNT)
    return ReleaseTable(name, contract.title, keys, measures, list(rows), counts)


def unduplicated() -> ReleaseTable:
    rows = []
    at = {state: sum(state in one.states for one in people()) for state in STATES}
    for state in STATES:
        records = count(round(at[state] * 1.13))
        cells = (
            records,
            count(at[state]),
            share(Cell(round(at[state] * 0.13)), records),
            NOT_APPLICABLE,
            NOT_APPLICABLE,
        )
        rows.append(((state,), cells))
    total = sum(at.values())
    less = Cell(round(1 - len(people()) / total, 4))
    rows.append((("all members",), (NOT_APPLICABLE, count(len(people())), NOT_APPLICABLE, count(total), less)))
    return table("unduplicated", rows)


def set_pathway() -> ReleaseTable:
    found = Counter("+".join(one.states) for one in people())
    rows = [
        ((name,), (count(found[name]), *estimates(count(found[name]))))
        for name in sorted(found, key=lambda n: (n.count("+"), n))
    ]
    return table("set_pathway", rows)


def overlap_pairs() -> ReleaseTable:
    rows = []
    for a, b in combinations(STATES, 2):
        both = count(sum(a in one.states and b in one.states for one in people()))
        of_a, of_b = (count(sum(state in one.states for one in people())) for state in (a, b))
        union = Cell((of_a.value or 0) + (of_b.value or 0) - (both.value or 0))
        rows.append(
            ((a, b), (both, of_a, of_b, share(both, of_a), share(both, of_b), share(both, union), *estimates(both)))
        )
    return table("overlap_pairs", rows)


def pathways(name: str, *, once: bool) -> ReleaseTable:
    found = Counter(one.path(once=once) for one in people())
    named = sorted((text for text, n in found.items() if n >= MINIMUM), key=lambda text: (text.count(">"), text))
    rest = sum(n for n in found.values() if n < MINIMUM)
    return table(name, [*(((text,), (count(found[text]),)) for text in named), (("other pathways",), (count(rest),))])


def grouped_pathway() -> ReleaseTable:
    return table(
        "grouped_pathway",
        [(("shelter, then work",), (count(412),)), (("food and health",), (HIDDEN,)), (("all other",), (count(2588),))],
    )


def contains_path() -> ReleaseTable:
    first = count(sum("shelter" in one.states for one in people()))
    rows = []
    for days, mode, number in ((90, "loose", 214), (30, "direct", 7)):
        rows.append((("shelter>training", str(days), mode), (count(number), first, share(count(number), first))))
    return table("contains_path", rows)


def transition_matrix() -> ReleaseTable:
    moves: Counter[tuple[str, str]] = Counter()
    for one in people():
        states = [state for _, _, state in one.stays]
        states = [state for at, state in enumerate(states) if at == 0 or state != states[at - 1]]
        moves.update(pairwise(["(start)", *states, "(end)"]))
    wholes = Counter[str]()
    for (a, _), n in moves.items():
        wholes[a] += n
    names = [
        (a, b) for a in ("(start)", *STATES) for b in (*STATES, "(end)") if a != b and (a, b) != ("(start)", "(end)")
    ]
    return table(
        "transition_matrix",
        [(pair, (count(moves[pair]), share(count(moves[pair]), count(wholes[pair[0]])))) for pair in names],
    )


def _band(days: int) -> str:
    first, last = next((a, b) for a, b in BANDS if b is None or a <= days <= b)
    return str(first) if first == last else f"{first}-{last}" if last else f"{first}+"


BAND_NAMES = tuple(_band(first) for first, _ in BANDS)


def _after(one: Person, state: str) -> tuple[int, tuple[Stay, ...]] | None:
    """The day of first leaving a state, and the stays after it."""
    for start, last, name in one.stays:
        if name == state and last < 730:
            return last, tuple(stay for stay in one.stays if stay[0] > start and stay[0] > last)
    return None


def transition_within() -> ReleaseTable:
    rows = []
    for a in STATES:
        went: Counter[tuple[str, str]] = Counter()
        for one in people():
            left = _after(one, a)
            if left and left[0] + FOLLOWED < 730:
                soon = [(start - left[0], to) for start, _, to in left[1] if 0 < start - left[0] <= FOLLOWED]
                days, to = min(soon, default=(0, "(none)"))
                went[to, _band(days) if soon else "all"] += 1
        whole = count(sum(went.values()))
        for to in (*STATES, "(none)"):
            bands = BAND_NAMES[1:-1] if to != "(none)" else ()
            rows += [((a, to, band), (count(went[to, band]), share(count(went[to, band]), whole))) for band in bands]
            every = count(sum(n for (name, _), n in went.items() if name == to))
            rows.append(((a, to, "all"), (every, share(every, whole))))
    return table("transition_within", rows)


def touch(name: str, pick: Callable[[Person], str]) -> ReleaseTable:
    found = Counter(pick(one) for one in people())
    return table(name, [((state,), (count(found[state]),)) for state in STATES])


def _statistics(days: list[int], censored: int) -> tuple[Cell, Cell, Cell]:
    ordered, whole = sorted(days), len(days) + censored
    return tuple(  # type: ignore[return-value]
        Cell(ordered[at]) if (at := math.ceil(whole * part) - 1) < len(ordered) else NOT_APPLICABLE
        for part in (0.25, 0.5, 0.75)
    )


def _banded(keys: tuple[str, ...], days: list[int], unfinished: int) -> list[tuple[tuple[str, ...], tuple[Cell, ...]]]:
    found = Counter(map(_band, days))
    rows = [((*keys, band), (count(found[band]), *(NOT_APPLICABLE,) * 4)) for band in BAND_NAMES]
    everybody = count(len(days))
    statistics = _statistics(days, unfinished) if len(days) >= 2 * MINIMUM else (HIDDEN,) * 3
    return [*rows, ((*keys, "all"), (everybody, count(unfinished), *statistics))]


def dwell() -> ReleaseTable:
    rows = []
    for state in STATES:
        first = [next(stay for stay in one.stays if stay[2] == state) for one in people() if state in one.states]
        rows += _banded(
            (state,), [last - start for start, last, _ in first if last < 730], sum(last >= 730 for _, last, _ in first)
        )
    return table("dwell", rows)


def lag() -> ReleaseTable:
    rows = []
    for a, b in ((a, b) for a in STATES for b in STATES if a != b):
        left = [found for one in people() if (found := _after(one, a)) is not None]
        days = [next((start - day for start, _, to in stays if to == b), None) for day, stays in left]
        rows += _banded((a, b), [n for n in days if n is not None], days.count(None))
    return table("lag", rows)


def flow_by_period() -> ReleaseTable:
    rows = []
    for state in STATES:
        present = [
            {
                month
                for start, last, name in one.stays
                if name == state
                for month in range(int(start // DAYS_A_MONTH), int(min(last, 729) // DAYS_A_MONTH) + 1)
            }
            for one in people()
        ]
        for at, month in enumerate(MONTHS):
            here = [months for months in present if at in months]
            new = sum(min(months) == at for months in here)
            on = sum(at - 1 in months for months in here)
            leaving = sum(at + 1 not in months for months in here) if at + 1 < len(MONTHS) else None
            gone = NOT_APPLICABLE if leaving is None else count(leaving)
            rows.append(((state, month), (count(new), count(len(here) - new - on), count(on), gone)))
    return table("flow_by_period", rows)


def coverage_estimate() -> ReleaseTable:
    rows = [
        ((a, b), (Cell(4000 + 10 * at), Cell(3700), Cell(4400))) for at, (a, b) in enumerate(combinations(STATES, 2))
    ]
    return table("coverage_estimate", rows)


def link_quality() -> ReleaseTable:
    rows = []
    for state in STATES:
        rows += [
            (("linked", state, "yes"), (count(820), Cell(0.82))),
            (("linked", state, "no"), (count(180), Cell(0.18))),
        ]
        rows += [
            (("complete", state, f"{n} of 8 fields"), (count(n * n * 3), Cell(round(n * n / 203, 4))))
            for n in (8, 7, 6, 1)
        ]
    rows += [(("group_size", "all members", str(n)), (count(2400 // n**2), NOT_APPLICABLE)) for n in range(1, 7)]
    for at in range(55, 100):
        pairs = round(40000 * math.exp(-(at - 55) / 2.2) + 900 * math.exp(-((at - 90) ** 2) / 30))
        rows.append((("score", "all members", f"{at / 100:.2f}-{(at + 1) / 100:.2f}"), (count(pairs), NOT_APPLICABLE)))
    return table("link_quality", rows)


@lru_cache
def _every() -> dict[str, ReleaseTable]:
    return {
        "unduplicated": unduplicated(),
        "set_pathway": set_pathway(),
        "overlap_pairs": overlap_pairs(),
        "grouped_pathway": grouped_pathway(),
        "ordered_pathway": pathways("ordered_pathway", once=True),
        "sequence_pathway": pathways("sequence_pathway", once=False),
        "contains_path": contains_path(),
        "transition_matrix": transition_matrix(),
        "transition_within": transition_within(),
        "first_touch": touch("first_touch", lambda one: one.stays[0][2]),
        "last_touch": touch("last_touch", lambda one: one.stays[-1][2]),
        "dwell": dwell(),
        "lag": lag(),
        "flow_by_period": flow_by_period(),
        "coverage_estimate": coverage_estimate(),
        "link_quality": link_quality(),
    }


def every_table() -> dict[str, ReleaseTable]:
    """All tables, by name, in the order of the contract."""
    return dict(_every())
