"""Which configs cannot be fitted on data of a size: they fail in folds with too few rows, columns or members.

What is not known of the data stands in nobody's way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from maestro_jupyter.recommend.pipelines import COMPONENTS, EXPANDED, FOLDS

if TYPE_CHECKING:
    from maestro_jupyter.recommend.knowledge import Configuration

Params: TypeAlias = Mapping[str, Any]

_EXPANDING = ("_interactions", "_splines")
_HISTOGRAMS_STOP_EARLY = 10_000
_HELD_BACK = 0.1


class Folds(NamedTuple):
    """What the smallest training part of a cross-validation has; NaN where that is unknown.

    Attributes
    ----------
    rows : float
    whole : float
        Rows of all data.
    columns, numbers : float
        Columns, and how many of them hold numbers.
    classes : float
        0 for a regression.
    rarest : float
        Rows of the rarest class.
    """

    rows: float
    whole: float
    columns: float
    numbers: float
    classes: float
    rarest: float


def folds_of(task: str, metafeatures: Mapping[str, float | None]) -> Folds:
    """Read the sizes of training parts off meta-features.

    Examples
    --------
    >>> folds_of("classification", {"nr_inst": 60.0, "nr_class": 2.0, "freq_class.min": 0.05})
    Folds(rows=48.0, whole=60.0, columns=nan, numbers=nan, classes=2.0, rarest=2.0)
    """
    known = {name: math.nan if value is None else value for name, value in metafeatures.items()}
    rows = known.get("nr_inst", math.nan)
    of_classes = task == "classification"
    rarest = rows * known.get("freq_class.min", math.nan) if of_classes else math.nan
    return Folds(
        rows=_left(rows),
        whole=rows,
        columns=known.get("nr_attr", math.nan),
        numbers=known.get("nr_num", math.nan),
        classes=known.get("nr_class", math.nan) if of_classes else 0.0,
        rarest=_left(rarest),
    )


def is_feasible(config: Configuration, folds: Folds) -> bool:
    """Tell whether a config can be fitted, as far as is known.

    Examples
    --------
    >>> from maestro_jupyter.recommend.knowledge import Configuration
    >>> ten = folds_of("regression", {"nr_inst": 10.0, "nr_attr": 2.0})
    >>> knn = "sklearn.neighbors.KNeighborsRegressor"
    >>> [is_feasible(Configuration("", "knn", knn, {"n_neighbors": count}), ten) for count in (8, 9)]
    [True, False]
    """
    if config.family.endswith(_EXPANDING) and folds.numbers > EXPANDED and folds.rows < COMPONENTS:
        return False
    fails = _FAILS.get(config.estimator.rpartition(".")[2])
    return fails is None or not fails(config.params, folds)


def _neighbours(params: Params, folds: Folds) -> bool:
    return _count(params, "n_neighbors", 5) > folds.rows


def _components(params: Params, folds: Folds) -> bool:
    return _count(params, "n_components", 2) > min(folds.rows, folds.columns)


def _numbered_classes(_params: Params, folds: Folds) -> bool:
    return folds.rarest < 1


def _covariances(_params: Params, folds: Folds) -> bool:
    return folds.rarest < max(folds.columns, 2)


def _histograms(params: Params, folds: Folds) -> bool:
    stops = params.get("early_stopping", "auto")
    holds_back = folds.whole > _HISTOGRAMS_STOP_EARLY if stops == "auto" else bool(stops)
    return holds_back and folds.rarest < 2  # some of each class are held back


def _network(params: Params, folds: Folds) -> bool:
    if not params.get("early_stopping"):
        return False
    return folds.rarest < 2 or _HELD_BACK * folds.rows <= max(folds.classes, 2) - 1


_FAILS: dict[str, Callable[[Params, Folds], bool]] = {
    "KNeighborsClassifier": _neighbours,
    "KNeighborsRegressor": _neighbours,
    "PLSRegression": _components,
    "XGBClassifier": _numbered_classes,
    "QuadraticDiscriminantAnalysis": _covariances,
    "HistGradientBoostingClassifier": _histograms,
    "MLPClassifier": _network,
    "MLPRegressor": _network,
}
"""What makes an estimator fail, by its class."""


def _count(params: Params, name: str, default: int) -> float:
    """Read a number; what runs noted of their parameters may be anything."""
    found = params.get(name, default)
    return found if isinstance(found, int | float) else default


def _left(rows: float) -> float:
    """Give what is left of some rows where the largest fold is held out."""
    if math.isnan(rows):
        return rows
    whole = round(rows)  # a share of rows comes out a little beside
    return float(whole - math.ceil(whole / FOLDS))
