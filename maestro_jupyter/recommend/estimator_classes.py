"""The estimators that suggestions know: of scikit-learn, xgboost and lightgbm, by the class's own name."""

from __future__ import annotations

import functools
import importlib.util
import inspect
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_jupyter.errors import Unavailable
from maestro_jupyter.recording.estimator_params import plain_params

if TYPE_CHECKING:
    from collections.abc import Mapping

    from maestro_jupyter.events import ParamValue

_ROOMS = (
    "discriminant_analysis", "linear_model", "naive_bayes", "neighbors", "svm", "tree", "ensemble",
    "neural_network", "gaussian_process", "kernel_ridge", "cross_decomposition", "isotonic", "dummy",
)  # fmt: skip
BOOSTING = {
    "XGBClassifier": "xgboost",
    "XGBRegressor": "xgboost",
    "XGBRFClassifier": "xgboost",
    "XGBRFRegressor": "xgboost",
    "LGBMClassifier": "lightgbm",
    "LGBMRegressor": "lightgbm",
}
"""Estimators of packages that need not be installed."""


class EstimatorClass(NamedTuple):
    """A class whose instances can be made of simple parameters.

    Attributes
    ----------
    path : str
        The dotted path that users import it by.
    task : str
        ``"classification"`` or ``"regression"``.
    defaults : mapping of str to object
        As runs keep them.
    """

    path: str
    task: str
    defaults: Mapping[str, ParamValue]


@functools.cache
def estimator_class(name: str) -> EstimatorClass | None:
    """Give a class by its own name, without its module.

    Nothing but these packages is ever imported, whatever a run says that its estimator was.

    Examples
    --------
    >>> estimator_class("SVC").path, estimator_class("Popen")
    ('sklearn.svm.SVC', None)
    """
    if name not in BOOSTING:
        return _described(*_of_sklearn()[name]) if name in _of_sklearn() else None
    try:
        module = import_module(BOOSTING[name])
    except ImportError:
        return None
    return _described(f"{BOOSTING[name]}.{name}", getattr(module, name))


def missing_packages() -> list[str]:
    """Give the packages of estimators that are not installed, but for scikit-learn, which has to be.

    Raises
    ------
    Unavailable
        If scikit-learn is not installed.
    """
    if importlib.util.find_spec("sklearn") is None:
        msg = "scikit-learn is not installed, and suggestions need it."
        raise Unavailable(msg, hint="pip install 'maestro-jupyter[recommend]'")
    return [name for name in sorted(set(BOOSTING.values())) if importlib.util.find_spec(name) is None]


def package_of(path: str) -> str:
    """Give the package that a dotted path begins with."""
    return path.partition(".")[0]


@functools.cache
def _of_sklearn() -> dict[str, tuple[str, type]]:
    found = {}
    for room in _ROOMS:
        path = f"sklearn.{room}"
        for name, each in vars(import_module(path)).items():
            if inspect.isclass(each) and each.__module__.startswith(path):
                found[name] = f"{path}.{name}", each
    return found


def _described(path: str, cls: Any) -> EstimatorClass | None:
    from sklearn.base import ClassifierMixin, RegressorMixin

    if not issubclass(cls, ClassifierMixin | RegressorMixin):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some are deprecated
            defaults = plain_params(cls().get_params(deep=False))
    except TypeError:  # it is abstract, or made of other estimators
        return None
    task = "classification" if issubclass(cls, ClassifierMixin) else "regression"
    return EstimatorClass(path, task, defaults)
