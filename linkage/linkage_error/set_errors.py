"""What wrong and missed links do to the numbers of people by exactly which members they were at, and undoing it.

A set of members is a number, bit m for member m; numbers of people by set are float64 (draws, sets), for many draws at
once. Links go wrong in two ways, one after the other:

* missed: the records of a person at member m come loose from the rest with chance loose[m], and are counted as a
  person of their own who was at m only;
* wrong: each two people are counted as one with the same small chance, who was then at every place of either.

Both are sums over sets and members, done a member at a time (as the zeta transform of Bjorklund, Husfeldt, Kaski and
Koivisto 2007, section 2): members x sets steps, not sets x sets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

People = NDArray[np.float64]
"""(draws, sets)."""
Chances = NDArray[np.float64]
"""(draws, members)."""
Sets = NDArray[np.bool_]
"""(sets, members): who is in which set."""

_ROUNDS = 40  # at most; with a tenth of the records loose at ten members, fifteen come within a hundredth of a person
_CLOSE = 0.01  # people


@dataclass(frozen=True, eq=False)
class Flows:
    """People expected to be counted away from their set, and into another, float64 (draws, sets) each."""

    out: People
    into: People


def sets_of(members: int) -> Sets:
    """Bool (2 ** members, members): the members of each set."""
    return (np.arange(1 << members)[:, None] >> np.arange(members) & 1).astype(np.bool_)


def undo_errors(counted: People, loose: Chances, wrong: NDArray[np.float64]) -> People:
    """The people by set who would be counted as `counted`, by the method of moments; none below 0.

    Args:
        counted: (draws, sets) or (1, sets).
        loose: of each draw and member.
        wrong: (draws,): the chance of each two people to be counted as one.
    """
    found = np.repeat(counted, len(loose) // len(counted), axis=0)
    for _ in range(_ROUNDS):
        off = counted - count_with_errors(found, loose, wrong)
        before, found = found, np.maximum(found + off, 0)
        found[:, 0] = 0
        if np.abs(found - before).max() < _CLOSE:
            break
    return found


def count_with_errors(people: People, loose: Chances, wrong: NDArray[np.float64]) -> People:
    """People by set as they are expected to be counted."""
    apart = _come_loose(people, loose)
    counted: People = apart + wrong[:, None] * (_unions(apart) - apart * apart.sum(axis=1, keepdims=True))
    return counted


def error_flows(people: People, loose: Chances, wrong: NDArray[np.float64]) -> Flows:
    """How many people are counted elsewhere than in their set; both ways of going wrong together."""
    sets = sets_of(loose.shape[1])
    several = sets.sum(axis=1) > 1
    whole = np.where(several, np.prod(np.where(sets, 1 - loose[:, None, :], 1.0), axis=2), 1.0) * people
    apart = _come_loose(people, loose)
    subsets = _over_subsets(apart)
    # Of two people of whom one was wherever the other was, the former stays in their set; the other is gone.
    alike = apart**2 / 2
    grown = np.maximum(_unions(apart) - apart * subsets + alike, 0)
    joined = np.maximum(apart * (apart.sum(axis=1, keepdims=True) - subsets) + alike, 0)
    chance = wrong[:, None]
    return Flows(people - whole + chance * joined, apart - whole + chance * grown)


def wrong_chance(counted: People, precision: NDArray[np.float64]) -> NDArray[np.float64]:
    """The chance of each two people to be counted as one, (draws,), from the share of linked pairs that are right.

    A link is a pair of people's places at two members; of two people counted as one every place of the one is linked
    with every place of the other.
    """
    sets = sets_of(int(counted.shape[1]).bit_length() - 1)
    size = sets.sum(axis=1)
    links = (counted * (size * (size - 1) / 2)).sum(axis=1)
    at = counted @ sets
    possible = (at.sum(axis=1) ** 2 - (at**2).sum(axis=1)) / 2
    chance: NDArray[np.float64] = (1 - precision) * links / np.maximum(possible, 1.0)
    return chance


def _come_loose(people: People, loose: Chances) -> People:
    sets = sets_of(loose.shape[1])
    several = sets.sum(axis=1) > 1
    rest = np.where(several, people, 0.0)
    singles = np.where(several, 0.0, people)
    for member in range(loose.shape[1]):
        chance = loose[:, member]
        singles[:, 1 << member] += chance * np.where(several & sets[:, member], people, 0.0).sum(axis=1)
        halves = rest.reshape(len(rest), -1, 2, 1 << member)  # a view: without the member, with it
        gone = halves[:, :, 1] * chance[:, None, None]
        halves[:, :, 0] += gone
        halves[:, :, 1] -= gone
    rest[:, 0] = 0  # everything came loose
    return singles + rest


def _unions(people: People) -> People:
    """For each set the pairs of people who were together at exactly its members."""
    return _over_subsets(_over_subsets(people) ** 2, -1) / 2


def _over_subsets(numbers: People, sign: int = 1) -> People:
    """The sum over all subsets of each set; with -1 its inverse."""
    sums = numbers.copy()
    for member in range(int(numbers.shape[1]).bit_length() - 1):
        halves = sums.reshape(len(sums), -1, 2, 1 << member)
        halves[:, :, 1] += sign * halves[:, :, 0]
    return sums
