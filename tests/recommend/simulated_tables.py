"""Tables of scores whose rules are known: metafeatures decide which kind of config is good."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


class Table(NamedTuple):
    scores: Array
    metafeatures: Array


def table(datasets: int, configs: int = 30, seed: int = 0, noise: float = 0.1) -> Table:
    """Datasets of three kinds, each with its own good family of configs; scores between 0 and 1."""
    rng = np.random.default_rng(seed)
    laws = np.random.default_rng(99)
    good = laws.normal(size=(3, configs))
    kind = rng.integers(3, size=datasets)
    level, spread = rng.uniform(0.4, 0.8, size=(datasets, 1)), rng.uniform(0.03, 0.1, size=(datasets, 1))
    scores = level + spread * (good[kind] + noise * rng.normal(size=(datasets, configs)))
    tells = np.eye(3)[kind] + 0.2 * rng.normal(size=(datasets, 3))
    return Table(scores, np.hstack([tells, level, rng.normal(size=(datasets, 4))]))


def regrets(scores: Array) -> Array:
    best, worst = scores.max(axis=-1, keepdims=True), scores.min(axis=-1, keepdims=True)
    return (best - scores) / (best - worst)
