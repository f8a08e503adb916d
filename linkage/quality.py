"""How good a linkage is, where the truth is known: precision, recall, F1 and the error in set pathways."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
"""int64 (records,): any number per record; equal numbers mean one person."""

DECIMALS = 4  # of a share, as published


@dataclass(frozen=True)
class Quality:
    """A linkage against the truth.

    Attributes:
        precision, recall, f1: over pairs of records of different members.
        people_true, people_found: number of people.
        set_pathway_error: sum over all sets of members of |people found - people true|, over the true number of people.
    """

    precision: float
    recall: float
    f1: float
    people_true: int
    people_found: int
    set_pathway_error: float

    def as_dict(self) -> dict[str, float | int]:
        """The figures, shares rounded to four decimals."""
        return {name: round(value, DECIMALS) for name, value in asdict(self).items()}


def score_linkage(member: Labels, truth: Labels, found: Labels) -> Quality:
    """Compare two groupings of the same records.

    Args:
        member: whose each record is.
        truth, found: the person of each record, true and found.
    """
    true_pairs, found_pairs = _pairs_across(member, truth), _pairs_across(member, found)
    both = _pairs_across(member, _numbers(truth, found))
    precision, recall = both / max(found_pairs, 1), both / max(true_pairs, 1)
    sets_true, sets_found = _people_by_set(member, truth), _people_by_set(member, found)
    differences = sum(abs(sets_true[s] - sets_found[s]) for s in sets_true.keys() | sets_found.keys())
    people_true, people_found = sum(sets_true.values()), sum(sets_found.values())
    return Quality(
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / max(precision + recall, 1e-12),
        people_true=people_true,
        people_found=people_found,
        set_pathway_error=differences / max(people_true, 1),
    )


def _numbers(*labels: Labels) -> Labels:
    """One number per record, equal where all labels are equal."""
    return np.unique(np.stack(labels), axis=1, return_inverse=True)[1].ravel().astype(np.int64)


def _pairs_across(member: Labels, label: Labels) -> int:
    """Number of pairs of records with equal label and different members."""
    return _pairs(label) - _pairs(_numbers(label, member))


def _pairs(label: Labels) -> int:
    sizes = np.unique(label, return_counts=True)[1].astype(np.int64)
    return int((sizes * (sizes - 1) // 2).sum())


def _people_by_set(member: Labels, label: Labels) -> Counter[tuple[int, ...]]:
    """Number of people for each set of members."""
    presence = np.unique(np.stack([_numbers(label), member]), axis=1)
    starts = np.flatnonzero(np.diff(presence[0], prepend=-1))  # numbers start at 0
    return Counter(tuple(part.tolist()) for part in np.split(presence[1], starts)[1:])
