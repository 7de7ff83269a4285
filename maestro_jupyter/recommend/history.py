"""What was tried before, in the form that the engine computes with: losses of configs on past datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

_LITTLE = 1e-12
_DIGITS = 9


class History(NamedTuple):
    """Past datasets, one row each; `n` datasets, `m` configs.

    Attributes
    ----------
    scores : ndarray of shape (n, m)
        Completed, on the scale that they came in.
    losses : ndarray of shape (n, m)
        Normalised regrets: 0 at a dataset's best config, 1 at its worst.
    doubt : ndarray of shape (n, m)
        Variance of what was filled into the losses; 0 where a config was tried.
    score_doubt : ndarray of shape (n, m)
        The same on the scale of the scores.
    groups : ndarray of int of shape (n,)
        Datasets of one group are of one family: as one of them comes to be known, so do the others.
    weights : ndarray of shape (n,)
        Each group counts as one; sums to 1.
    """

    scores: Array
    losses: Array
    doubt: Array
    score_doubt: Array
    groups: Array
    weights: Array


class Moments(NamedTuple):
    """Weighted sums by which losses of configs are known to vary together.

    Attributes
    ----------
    weight : float
    total : ndarray of shape (m,)
    products : ndarray of shape (m, m)
    """

    weight: float
    total: Array
    products: Array

    def without(self, other: Moments) -> Moments:
        """Give the sums over those that are not in `other`."""
        return Moments(self.weight - other.weight, self.total - other.total, self.products - other.products)

    def covariance(self) -> Array:
        """Give the covariance between configs."""
        mean = self.total / self.weight
        found: Array = self.products / self.weight - np.outer(mean, mean)
        return found


def moments(losses: Array, weights: Array) -> Moments:
    """Give the sums of some datasets."""
    weighed = losses * weights[:, None]
    return Moments(float(weights.sum()), weighed.sum(axis=0), weighed.T @ losses)


def group_weights(groups: Array) -> Array:
    """Give weights by which each group counts as one.

    Examples
    --------
    >>> group_weights(np.array([0, 0, 1])).tolist()
    [0.25, 0.25, 0.5]
    """
    return normalised(1 / np.bincount(groups)[groups])


def normalised(weights: Array) -> Array:
    """Give weights of the same proportions, along the last axis, that sum to one."""
    total: Array = weights.sum(axis=-1, keepdims=True)
    return np.divide(weights, total, out=np.full_like(weights, 1 / weights.shape[-1]), where=total > 0)


def history(scores: Array, doubt: Array, groups: Array) -> History:
    """Bring completed scores and their variances to the form that the engine computes with."""
    span = scores.max(axis=1, keepdims=True) - scores.min(axis=1, keepdims=True)
    relative = np.divide(doubt, span**2, out=np.zeros_like(doubt), where=span > 0)
    return History(scores, regrets(scores), relative, doubt, groups, group_weights(groups))


def regrets(scores: Array) -> Array:
    """Give what each score lacks to its row's best, as a share of the row's range.

    Whatever scale and offset a dataset's scores have, its regrets are the same.

    Examples
    --------
    >>> regrets(np.array([[0.5, 0.9, 0.7], [7.0, 7.0, 7.0]])).round(6).tolist()
    [[1.0, 0.0, 0.5], [0.0, 0.0, 0.0]]
    """
    best, worst = scores.max(axis=1, keepdims=True), scores.min(axis=1, keepdims=True)
    span = best - worst
    varies = span > _LITTLE * np.abs(best)
    shares = np.divide(best - scores, span, out=np.zeros_like(scores), where=varies)
    # What is beyond is rounding: it differs from scale to scale, and would break ties of a forest's splits.
    rounded: Array = shares.round(_DIGITS)
    return rounded
