"""How likely it is that the history is turned round: what was told is what its opposite made one expect.

A history whose worst looks best may agree with itself in everything. Only the new dataset can contradict it,
most clearly by its first scores: what seemed the best is poor.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from maestro_jupyter.recommend.history import unseen

if TYPE_CHECKING:
    from maestro_jupyter.recommend.forecast import Forecast
    from maestro_jupyter.recommend.history import Array
    from maestro_jupyter.recommend.policy import Told

_TURNED = 0.003
"""The odds of it before anything was told, where the history has seen all there is: more costs regret where
all is well."""

_ODD = 0.003
"""The chance that a dataset is only odd: unlike the history, and unlike its opposite."""

_WIDER = 4.0
"""How many times as far off forecasts are where a dataset is odd."""

_QUANTILE = 1.2815515655
_LEAST = 1e-6
_MOST = 50.0


class Foreseen(NamedTuple):
    """What is expected before any trial.

    Attributes
    ----------
    forecast : Forecast
    alike : ndarray of shape (m, m)
        The correlation of its errors between configs.
    """

    forecast: Forecast
    alike: Array


class _Off(NamedTuple):
    """How far off a forecast was.

    Attributes
    ----------
    square : float
        In standard deviations, given what was told before.
    spread : float
        The logarithm of how widely scores were expected to vary.
    """

    square: float
    spread: float


def turned(
    foreseen: Foreseen, opposite: Foreseen, ends: tuple[float, float], told: Told, groups: int
) -> float:
    """Give the odds that the history is turned round, by how much better its opposite would have forecast.

    Better than the history itself, or for an odd dataset: what only comes unexpected is no sign of it. Beyond
    all that so many groups did, on either side, comes what is new with a chance of 2 / (groups + 1), so no
    score is a surer sign than that.

    Parameters
    ----------
    foreseen : Foreseen
    opposite : Foreseen
        By the history turned round.
    ends : tuple of float
        How many deviations below and above the mean an interval ends before any trial.
    told : Told
        What failed says nothing.
    groups : int
        Of the history.
    """
    worked = ~np.isnan(told.scores)
    seen, scores = np.asarray(told.configs, dtype=int)[worked], np.asarray(told.scores)[worked]
    if not len(seen):
        return 0.0
    below, above = ends
    here = _off(foreseen, (below, above), seen, scores)
    there = _off(opposite, (-above, -below), seen, scores)
    odd = math.log(_ODD) + _wider(here.square, len(seen))
    expected = float(np.logaddexp(math.log(1 - _ODD), odd)) - here.square / 2 - here.spread
    better = -there.square / 2 - there.spread - expected
    surest = min(len(seen) * math.log((groups + 1) / 2), _MOST)
    return (1 - unseen(groups)) * _TURNED * math.exp(float(np.clip(better, -_MOST, surest)))


def _off(foreseen: Foreseen, ends: tuple[float, float], seen: Array, scores: Array) -> _Off:
    below, above = (max(abs(end), _LEAST) / _QUANTILE for end in ends)
    mean, deviation = (each[seen] for each in foreseen.forecast)
    off = (scores - mean) / deviation
    off /= np.where(off < 0, below, above)
    lower = np.linalg.cholesky(foreseen.alike[np.ix_(seen, seen)] + _LEAST * np.eye(len(seen)))
    square = float((np.linalg.solve(lower, off) ** 2).sum())
    return _Off(square, float(np.log(np.diag(lower) * deviation).sum()))


def _wider(square: float, count: int) -> float:
    """Give by how much likelier it is, as a logarithm, where forecasts are farther off."""
    return square * (1 - _WIDER**-2) / 2 - count * math.log(_WIDER)
