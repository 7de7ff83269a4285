"""Effects of things used together, partially pooled: a linear mixed model, integrated over its variances.

An outcome is the sum of fixed effects, the effects of what was used, an effect of its cluster, and noise.
Effects of what was used come from one normal distribution around zero, so that few data pull an effect to
zero, and what was always used together shares its credit evenly. How wide that distribution is, and how
alike the outcomes of a cluster are, is not estimated and then believed: posteriors are averaged over a grid
of both, each weighed by its restricted likelihood (Gelman et al., Bayesian Data Analysis, chapter 5).
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

LEAST_FREEDOM = 3
"""Fewer outcomes than this beyond the fixed effects say nothing about the noise."""

_ALIKENESS = tuple((place + 0.5) / 10 for place in range(10))
"""The share of the cluster in the noise's variance: uniform before anything is known."""

_WIDTHS = tuple(0.02 * 1.3**place for place in range(25))
"""The standard deviation of the effects, where that of the noise is 1: from 0.02 to 10.9."""

_TYPICAL_WIDTH = 0.5
"""Half of what is expected of the width: a half-Cauchy distribution, as Gelman advises for few groups."""

_NEGLIGIBLE = 1e-4
_BISECTIONS = 40


class Design(NamedTuple):
    """What was observed, one row an outcome.

    Attributes
    ----------
    outcome : ndarray of shape (n,)
    fixed : sequence of ndarray of int of shape (n,)
        Each row's group in each grouping whose differences are taken out entirely.
    used : ndarray of shape (n, k)
        1 where something was used, else 0.
    cluster : ndarray of int of shape (n,)
        Outcomes of a cluster are alike.
    weight : ndarray of shape (n,)
        How much a row counts.
    """

    outcome: Array
    fixed: Sequence[Array]
    used: Array
    cluster: Array
    weight: Array


class Effects(NamedTuple):
    """What is known of each effect afterwards; arrays of shape (k,).

    Attributes
    ----------
    mean, low, high : ndarray
        Of the posterior: its mean and the ends of its interval.
    contrast : ndarray
        The weighted sum of squares that is left of each column of `used` once fixed effects are taken out: a
        pair of which one used it gives a half, and what was used wherever it could be gives nothing.
    """

    mean: Array
    low: Array
    high: Array
    contrast: Array


class _Absorbed(NamedTuple):
    """Cross products after fixed effects and noise are taken out, at one alikeness."""

    used: Array
    used_outcome: Array
    outcome: float
    log_determinant: float


def pooled_effects(design: Design, level: float) -> Effects | None:
    """Estimate the effects.

    Parameters
    ----------
    design : Design
    level : float
        Of the interval, between 0 and 1.

    Returns
    -------
    Effects or None
        None where the outcomes are too few to say anything.

    Examples
    --------
    >>> import numpy as np
    >>> used = np.array([[0.0], [0.0], [0.0], [1.0], [1.0], [1.0]])
    >>> outcome = np.array([-0.1, 0.0, 0.1, 0.9, 1.0, 1.1])
    >>> one, each = np.zeros(6, dtype=int), np.arange(6)
    >>> effects = pooled_effects(Design(outcome, [one], used, each, np.ones(6)), 0.8)
    >>> bool(0.4 < effects.low[0] < effects.mean[0] < 1.0 < effects.high[0])
    True
    """
    import numpy as np

    basis = _full_rank(_indicators(design.fixed), design.weight)
    rank = basis.shape[1]
    freedom = len(design.outcome) - rank
    if freedom < LEAST_FREEDOM:
        return None
    rows = np.column_stack([basis, design.used, design.outcome])
    own = (rows * design.weight[:, None]).T @ rows
    sums, weights = _by_cluster(rows, design.cluster, design.weight)
    contrast = np.diag(_absorb(own, rank).used).copy()
    logs, means, deviations = [], [], []
    for alike in _ALIKENESS:
        ratio = alike / (1 - alike)
        within = own - (sums * (ratio / (1 + ratio * weights))[:, None]).T @ sums
        absorbed = _absorb(within / (1 - alike), rank)
        noise = len(rows) * math.log(1 - alike) + float(np.log1p(ratio * weights).sum())
        log, mean, deviation = _at_widths(absorbed, freedom, noise)
        logs.append(log)
        means.append(mean)
        deviations.append(deviation)
    log = np.concatenate(logs)
    chance = np.exp(log - log.max())
    kept = chance > _NEGLIGIBLE
    chance = chance[kept] / chance[kept].sum()
    mean, deviation = np.concatenate(means)[kept], np.concatenate(deviations)[kept]
    tail = (1 - level) / 2
    low, high = (_quantile(share, chance, mean, deviation, freedom) for share in (tail, 1 - tail))
    return Effects(chance @ mean, low, high, contrast)


def _at_widths(absorbed: _Absorbed, freedom: int, noise: float) -> tuple[Array, Array, Array]:
    """Give, for each width of the effects, its log posterior and the effects' means and scales."""
    import numpy as np

    values, vectors = np.linalg.eigh(absorbed.used)
    values = np.clip(values, 0.0, None)
    turned = vectors.T @ absorbed.used_outcome
    widths = np.array(_WIDTHS)
    squares = widths[:, None] ** 2
    kept = squares / (1 + squares * values)
    least = 1e-12 * absorbed.outcome + 1e-300
    left = np.maximum(absorbed.outcome - kept @ turned**2, least)
    log = -0.5 * (
        noise + absorbed.log_determinant + np.log1p(squares * values).sum(axis=1) + freedom * np.log(left)
    )
    # The widths are evenly spaced by their logarithm: hence the width itself.
    log += 2 * np.log(widths) - 1.5 * np.log1p((widths / _TYPICAL_WIDTH) ** 2)
    mean = (kept * turned) @ vectors.T
    scale = np.sqrt((kept @ (vectors**2).T) * (left / freedom)[:, None])
    return log, mean, scale


def _absorb(products: Array, rank: int) -> _Absorbed:
    """Take the fixed effects, which come first, out of cross products; the outcome comes last."""
    import numpy as np

    triangle = np.linalg.cholesky(products[:rank, :rank])
    beside = np.linalg.solve(triangle, products[:rank, rank:])
    left = products[rank:, rank:] - beside.T @ beside
    return _Absorbed(
        left[:-1, :-1],
        left[:-1, -1],
        max(float(left[-1, -1]), 0.0),
        2 * float(np.log(np.diag(triangle)).sum()),
    )


def _indicators(groupings: Sequence[Array]) -> Array:
    import numpy as np

    return np.column_stack([np.eye(int(codes.max()) + 1)[codes] for codes in groupings])


def _full_rank(columns: Array, weight: Array) -> Array:
    """Give columns that span the same, without those that follow from others."""
    import numpy as np

    values, vectors = np.linalg.eigh((columns * weight[:, None]).T @ columns)
    some = values > values.max() * 1e-9
    spanning: Array = columns @ (vectors[:, some] / np.sqrt(values[some]))
    return spanning


def _by_cluster(rows: Array, cluster: Array, weight: Array) -> tuple[Array, Array]:
    """Give each cluster's weighted sums of rows, and its weight."""
    import numpy as np

    order = np.argsort(cluster, kind="stable")
    starts = np.flatnonzero(np.diff(cluster[order], prepend=-1))
    weighted = (rows * weight[:, None])[order]
    return np.add.reduceat(weighted, starts, axis=0), np.add.reduceat(weight[order], starts)


def _quantile(share: float, chance: Array, mean: Array, scale: Array, freedom: int) -> Array:
    """Give a quantile of mixtures of Student's t, by halving the interval that it is in."""
    import numpy as np

    low, high = (mean - 40 * scale).min(axis=0), (mean + 40 * scale).max(axis=0)
    scale = np.maximum(scale, 1e-300)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        below = chance @ _student((middle - mean) / scale, freedom) < share
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    found: Array = (low + high) / 2
    return found


def _student(value: Array, freedom: int) -> Array:
    """Give the distribution function of Student's t (Abramowitz and Stegun, 26.7.8)."""
    import numpy as np

    normal = value * (1 - 1 / (4 * freedom)) / np.sqrt(1 + value**2 / (2 * freedom))
    places, shares = _normal_table()
    found: Array = np.interp(normal, places, shares)
    return found


@functools.cache
def _normal_table() -> tuple[Array, Array]:
    """NumPy has no error function, and `math.erf` takes one number at a time."""
    import numpy as np

    places = np.linspace(-8, 8, 3201)
    return places, np.array([0.5 * math.erfc(-place / math.sqrt(2)) for place in places])
