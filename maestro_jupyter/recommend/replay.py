"""Replays the policy on datasets of the history as if each were new: what it would have cost, and forecast.

One dataset of each of some groups is replayed, and its whole group is left out of what the policy knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from maestro_jupyter.recommend import policy
from maestro_jupyter.recommend.history import known_groups, moments, unseen
from maestro_jupyter.recommend.left_out import blended, left_out
from maestro_jupyter.recommend.policy import Told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from maestro_jupyter.recommend.history import Array, History, Moments
    from maestro_jupyter.recommend.policy import Hypotheses
    from maestro_jupyter.recommend.prior import Forest

TRIALS = 10
BUDGETS = (1, 3, 5, 10)
"""After how many trials the regret counts."""

MOST_REPLAYED = 64
STRENGTHS = (0.5, 1.0, 2.0)
"""Not 0: where metafeatures say nothing they are not trusted, which is seen more surely than by replaying."""

_LEAST_ERROR = 1e-6
_BELIEVED = 0.5
_REGARDLESS = 0.3
_MOST_REGARDLESS = 0.99
"""Among configs that add nothing to a portfolio, what was told decides."""


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
    known : Moments
        Of the other groups.
    """

    place: int
    near: Array
    even: Array
    known: Moments


def cases(history: History, forest: Forest, tried: Array, seed: int) -> list[Case]:
    """Choose datasets to replay: one of each group, of those on which at least two configs were tried.

    Those that are hardly believed would show how a policy does on data of another kind.
    """
    rng = np.random.default_rng(seed)
    usable = rng.permutation(np.flatnonzero((tried.sum(axis=1) >= 2) & (history.belief >= _BELIEVED)))
    _, first = np.unique(history.groups[usable], return_index=True)
    places = rng.permutation(usable[first])[:MOST_REPLAYED]
    known = moments(history.losses, history.weights)
    apart = left_out(history, forest, places)
    return [
        Case(int(place), near, even, _without_kin(history, known, place))
        for place, near, even in zip(*apart, strict=True)
    ]


def _without_kin(history: History, known: Moments, place: int) -> Moments:
    kin = history.groups == history.groups[place]
    return known.without(moments(history.losses[kin], history.weights[kin]))


def replayed(history: History, case: Case, trust: float, tried: Array) -> list[Told]:
    """Play the policy at each strength on a past dataset, where only what was tried can be proposed."""
    supposed = policy.hypotheses(history, case.known)
    return [
        _played(
            history.scores[case.place],
            supposed,
            blended(case.even, case.near, trust, strength),
            regardless(history, trust),
            tried,
        )
        for strength in STRENGTHS
    ]


def regardless(history: History, trust: float) -> float:
    """Give the share of a config's value for which it does not matter what was told.

    With nothing else to go by than what was told, or with few datasets that could explain it, it would be
    believed too soon.
    """
    return max(_REGARDLESS * (1 - trust), min(unseen(known_groups(history)) ** 2, _MOST_REGARDLESS))


def _played(scores: Array, supposed: Hypotheses, weights: Array, regardless: float, tried: Array) -> Told:
    allowed = tried.copy()
    told = Told([], [])
    for _ in range(min(TRIALS, int(np.count_nonzero(allowed)))):
        config = policy.best_value(policy.values(supposed, weights, told, regardless=regardless), allowed)
        allowed[config] = False
        told.configs.append(config)
        told.scores.append(float(scores[config]))
    return told


def regret(history: History, case: Case, told: Told, tried: Array) -> float:
    """Give the mean regret over the budgets, of what could be tried."""
    losses = history.losses[case.place]
    best = np.minimum.accumulate(losses[told.configs]) - losses[tried].min()
    return float(np.mean([best[min(budget, len(best)) - 1] for budget in BUDGETS]))


def hedged(regrets: Sequence[Sequence[float]]) -> float:
    """Average the strengths, each weighed by how surely it is better than the others.

    The least mean regret alone would be a matter of chance where the history is short.

    Parameters
    ----------
    regrets : sequence of sequence of float
        By strength, one for each replayed dataset.

    Examples
    --------
    >>> round(hedged([[0.2, 0.3, 0.2]] * 3), 3)
    1.167
    >>> round(hedged([[0.1, 0.2, 0.2], [0.0, 0.0, 0.1], [0.2, 0.2, 0.2]]), 2)
    1.0
    """
    rest = np.array(regrets) - np.mean(regrets, axis=0)
    error = rest.std(axis=1) / np.sqrt(rest.shape[1])
    surely = rest.mean(axis=1) / np.maximum(error, _LEAST_ERROR)
    weights = np.exp(surely.min() - surely)
    return float(weights @ STRENGTHS / weights.sum())
