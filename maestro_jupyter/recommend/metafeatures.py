"""Meta-features: numbers that describe a dataset and its target, so that datasets can be compared.

Names are those of pymfe (Alcobaça et al., MFE: Towards reproducible meta-feature extraction, JMLR 2020), with
its summaries behind a dot; what pymfe lacks is named alike. docs/knowledge.md says what each is.
"""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

from maestro_jupyter.recommend.metafeatures_general import GENERAL, general
from maestro_jupyter.recommend.metafeatures_information import INFORMATION, information
from maestro_jupyter.recommend.metafeatures_landmarking import LANDMARKING, landmarking
from maestro_jupyter.recommend.metafeatures_sample import Sample, sample_of
from maestro_jupyter.recommend.metafeatures_statistical import STATISTICAL, statistical

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GROUPS: Mapping[str, tuple[str, ...]] = {
    "general": GENERAL,
    "statistical": STATISTICAL,
    "info-theory": INFORMATION,
    "landmarking": LANDMARKING,
}
"""The names of each group."""

NAMES: tuple[str, ...] = tuple(name for names in GROUPS.values() for name in names)
"""All names, in the order in which they are given."""

_MEASURES: tuple[Callable[[Sample], dict[str, float]], ...] = (general, statistical, information, landmarking)


def metafeatures(X: Any, y: Any, *, task: str | None = None, seed: int = 0) -> dict[str, float]:
    """Describe a dataset by numbers.

    Parameters
    ----------
    X : DataFrame, array, sparse matrix, list of rows, or texts, of shape (n, p)
        May hold missing and infinite values, categories, texts, dates, booleans and mixed objects.
    y : array-like of shape (n,)
        Classes or numbers; rows where it is missing are left out.
    task : str, optional
        ``"classification"`` or ``"regression"``; told from `y` by default.
    seed : int
        Of what is sampled from data that are large.

    Returns
    -------
    dict of str to float
        The same names for all data (`NAMES`); NaN where something is unknown or makes no sense. Neither the
        order of columns nor their names matter; nor does the order of rows, unless rows are sampled.

    Raises
    ------
    Invalid
        If X is no table, y has not one value for each row, or the task is neither.

    Examples
    --------
    >>> found = metafeatures([[1.0, 2.0], [2.0, 1.0], [3.0, 5.0], [4.0, 3.0]], ["a", "b", "a", "b"])
    >>> found["nr_inst"], found["nr_class"], found["class_ent"]
    (4.0, 2.0, 1.0)
    """
    import numpy as np

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        sample = sample_of(X, y, task, seed)
        measured: dict[str, float] = {}
        for measure in _MEASURES:
            measured |= measure(sample)
    return {name: _known(measured.get(name, math.nan)) for name in NAMES}


def _known(value: float) -> float:
    return float(value) if math.isfinite(value) else math.nan
