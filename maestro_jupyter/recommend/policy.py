"""Which config to try next: the one that most reduces the expected normalised regret.

Every past dataset is a hypothesis of what the new one is like: its losses, without what is particular to one
config on one dataset, give or take a deviation that is normally distributed and alike for configs that are
alike. What was told so far changes how far each hypothesis is believed, by a heavy-tailed likelihood, and
moves its losses towards what was seen (Gaussian conditioning). Scores come on a scale whose best and worst
nobody knows: the offset is free, and the scale is averaged over. The value of a config is its expected
improvement on the best so far, averaged over hypotheses: with no deviations and no feedback, this is the
greedy portfolio.

A history may mislead, so two things are kept apart from it. Where metafeatures tell little, what was told is
not believed all the way: a share of a config's value is that in the portfolio. And the new dataset may be
the opposite of a past one, where the history was turned round as a whole.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from maestro_jupyter.recommend.history import known_groups, unseen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from maestro_jupyter.recommend.history import Array, History, Moments

_DEVIATION = 0.05
"""The share of the variance between datasets that is left between a dataset and its hypothesis."""

_NOISE = 0.1
"""The standard deviation of what is particular to one config on one dataset, in units of the range."""

_FREE = 3.0
"""The standard deviation of the offset where there is a score to fix it; large is free."""

_FIXED = 0.1
_FREEDOM = 4.0
_LEAST_VARIANCE = 1e-9
_NEVER = 1e-300
_THRIFT = 0.25
"""How much time matters where it is limited; see `benchmarks/cost.py`."""

_SOON = 1e-6
_TEMPER = 0.5
"""Scores of configs that are alike repeat each other: they count as half as many."""

_SPANS = np.geomspace(0.01, 1.5, 11)
"""What share of the whole range the scores seen so far may span."""

_SURELY = 2.0
"""The power of the odds that the history is turned round: were it so, so much would be to be gained that a
faint suspicion would decide."""

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
    losses = mean + (history.losses - mean) @ filtered
    return Hypotheses(losses, history.doubt, shared, unseen(known_groups(history)) * _NOISE**2)


def best_value(values: Array, allowed: Array) -> int:
    """Give the place of the highest value that is allowed."""
    return int(np.argmax(np.where(allowed, values, -np.inf)))


def values(
    supposed: Hypotheses,
    weights: Array,
    told: Told,
    *,
    turned: float = 0.0,
    regardless: float = 0.0,
) -> Array:
    """Give what is to be gained from each config, in units of the regret's range.

    Parameters
    ----------
    supposed : Hypotheses
    weights : ndarray of shape (n,)
        How far each past dataset is believed to be like the new one before any trial.
    told : Told
    turned : float
        The odds that the new dataset is like the opposite of one of them.
    regardless : float
        The share of a config's value that does not depend on the scores that were told.

    Returns
    -------
    ndarray of shape (m,)
        Only comparable with each other.
    """
    if not told.configs:
        return 1 - weights @ supposed.losses
    link = _link(supposed, told, weights @ supposed.doubt[:, told.configs])
    support, gained = _expected(supposed.losses, weights, link, told)
    if turned > 0:
        other = _expected(1 - supposed.losses, turned * weights, link, told)
        share = math.exp(-np.logaddexp(0.0, _SURELY * (support - other.support)))
        gained = (1 - share) * gained + share * other.gained
    return (1 - regardless) * gained + regardless * _in_portfolio(supposed.losses, weights, told.configs)


def for_their_time(gained: Array, seconds: Array) -> Array:
    """Weigh what is to be gained by the seconds that it takes, a little: cheap would crowd out good.

    Parameters
    ----------
    gained : ndarray of shape (m,)
    seconds : ndarray of shape (m,)
        NaN where they are unknown: taken for the longest.

    Examples
    --------
    >>> for_their_time(np.array([0.5, 0.5, 0.5]), np.array([1.0, 16.0, np.nan])).tolist()
    [0.5, 0.25, 0.25]
    """
    known = seconds[~np.isnan(seconds)]
    longest = known.max() if len(known) else 1.0
    found: Array = gained / np.maximum(np.where(np.isnan(seconds), longest, seconds), _SOON) ** _THRIFT
    return found


def _in_portfolio(losses: Array, weights: Array, chosen: Sequence[int]) -> Array:
    """Give what each config adds to those that were chosen, whatever came of them."""
    best = losses[:, chosen].min(axis=1)[:, None]
    added: Array = weights @ np.maximum(best - losses, 0.0)
    return added


class _Expected(NamedTuple):
    """What is to be gained, if the new dataset is like one of some.

    Attributes
    ----------
    support : float
        The logarithm of how far that is believed, without what is common to all suppositions.
    gained : ndarray of shape (m,)
    """

    support: float
    gained: Array


def _expected(losses: Array, priors: Array, link: _Link, told: Told) -> _Expected:
    """Average over hypotheses, the losses of each in a row, shape (n, m); how far each is believed, (n,)."""
    profiles, spans = _profiles(told.scores)
    there = losses[:, told.configs]
    misfit = _misfit(there, profiles, link.precision)
    freedom = _FREEDOM + len(told.configs) - 1
    logs = _TEMPER * (spans - freedom / 2 * np.log1p(misfit / _FREEDOM))
    logs = (logs + np.log(np.maximum(priors, _NEVER))[:, None]).ravel()
    kept = _likeliest(logs)
    belief = np.exp(logs[kept] - logs[kept].max())
    hypothesis, profile = np.divmod(kept, len(profiles))
    rest = profiles[profile] - there[hypothesis]
    lacking = profiles[profile].min(axis=1)[:, None] - (losses[hypothesis] + rest @ link.gain.T)
    gained = (belief / belief.sum()) @ _improvement(lacking, link.deviation)
    return _Expected(float(logs[kept].max() + np.log(belief.sum())), gained)


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


def _link(supposed: Hypotheses, told: Told, doubt: Array) -> _Link:
    """Say it, where `doubt` is the variance of what was filled in of those that were told."""
    seen = told.configs
    around = _DEVIATION * supposed.shared + (_FIXED if np.isnan(told.scores).all() else _FREE) ** 2
    precision = np.linalg.inv(around[np.ix_(seen, seen)] + np.diag(_NOISE**2 + doubt))
    gain = around[:, seen] @ precision
    left = np.diag(around) - (gain * around[:, seen]).sum(axis=1)
    deviation = np.sqrt(np.maximum(left, _LEAST_VARIANCE) + supposed.strangeness)
    return _Link(precision, gain, deviation)


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
