"""Disclosure control, judged by an attacker that reads released tables only and shares no code with it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations, product

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from linkage.disclosure.protect import OTHER_PATHWAYS, Protected, hide_until_safe, protect, require_safe
from linkage.disclosure.relations import Reader, relate
from linkage.errors import ReleaseRefused, WrongAgreement
from linkage.pathways.kinds import PEOPLE, Kind, RawCounts
from schemas import Agreement, ReleaseTable, Status
from schemas.agreement import parse_agreement
from schemas.tables import HIDDEN, TABLE_LEVELS, Cell

MINIMUM = 11
EVERY = tuple(TABLE_LEVELS)
NAMES = ("a", "b", "c", "d")


def agreement(tables: tuple[str, ...] = EVERY, *, members: int = 3, state: str = "member") -> Agreement:
    return parse_agreement(
        f'project = "p"\npurpose = "q"\nmembers = {json.dumps(NAMES[:members])}\ndata_level = "period"\n'
        f'period = "month"\nstate = "{state}"\ntables = {json.dumps(tables)}'
    )


def raw_counts(people: dict[str, int], *, members: int = 3, extra: int = 0, timed: bool = True) -> RawCounts:
    """Raw counts of people per pathway (`a>b+c`), states being members; `extra`: records too many at each member."""
    kinds = {}
    for text, number in people.items():
        path = tuple(tuple(NAMES.index(name) for name in step.split("+")) for step in text.split(">"))
        kinds[Kind(tuple(sorted(state for step in path for state in step)), path)] = number
    ordered = sorted(kinds)
    at = [sum(kinds[kind] for kind in ordered if member in kind.members) for member in range(members)]
    return RawCounts(
        NAMES[:members],
        NAMES[:members],
        timed=timed,
        records=np.array([number + extra if number else 0 for number in at], np.int64),
        kinds=tuple(ordered),
        people=np.array([kinds[kind] for kind in ordered], np.int64),
    )


def made_up(seed: int, *, members: int, scale: float) -> dict[str, int]:
    """A small co-op: a few pathways, most of them rare, the more so the longer."""
    rng = np.random.default_rng(seed)
    paths = [*NAMES[:members]]
    for a, b in combinations(NAMES[:members], 2):
        paths += [f"{a}>{b}", f"{b}>{a}", f"{a}+{b}"]
    paths += [">".join(rng.permutation(NAMES[:members])[:3].tolist()) for _ in range(4)]
    sizes = rng.lognormal(np.log(scale) - 0.8 * np.array([path.count(">") for path in paths]), 1.2).astype(int)
    return {path: int(size) for path, size in zip(paths, sizes, strict=True) if size}


def set_of(path: str) -> str:
    return "+".join(sorted(path.replace(">", "+").split("+")))


class Attacker:
    """Reads released tables, sets up one whole-number programme, and bounds whatever is hidden.

    Its unknowns: people per named pathway, and per set of states the people whose pathway is not named. It knows that
    a set that is not listed has nobody (where sets are released), and that a listed row has somebody.
    """

    def __init__(self, tables: dict[str, ReleaseTable], members: int) -> None:
        self.tables = tables
        named = [k[0] for k, _ in self.rows("ordered_pathway") if k[0] != OTHER_PATHWAYS]
        every = ["+".join(s) for n in range(1, members + 1) for s in combinations(NAMES[:members], n)]
        self.sets = [k[0] for k, _ in self.rows("set_pathway")] if "set_pathway" in tables else every
        rests = [s for s in self.sets if not ("+" not in s and s in named)]  # one state has one order
        self.unknowns = [(set_of(path), path) for path in named] + [(s, "") for s in rests]
        self.hidden: list[tuple[str, np.ndarray]] = []
        self.known: list[tuple[np.ndarray, float, float]] = []
        self.read()

    def rows(self, name: str) -> Iterator[tuple[tuple[str, ...], tuple[Cell, ...]]]:
        if name in self.tables:
            yield from self.tables[name].rows

    def row(self, counts: Callable[[str, str], float]) -> np.ndarray:
        return np.array([float(counts(s, p)) for s, p in self.unknowns])

    def learn(self, what: str, cell: Cell, row: np.ndarray) -> None:
        if cell.status is Status.OK:
            self.known.append((row, cell.value, cell.value))
        elif cell.status is Status.SUPPRESSED and all((row != seen).any() for _, seen in self.hidden):
            self.hidden.append((what, row))
            self.known.append((row, 1, np.inf))

    def read(self) -> None:
        for keys, cells in self.rows("set_pathway"):
            self.learn(f"set {keys[0]}", cells[0], self.row(lambda s, _, k=keys: s == k[0]))
        for keys, cells in self.rows("ordered_pathway"):
            other = keys[0] == OTHER_PATHWAYS
            self.learn(f"path {keys[0]}", cells[0], self.row(lambda _, p, k=keys, o=other: p == ("" if o else k[0])))
        for keys, cells in self.rows("overlap_pairs"):
            a, b = keys
            self.learn(f"pair {a} {b}", cells[0], self.row(lambda s, _, a=a, b=b: {a, b} <= set(s.split("+"))))
            self.learn(f"at {a}", cells[1], self.row(lambda s, _, a=a: a in s.split("+")))
            self.learn(f"at {b}", cells[2], self.row(lambda s, _, b=b: b in s.split("+")))
        for keys, cells in self.rows("unduplicated"):
            if keys[0] == "all members":
                self.learn("people", cells[1], self.row(lambda *_: 1))
                self.learn("sum", cells[3], self.row(lambda s, _: len(s.split("+"))))
            else:
                self.learn(f"at {keys[0]}", cells[1], self.row(lambda s, _, k=keys: k[0] in s.split("+")))

    def end(self, row: np.ndarray, sign: int) -> float:
        """The least (sign 1) or the most (-1) that a hidden count can be, in whole people."""
        matrix, low, high = (np.array(column) for column in zip(*self.known, strict=True))
        rules = [LinearConstraint(matrix, low, high)]
        found = milp(sign * row, constraints=rules, bounds=Bounds(0, 5000), integrality=np.ones(len(row)))
        assert found.status == 0, "the true co-op explains the tables, so there is a solution"
        return float(sign * found.fun)

    def unnamed(self) -> list[tuple[str, np.ndarray]]:
        """The people of each set whose pathway has no row of its own: nobody lists them, but sums may tell."""
        if "ordered_pathway" not in self.tables:
            return []
        return [(s, self.row(lambda t, p, s=s: t == s and not p)) for s in self.sets]


def truth(people: dict[str, int], attacker: Attacker, row: np.ndarray) -> int:
    """What a count really is (for judging, not for attacking)."""
    named = {path for _, path in attacker.unknowns if path}
    rest: Counter[str] = Counter()
    for path, number in people.items():
        rest[set_of(path)] += 0 if path in named else number
    return round(sum(w * (people[p] if p else rest[s]) for w, (s, p) in zip(row, attacker.unknowns, strict=True)))


def give_aways(people: dict[str, int], tables: dict[str, ReleaseTable], members: int) -> list[str]:
    """Everything that the attacker proves and should not."""
    attacker, found = Attacker(tables, members), []
    small = [(s, row) for s, row in attacker.unnamed() if 0 < truth(people, attacker, row) < MINIMUM]
    for what, row in [*attacker.hidden, *small]:
        true, most = truth(people, attacker, row), attacker.end(row, -1)
        assert most > true - 0.5
        if most >= max(MINIMUM, true + 0.5):
            continue  # it may be more than it is, and more than small
        least = attacker.end(row, 1)
        assert least < true + 0.5
        if most - least < 0.5 or (least >= 1 and most < MINIMUM):
            found.append(f"{what}: {least:g} to {most:g}")
    return found


COOPS = [(seed, 2 + seed % 3, (8.0, 30.0, 120.0)[seed % 7 % 3]) for seed in range(100)]
CHOICES = [EVERY, EVERY, ("unduplicated", "set_pathway"), ("unduplicated", "overlap_pairs"), ("ordered_pathway",)]


@pytest.mark.parametrize("part", range(4))
def test_an_attacker_proves_nothing_small_or_exact_about_100_small_coops(part: int) -> None:
    for seed, members, scale in COOPS[part::4]:
        people = made_up(seed, members=members, scale=scale)
        tables = CHOICES[seed % len(CHOICES)]
        made = protect(raw_counts(people, members=members), agreement(tables, members=members))
        assert give_aways(people, dict(made.tables), members) == [], f"seed {seed}"


def test_the_attacker_finds_what_hiding_small_counts_alone_gives_away() -> None:
    people = {"a": 40, "b": 30, "a>b": 5, "b>a": 20}
    made = protect(raw_counts(people, members=2), agreement(members=2))
    naive = {name: unhide(table, people) for name, table in made.tables.items()}
    assert give_aways(people, naive, 2)


def unhide(table: ReleaseTable, people: dict[str, int]) -> ReleaseTable:
    """The released sets and orders with only their small counts hidden."""
    if table.name not in ("set_pathway", "ordered_pathway"):
        return ReleaseTable(table.name, "", table.keys, table.measures, ())
    counts = Counter(people)
    if table.name == "set_pathway":
        counts = Counter()
        for path, number in people.items():
            counts[set_of(path)] += number
    rows = [((key,), (Cell(n) if n >= MINIMUM else HIDDEN,)) for key, n in sorted(counts.items())]
    return ReleaseTable(table.name, "", table.keys, table.measures, rows)


def cells(made: Protected, table: str) -> dict[str, object]:
    return {" ".join(keys): [cell.value for cell in row] for keys, row in made.tables[table].rows}


def test_where_nothing_is_small_everything_is_shown() -> None:
    made = protect(raw_counts({"a": 50, "b": 60, "a>b": 20, "b>a": 25}, members=2), agreement(members=2))
    assert (made.primary, made.secondary) == (0, 0)
    assert cells(made, "set_pathway") == {"a": [50], "b": [60], "a+b": [45]}
    assert cells(made, "ordered_pathway") == {"a": [50], "b": [60], "a>b": [20], "b>a": [25]}
    assert cells(made, "unduplicated")["all members"] == [None, 155, None, 200, 0.225]
    assert cells(made, "overlap_pairs") == {"a b": [45, 95, 105, 0.4737, 0.4286, 0.2903]}


def test_eleven_is_shown_and_ten_is_not() -> None:
    made = protect(raw_counts({"a": 11, "b": 10, "c": 500}), agreement(("set_pathway",)))
    assert cells(made, "set_pathway") == {"a": [11], "b": [None], "c": [500]}


def test_an_agreement_may_raise_the_minimum() -> None:
    raised = parse_agreement(
        'project = "p"\npurpose = "q"\nmembers = ["a", "b", "c"]\ndata_level = "membership"\n'
        'tables = ["set_pathway"]\nminimum_cell = 30'
    )
    assert cells(protect(raw_counts({"a": 29, "b": 30}), raised), "set_pathway") == {"a": [None], "b": [30]}


def test_zero_is_shown() -> None:
    made = protect(raw_counts({"a": 50, "b": 60}, members=2), agreement(("overlap_pairs",), members=2))
    assert cells(made, "overlap_pairs") == {"a b": [0, 50, 60, 0.0, 0.0, 0.0]}


def test_nobody_at_all_is_a_release_of_zeros() -> None:
    made = protect(raw_counts({}, members=2), agreement(members=2))
    assert cells(made, "unduplicated")["all members"] == [None, 0, None, 0, None]
    assert made.tables["set_pathway"].rows == []


def test_a_total_that_gives_a_small_count_away_is_not_shown_with_all_the_rest() -> None:
    made = protect(raw_counts({"a": 50, "b": 5}, members=2), agreement(("unduplicated",), members=2))
    shown = cells(made, "unduplicated")
    assert [shown["b"][1], shown["a"][1] and shown["all members"][1]] == [None, None]


def test_numbers_made_of_a_hidden_count_are_hidden_with_it() -> None:
    made = protect(raw_counts({"a": 50, "b": 60, "a>b": 5}, members=2), agreement(members=2))
    both, _, _, share_a, share_b, jaccard = made.tables["overlap_pairs"].rows[0][1]
    assert {both.status, share_a.status, share_b.status, jaccard.status} == {Status.SUPPRESSED}


def test_a_small_number_of_doubled_records_is_hidden() -> None:
    made = protect(raw_counts({"a": 50, "b": 60}, members=2, extra=10), agreement(("unduplicated",), members=2))
    assert cells(made, "unduplicated")["a"] == [None, 50, None, None, None]


def test_many_doubled_records_are_shown() -> None:
    made = protect(raw_counts({"a": 39, "b": 60}, members=2, extra=11), agreement(("unduplicated",), members=2))
    assert cells(made, "unduplicated")["a"] == [50, 39, 0.22, None, None]


def test_records_are_hidden_with_the_people_they_bound() -> None:
    made = protect(raw_counts({"a": 5, "b": 60}, members=2, extra=30), agreement(("unduplicated",), members=2))
    assert cells(made, "unduplicated")["a"][:3] == [None, None, None]


def test_rare_pathways_are_one_row_without_their_names() -> None:
    people = {"a": 50, "a>b>c": 8, "b>a>c": 7, "c>a>b": 6}
    made = protect(raw_counts(people), agreement(("ordered_pathway",)))
    assert cells(made, "ordered_pathway") == {"a": [50], OTHER_PATHWAYS: [21]}


def test_the_rare_orders_of_a_set_are_not_given_away_by_the_set() -> None:
    people = {"a": 500, "b": 500, "a>b": 200, "b>a": 300, "a+b": 4, "a>c": 8, "c>a": 9, "c": 90}
    shown = cells(protect(raw_counts(people), agreement()), "ordered_pathway")
    assert not {"a>b", "b>a"} <= set(shown)


def test_the_order_of_rows_does_not_depend_on_hidden_counts() -> None:
    def listed(few: int, fewer: int) -> list[tuple[str, ...]]:
        made = protect(raw_counts({"a": few, "b": 70, "c": fewer, "a>b": 80}), agreement(("set_pathway",)))
        return [keys for keys, _ in made.tables["set_pathway"].rows]

    assert listed(2, 9) == listed(9, 2) == [("a",), ("b",), ("c",), ("a+b",)]


def test_only_tables_of_the_agreement_are_made() -> None:
    assert list(protect(raw_counts({"a": 20}), agreement(("overlap_pairs",))).tables) == ["overlap_pairs"]


def test_an_order_cannot_be_made_of_counts_without_time() -> None:
    with pytest.raises(WrongAgreement, match="ordered_pathway"):
        protect(raw_counts({"a": 20}, timed=False), agreement())


def test_members_that_share_services_are_guarded_through_the_services_too() -> None:
    # 5 people of member a are in both services: with sets released, a's people less the others' would tell.
    kinds = (Kind((0,), ((0,),)), Kind((0,), ((0,), (1,))), Kind((1,), ((1,),)))
    records = np.array([65, 70], np.int64)
    raw = RawCounts(("a", "b"), ("bed", "meal"), timed=True, records=records, kinds=kinds, people=np.array([60, 5, 70]))
    made = protect(raw, agreement(members=2, state="service"))
    people = {row: values[1] for row, values in cells(made, "unduplicated").items() if row in "ab"}
    sets, pair = cells(made, "set_pathway"), cells(made, "overlap_pairs")["bed meal"]
    assert sets["bed+meal"] == [None]
    assert pair[0] is None
    assert people["a"] is None or sets["bed"] == [None]


def test_a_draft_that_gives_a_small_count_away_is_refused() -> None:
    raw = raw_counts({"a": 50, "b": 5}, members=2)
    relations = relate(raw, ("unduplicated",), MINIMUM, state_is_member=True)
    reader = Reader(relations, {PEOPLE, ("member", "a")})
    with pytest.raises(ReleaseRefused):
        require_safe(reader, MINIMUM)


def test_a_draft_that_shows_a_small_count_is_refused() -> None:
    raw = raw_counts({"a": 50, "b": 5}, members=2)
    reader = Reader(relate(raw, ("unduplicated",), MINIMUM, state_is_member=True), {("member", "b")})
    with pytest.raises(ReleaseRefused):
        require_safe(reader, MINIMUM)


def test_a_witness_that_contradicts_what_is_shown_proves_nothing() -> None:
    raw = raw_counts({"a": 50, "b": 5}, members=2)
    reader = Reader(relate(raw, ("unduplicated",), MINIMUM, state_is_member=True), {PEOPLE, ("member", "a")})
    reader.witnesses.append(reader.relations.people + 100)
    with pytest.raises(ReleaseRefused):
        require_safe(reader, MINIMUM)


def test_what_holds_a_small_count_in_place_is_hidden_until_it_does_not() -> None:
    raw = raw_counts({"a": 50, "b": 5}, members=2)
    reader = Reader(relate(raw, ("unduplicated",), MINIMUM, state_is_member=True), {PEOPLE, ("member", "a")})
    hide_until_safe(reader, MINIMUM)
    assert len(reader.published) == 1


def test_every_small_table_of_two_members_is_safe() -> None:
    for a, b, both in product((0, 3, 10, 11, 30), repeat=3):
        people = {path: n for path, n in (("a", a), ("b", b), ("a>b", both)) if n}
        made = protect(raw_counts(people, members=2), agreement(members=2))
        assert give_aways(people, dict(made.tables), 2) == [], f"{a}, {b}, {both}"


def test_the_row_of_rare_pathways_does_not_say_how_many_there_are() -> None:
    common = {"a": 50, "b": 50}
    few, many = ({"a>b": 6, "b>a": 6}, {"a>b>c": 4, "b>a>c": 4, "c>a>b": 4, "c>b>a": 4})
    last = [
        [*cells(protect(raw_counts({**common, **rare}), agreement(("ordered_pathway",))), "ordered_pathway")][-1]
        for rare in (few, many)
    ]
    assert last == [OTHER_PATHWAYS] * 2


def test_a_hidden_set_is_not_bounded_by_the_number_of_its_orders() -> None:
    # Once `other (3 pathways)` said that a+b has two orders, so at least 2 of the 12 people at b: at most 10 at b only.
    made = protect(raw_counts({"a": 15, "b": 10, "a>b": 1, "b>a": 1}, members=2), agreement(members=2))
    assert "3" not in "".join(cells(made, "ordered_pathway"))
    assert give_aways({"a": 15, "b": 10, "a>b": 1, "b>a": 1}, made.tables, 2) == []
