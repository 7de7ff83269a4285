"""How much each past dataset says of a new one before any trial: weights of a forest over metafeatures.

Each tree learns, from a share of the groups, to predict the losses, or scores, of all configs at once. What a
dataset shares a leaf with is near to it in what matters for the choice, or for the forecast (Meinshausen
2006, "Quantile regression forests"). A group that a tree did not learn from can be asked what it would have
said of it: so the history can be replayed without any dataset informing itself or its kin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from maestro_jupyter.recommend.history import normalised
from maestro_jupyter.recording.calls import own_work

if TYPE_CHECKING:
    from sklearn.tree import ExtraTreeRegressor

    from maestro_jupyter.recommend.history import Array

TREES = 200
_BAG = 0.632
"""The share of groups that a bootstrap sample holds."""

_MOST_IN_A_BAG = 1000
_RANK = 10


class Metafeatures:
    """Brings metafeatures to one scale: ranks among the history, so that neither outliers nor units matter.

    Parameters
    ----------
    raw : ndarray of shape (n, p)
        With NaN where a metafeature is unknown: taken as the median.
    """

    def __init__(self, raw: Array) -> None:
        self._median = _medians(raw)
        filled = self._filled(raw)
        self._sorted = np.sort(filled, axis=0)
        low, high = np.quantile(filled, [0.25, 0.75], axis=0) if len(raw) else (self._median, self._median)
        spread = np.where(high > low, high - low, filled.std(axis=0))
        self._spread = np.where((spread > 0) & np.isfinite(spread), spread, 1.0)
        self._varying = self._sorted[0] < self._sorted[-1]

    def ranks(self, raw: Array) -> Array:
        """Give the share of the history below each value, minus a half."""
        filled = self._filled(raw)
        found = np.zeros(filled.shape)
        for column in np.flatnonzero(self._varying):
            known = self._sorted[:, column]
            below = np.searchsorted(known, filled[:, column], side="left")
            upto = np.searchsorted(known, filled[:, column], side="right")
            found[:, column] = (below + upto) / (2 * len(known)) - 0.5
        return found

    def positions(self, raw: Array) -> Array:
        """Give values in units of the history's spread, compressed, but for far values not cut off."""
        return np.arcsinh((self._filled(raw) - self._median) / self._spread)

    def _filled(self, raw: Array) -> Array:
        finite = np.clip(raw, -1e100, 1e100)
        return np.where(np.isnan(finite), self._median, finite)


def _medians(raw: Array) -> Array:
    found = np.zeros(raw.shape[1])
    for column in range(raw.shape[1]):
        known = raw[~np.isnan(raw[:, column]), column]
        if len(known):
            found[column] = np.clip(np.median(known), -1e100, 1e100)
    return found


class Forest:
    """Weights past datasets for a new one.

    Parameters
    ----------
    features : ndarray of shape (n, p)
    values : ndarray of shape (n, m)
        By which datasets are alike: their losses, or levels.
    groups : ndarray of int of shape (n,)
    weights : ndarray of shape (n,)
    believed : ndarray of bool of shape (n,)
        From which datasets it may learn.
    seed : int
    """

    def __init__(
        self, features: Array, values: Array, groups: Array, weights: Array, believed: Array, seed: int
    ) -> None:
        self._weights = weights
        rng = np.random.default_rng(seed)
        targets = _principal(values, weights)
        known = np.unique(groups[believed])
        self._trees: list[ExtraTreeRegressor] = []
        bags = []
        for _ in range(TREES if len(known) > 1 and features.shape[1] else 0):
            inside = np.isin(groups, _bag(known, rng)) & believed
            seed_of_it = int(rng.integers(2**31))
            self._trees.append(_grow(features[inside], targets[inside], weights[inside], seed_of_it))
            bags.append(inside)
        self._inside = np.array(bags, dtype=bool).reshape(-1, len(features))
        """Whether each dataset was in the bag of each tree."""
        self._leaves = self._leaves_of(features)
        """The leaf of each tree that each dataset falls into."""

    def weigh(self, features: Array) -> Array:
        """Weigh the history for new datasets: an array of shape (k, n) whose rows sum to 1."""
        if not self._trees:
            return np.tile(self._weights, (len(features), 1))
        leaves = self._leaves_of(features)
        together = ((leaves[:, place, None] == self._leaves) & self._inside for place in range(len(features)))
        return normalised(np.array([normalised(each * self._weights).sum(axis=0) for each in together]))

    def weigh_past(self, places: Array) -> Array:
        """Weigh the history for datasets of its own, by the trees that learnt nothing from their groups."""
        found = np.zeros((len(places), len(self._weights)))
        for inside, leaves in zip(self._inside, self._leaves, strict=True):
            outside = np.flatnonzero(~inside[places])
            together = (leaves[places[outside], None] == leaves) & inside
            found[outside] += normalised(together * self._weights)
        return found

    def admit(self, features: Array, weights: Array) -> None:
        """Take in new weights, and further datasets, which fall into leaves of the trees as they are.

        Parameters
        ----------
        features : ndarray of shape (k, p)
            There may be none.
        weights : ndarray of shape (n + k,)
        """
        self._weights = weights
        if len(features):
            further = np.ones((len(self._trees), len(features)), dtype=bool)
            self._inside = np.hstack([self._inside, further])
            self._leaves = np.hstack([self._leaves, self._leaves_of(features)])

    def _leaves_of(self, features: Array) -> Array:
        """Give the leaf of each tree that each of some datasets falls into, shape (trees, k)."""
        narrow = features.astype(np.float32)
        return np.array([tree.tree_.apply(narrow) for tree in self._trees], dtype=np.intp).reshape(
            -1, len(features)
        )


def _bag(groups: Array, rng: np.random.Generator) -> Array:
    size = min(max(1, round(_BAG * len(groups))), _MOST_IN_A_BAG, len(groups) - 1)
    return rng.permutation(groups)[:size]


@own_work()
def _grow(features: Array, targets: Array, weights: Array, seed: int) -> ExtraTreeRegressor:
    from sklearn.tree import ExtraTreeRegressor

    return ExtraTreeRegressor(random_state=seed).fit(features, targets, sample_weight=weights)


def _principal(values: Array, weights: Array) -> Array:
    """Give the values' leading components: as good to split by, and faster."""
    rest = values - weights @ values
    _, _, directions = np.linalg.svd(rest * np.sqrt(weights)[:, None], full_matrices=False)
    components: Array = rest @ directions[:_RANK].T
    return components
