"""Which config to try next: the one that most reduces the expected normalised regret.

Every past dataset is a hypothesis of what the new one is like: its losses, without what is particular to one
config on one dataset, give or take a deviation that is normally distributed and alike for configs that are
alike. What was told so far changes how far each hypothesis is believed, by a heavy-tailed likelihood, and
moves its losses towards what was seen (Gaussian conditioning). Scores come on a scale whose best and worst
nobody knows: the offset is free, and the scale is averaged over. The value of a config is its expected
improvement on the best so far, averaged over hypotheses: with no deviations and no feedback, this is the
greedy portfolio.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from maestro_jupyter.recommend.history import Array, History, Moments

_DEVIATION = 0.05
"""The share of the variance between datasets that is left between a dataset and its hypothesis."""

_NOISE = 0.1
"""The standard deviation of what is particular to one config on one dataset, in units of the range."""

_STRANGE = 5.0
"""A history of so many groups says nothing of what it has not seen; a longer one has seen more of it."""

_FREE = 3.0
"""The standard deviation of the offset where there is a score to fix it; large is free."""

_FIXED = 0.1
_FREEDOM = 4.0
_LEAST_VARIANCE = 1e-9
_TEMPER = 0.5
"""Scores of configs that are alike repeat each other: they count as half as many."""

_SPANS = np.geomspace(0.01, 1.5, 11)
"""What share of the whole range the scores seen so far may span."""

_KEPT = 128
"""How many of the likeliest hypotheses are asked: the others hardly change the answer."""


class Hypotheses(NamedTuple):
    """What a new dataset may be like, one row for each past dataset.

    Attributes
    ----------
    losses : ndarray of shape (n, m)
        What to expect of a dataset like a past one: what was particular there does not come again.
    doubt : ndarray of shape (n, m)
        Variance of what was filled in.
    shared : ndarray of shape (m, m)
        How losses of configs vary together between datasets.
    strangeness : float
        Variance by which the new dataset may be like none of these.
    """

    losses: Array
    doubt: Array
    shared: Array
    strangeness: float


class Told(NamedTuple):
    """What was tried so far.

    Attributes
    ----------
    configs : list of int
    scores : list of float
        NaN where it failed.
    """

    configs: list[int]
    scores: list[float]


def hypotheses(history: History, known: Moments) -> Hypotheses:
    """Take from past losses what they have in common: a Wiener filter over configs.

    Parameters
    ----------
    history : History
    known : Moments
        Of the datasets that may be learnt from.
    """
    shared = known.covariance()
    mean = known.total / known.weight
    filtered = np.linalg.solve(shared + _NOISE**2 * np.eye(len(shared)), shared)
    strange = min(1.0, _STRANGE / len(np.unique(history.groups))) * _NOISE**2
    return Hypotheses(mean + (history.losses - mean) @ filtered, history.doubt, shared, strange)


def best_value(values: Array, allowed: Array) -> int:
    """Give the place of the highest value that is allowed."""
    return int(np.argmax(np.where(allowed, values, -np.inf)))


def values(supposed: Hypotheses, weights: Array, told: Told) -> Array:
    """Give what is to be gained from each config, in units of the regret's range.

    Parameters
    ----------
    supposed : Hypotheses
    weights : ndarray of shape (n,)
        How far each past dataset is believed to be like the new one before any trial.
    told : Told

    Returns
    -------
    ndarray of shape (m,)
        Only comparable with each other.
    """
    if not told.configs:
        return -(weights @ supposed.losses)
    seen = told.configs
    link = _link(supposed, weights, told)
    profiles, chances = _profiles(told.scores)
    there = supposed.losses[:, seen]
    misfit = _misfit(there, profiles, link.precision)
    freedom = len(seen) - 1
    logs = _TEMPER * (chances - (_FREEDOM + freedom) / 2 * np.log1p(misfit / _FREEDOM))
    logs = (logs + np.log(np.maximum(weights, 1e-300))[:, None]).ravel()
    kept = _likeliest(logs)
    belief = np.exp(logs[kept] - logs[kept].max())
    hypothesis, profile = np.divmod(kept, len(profiles))
    rest = profiles[profile] - there[hypothesis]
    expected = supposed.losses[hypothesis] + rest @ link.gain.T
    lacking = profiles[profile].min(axis=1)[:, None] - expected
    gained: Array = (belief / belief.sum()) @ _improvement(lacking, link.deviation)
    return gained


class _Link(NamedTuple):
    """What `t` configs that were told say of all, whichever hypothesis holds.

    Attributes
    ----------
    precision : ndarray of shape (t, t)
        Of what was told around a hypothesis.
    gain : ndarray of shape (m, t)
        How what was told moves each config.
    deviation : ndarray of shape (m,)
        What is left unknown of each config.
    """

    precision: Array
    gain: Array
    deviation: Array


def _link(supposed: Hypotheses, weights: Array, told: Told) -> _Link:
    seen = told.configs
    offset = _FIXED if np.isnan(told.scores).all() else _FREE
    between = _DEVIATION * supposed.shared + offset**2
    own = _NOISE**2 + weights @ supposed.doubt[:, seen]
    precision = np.linalg.inv(between[np.ix_(seen, seen)] + np.diag(own))
    gain = between[:, seen] @ precision
    left = np.diag(between) - (gain * between[:, seen]).sum(axis=1)
    return _Link(precision, gain, np.sqrt(np.maximum(left, _LEAST_VARIANCE) + supposed.strangeness))


def _profiles(scores: Sequence[float]) -> tuple[Array, Array]:
    """Give what the losses may be, one row for each share of the range that they may span, and its log prior.

    What failed lost all there is to lose.
    """
    told = np.asarray(scores, dtype=float)
    failed = np.isnan(told)
    if failed.all():
        return np.ones((1, len(told))), np.zeros(1)
    lost = told[~failed].max() - told
    span = lost[~failed].max()
    if span <= 0:
        return np.where(failed, 1.0, 0.0)[None, :], np.zeros(1)
    profiles = np.where(failed, 1.0, lost / span * _SPANS[:, None])
    return profiles, (np.count_nonzero(~failed) - 1) * np.log(_SPANS)


def _misfit(there: Array, profiles: Array, precision: Array) -> Array:
    """Give the squared distance of every hypothesis from every profile: (n, t) and (p, t) make (n, p)."""
    weighed = there @ precision
    squares = (weighed * there).sum(axis=1)[:, None] + ((profiles @ precision) * profiles).sum(axis=1)
    distance: Array = np.maximum(squares - 2 * weighed @ profiles.T, 0.0)
    return distance


def _likeliest(logs: Array) -> Array:
    if len(logs) <= _KEPT:
        return np.arange(len(logs))
    return np.argpartition(-logs, _KEPT)[:_KEPT]


def _table() -> Array:
    """Give the expected positive part of a normal variable of deviation 1, by its mean (Mockus 1975)."""
    means = np.arange(-_FARTHEST * _STEPS, _FARTHEST * _STEPS + 1) / _STEPS
    below = np.array([0.5 * math.erfc(-mean / math.sqrt(2)) for mean in means])
    found: Array = means * below + np.exp(-(means**2) / 2) / math.sqrt(2 * math.pi)
    return found.astype(np.float32)


_FARTHEST, _STEPS = 6, 256
_EXPECTED = _table()
"""Looking up is many times faster than computing, and this is where the time goes."""


def _improvement(lacking: Array, deviation: Array) -> Array:
    """Give the expectation of what is above 0 of normal variables; shapes (k, m) and (m,)."""
    z = (lacking / deviation).astype(np.float32)
    place = np.clip(z * _STEPS + (_FARTHEST * _STEPS + 0.5), 0, len(_EXPECTED) - 1).astype(np.int32)
    found: Array = np.maximum(_EXPECTED[place], z) * deviation
    return found
