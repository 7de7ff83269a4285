"""How likely it is that the history misleads: what was told lies far from all that it made one expect.

A history of another kind (scores of another measure, or turned round) may agree with itself in everything.
Only the new dataset can contradict it, most clearly by its first scores: what seemed the best is poor.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from maestro_jupyter.recommend.forecast import Forecast
    from maestro_jupyter.recommend.history import Array
    from maestro_jupyter.recommend.intervals import Widths
    from maestro_jupyter.recommend.policy import Told

_USUAL = 0.003
"""The chance of it before anything was told: more costs regret where all is well."""

_WIDER = 4.0
"""How many times as far off forecasts are where the history misleads."""

_QUANTILE = 1.2815515655
_LEAST = 1e-6
_MOST = 50.0


def misled(prior: Forecast, alike: Array, widths: Widths, told: Told) -> float:
    """Give the chance, by how far off the forecast before any trial was.

    What comes as expected, given what was told before, makes it smaller again: a dataset that is only odd is
    soon understood.

    Parameters
    ----------
    prior : Forecast
    alike : ndarray of shape (m, m)
        The correlation of forecast errors between configs.
    widths : Widths
    told : Told
        In the order in which it was told; what failed says nothing.
    """
    scores = np.asarray(told.scores, dtype=float)
    worked = ~np.isnan(scores)
    seen = np.asarray(told.configs, dtype=int)[worked]
    if not len(seen):
        return _USUAL
    below, above = (max(abs(end), _LEAST) / _QUANTILE for end in widths.at(0))
    off = (scores[worked] - prior.mean[seen]) / prior.deviation[seen]
    off /= np.where(off < 0, below, above)
    lower = np.linalg.cholesky(alike[np.ix_(seen, seen)] + _LEAST * np.eye(len(seen)))
    square = float((np.linalg.solve(lower, off) ** 2).sum())
    ratio = square * (1 - _WIDER**-2) / 2 - len(seen) * math.log(_WIDER)
    odds = _USUAL / (1 - _USUAL) * math.exp(min(ratio, _MOST))
    return odds / (1 + odds)
