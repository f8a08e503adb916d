"""Disclosure control: the only door from raw counts to tables that may be published.

Hiding small counts alone is theatre: sums give them away. So more counts are hidden until a reader who knows everything
published, by this release and by earlier ones, has to allow, for every hidden count, for values minimum - 1 or more
apart. `docs/disclosure.md` derives it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from linkage.disclosure.exchange import Exchange
from linkage.disclosure.ledger import Basis, PastRelease, heed_ledger, relate_with_past
from linkage.disclosure.noise import Noise, asked_of, noise_tables, opendp_noise, scale_of
from linkage.disclosure.pattern import OUTSIDE, Pattern, first_draft
from linkage.disclosure.policies import POLICIES, Policy
from linkage.disclosure.publish import Numbered, publish
from linkage.disclosure.relations import Numbers, Relations
from linkage.disclosure.suppress import Suppression, Unsafe
from linkage.disclosure.witnesses import Witnesses
from linkage.errors import ReleaseRefused, WrongAgreement
from linkage.pathways.raw_counts import RawCounts
from schemas import Agreement, ReleaseTable
from schemas.console import Advance, unheard
from schemas.noise_asked import DP_LAPLACE

CHECKED = (
    "No count of 1 to {small} people is shown, nor a share or a median that comes from one.",
    (
        "For every hidden count, values that lie {small} or more people apart, and one of {least} or more, agree with "
        "all that the tables of this release show together."
    ),
    (
        "The same holds for every exact combination of states with 1 to {small} people, whether a table names it or "
        "not, for the rest of a count whose other people are in named pathways, and for people on a list twice."
    ),
    "It holds for every member that knows the counts of its own clients, too; what it knows by itself does not count.",
)
WHOLE = "Every such value is proven by a complete other co-op of whole people that agrees with all that is shown."
FRACTIONS = (
    "That only whole people exist, for {some} of {all} hidden counts: the check allows for fractions of people there, "
    "so a hidden count may have fewer possible values."
)
EARLIER = "What earlier releases of this project showed is part of all this: {releases}, named in the manifest."
NO_EARLIER = "Earlier releases of the same project: none was given; two releases can be subtracted from each other."
NOT_CHECKED = (
    "What members can work out who put their client lists together, or who join them with what others tell them.",
    "What a reader who knows the rules of suppression can tell from the choice of what is hidden.",
    "That a combination or pathway occurs at all: a listed row has at least one person, hidden or not.",
    "Low and high, beyond that they are rounded outward: they are counts of other cuts of the same clustering.",
    "Linkage errors: people may have been missed or held to be the same by mistake; the counts are of groups found.",
)

NOISED = (
    (
        "Every number is made of counts with noise (discrete Laplace, drawn by OpenDP): with epsilon {epsilon:g}, what "
        "is published is at most {times:.3g} times as likely with any one person, as linked, as without."
    ),
    "Scale of the noise of {scales}. What a number is off by is on average about its scale; sums are off by more.",
    "Which rows there are depends on the agreement alone. Low and high are left out: they would tell of people again.",
    "Epsilon spent: {epsilon:g} in this release; {spent:g} with the {releases} earlier ones that are known.",
)
NO_EARLIER_NOISE = "Earlier releases of the same project: none was given; what each one spends of epsilon adds up."
EXACT_EARLIER = "Noise does not cover what {exact} earlier releases told without noise."
NOT_NOISED = (
    "That somebody more on a list may change who else is held to be one person: the promise is for groups as linked.",
    "What the manifest says beside the tables (threshold, bands of list sizes) has no noise.",
    "Client records and the shares of duplicates are left out: one person may have any number of records.",
    "Rows need not sum to each other: numbers under 0 are shown as 0.",
    "Linkage errors: people may have been missed or held to be the same by mistake; the counts are of groups found.",
)
_SORTS = {
    "set": "people by set of members",
    "first": "first touch",
    "last": "last touch",
    "group": "groups",
    "contains": "pathways taken",
}


@dataclass(frozen=True, eq=False)
class Protected:
    """Tables that may be published, and what was done to make them so.

    Attributes:
        tables: by name, in the order of the raw ones; only those of the agreement.
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


def protect(
    raw: RawCounts,
    agreement: Agreement,
    *,
    basis: Basis | None = None,
    ledger: Sequence[PastRelease] = (),
    rounding_key: bytes = b"",
    noise: Noise = opendp_noise,
    advance: Advance = unheard,
) -> Protected:
    """Turn raw counts into the agreement's tables, with every count hidden that is small or gives a small one away.

    Args:
        raw: what was counted.
        agreement: its tables, policy and minimum cell.
        basis: what was counted of whom, so that earlier releases of the same can be told from others.
        ledger: earlier releases of the same project.
        rounding_key: what a policy that rounds draws from: 16 bytes or more that no reader knows, the same whenever
            the same people are counted.
        noise: what the policy dp-laplace adds to counts.
        advance: told 0 before and while programmes are solved; what it raises ends the work.

    Raises:
        WrongAgreement: a table was not counted, or the policy needs a key and there is none.
        ReleaseRefused: the tables cannot be made safe; says which to leave out.
        BadInput: the policy adds noise, and OpenDP is not installed.
    """
    # (1) everything that the agreement releases was counted
    if missing := [name for name in agreement.tables if name not in raw.tables]:
        raise WrongAgreement(f"was not counted: table {', '.join(missing)}", where=agreement.project)
    if agreement.policy == DP_LAPLACE:
        return _noised(raw, agreement, ledger, noise)
    policy = POLICIES[agreement.policy]
    if policy.base > 1 and len(rounding_key) < _KEY_BYTES:
        raise WrongAgreement(f"policy {policy.name} needs a key of the run to round with", where=agreement.project)
    task = _Task(raw, policy, agreement.minimum_cell, basis, ledger, rounding_key, advance)
    # (2) to (6)
    try:
        made = task.suppressed(agreement.tables)
    except Unsafe:
        raise ReleaseRefused(task.refusal(agreement.tables), fix="leave tables out, or count coarser periods") from None
    # (7) the tables, from what the pattern shows
    numbered = Numbered(task.numbers(made.pattern.relations), made.pattern)
    tables = {name: publish(raw, table, numbered) for name, table in raw.tables.items() if name in agreement.tables}
    return _protected(tables, made, len(ledger))


_KEY_BYTES = 16


def _noised(raw: RawCounts, agreement: Agreement, ledger: Sequence[PastRelease], noise: Noise) -> Protected:
    """Nothing is hidden: every count has noise."""
    tables = noise_tables(raw, agreement, noise)
    asked, epsilon = asked_of(raw, agreement), agreement.epsilon
    scales = ", ".join(f"{_SORTS[one.sort]}: {scale_of(one, len(asked), epsilon):g}" for one in asked)
    fills = {"epsilon": epsilon, "scales": scales, "releases": len(ledger)}
    fills |= {"times": exp(epsilon), "spent": epsilon + sum(past.epsilon for past in ledger)}
    exact = sum(not past.epsilon for past in ledger)
    not_checked = [EXACT_EARLIER.format(exact=exact)] if exact else []
    if not ledger:
        not_checked.append(NO_EARLIER_NOISE)
    return Protected(
        tables,
        tuple(text.format(**fills) for text in NOISED),
        (*not_checked, *NOT_NOISED),
        shown=sum(len(one.keys) for one in asked),
        primary=0,
        secondary=0,
    )


@dataclass(frozen=True, eq=False)
class _Task:
    """Raw counts and the rule that they are to be protected by."""

    raw: RawCounts
    policy: Policy
    minimum: int
    basis: Basis | None
    ledger: Sequence[PastRelease]
    rounding_key: bytes
    advance: Advance

    def suppressed(self, tables: Collection[str]) -> Suppression:
        """A safe pattern of these tables, with its proof.

        Raises:
            Unsafe: there is none.
        """
        # (2) small counts are hidden, and what differs by a few people from an earlier release
        relations = relate_with_past(self.raw, tables, self.basis, self.ledger)
        numbers = self.numbers(relations)
        slack = np.where(relations.pool_of < 0, self.policy.base - 1, 0)
        for pool in relations.pools:
            slack[pool.total] = 0
        told = np.array([np.maximum(numbers - slack, 0), numbers + slack], np.int64)
        pattern = first_draft(relations, self.policy, self.minimum, told)
        heed_ledger(pattern, self.raw, self.basis, self.ledger)
        primary = ~pattern.shown
        # (3) whatever gives one away is hidden too
        size = np.arange(len(relations.keys))
        known = {name: np.isin(size, relations.numbers(keys)) for name, keys in self.raw.known.items()}
        known[OUTSIDE] = np.zeros(len(size), bool)
        work = Suppression(pattern, known, Exchange(relations, self.advance), Witnesses(relations))
        work.hide_until_safe()
        # (4) what need not have been hidden is shown again
        work.show_again(primary)
        # (5) the end is proved afresh, reader by reader
        small = self.policy.small(relations.values, relations.persons, self.minimum)
        if not work.is_proven() or (pattern.shown & small & (relations.cells > 0)).any():
            raise Unsafe(pattern.guarded(), OUTSIDE)
        return work

    def numbers(self, relations: Relations) -> Numbers:
        """int64 (counts,): the number that is shown for each count, where it is shown at all."""
        if self.policy.base == 1:
            return relations.values
        exact = relations.pool_of >= 0
        exact[[pool.total for pool in relations.pools]] = True
        cells = zip(relations.keys, relations.values.tolist(), exact, strict=True)
        return np.array(
            [v if same else self.policy.rounded(v, "\x1f".join(key), self.rounding_key) for key, v, same in cells],
            np.int64,
        )

    def refusal(self, tables: Collection[str]) -> str:
        """What to say where these tables together cannot be made safe, and which of them to leave out."""
        if len(tables) == 1:
            return f"a small count could be worked out from table {min(tables)} by itself, whatever is hidden"
        for left_out in sorted(tables, key=lambda name: -len(self.raw.tables[name].rows)):
            try:
                self.suppressed([name for name in tables if name != left_out])
            except Unsafe:
                continue
            return f"a small count could be worked out from table {left_out} with the others, whatever is hidden"
        return "a small count could be worked out from these tables, whatever is hidden"


def _protected(tables: Mapping[str, ReleaseTable], made: Suppression, releases: int) -> Protected:
    pattern: Pattern = made.pattern
    relations = pattern.relations
    cells = relations.cells > 0
    small = pattern.policy.small(relations.values, relations.persons, pattern.minimum)
    fills = {"small": pattern.minimum - 1, "least": pattern.minimum, "releases": releases}
    checked, not_checked = list(CHECKED), list(NOT_CHECKED)
    fractions, everything = made.fractions()
    if fractions:
        not_checked.insert(0, FRACTIONS.format(some=fractions, all=everything))
    else:
        checked.append(WHOLE)
    if releases:
        checked.append(EARLIER)
    else:
        not_checked.insert(0, NO_EARLIER)
    return Protected(
        tables,
        tuple(text.format(**fills) for text in checked),
        tuple(not_checked),
        shown=int((cells & pattern.shown).sum()),
        primary=int((cells & ~pattern.shown & small).sum()),
        secondary=int((cells & ~pattern.shown & ~small).sum()),
    )
