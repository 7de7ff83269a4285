"""What was tried before, in the form that the engine computes with: losses of configs on past datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

_LITTLE = 1e-12
_DIGITS = 9
_HARDLY = 1e-6
"""The weight of what is not believed: never nothing, so that shares can be taken."""

_FAR = 1e100
"""What is farther is as far: its square can be reckoned with."""

_SHORT = 5.0
"""A history of so many groups says nothing of what it has not seen; a longer one has seen more of it."""


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
        Each group counts as one, as far as it is believed; sums to 1.
    belief : ndarray of shape (n,)
        How far each dataset is believed, from 0 to 1.
    """

    scores: Array
    losses: Array
    doubt: Array
    score_doubt: Array
    groups: Array
    weights: Array
    belief: Array


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


def opposite(some: History) -> History:
    """Give the history turned round: what was best on a dataset is worst, within the same range."""
    ends = some.scores.max(axis=1, keepdims=True) + some.scores.min(axis=1, keepdims=True)
    return some._replace(scores=ends - some.scores, losses=1 - some.losses)


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


def known_groups(history: History) -> int:
    """Count the groups that are believed."""
    return len(np.unique(history.groups[history.belief > 0]))


def unseen(groups: int) -> float:
    """Give the share of what new datasets may be like that a history of so few groups has not seen.

    Examples
    --------
    >>> unseen(3), unseen(50)
    (1.0, 0.1)
    """
    return min(1.0, _SHORT / groups)


def normalised(weights: Array) -> Array:
    """Give weights of the same proportions, along the last axis, that sum to one."""
    total: Array = weights.sum(axis=-1, keepdims=True)
    return np.divide(weights, total, out=np.full_like(weights, 1 / weights.shape[-1]), where=total > 0)


def history(
    scores: Array, doubt: Array, groups: Array, tried: Array, vouched: Array, sources: Array
) -> History:
    """Bring completed scores and their variances to the form that the engine computes with.

    Parameters
    ----------
    scores, doubt : ndarray of shape (n, m)
    groups : ndarray of int of shape (n,)
    tried : ndarray of bool of shape (n, m)
        What was not filled in.
    vouched : ndarray of bool of shape (n,)
        By these it is told how far the others are believed.
    sources : ndarray of int of shape (n,)
        Whose each is.
    """
    span = scores.max(axis=1, keepdims=True) - scores.min(axis=1, keepdims=True)
    relative = np.divide(doubt, span**2, out=np.zeros_like(doubt), where=span > 0)
    losses = regrets(scores)
    belief = believed(losses, groups, tried, vouched, sources)
    weights = normalised(group_weights(groups) * np.maximum(belief, _HARDLY))
    return History(scores, losses, relative, doubt, groups, weights, belief)


def believed(losses: Array, groups: Array, tried: Array, vouched: Array, sources: Array) -> Array:
    """Give how far datasets are believed: those that nobody vouches for as far as the others predict them.

    Those of one source are believed alike, and none suffers for another. What is measured is the slope of
    their losses over the mean losses of those vouched for: 1 or so where they are of one kind, 0 where scores
    are of something else, below 0 where they are turned round. They have the benefit of the doubt.

    Examples
    --------
    >>> losses = np.array([[0.0, 0.5, 1.0], [0.1, 0.4, 1.0], [1.0, 0.6, 0.0]])
    >>> tried, vouched = np.ones((3, 3), dtype=bool), np.array([True, False, False])
    >>> believed(losses, np.arange(3), tried, vouched, np.arange(3)).round(1).tolist()
    [1.0, 0.9, 0.0]
    """
    found = np.ones(len(losses))
    if vouched.all() or not vouched.any():
        return found
    mean = group_weights(np.unique(groups[vouched], return_inverse=True)[1]) @ losses[vouched]
    said, came = (_spread(np.where(tried, each, np.nan)) for each in (mean, losses))
    sizes, right = (said**2).sum(axis=1), (said * came).sum(axis=1)
    for source in np.unique(sources[~vouched]):
        theirs = ~vouched & (sources == source)
        if sizes[theirs].sum() > 0:
            found[theirs] = _belief(sizes[theirs], right[theirs], groups[theirs])
    return found


def _belief(sizes: Array, right: Array, groups: Array) -> float:
    """Give the slope within 0 and 1, one standard error, by groups, towards belief."""
    slope = right.sum() / sizes.sum()
    kin = np.unique(groups, return_inverse=True)[1]
    error = np.sqrt((np.bincount(kin, right - slope * sizes) ** 2).sum()) / sizes.sum()
    return float(np.clip(slope + error, 0.0, 1.0))


def _spread(values: Array) -> Array:
    """Give what is known of each row less its mean, and 0 for the rest."""
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    mean = filled.sum(axis=1, keepdims=True) / np.maximum(known.sum(axis=1, keepdims=True), 1)
    return np.where(known, filled - mean, 0.0)


def levels(scores: Array) -> Array:
    """Give scores in units of their spread, compressed, so that none drowns the others.

    Examples
    --------
    >>> levels(np.array([[0.5, 0.6], [0.7, 1e300]])).round(1).tolist()
    [[-1.2, -0.5], [0.5, 231.0]]
    """
    middle = np.median(scores)
    spread = np.median(np.abs(scores - middle))
    found: Array = np.arcsinh(np.clip((scores - middle) / (spread or 1.0), -_FAR, _FAR))
    return found


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
