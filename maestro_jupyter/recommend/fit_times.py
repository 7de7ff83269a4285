"""How long a fit takes on data of a size, from how long it took on others.

The logarithm of the seconds is a line in those of the rows and of the columns: one for each config, by ridge
regression towards a time that grows with the rows and with the square root of the columns. Beyond the rows
that it was timed on, it grows as its algorithm does, where that is steep, or flat: small data do not tell.
Beyond the columns, it grows with them at least, or with their square root where each split looks at so many.
Times are those of the machines that they were measured on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from maestro_jupyter.recommend.knowledge import Configuration

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

_USUAL = np.array([1.0, 0.5])
"""How time grows with rows and columns where little is known."""

_TRUST = 4.0
"""How strongly, in datasets whose rows and columns are ten times the usual."""

_BOTH = ("Classifier", "Regressor")
_TREES = ("DecisionTree", "RandomForest", "ExtraTrees", "GradientBoosting", "AdaBoost")
_HISTOGRAMS = ("HistGradientBoosting", "LGBM", "XGB")

_LEAST = {
    **dict.fromkeys((f"{family}{kind}" for family in _TREES for kind in _BOTH), 1.0),
    # Not its fit, but the predictions, which a trial needs as well.
    **dict.fromkeys((f"KNeighbors{kind}" for kind in _BOTH), 1.5),
    **dict.fromkeys(("SVC", "SVR", "NuSVC", "NuSVR"), 2.0),
    **dict.fromkeys(("KernelRidge", "GaussianProcessClassifier", "GaussianProcessRegressor"), 3.0),
}
"""The power of the rows by which time grows at least, by the estimator's class."""

_HIGHEST = dict.fromkeys((f"{family}{kind}" for family in _HISTOGRAMS for kind in _BOTH), 0.5)
"""The power by which it grows at the most: once trees have all the leaves that they may, only filling
histograms takes longer."""

_SPLITS = dict.fromkeys(("RandomForestClassifier", "ExtraTreesClassifier"), "sqrt")
"""How many of the columns a split looks at by default, where that is not all of them."""

_MOST = np.array([3.0, 2.0])
_LEAST_SECONDS = 1e-4


class FitTimes:
    """The time that each config takes.

    Parameters
    ----------
    seconds : ndarray of shape (datasets, configs)
        Of one fit; NaN where it is unknown.
    rows, columns : ndarray of shape (datasets,)
        NaN where unknown.
    configs : sequence of Configuration
        Of which the class and the parameter `max_features` matter.

    Examples
    --------
    >>> from maestro_jupyter.recommend.knowledge import Configuration
    >>> seconds, rows = np.array([[0.1], [0.2], [0.4]]), np.array([100.0, 200, 400])
    >>> columns = np.full(3, 8.0)
    >>> def told(estimator, rows_there, columns_there, **params):
    ...     config = Configuration("a config", "", estimator, params)
    ...     times = FitTimes(seconds, rows, columns, [config])
    ...     return times.on(rows_there, columns_there).round(2).tolist()
    >>> told("sklearn.linear_model.Ridge", 4000, 8)
    [4.0]
    >>> told("sklearn.svm.SVR", 4000, 8)
    [40.0]
    >>> told("lightgbm.LGBMRegressor", 40_000, 8)
    [4.0]
    >>> told("sklearn.linear_model.Ridge", 400, 80_000)
    [4000.0]
    >>> told("sklearn.ensemble.RandomForestRegressor", 400, 80_000, max_features="sqrt")
    [40.0]
    """

    def __init__(self, seconds: Array, rows: Array, columns: Array, configs: Sequence[Configuration]) -> None:
        sizes = np.log10(np.maximum(np.column_stack([rows, columns]), 1.0))
        known = ~np.isnan(seconds) & ~np.isnan(sizes).any(axis=1)[:, None]
        logs = np.log10(np.maximum(np.where(known, seconds, 1.0), _LEAST_SECONDS))
        self._lines = [
            _line(logs[known[:, config], config], sizes[known[:, config]])
            for config in range(seconds.shape[1])
        ]
        self._timed = np.max(np.where(known[:, :, None], sizes[:, None, :], 0.0), axis=0, initial=0.0)
        self._beyond = np.array(
            [_beyond(growth, config) for (_, growth), config in zip(self._lines, configs, strict=True)]
        )

    def on(self, rows: float, columns: float) -> Array:
        """Give the seconds that one fit of each config takes; NaN where it was never timed.

        Parameters
        ----------
        rows, columns : float
            NaN gives NaN.
        """
        size = np.log10(np.maximum(np.array([rows, columns], dtype=float), 1.0))
        timed = np.minimum(size, self._timed)
        lines = [level + growth @ most for (level, growth), most in zip(self._lines, timed, strict=True)]
        found: Array = 10 ** (np.array(lines) + (self._beyond * (size - timed)).sum(axis=1))
        return found


def _beyond(growth: Array, config: Configuration) -> tuple[float, float]:
    name = config.estimator.rpartition(".")[2]
    by_rows = np.clip(growth[0], _LEAST.get(name, 0.0), _HIGHEST.get(name, _MOST[0]))
    splits = config.params.get("max_features", _SPLITS.get(name))
    return float(by_rows), max(float(growth[1]), 0.5 if splits in ("sqrt", "log2") else 1.0)


def _line(logs: Array, sizes: Array) -> tuple[float, Array]:
    if not len(logs):
        return float("nan"), _USUAL
    middle = sizes.mean(axis=0)
    spread, rest = sizes - middle, logs - sizes @ _USUAL
    beyond = np.linalg.solve(spread.T @ spread + _TRUST * np.eye(2), spread.T @ (rest - rest.mean()))
    growth = np.clip(_USUAL + beyond, 0.0, _MOST)
    return float(logs.mean() - middle @ growth), growth
