"""Tells whether a dataset is unlike all history: then nothing that was learnt there need hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from maestro_jupyter.recommend.history import Array

_NEIGHBOURS = 3
_ASKED = 300
_USUAL = 0.98


class Novelty:
    """Compares a dataset's distance to the history with the distances within it, other groups apart.

    Parameters
    ----------
    positions : ndarray of shape (n, p)
        Metafeatures in units of their spread.
    groups : ndarray of int of shape (n,)
    seed : int
    """

    def __init__(self, positions: Array, groups: Array, seed: int) -> None:
        self._positions = positions
        asked = np.random.default_rng(seed).permutation(len(positions))[:_ASKED]
        distances = _distances(positions[asked], positions)
        distances[groups[asked][:, None] == groups] = np.inf
        usual = _nearest(distances)
        usual = usual[np.isfinite(usual)]
        self._farthest = float(np.quantile(usual, _USUAL)) if len(usual) else np.inf

    def far(self, position: Array) -> bool:
        """Tell whether a dataset is farther from the history than nearly all of it from each other."""
        return bool(_nearest(_distances(position[None, :], self._positions))[0] > self._farthest)


def _distances(some: Array, others: Array) -> Array:
    squares = (some**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2 * some @ others.T
    found: Array = np.sqrt(np.maximum(squares, 0.0))
    return found


def _nearest(distances: Array) -> Array:
    count = min(_NEIGHBOURS, distances.shape[1])
    found: Array = np.sort(distances, axis=1)[:, :count].mean(axis=1)
    return found
