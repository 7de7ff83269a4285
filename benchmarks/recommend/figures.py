"""Means over groups, with bootstrap intervals over groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks.recommend.protocol import BUDGETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.recommend.protocol import Outcome
    from benchmarks.recommend.tables import Array

RESAMPLES = 4000


class Figure(NamedTuple):
    """A mean, and the ends of its 95 % interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.2f} [{self.low:.2f}, {self.high:.2f}]"


def by_group(outcomes: Sequence[Outcome], values: Array) -> Array:
    """Average what belongs to datasets of one group."""
    _, place = np.unique([outcome.group for outcome in outcomes], return_inverse=True)
    return np.stack([np.bincount(place, column) for column in values.T], axis=1) / np.bincount(place)[:, None]


def adtm(outcomes: Sequence[Outcome], method: str) -> Array:
    """Give 100 x the mean regret of each group at each budget: the average distance to the maximum."""
    regrets = np.array([outcome.regrets[method] for outcome in outcomes])
    return 100 * by_group(outcomes, regrets[:, [budget - 1 for budget in BUDGETS]])


def figure(groups: Array, seed: int = 0) -> Figure:
    """Give the mean over groups, and how far it might be other with other groups."""
    rng = np.random.default_rng(seed)
    means = groups[rng.integers(len(groups), size=(RESAMPLES, len(groups)))].mean(axis=1)
    return Figure(float(groups.mean()), *(float(end) for end in np.quantile(means, [0.025, 0.975])))


def difference(ours: Sequence[Array], theirs: Sequence[Array]) -> str:
    """Say how far ours is from theirs in the mean over tables, resampling the groups within each."""
    rng = np.random.default_rng(0)
    rests = [mine - other for mine, other in zip(ours, theirs, strict=True)]
    drawn = [rest[rng.integers(len(rest), size=(RESAMPLES, len(rest)))].mean(axis=1) for rest in rests]
    low, high = np.quantile(np.mean(drawn, axis=0), [0.025, 0.975])
    return f"{np.mean([rest.mean() for rest in rests]):+.2f} [{low:+.2f}, {high:+.2f}]"
