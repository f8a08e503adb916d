"""Disclosure control: the only door from raw counts to tables that may be published.

Policy `cms11`: counts of 1 to minimum - 1 people are hidden, zero is shown (CMS Cell Size Suppression Policy, which
sets the minimum to 11). Hiding small counts alone is theatre: sums give them away. So more counts are hidden until a
reader who knows everything published has to allow, for every hidden count, for values minimum - 1 or more apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from linkage.disclosure.relations import OTHER, Reader, Relations, Row, relate
from linkage.errors import ReleaseRefused, WrongAgreement
from linkage.heeding import heeded
from linkage.pathways.kinds import PEOPLE, SUM_OF_PEOPLE, CountKey, RawCounts
from schemas import Agreement, Cell, Level, ReleaseTable, State, Status
from schemas.console import Advance, unheard
from schemas.tables import HIDDEN, TABLE_LEVELS

POLICY = "cms11"

CHECKED = (
    "No count of 1 to {small} people is shown, nor a share that comes from one.",
    "No hidden count of a table can be worked out from all tables of this release together.",
    "For every one, values that lie {small} or more people apart agree with everything that is shown.",
    "The same holds for every exact combination of states with 1 to {small} people that no table names.",
)
NOT_CHECKED = (
    "Earlier releases of the same project: two releases can be subtracted from each other.",
    "What a member can work out with its own client list, or members who put theirs together.",
    "That only whole people exist: the check allows for fractions, so a hidden count may have fewer possible values.",
    "What a reader who knows the rules of suppression can tell from the choice of what is hidden.",
    "That a combination or pathway occurs at all: a listed row has at least one person, hidden or not.",
    "Linkage errors: people may have been missed or held to be the same by mistake; the counts are of groups found.",
)

ALL_MEMBERS = "all members"  # no member's name holds a space
OTHER_PATHWAYS = "other pathways"  # without saying how many: that bounds the orders, and so the people, of a hidden set
_TRIES = 5  # counts tried one by one: trying all hid 4 % fewer counts of small co-ops, for a third more time
_DIGITS = 4  # of shares: 0.01 %

NOT_APPLICABLE = Cell(None, Status.NOT_APPLICABLE)


@dataclass(frozen=True, eq=False)
class Protected:
    """Tables that may be published, and what was done to make them so.

    Attributes:
        tables: by name, in the order of TABLE_LEVELS; only those of the agreement.
        checked, not_checked: sentences for people and the manifest.
        shown, primary, secondary: counts shown, hidden as small, hidden to guard others. Not for publication:
            a reader must not know which is which.
    """

    tables: Mapping[str, ReleaseTable]
    checked: tuple[str, ...]
    not_checked: tuple[str, ...]
    shown: int
    primary: int
    secondary: int


def protect(raw: RawCounts, agreement: Agreement, advance: Advance = unheard) -> Protected:
    """Turn raw counts into the agreement's tables, with every count hidden that is small or gives a small one away.

    Args:
        raw: what was counted.
        agreement: its tables and minimum cell.
        advance: told 0 before and while linear programmes are solved; what it raises ends the work.

    Raises:
        WrongAgreement: a table needs more time than the counts have.
        ReleaseRefused: the tables cannot be made safe.
    """
    # (1) the counts have what the tables need
    for name in agreement.tables:
        if TABLE_LEVELS[name].value != Level.MEMBERSHIP and not raw.timed:
            raise WrongAgreement(f"table {name} needs times, which these counts do not have", where=agreement.project)
    # (2) small counts are hidden, rare pathways go into one row
    least = agreement.minimum_cell
    of_members = agreement.state is State.MEMBER
    relations = heeded(lambda: relate(raw, agreement.tables, least, state_is_member=of_members), advance)
    reader = Reader(relations, _not_small(relations, least), advance=advance)
    fill_other(reader, least)
    # (3) whatever gives one away is hidden too
    hide_until_safe(reader, least)
    # (4) the end is proved afresh
    require_safe(reader, least)
    draft = _Draft(raw, reader, least, "member" if of_members else "state")
    tables = {name: _MAKERS[name](draft) for name in agreement.tables}
    small = least - 1
    hidden = [v for key, v in relations.counts.items() if key in _hidden(reader)]
    return Protected(
        tables,
        tuple(text.format(small=small) for text in CHECKED),
        NOT_CHECKED,
        shown=len(reader.published),
        primary=sum(value < least for value in hidden),
        secondary=sum(value >= least for value in hidden),
    )


def fill_other(reader: Reader, minimum: int) -> None:
    """Put the smallest named pathways into the row of rare ones until there are enough people in it to show it.

    A pathway of the same states as a rare one goes first: it hides how many took the rare one.
    """
    people = reader.relations.people
    while 0 < (rest := reader.row(OTHER) @ people) < minimum:
        sets = [reader.row(key) for key in reader.relations.keys if key[0] == "set"]
        rare = np.sum([row for row in sets if row @ reader.row(OTHER)], axis=0)
        named = [key for key in reader.relations.keys if key[0] == "path" and key in reader.published]
        if not named:
            return
        reader.published.remove(min(named, key=lambda key: (not reader.row(key) @ rare, reader.relations.counts[key])))
    if rest and reader.relations.paths:
        reader.published.add(OTHER)


def hide_until_safe(reader: Reader, minimum: int) -> None:
    """Take counts out of `reader.published` until every hidden one is safe.

    Each time the smallest count that helps goes: the smallest that alone makes the hidden one safe or, where none of
    the first few does, the smallest of those that hold it in place.

    Raises:
        ReleaseRefused: nothing that could still be hidden would help.
    """
    while (row := _unsafe(reader, minimum)) is not None:
        blamed = reader.search(row, minimum - 1)
        if not blamed and reader.width(row) < minimum - 1:
            raise ReleaseRefused("a small count would show whatever is hidden", fix="release fewer tables")
        if not any(reader.hide_if_it_helps(key, row, minimum - 1) for key in blamed[:_TRIES]):
            reader.published.difference_update(blamed[:1])


def require_safe(reader: Reader, minimum: int) -> None:
    """Prove a draft: for each hidden count two co-ops, minimum - 1 apart in it, that explain all that is published.

    Raises:
        ReleaseRefused: there is a hidden count without them.
    """
    proof = Reader(reader.relations, reader.published, advance=reader.advance)
    proof.witnesses = [witness for witness in reader.witnesses if reader.explains(witness)]
    if _unsafe(proof, minimum) is not None or any(
        0 < reader.relations.counts.get(key, 0) < minimum for key in reader.published
    ):
        raise ReleaseRefused("disclosure control could not make these tables safe", fix="release fewer tables")


def _not_small(relations: Relations, minimum: int) -> set[CountKey]:
    return {key for key in relations.keys[: relations.shown] if not 0 < relations.counts[key] < minimum}


def _hidden(reader: Reader) -> list[CountKey]:
    return [key for key in reader.relations.keys[: reader.relations.shown] if key not in reader.published]


def _unsafe(reader: Reader, minimum: int) -> Row | None:
    """The first guarded count whose witnesses are not far enough apart."""
    rows = _guarded(reader, minimum)
    spread = np.ptp(np.array(reader.witnesses) @ rows.T, axis=0)
    narrow = np.flatnonzero(spread < minimum - 1)
    return rows[narrow[0]] if len(narrow) else None


def _guarded(reader: Reader, minimum: int) -> Row:
    """float64 (guarded, unknowns): the counts that must not be worked out.

    Those that a table hides; those that no table shows, where they are small; and, where they are small, the people
    of one set of states whose pathway is not named, whom the set's count less its named pathways gives away.
    """
    relations = reader.relations
    keys = [key for key in _hidden(reader) if key[0] != "path"]
    keys += [key for key in relations.keys[relations.shown :] if relations.counts[key] < minimum]
    if reader.unnamed and OTHER not in reader.published:
        keys.append(OTHER)
    rows = reader.rows(keys)
    if relations.paths:
        # every unknown is of one set, so that a set's unnamed people are its part of the row of the unnamed
        rests = reader.rows([key for key in relations.keys if key[0] == "set"]) * reader.row(OTHER)
        people = rests @ relations.people
        rows = np.vstack([rows, rests[(people > 0) & (people < minimum)]])
    return rows


@dataclass(frozen=True, eq=False)
class _Draft:
    """What a table's maker reads."""

    raw: RawCounts
    reader: Reader
    minimum: int
    state: str  # the sort of key that counts a state's people

    def cell(self, key: CountKey) -> Cell:
        return Cell(self.reader.relations.counts[key]) if key in self.reader.published else HIDDEN

    def keys(self, sort: str) -> list[CountKey]:
        relations = self.reader.relations
        return [key for key in relations.keys[: relations.shown] if key[0] == sort]


def _derived(rule: Callable[..., float], *cells: Cell) -> Cell:
    """A number made of counts: hidden with any of them, not applicable where it would divide by zero."""
    numbers = [cell.value for cell in cells if cell.value is not None]
    if len(numbers) < len(cells):
        return HIDDEN
    try:
        return Cell(round(rule(*numbers), _DIGITS))
    except ZeroDivisionError:
        return NOT_APPLICABLE


def _share_more(fewer: int, more: int) -> float:
    """By how much of the larger number the smaller one is less."""
    return 1 - fewer / more


def _unduplicated(draft: _Draft) -> ReleaseTable:
    rows = []
    for number, name in enumerate(draft.raw.members):
        people = draft.cell(("member", name))
        records = _records(int(draft.raw.records[number]), people, draft.minimum)
        cells = (records, people, _derived(_share_more, people, records), NOT_APPLICABLE, NOT_APPLICABLE)
        rows.append(((name,), cells))
    people, total = draft.cell(PEOPLE), draft.cell(SUM_OF_PEOPLE)
    reduction = _derived(_share_more, people, total)
    rows.append(((ALL_MEMBERS,), (NOT_APPLICABLE, people, NOT_APPLICABLE, total, reduction)))
    measures = ("records", "people", "duplicate_share", "sum_of_people", "reduction")
    return ReleaseTable("unduplicated", "People at each member, and over all members", ("member",), measures, rows)


def _records(records: int, people: Cell, minimum: int) -> Cell:
    """A member's records: hidden with its people, and where records less people is small.

    The difference d counts records too many: between 1 and d people are on the list twice or more, so that a small d
    would show a small count of people.
    """
    if people.value is None or 0 < records - people.value < minimum:
        return HIDDEN
    return Cell(records)


def _set_pathway(draft: _Draft) -> ReleaseTable:
    rows = [((key[1],), (draft.cell(key),)) for key in draft.keys("set")]
    return ReleaseTable("set_pathway", "People who were in exactly these states", ("states",), ("people",), rows)


def _overlap_pairs(draft: _Draft) -> ReleaseTable:
    rows = []
    for a, b in combinations(draft.raw.states, 2):
        both = draft.cell(("pair", a, b))
        of_a, of_b = draft.cell((draft.state, a)), draft.cell((draft.state, b))
        shares = (_derived(_share, both, of_a), _derived(_share, both, of_b), _derived(_jaccard, both, of_a, of_b))
        rows.append(((a, b), (both, of_a, of_b, *shares)))
    measures = ("people", "people_a", "people_b", "share_of_a", "share_of_b", "jaccard")
    return ReleaseTable("overlap_pairs", "People who were in both of two states", ("a", "b"), measures, rows)


def _share(part: int, whole: int) -> float:
    return part / whole


def _jaccard(both: int, a: int, b: int) -> float:
    return both / (a + b - both)


def _ordered_pathway(draft: _Draft) -> ReleaseTable:
    """Pathways that are shown by name, then the rest in one row."""
    reader = draft.reader
    rows = [((key[1],), (draft.cell(key),)) for key in draft.keys("path") if key in reader.published]
    if reader.unnamed:
        people = round(float(reader.row(OTHER) @ reader.relations.people))
        rows.append(((OTHER_PATHWAYS,), (Cell(people) if OTHER in reader.published else HIDDEN,)))
    title = "People by the order in which they first came to each state"
    return ReleaseTable("ordered_pathway", title, ("pathway",), ("people",), rows)


_MAKERS: Mapping[str, Callable[[_Draft], ReleaseTable]] = {
    "unduplicated": _unduplicated,
    "set_pathway": _set_pathway,
    "overlap_pairs": _overlap_pairs,
    "ordered_pathway": _ordered_pathway,
}
