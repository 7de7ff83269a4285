"""How much more often something happens than it did, from two counts."""

from __future__ import annotations

import math
from typing import NamedTuple

_PLACES = 4001
_REACH = 12.0


class Ratio(NamedTuple):
    """A ratio of two rates: its median and the ends of its interval."""

    median: float
    low: float
    high: float


def rate_ratio(recent: int, before: int, recent_time: float, before_time: float, level: float) -> Ratio:
    """Compare the rates of two Poisson processes.

    Rates have Jeffreys's prior, so that their posteriors are gamma distributions, and the share of the recent
    one in both has a beta distribution.

    Parameters
    ----------
    recent, before : int
        How often it happened.
    recent_time, before_time : float
        In how long a time each, in one unit.
    level : float
        Of the interval, between 0 and 1.

    Returns
    -------
    Ratio

    Examples
    --------
    >>> ratio = rate_ratio(10, 10, 7, 28, 0.8)
    >>> round(ratio.median, 2), round(ratio.low, 2), round(ratio.high, 2)
    (4.0, 2.26, 7.07)
    """
    import numpy as np

    first, second = recent + 0.5, before + 0.5
    # By the logarithm of the odds, where the distribution is close to a normal one.
    spread = math.sqrt(1 / first + 1 / second)
    odds = math.log(first / second) + np.linspace(-_REACH, _REACH, _PLACES) * spread
    log = -first * np.logaddexp(0, -odds) - second * np.logaddexp(0, odds)
    chance = np.exp(log - log.max())
    chance /= chance.sum()
    tail = (1 - level) / 2
    found = np.interp([0.5, tail, 1 - tail], np.cumsum(chance) - chance / 2, odds)
    return Ratio(*(np.exp(found) * before_time / recent_time).tolist())
