"""What the history says of its own datasets without their groups, and how far metafeatures are right."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from maestro_jupyter.recommend.history import normalised

if TYPE_CHECKING:
    from maestro_jupyter.recommend.history import Array, History
    from maestro_jupyter.recommend.prior import Forest


_SURE = 1.0
"""Standard errors between what is measured and what is taken for sure."""


class LeftOut(NamedTuple):
    """Some datasets of the history, and how the others are weighed where nothing is known of their groups.

    Attributes
    ----------
    places : ndarray of int of shape (k,)
        Their rows.
    near : ndarray of shape (k, n)
        By their metafeatures.
    even : ndarray of shape (k, n)
        Each other group alike.
    """

    places: Array
    near: Array
    even: Array


def left_out(history: History, forest: Forest, places: Array) -> LeftOut:
    """Weigh the history for some of its datasets."""
    kin = history.groups[places][:, None] == history.groups
    even = normalised(np.where(kin, 0.0, history.weights))
    near = forest.weigh_past(places)
    return LeftOut(places, np.where(near.any(axis=1, keepdims=True), normalised(near), even), even)


def blended(even: Array, near: Array, trust: float, strength: float = 1.0) -> Array:
    """Mix equal weights with those of the metafeatures; beyond 1, the nearest count for more."""
    share = trust * min(strength, 1.0)
    sharpened = normalised(near**strength) if strength > 1 else near
    weights: Array = (1 - share) * even + share * sharpened
    return weights


def trust(history: History, values: Array, apart: LeftOut, tried: Array) -> float:
    """Give the share of what metafeatures say that surely comes true.

    They say by how much a dataset's values differ from the average's; what comes true of it is the slope of a
    regression through the origin. Where they say nothing that slope is 0, give or take its standard error
    over groups, and each config of each dataset counts: a few dozen datasets tell. To see what believing them
    costs in regret takes many more.

    Parameters
    ----------
    history : History
    values : ndarray of shape (n, m)
        Its losses, or scores.
    apart : LeftOut
    tried : ndarray of bool of shape (n, m)
        Only what was tried can come true.
    """
    mean = apart.even @ values
    said = np.where(tried[apart.places], apart.near @ values - mean, 0.0)
    came = values[apart.places] - mean
    weights = history.weights[apart.places]
    sizes = weights * (said**2).sum(axis=1)
    if not sizes.sum() > 0:
        return 1.0
    right = weights * (said * came).sum(axis=1)
    slope = right.sum() / sizes.sum()
    _, groups = np.unique(history.groups[apart.places], return_inverse=True)
    error = np.sqrt((np.bincount(groups, right - slope * sizes) ** 2).sum()) / sizes.sum()
    return float(np.clip(slope - _SURE * error, 0.0, 1.0))
