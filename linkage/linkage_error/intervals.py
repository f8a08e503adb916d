"""Estimates with 95 % intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NORMAL_95 = 1.96  # standard errors to either side of a 95 % interval
HALF_A_PAIR = 0.5  # added on both sides of a share, so that its log odds are finite
DECIMALS = 3  # of what is published: a thousandth of the pairs of two large lists is several people's
_NEAREST = 0.0005  # to 0 or 1: a share that was rounded to 1.000 may be this far from it


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval."""

    estimate: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        """Rounded to DECIMALS."""
        return {name: round(value, DECIMALS) for name, value in vars(self).items()}

    def as_published(self) -> Interval:
        """What a reader of `as_dict` knows."""
        return Interval(**self.as_dict())

    def shifted(self, by: float) -> Interval:
        """A share whose log odds are so much higher."""
        return Interval(*(_share(_logit(one) + by) for one in (self.estimate, self.low, self.high)))

    @property
    def logit(self) -> float:
        """The log odds of a share."""
        return _logit(self.estimate)

    @property
    def logit_error(self) -> float:
        """The standard error of a share's log odds."""
        return (_logit(self.high) - _logit(self.low)) / (2 * NORMAL_95)


def log_odds(good: float, bad: float) -> float:
    """The logarithm of good : bad, HALF_A_PAIR added to both."""
    return float(np.log((max(good, 0.0) + HALF_A_PAIR) / (max(bad, 0.0) + HALF_A_PAIR)))


def interval_of_odds(good: float, bad: float, *errors: float) -> Interval:
    """The share of good in good and bad; `errors` are independent standard errors of its log odds."""
    middle, reach = log_odds(good, bad), NORMAL_95 * float(np.hypot.reduce(errors))
    return Interval(*(_share(middle + off) for off in (0.0, -reach, reach)))


def _share(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


def _logit(share: float) -> float:
    inside = min(max(share, _NEAREST), 1 - _NEAREST)
    return float(np.log(inside / (1 - inside)))
