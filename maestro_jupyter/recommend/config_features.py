"""Features of configurations: their family and hyperparameters as numbers, so that alike ones are near."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from maestro_jupyter.recommend.knowledge import Configuration

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

_IDLE = {"random_state", "verbosity", "verbose", "n_jobs"}


def config_features(configs: Sequence[Configuration]) -> tuple[list[str], Array]:
    """Describe configurations by numbers.

    Parameters
    ----------
    configs : sequence of Configuration
        With any hyperparameters.

    Returns
    -------
    names : list of str
        ``family=NAME`` and ``PARAM=VALUE`` are 1 where that is so, else 0; ``PARAM`` is a number (truth
        values are 0 and 1), and ``log PARAM`` its decimal logarithm, given where all its values are positive.
    features : ndarray of shape (configs, names)
        NaN where a configuration does not set a parameter, or sets it to no number.

    Examples
    --------
    >>> from maestro_jupyter.recommend.knowledge import Configuration
    >>> svm, lda = Configuration("svm", "svm", params={"C": 10.0}), Configuration("lda", "lda")
    >>> names, features = config_features([svm, lda])
    >>> names, features.tolist()
    (['family=lda', 'family=svm', 'log C'], [[0.0, 1.0, 1.0], [1.0, 0.0, nan]])
    """
    import numpy as np

    columns: dict[str, list[float]] = {}
    for family in sorted({config.family for config in configs}):
        columns[f"family={family}"] = [float(config.family == family) for config in configs]
    for param in sorted({name for config in configs for name in config.params} - _IDLE):
        columns |= _of_param(param, [config.params.get(param) for config in configs])
    return list(columns), np.array(list(columns.values()), dtype=float).T.reshape(len(configs), len(columns))


def _of_param(param: str, values: list[Any]) -> dict[str, list[float]]:
    columns: dict[str, list[float]] = {}
    numbers = [_number(value) for value in values]
    known = [number for number in numbers if not math.isnan(number)]
    if known and min(known) > 0:
        columns[f"log {param}"] = [math.log10(number) for number in numbers]
    elif known:
        columns[param] = numbers
    said = [None if value is None or not math.isnan(_number(value)) else str(value) for value in values]
    for text in sorted({text for text in said if text is not None}):
        columns[f"{param}={text}"] = [float(one == text) for one in said]
    return columns


def _number(value: Any) -> float:
    if isinstance(value, bool | int | float) and math.isfinite(value):
        return float(value)
    return math.nan
