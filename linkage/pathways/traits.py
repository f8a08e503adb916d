"""Traits: what people have in common; people alike in all of them are one unknown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from linkage.pathways.histories.numbering import Numbers, rank, starts_of
from linkage.pathways.raw_counts import CountKey
from linkage.pathways.unknowns import Unknowns


class Trait:
    """Something that everybody has in one of some sorts, and the counts that each sort is part of.

    Attributes:
        value: int64 (people,); the sort, from 0 to sorts - 1.
        sorts: how many there are.
    """

    def __init__(self, value: Numbers, sorts: int) -> None:
        self.value, self.sorts = value, sorts
        self._parts: list[tuple[Sequence[CountKey], Numbers, Numbers]] = []

    def count(self, key: CountKey, sorts: Numbers) -> None:
        """People of these sorts count in this; once for each time that a sort is named."""
        self.counts([key], np.zeros(len(sorts), np.int64), sorts)

    def counts(self, keys: Sequence[CountKey], which: Numbers, sorts: Numbers) -> None:
        """Many at once: people of sorts[i] count in keys[which[i]]."""
        self._parts.append((keys, which, sorts))

    def put(self, unknowns: Unknowns, columns: Numbers, value: Numbers) -> None:
        """Make the counts sums of unknowns, each of which has a value."""
        for keys, which, sorts in self._parts:
            order = np.argsort(sorts, kind="stable")
            starts = starts_of(sorts[order], self.sorts)
            many = np.diff(starts)[value]
            within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
            at = order[np.repeat(starts[value], many) + within]
            unknowns.counts(keys, which[at], np.repeat(columns, many))


def count_alike(traits: Sequence[Trait], people: int, unknowns: Unknowns) -> None:
    """Make an unknown of all people who are alike in every trait, for each way of being so that occurs."""
    alike, kinds = np.zeros(people, np.int64), min(people, 1)
    for trait in traits:
        distinct, alike = rank(alike * max(trait.sorts, 1) + trait.value, kinds * max(trait.sorts, 1))
        kinds = len(distinct)
    columns = unknowns.add(np.bincount(alike, minlength=kinds))
    example = np.zeros(kinds, np.int64)
    example[alike] = np.arange(people)
    for trait in traits:
        trait.put(unknowns, columns, trait.value[example])
