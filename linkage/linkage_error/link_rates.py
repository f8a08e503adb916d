"""What is published of how good the links are: precision and recall over all, recall between two large lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from linkage.candidates.pair_graph import PairGraph
from linkage.clustering.distance import Ruler
from linkage.clustering.groups import Groups
from linkage.clustering.threshold import Threshold
from linkage.linkage_error.intervals import Interval
from linkage.linkage_error.pair_rates import estimate_pair_recalls
from linkage.linkage_error.rates import estimate_rates, model_errors
from schemas.console import Advance, unheard

LARGE_LIST = 1000
"""Records a list has at least for a recall with another list: in a smaller one a thousandth is less than a person."""


@dataclass(frozen=True)
class LinkRates:
    """How good the links across members are, expected by a model, without truth.

    Attributes:
        precision: share of the linked pairs of records that are one person.
        recall: share of the pairs of records of one person that were linked.
        between: recall between two members, by their names in order; only where both lists are large.
    """

    precision: Interval
    recall: Interval
    between: Mapping[tuple[str, str], Interval]

    def balanced(self) -> LinkRates:
        """The same with as many links wrong as are missed, as where the cut was found for that.

        Whether a cut so found is balanced, the curves fitted here know no better than those that found it: on co-ops
        with known truth what they say of it has nothing to do with what is (docs/linkage-error.md).
        """
        by = (self.precision.logit - self.recall.logit) / 2
        between = {pair: one.shifted(by) for pair, one in self.between.items()}
        return LinkRates(self.precision.shifted(-by), self.recall.shifted(by), between)

    def as_dict(self) -> dict[str, Any]:
        """JSON values, rounded: what may be published."""
        return {
            "precision": self.precision.as_dict(),
            "recall": self.recall.as_dict(),
            "between": [{"a": a, "b": b, "recall": one.as_dict()} for (a, b), one in sorted(self.between.items())],
        }


def rates_from(fact: object) -> LinkRates | None:
    """Read back what `as_dict` made; None for anything else, as of a run whose links could not be judged."""
    try:
        told: Mapping[str, Any] = fact  # type: ignore[assignment]  # whatever else it is raises below
        between = {(str(one["a"]), str(one["b"])): Interval(**one["recall"]) for one in told["between"]}
        return LinkRates(Interval(**told["precision"]), Interval(**told["recall"]), between)
    except (KeyError, TypeError):
        return None


def estimate_link_rates(
    graph: PairGraph,
    groups: Groups,
    members: Sequence[str],
    threshold: Threshold,
    ruler: Ruler,
    rng: Generator,
    *,
    is_balanced: bool,
    advance: Advance = unheard,
) -> LinkRates | None:
    """Estimate them from the scores; None where the data cannot tell.

    Args:
        graph: all candidate pairs that were clustered, with their scores.
        groups: what clustering made of them.
        members: names, in the order of the graph's.
        threshold: where it was cut.
        ruler: of these filters.
        rng: for the bootstrap's draws.
        is_balanced: whether the cut was looked for where as many links are wrong as are missed.
        advance: told 0 between fits; what it raises ends the work.
    """
    model = model_errors(graph, groups, threshold.value, ruler)
    if model is None:
        return None
    rates = estimate_rates(model, rng, advance)
    large = np.diff(groups.offsets) >= LARGE_LIST
    between = {
        (members[one.a], members[one.b]): one.recall
        for one in estimate_pair_recalls(model, graph, groups)
        if large[one.a] and large[one.b]
    }
    found = LinkRates(rates.precision, rates.recall, between)
    return found.balanced() if is_balanced else found
