"""What score to expect of each config: the forest's mean, moved by what was told so far.

Before any trial, a config is expected to score as it did on the past datasets, each weighed by the forest.
What past datasets scored beyond what was expected of them tells how configs deviate together; by that, scores
that were told move the expectation of the others: a Gaussian process over configs, whose covariance is learnt
(Rasmussen and Williams 2006, chapter 2; Fusi, Sheth, Elibol 2018, "Probabilistic matrix factorization").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from maestro_jupyter.recommend.history import Array, History
    from maestro_jupyter.recommend.policy import Told

_PARTICULAR = 0.1
"""The share of a deviation that says nothing of any other config."""

_TRUST = 4.0
"""How many trials the expected width of deviations counts as, against what trials show of it."""

_LEAST = 1e-6


class Forecast(NamedTuple):
    """Expected score and standard deviation of each config; arrays of shape (m,)."""

    mean: Array
    deviation: Array


def before(history: History, weights: Array) -> Forecast:
    """Forecast from metafeatures alone, by the weights of past datasets."""
    mean = weights @ history.scores
    variance = weights @ ((history.scores - mean) ** 2 + history.score_doubt)
    usual = float(np.sqrt(variance.mean()))
    return Forecast(mean, np.sqrt(variance) + _LEAST + 0.1 * usual)


def correlation(rests: Array, weights: Array) -> Array:
    """Give how standardised deviations of configs go together."""
    products = (rests * weights[:, None]).T @ rests
    size = np.sqrt(np.maximum(np.diag(products), _LEAST))
    found: Array = (1 - _PARTICULAR) * products / np.outer(size, size)
    np.fill_diagonal(found, 1.0)
    return found


def after(prior: Forecast, alike: Array, told: Told) -> Forecast:
    """Move a forecast by what was told; what failed says nothing of scores."""
    scores = np.asarray(told.scores, dtype=float)
    worked = ~np.isnan(scores)
    seen = np.asarray(told.configs, dtype=int)[worked]
    if not len(seen):
        return prior
    rest = (scores[worked] - prior.mean[seen]) / prior.deviation[seen]
    weighed = np.linalg.solve(
        alike[np.ix_(seen, seen)] + _LEAST * np.eye(len(seen)), np.column_stack([rest, alike[seen]])
    )
    left = np.maximum(1 - (weighed[:, 1:] * alike[seen]).sum(axis=0), _LEAST)
    surprise = (_TRUST + rest @ weighed[:, 0]) / (_TRUST + len(seen))
    mean = prior.mean + prior.deviation * (alike[:, seen] @ weighed[:, 0])
    return Forecast(mean, prior.deviation * np.sqrt(left * surprise))
