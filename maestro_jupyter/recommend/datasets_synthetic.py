"""Seeded synthetic datasets that span size, noise, imbalance, interactions, categories and gaps."""

from __future__ import annotations

import functools
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from maestro_jupyter.recommend.datasets import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import pandas as pd

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


class Spec(NamedTuple):
    """How a dataset is made.

    Attributes
    ----------
    surface : str
        The function that the target follows: a key of `SURFACES`.
    rows, columns : int
    noise : float
        Its standard deviation, where that of the function is 1.
    idle : float
        The share of columns that the target does not depend on.
    classes : int
        0 for a regression.
    rarest : float
        The share of the rarest class, as a multiple of an even share.
    categorical : float
        The share of columns that are made categories.
    gaps : float
        The share of values that are missing.
    alike : float
        How correlated the columns are.
    tails : bool
        Whether columns and noise are heavy-tailed.
    """

    surface: str
    rows: int
    columns: int
    noise: float = 0.3
    idle: float = 0.3
    classes: int = 0
    rarest: float = 1.0
    categorical: float = 0.0
    gaps: float = 0.0
    alike: float = 0.0
    tails: bool = False


def _linear(z: Array, rng: np.random.Generator) -> Array:
    found: Array = z @ rng.normal(size=z.shape[1])
    return found


def _sparse_linear(z: Array, rng: np.random.Generator) -> Array:
    kept = rng.choice(z.shape[1], size=max(1, z.shape[1] // 6), replace=False)
    found: Array = z[:, kept] @ rng.choice([-1.0, 1.0], size=len(kept))
    return found


def _additive(z: Array, rng: np.random.Generator) -> Array:
    """Sum smooth curves, one of each column."""
    import numpy as np

    turns, starts, sizes = (
        rng.uniform(0.5, 2.5, z.shape[1]),
        rng.uniform(0, 6, z.shape[1]),
        rng.normal(size=z.shape[1]),
    )
    found: Array = np.sin(z * turns + starts) @ sizes
    return found


def _interactions(z: Array, rng: np.random.Generator) -> Array:
    """Sum products of pairs of columns."""
    left, right = rng.integers(z.shape[1], size=(2, z.shape[1]))
    found: Array = (z[:, left] * z[:, right]) @ rng.normal(size=z.shape[1])
    return found


def _parity(z: Array, rng: np.random.Generator) -> Array:
    """Multiply the signs of two or three columns: no column alone says anything."""
    import numpy as np

    kept = rng.choice(z.shape[1], size=min(z.shape[1], int(rng.integers(2, 4))), replace=False)
    found: Array = np.prod(np.sign(z[:, kept]), axis=1)
    return found


def _rules(z: Array, rng: np.random.Generator) -> Array:
    """Sum boxes with edges along the columns, as trees cut them."""
    import numpy as np

    found = np.zeros(len(z))
    for _ in range(12):
        kept = rng.choice(z.shape[1], size=min(z.shape[1], 3), replace=False)
        edges = rng.normal(0, 0.7, size=len(kept))
        found += rng.normal() * np.all(z[:, kept] > edges, axis=1)
    return found


def _radial(z: Array, rng: np.random.Generator) -> Array:
    import numpy as np

    found: Array = np.linalg.norm(z[:, : max(2, z.shape[1] // 2)] - rng.normal(0, 0.3), axis=1)
    return found


def _bumps(z: Array, rng: np.random.Generator) -> Array:
    """Sum local bumps around some of the rows, as neighbours see it."""
    import numpy as np

    centres = z[rng.integers(len(z), size=25)]
    distances = ((z[:, None, :] - centres) ** 2).sum(axis=2) / z.shape[1]
    found: Array = np.exp(-2 * distances) @ rng.normal(size=len(centres))
    return found


def _periodic(z: Array, rng: np.random.Generator) -> Array:
    import numpy as np

    found: Array = np.sin(4 * z[:, 0] + rng.uniform(0, 3)) + 0.5 * np.cos(3 * z[:, -1])
    return found


def _network(z: Array, rng: np.random.Generator) -> Array:
    """Pass through a random network of two hidden layers."""
    import numpy as np

    width = 16
    first, second = (
        rng.normal(0, 1.5, (z.shape[1], width)) / np.sqrt(z.shape[1]),
        rng.normal(0, 0.6, (width, width)),
    )
    found: Array = np.tanh(np.tanh(z @ first + rng.normal(size=width)) @ second) @ rng.normal(size=width)
    return found


def _friedman(z: Array, rng: np.random.Generator) -> Array:
    """Friedman's first function, on five of the columns (Multivariate adaptive regression splines, 1991)."""
    import numpy as np

    u = 1 / (1 + np.exp(-1.7 * z[:, rng.choice(z.shape[1], size=5, replace=z.shape[1] < 5)]))
    found: Array = (
        10 * np.sin(np.pi * u[:, 0] * u[:, 1]) + 20 * (u[:, 2] - 0.5) ** 2 + 10 * u[:, 3] + 5 * u[:, 4]
    )
    return found


def _regimes(z: Array, rng: np.random.Generator) -> Array:
    """Follow another linear function on either side of a threshold."""
    import numpy as np

    first, second = rng.normal(size=(2, z.shape[1]))
    found: Array = np.where(z[:, 0] > rng.normal(0, 0.4), z @ first, z @ second)
    return found


def _skewed(z: Array, rng: np.random.Generator) -> Array:
    """Grow exponentially, as prices and counts do."""
    import numpy as np

    found: Array = np.exp(1.2 * _linear(z, rng) / np.sqrt(z.shape[1]))
    return found


def _nothing(z: Array, _: np.random.Generator) -> Array:
    """Depend on no column."""
    import numpy as np

    return np.zeros(len(z))


SURFACES: dict[str, Callable[[Array, np.random.Generator], Array]] = {
    "linear": _linear,
    "sparse_linear": _sparse_linear,
    "additive": _additive,
    "interactions": _interactions,
    "parity": _parity,
    "rules": _rules,
    "radial": _radial,
    "bumps": _bumps,
    "periodic": _periodic,
    "network": _network,
    "friedman": _friedman,
    "regimes": _regimes,
    "skewed": _skewed,
    "nothing": _nothing,
}
"""What a target may follow: each takes columns of variance 1 and a generator."""


def synthesise(spec: Spec, seed: int) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Make a dataset.

    Parameters
    ----------
    spec : Spec
    seed : int

    Returns
    -------
    X : DataFrame of shape (rows, columns)
    y : Series of shape (rows,)
        Numbers, or the names of classes.

    Examples
    --------
    >>> X, y = synthesise(Spec("linear", rows=100, columns=4, classes=3), seed=0)
    >>> X.shape, sorted(y.unique())
    ((100, 4), ['a', 'b', 'c'])
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    z = (
        rng.standard_t(3, (spec.rows, spec.columns))
        if spec.tails
        else rng.normal(size=(spec.rows, spec.columns))
    )
    z = np.sqrt(1 - spec.alike) * z + np.sqrt(spec.alike) * rng.normal(size=(spec.rows, 1))
    busy = max(1, round(spec.columns * (1 - spec.idle)))
    signal = SURFACES[spec.surface](z[:, :busy], rng)
    signal = (signal - signal.mean()) / (signal.std() or 1)
    noise = rng.standard_t(2.5, spec.rows) if spec.tails else rng.normal(size=spec.rows)
    y = signal + spec.noise * noise
    order = rng.permutation(spec.columns)
    X = _dressed(z[:, order] * np.exp(rng.normal(0, 1.5, spec.columns)), spec, rng)
    return X, _target(y, spec, rng)


def _dressed(z: Array, spec: Spec, rng: np.random.Generator) -> pd.DataFrame:
    """Make some columns categories, and leave gaps: half of them where values are large."""
    import numpy as np
    import pandas as pd

    X = pd.DataFrame(z).add_prefix("x")
    for place in range(round(spec.categorical * spec.columns)):
        levels = int(rng.integers(2, 12))
        edges = np.quantile(z[:, place], np.sort(rng.uniform(size=levels - 1)))
        names = rng.permutation([f"level {number}" for number in range(levels)]).astype(object)
        X[f"x{place}"] = pd.Series(names[np.searchsorted(edges, z[:, place])], dtype=object)
    if spec.gaps:
        large = np.quantile(z, 0.5, axis=0) < z
        X = X.mask(rng.uniform(size=z.shape) < np.where(large, 1.5, 0.5) * spec.gaps)
    return X


def _target(y: Array, spec: Spec, rng: np.random.Generator) -> pd.Series[Any]:
    import numpy as np
    import pandas as pd

    if not spec.classes:
        return pd.Series(y * float(np.exp(rng.normal(0, 2))) + float(rng.normal(0, 10)))
    shares = np.linspace(1, max(spec.rarest, 0.01), spec.classes)
    edges = np.quantile(y, np.cumsum(shares / shares.sum())[:-1])
    return pd.Series(np.array(list("abcdefghij"))[np.searchsorted(edges, y)].astype(object))


_SPECS: tuple[Spec, ...] = (
    Spec("linear", 120, 5, noise=0.5),
    Spec("linear", 400, 40, noise=1.0, alike=0.6),
    Spec("linear", 1000, 12, noise=2.0, tails=True),
    Spec("linear", 90, 200, noise=0.5, idle=0.5),
    Spec("sparse_linear", 150, 60, noise=0.5),
    Spec("sparse_linear", 500, 120, noise=1.0, categorical=0.1),
    Spec("additive", 300, 6),
    Spec("additive", 900, 15, noise=0.8, gaps=0.1),
    Spec("interactions", 250, 6),
    Spec("interactions", 800, 10, noise=0.6, idle=0.5),
    Spec("parity", 300, 4, noise=0.2),
    Spec("parity", 1000, 8, noise=0.5, idle=0.6),
    Spec("rules", 200, 8, noise=0.3),
    Spec("rules", 800, 20, noise=0.5, categorical=0.4),
    Spec("rules", 500, 12, noise=0.3, gaps=0.2, tails=True),
    Spec("radial", 250, 4),
    Spec("radial", 700, 10, noise=0.6, alike=0.3),
    Spec("bumps", 300, 3, noise=0.2, idle=0.0),
    Spec("bumps", 900, 6, noise=0.5, idle=0.0),
    Spec("periodic", 200, 2, noise=0.2, idle=0.0),
    Spec("periodic", 600, 8, noise=0.5),
    Spec("network", 300, 8),
    Spec("network", 900, 20, noise=0.5, categorical=0.2),
    Spec("network", 600, 12, noise=1.5, gaps=0.15),
    Spec("friedman", 200, 10, idle=0.5),
    Spec("friedman", 800, 25, noise=0.7, tails=True),
    Spec("regimes", 300, 6, noise=0.3),
    Spec("regimes", 800, 15, noise=0.6, alike=0.4, categorical=0.2),
    Spec("skewed", 250, 6, noise=0.4),
    Spec("skewed", 700, 15, noise=0.6, gaps=0.1),
    # What hardly depends on anything, as much that people collect: else nobody is told to expect little.
    Spec("nothing", 80, 6),
    Spec("nothing", 300, 25, categorical=0.2),
    Spec("nothing", 900, 10),
    Spec("linear", 200, 4, noise=4.0),
    Spec("sparse_linear", 120, 20, noise=4.0),
    Spec("additive", 500, 8, noise=4.0),
    Spec("interactions", 400, 12, noise=4.0),
    Spec("rules", 150, 10, noise=4.0, categorical=0.3),
    Spec("radial", 600, 5, noise=5.0, tails=True),
    Spec("network", 250, 15, noise=4.0, gaps=0.1),
    Spec("friedman", 100, 12, noise=4.0),
    Spec("regimes", 900, 30, noise=5.0, alike=0.3),
)

_CLASSES = (2, 2, 3, 2, 2, 5, 2, 3, 4, 2, 2, 2)
_RAREST = (1.0, 0.5, 1.0, 0.15, 1.0, 0.3, 0.08, 1.0)


def _classified(place: int, spec: Spec) -> Spec:
    return spec._replace(classes=_CLASSES[place % len(_CLASSES)], rarest=_RAREST[place % len(_RAREST)])


def _seed(spec: Spec, place: int) -> int:
    return zlib.crc32(f"{spec.surface} {place}".encode())


PROBLEMS = [
    Problem(
        f"{spec.surface}_{place}_{task}",
        task,
        f"synthetic {spec.surface}",
        "made by datasets_synthetic.py",
        "Apache-2.0",
        functools.partial(synthesise, made, _seed(spec, place)),
    )
    for place, spec in enumerate(_SPECS)
    for task, made in (("classification", _classified(place, spec)), ("regression", spec))
]
