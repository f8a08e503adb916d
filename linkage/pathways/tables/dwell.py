"""The table `dwell`: how long people stay."""

from __future__ import annotations

import numpy as np

from linkage.pathways.histories.bands import ALL_BANDS, Bands, bands_from
from linkage.pathways.histories.numbering import Numbers
from linkage.pathways.histories.survival import Quantiles, quantiles
from linkage.pathways.raw_counts import CountKey, Entry, Statistic
from linkage.pathways.tables.draft import Draft, Rows

QUARTILE_NAMES = ("lower_quartile", "median", "upper_quartile")


def dwell(draft: Draft) -> None:
    """`dwell`: days of each person's first episode in a state.

    Days are last less first: in and out on one day is 0. The bands hold people whose episode ended; `still_open` are
    those whose episode had not. Both together are the state's people. The quartiles are Kaplan-Meier's: those still
    there count with the days so far, so that long stays are not left out; not applicable where too many still are.

    Episodes that began before the window count from their beginning, and only those that lasted into it are known: the
    longer ones. What began inside the window is not told apart.
    """
    came, states = draft.histories.came, len(draft.states)
    days = came.end - came.start
    size = int(days.max()) + 1 if len(days) else 1
    ended, still = (
        np.bincount(came.state[kept] * size + days[kept], minlength=states * size).reshape(states, size)
        for kept in (~came.is_open, came.is_open)
    )
    bands, found = bands_from(0), quantiles(ended, still)
    in_band, open_people = by_band(ended, bands), still.sum(axis=1)
    rows: Rows = []
    for state, name in enumerate(draft.states):
        columns = draft.unknowns.add(np.append(in_band[state], open_people[state]))
        all_key, open_key = ("dwell", name, ALL_BANDS), ("dwell open", name)
        keys: list[CountKey] = [("dwell", name, band) for band in bands.names]
        draft.unknowns.counts([*keys, open_key], np.arange(len(columns)), columns)
        draft.unknowns.count(all_key, columns[:-1])
        draft.unknowns.tie([draft.people_in(state)], columns)
        rows += [(key[1:], (key, None, None, None, None)) for key in keys]
        rows.append(((name, ALL_BANDS), (all_key, open_key, *statistics(found, state, all_key))))
    columns_of = (("state", "band"), ("people", "still_open", *QUARTILE_NAMES))
    draft.put("dwell", "People by the days of their first stay", columns_of, rows)


def by_band(per_day: Numbers, bands: Bands) -> Numbers:
    """int64 (groups, bands): people per band, of people per day (groups, days)."""
    days = per_day.shape[1]
    edges = np.minimum([*bands.lows, days], days)  # without `days` a band ends where the next begins
    total = np.concatenate([np.zeros((len(per_day), 1), np.int64), per_day.cumsum(axis=1)], axis=1)
    in_band: Numbers = np.diff(total[:, edges], axis=1)
    return in_band


def statistics(found: Quantiles, group: int, of: CountKey) -> tuple[Entry, ...]:
    """The quartiles of one group, as entries of a table."""
    pairs = zip(found.days[group].tolist(), found.beyond[group].tolist(), strict=True)
    return tuple(None if days < 0 else Statistic(float(days), of, beyond) for days, beyond in pairs)
