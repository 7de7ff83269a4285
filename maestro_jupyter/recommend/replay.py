"""Replays the policy on datasets of the history as if each were new: what it would have cost, and forecast.

One dataset of each of some groups is replayed, and its whole group is left out of what the policy knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from maestro_jupyter.recommend import policy
from maestro_jupyter.recommend.history import moments, normalised
from maestro_jupyter.recommend.policy import Told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from maestro_jupyter.recommend.history import Array, History, Moments
    from maestro_jupyter.recommend.prior import Forest

TRIALS = 10
BUDGETS = (1, 3, 5, 10)
"""After how many trials the regret counts."""

MOST_REPLAYED = 64
STRENGTHS = (0.0, 0.5, 1.0)


class Case(NamedTuple):
    """A dataset of the history as it would be met anew.

    Attributes
    ----------
    place : int
        Its row.
    near : ndarray of shape (n,)
        What the forest, without its group, weighs the others.
    even : ndarray of shape (n,)
        Equal weights of the other groups.
    shared : ndarray of shape (m, m)
        The covariance between configs without its group.
    """

    place: int
    near: Array
    even: Array
    shared: Array


def blended(even: Array, near: Array, strength: float) -> Array:
    """Mix equal weights with those of the metafeatures."""
    weights: Array = (1 - strength) * even + strength * near
    return weights


def cases(history: History, known: Moments, forest: Forest, tried: Array, seed: int) -> list[Case]:
    """Choose datasets to replay: one of each group, of those on which at least two configs were tried."""
    rng = np.random.default_rng(seed)
    usable = rng.permutation(np.flatnonzero(tried.sum(axis=1) >= 2))
    _, first = np.unique(history.groups[usable], return_index=True)
    places = rng.permutation(usable[first])[:MOST_REPLAYED]
    return [
        _case(history, known, int(place), near)
        for place, near in zip(places, forest.weigh_past(places), strict=True)
    ]


def _case(history: History, known: Moments, place: int, near: Array) -> Case:
    kin = history.groups == history.groups[place]
    even = normalised(np.where(kin, 0.0, history.weights))
    rest = known.without(moments(history.losses[kin], history.weights[kin]))
    return Case(place, normalised(near) if near.any() else even, even, rest.covariance())


def replayed(history: History, case: Case, strength: float, tried: Array) -> Told:
    """Play the policy on a past dataset, where only what was tried can be proposed."""
    weights = blended(case.even, case.near, strength)
    allowed = tried.copy()
    told = Told([], [])
    for _ in range(min(TRIALS, int(np.count_nonzero(allowed)))):
        config = policy.best_value(policy.values(history, weights, case.shared, told), allowed)
        allowed[config] = False
        told.configs.append(config)
        told.scores.append(float(history.scores[case.place, config]))
    return told


def regret(history: History, case: Case, told: Told, tried: Array) -> float:
    """Give the mean regret over the budgets, of what could be tried."""
    losses = history.losses[case.place]
    best = np.minimum.accumulate(losses[told.configs]) - losses[tried].min()
    return float(np.mean([best[min(budget, len(best)) - 1] for budget in BUDGETS]))


def strongest(regrets: Sequence[Sequence[float]]) -> int:
    """Give the place of the strength with the least mean regret.

    Examples
    --------
    >>> strongest([[0.1, 0.3], [0.2, 0.1], [0.4, 0.4]])
    1
    """
    return int(np.argmin([np.mean(each) for each in regrets]))
