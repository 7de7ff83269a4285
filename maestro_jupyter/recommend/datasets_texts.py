"""Texts that are at hand wherever scikit-learn is: its documentation, and what it documents."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_jupyter.recommend.datasets import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

_PACKAGES = ("numpy", "pandas", "scipy.stats", "scipy.signal", "sklearn.metrics")
_LEAST = 30


class _Documented(NamedTuple):
    text: str
    place: str
    is_class: bool
    params: int


@functools.cache
def _documented() -> tuple[_Documented, ...]:
    """Give what scikit-learn's public classes and functions say of themselves, without their names."""
    from sklearn.utils.discovery import all_estimators, all_functions

    found = []
    for name, item in [*all_estimators(), *all_functions()]:
        text = _prose(item, name)
        if text:
            place = item.__module__.split(".")[1]
            found.append(_Documented(text, place, inspect.isclass(item), _params(item)))
    return tuple(found)


def _prose(item: Any, name: str) -> str:
    """Give what is said before the parameters are listed."""
    text = (inspect.getdoc(item) or "").split("\nParameters\n")[0]
    return " ".join(text.replace(name, "").split())[:1000]


def _params(item: Any) -> int:
    try:
        return len(inspect.signature(item).parameters)
    except ValueError:
        return 0


def _frame(texts: list[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({"text": pd.Series(texts, dtype=object)})


def _module_of_text() -> tuple[pd.DataFrame, pd.Series[Any]]:
    import pandas as pd

    seen = _documented()
    counts = pd.Series([one.place for one in seen]).value_counts()
    kept = [one for one in seen if counts[one.place] >= _LEAST]
    return _frame([one.text for one in kept]), pd.Series([one.place for one in kept])


def _is_class() -> tuple[pd.DataFrame, pd.Series[Any]]:
    import pandas as pd

    seen = _documented()
    X = _frame([one.text for one in seen]).assign(parameters=[one.params for one in seen])
    return X, pd.Series([one.is_class for one in seen])


def _parameters() -> tuple[pd.DataFrame, pd.Series[Any]]:
    import pandas as pd

    seen = _documented()
    X = _frame([one.text for one in seen]).assign(module=[one.place for one in seen])
    return X, pd.Series([float(one.params) for one in seen])


def _package_of_text() -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Tell whose documentation a text is from."""
    from importlib import import_module

    import pandas as pd

    rows = []
    for package in _PACKAGES:
        module = import_module(package)
        names = [name for name in sorted(dir(module)) if not name.startswith("_")]
        texts = [_prose(getattr(module, name), name) for name in names if callable(getattr(module, name))]
        rows += [(text, package) for text in dict.fromkeys(texts) if len(text) > _LEAST]
    return _frame([text for text, _ in rows]), pd.Series([package for _, package in rows])


_ROWS: list[tuple[str, str, Callable[[], Any]]] = [
    ("documents_module", "classification", _module_of_text),
    ("documents_class", "classification", _is_class),
    ("documents_package", "classification", _package_of_text),
    ("documents_parameters", "regression", _parameters),
]

PROBLEMS = [
    Problem(name, task, "documentation", "documentation of the installed packages", "BSD-3-Clause", load)
    for name, task, load in _ROWS
]
