"""How likely it is that the history misleads: what was told lies far from all that it made one expect.

A history of another kind (scores of another measure, or turned round) may agree with itself in everything.
Only the new dataset can contradict it, most clearly by its first scores: what seemed the best is poor.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from maestro_jupyter.recommend.forecast import Forecast
    from maestro_jupyter.recommend.history import Array
    from maestro_jupyter.recommend.intervals import Widths
    from maestro_jupyter.recommend.policy import Told

_USUAL = 0.003
"""The chance of it before anything was told: more costs regret where all is well."""

_TURNED = 0.003
"""The odds before anything was told that the history is turned round."""

_WIDER = 4.0
"""How many times as far off forecasts are where the history misleads."""

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


def misled(foreseen: Foreseen, widths: Widths, told: Told) -> float:
    """Give the chance, by how far off the forecast before any trial was.

    What comes as expected, given what was told before, makes it smaller again: a dataset that is only odd is
    soon understood.

    Parameters
    ----------
    foreseen : Foreseen
    widths : Widths
    told : Told
        In the order in which it was told; what failed says nothing.
    """
    seen, scores = _worked(told)
    if not len(seen):
        return _USUAL
    off = _off(foreseen, widths.at(0), seen, scores)
    odds = _USUAL / (1 - _USUAL) * math.exp(min(_wider(off.square, len(seen)), _MOST))
    return odds / (1 + odds)


def turned(foreseen: Foreseen, opposite: Foreseen, widths: Widths, told: Told) -> float:
    """Give the odds that the history is turned round, by how much better its opposite would have forecast.

    Better than the history itself, or one of another kind: what only comes unexpected is no sign of it.

    Parameters
    ----------
    foreseen : Foreseen
    opposite : Foreseen
        By the history turned round.
    widths : Widths
    told : Told
        What failed says nothing.
    """
    seen, scores = _worked(told)
    if not len(seen):
        return 0.0
    below, above = widths.at(0)
    here = _off(foreseen, (below, above), seen, scores)
    there = _off(opposite, (-above, -below), seen, scores)
    wider = math.log(_USUAL) + _wider(here.square, len(seen))
    expected = float(np.logaddexp(math.log(1 - _USUAL), wider)) - here.square / 2 - here.spread
    better = -there.square / 2 - there.spread - expected
    return _TURNED * math.exp(float(np.clip(better, -_MOST, _MOST)))


def _worked(told: Told) -> tuple[Array, Array]:
    """Give the configs that did not fail, and their scores."""
    scores = np.asarray(told.scores, dtype=float)
    worked = ~np.isnan(scores)
    return np.asarray(told.configs, dtype=int)[worked], scores[worked]


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
