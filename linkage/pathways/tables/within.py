"""The table `transition_within`: where people went first after leaving a state, and how soon."""

from __future__ import annotations

import numpy as np

from linkage.pathways.histories.bands import ALL_BANDS, Bands, bands_from
from linkage.pathways.histories.episodes import Episodes
from linkage.pathways.histories.numbering import Numbers
from linkage.pathways.histories.steps import Steps
from linkage.pathways.raw_counts import CountKey, Derived, Rule
from linkage.pathways.tables.draft import ALL, SEVERAL, Draft, Rows

NONE = "(none)"


def transition_within(draft: Draft) -> None:
    """`transition_within`: of people who left a state and were followed for N days, where they went first, how soon.

    N is `follow_up_days`. Somebody has left a state who does not come back to it within 14 days (`return_after`; with a
    longer `gap_days`, within those): one leaving per person and state, the first, and only if N days are known after
    its last day. The next state is that of the first episode that begins on that last day or later, within N days;
    coming back to the state left is a return, after more than 14 days. Two or more that begin on one day are
    `(several)`; nothing within N days is `(none)`, also for those who were in another state all along.

    Bands are HUD's, cut at N; returns begin at 15 days. `share` is people / the row `(all)`, which has all who left and
    were followed: the rows of one `from` with band "all" sum to it, and bands sum to their "all".
    """
    counts, texts = _counts(draft), [*draft.states, SEVERAL, NONE]
    came = np.bincount(draft.histories.came.state, minlength=len(draft.states))
    bands, back = _bands(draft)
    rows: Rows = []
    for source, name in enumerate(draft.states):
        whole: CountKey = ("within", name, ALL, ALL_BANDS)
        parts = [draft.unknowns.add(np.array([came[source] - counts[source].sum()]))]
        for target, text in enumerate(texts):
            names = () if text == NONE else back.names if target == source else bands.names
            columns = draft.unknowns.add(counts[source, target, : max(len(names), 1)])
            keys: list[CountKey] = [("within", name, text, band) for band in names]
            draft.unknowns.counts(keys, np.arange(len(keys)), columns[: len(keys)])
            keys.append(("within", name, text, ALL_BANDS))
            draft.unknowns.count(keys[-1], columns)
            rows += [(key[1:], (key, Derived(Rule.SHARE, (key, whole)))) for key in keys]
            parts.append(columns)
        draft.unknowns.count(whole, np.concatenate(parts[1:]))
        draft.unknowns.tie([draft.people_in(source)], np.concatenate(parts))
        rows.append((whole[1:], (whole, None)))
    title = f"People by where they went first within {draft.plan.follow_up} days of leaving a state"
    draft.put("transition_within", title, (("from", "to", "band"), ("people", "share")), rows)


def _bands(draft: Draft) -> tuple[Bands, Bands]:
    """The bands of moves to other states, and of returns, which take longer."""
    return bands_from(0, draft.plan.follow_up), bands_from(_back_after(draft) + 1, draft.plan.follow_up)


def _back_after(draft: Draft) -> int:
    return max(draft.plan.gap, draft.plan.return_after)


def _counts(draft: Draft) -> Numbers:
    """int64 (states, states + 2, bands): people by the state left, the next one and the band of days."""
    states, (bands, back) = len(draft.states), _bands(draft)
    leaving = _leavings(draft)
    target, days = _next(draft.histories.steps, leaving)
    target[days > draft.plan.follow_up] = states + 1
    band = bands.of(days)
    returns = target == leaving.state
    band[returns] = back.of(days[returns])
    band[target == states + 1] = 0
    shape = (states, states + 2, max(len(bands), 1))
    cell = (leaving.state * shape[1] + target) * shape[2] + band
    return np.bincount(cell, minlength=shape[0] * shape[1] * shape[2]).reshape(shape)


def _leavings(draft: Draft) -> Episodes:
    """Each person's first stay in a state, if it ended and was followed long enough; `start` is its last episode's."""
    episodes = draft.histories.episodes
    is_first = episodes.is_first
    apart = is_first.copy()
    apart[1:] |= episodes.start[1:] - episodes.end[:-1] - 1 >= _back_after(draft)
    stays = np.flatnonzero(apart)
    after = np.append(stays[1:], len(episodes))  # where the next stay begins
    last = episodes.at(after[is_first[stays]] - 1)
    return last.where(~last.is_open & (last.end + draft.plan.follow_up <= draft.histories.until))


def _next(steps: Steps, leaving: Episodes) -> tuple[Numbers, Numbers]:
    """What comes after each leaving: the state (or `states`: several, `states + 1`: nothing), and days until then."""
    if not len(leaving):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    earliest = int(steps.start.min())
    room = max(int(steps.start.max()), int(leaving.end.max())) - earliest + 1
    at = np.searchsorted(steps.person * room + steps.start - earliest, leaving.person * room + leaving.end - earliest)
    size, total = steps.sizes
    code = np.append(steps.code, steps.codes)  # the last one stands for nothing
    # A stay whose last episode has one day begins in the step of that day, perhaps with others.
    own = (leaving.start == leaving.end).astype(np.int64)
    alone = (own == 1) & (size[code[at]] == 1)
    at[alone] += 1
    own[alone] = 0
    target = np.where(size[code[at]] - own == 1, total[code[at]] - own * leaving.state, steps.states)
    theirs = np.append(steps.person, -1)[at] == leaving.person
    target[~theirs] = steps.states + 1
    return target, np.where(theirs, np.append(steps.start, 0)[at] - leaving.end, 0)
