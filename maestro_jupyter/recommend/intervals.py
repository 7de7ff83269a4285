"""Makes intervals hold what they say: widths by how far forecasts were off when the history was replayed.

Conformal: whatever is wrong with a forecast's own deviation is mended by the quantiles of its standardised
errors on past datasets, after as many trials (Vovk, Gammerman, Shafer 2005; grouped as in Dunn, Wasserman,
Ramdas 2023, "Distribution-free prediction sets for two-layer hierarchical models"). Errors below and above
have quantiles of their own.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from maestro_jupyter.recommend.history import Array

LEVEL = 0.8
CHECKPOINTS = (0, 1, 2, 3, 5, 7, 9)
LEAST_GROUPS = 12
"""With fewer past groups intervals are those of a normal distribution, and called uncalibrated."""

_NORMAL = 1.2815515655


class Widths(NamedTuple):
    """How many deviations below and above the mean an interval ends, at each checkpoint."""

    below: Array
    above: Array

    def at(self, trials: int) -> tuple[float, float]:
        """Give the ends after some trials, between checkpoints on a line."""
        below, above = (float(np.interp(trials, CHECKPOINTS, ends)) for ends in self)
        return below, above


def normal_widths() -> Widths:
    """Give the widths where nothing is known of the errors."""
    return calibrated([[] for _ in CHECKPOINTS])


def calibrated(errors: Sequence[Sequence[Array]]) -> Widths:
    """Give the widths from standardised errors: by checkpoint, an array for each replayed dataset.

    Examples
    --------
    >>> wide = calibrated([[np.linspace(-1, 1, 101)] * 20] * len(CHECKPOINTS))
    >>> round(wide.at(4)[0], 2), round(wide.at(4)[1], 2)
    (-0.8, 0.8)
    """
    return Widths(*np.array([ends([each for each in at if len(each)]) for at in errors]).T)


def ends(errors: Sequence[Array]) -> tuple[float, float]:
    """Give how many deviations below and above the mean an interval ends, from standardised errors.

    Parameters
    ----------
    errors : sequence of ndarray
        One for each replayed dataset, each of which counts as one; none for a normal distribution's ends.
    """
    if not errors:
        return -_NORMAL, _NORMAL
    pooled = np.concatenate(errors)
    weights = np.concatenate([np.full(len(each), 1 / len(each)) for each in errors])
    order = np.argsort(pooled)
    share = np.cumsum(weights[order]) - weights[order] / 2
    low, high = np.interp(np.array([(1 - LEVEL) / 2, (1 + LEVEL) / 2]) * weights.sum(), share, pooled[order])
    return float(low), float(high)


def within(bounds: tuple[float, float], mean: Array, low: Array, high: Array) -> tuple[Array, Array, Array]:
    """Give forecasts of a score that has bounds: what to expect of it, and the ends of the interval.

    What is beyond a bound is at it: so the score to expect is the mean of a normal distribution of the
    interval's width that is cut off there, and never the bound itself while it may be missed.

    Examples
    --------
    >>> [round(float(one), 2) for one in within((0.0, 1.0), *np.array([[1.02], [0.86], [1.16]]))[0]]
    [0.96]
    """
    below_z = np.vectorize(NormalDist().cdf, otypes=[float])
    deviation = (high - low) / (2 * _NORMAL)

    def beyond(by: Array) -> Array:
        """Give by how much it is expected to exceed what lies so far below the mean."""
        z = np.divide(by, deviation, out=np.zeros_like(by), where=deviation > 0)
        density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        found: Array = np.where(deviation > 0, by * below_z(z) + deviation * density, np.maximum(by, 0.0))
        return found

    least, most = bounds
    expected = least + beyond(mean - least) - beyond(mean - most)
    low, high = np.clip(low, least, most), np.clip(high, least, most)
    return np.clip(expected, low, high), low, high
