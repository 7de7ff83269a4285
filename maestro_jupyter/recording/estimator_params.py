"""The parameters of an estimator, as a run keeps them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_REPR = 200
_SIMPLE = (str, int, float, bool, type(None))
_LEFT_OUT = object()


def qualified_name(cls: type) -> str:
    """Give a class's full name.

    Examples
    --------
    >>> qualified_name(ValueError)
    'builtins.ValueError'
    """
    return f"{cls.__module__}.{cls.__qualname__}"


def estimator_params(estimator: Any) -> dict[str, Any]:
    """Give an estimator's class and its parameters, nested ones with ``__`` between.

    Parameters
    ----------
    estimator : object
        Anything with ``get_params``.

    Returns
    -------
    dict
        ``estimator`` is the qualified class name; a parameter that is itself called so (as
        meta-estimators have it) becomes ``estimator__class``.
    """
    params: dict[str, Any] = {"estimator": qualified_name(type(estimator))}
    get = getattr(estimator, "get_params", None)
    if get is None:
        return params
    for key, value in plain_params(get(deep=True)).items():
        params["estimator__class" if key == "estimator" else key] = value
    return params


def plain_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what can be said in a few words: values, and the names of estimators and functions.

    Examples
    --------
    >>> plain_params({"n": 3, "layers": (64, 32), "score": max, "odd": {1: object()}})
    {'n': 3, 'layers': '(64, 32)', 'score': 'max'}
    """
    plain = {key: _plain(value) for key, value in params.items()}
    return {key: value for key, value in plain.items() if value is not _LEFT_OUT}


def _plain(value: Any) -> Any:
    if isinstance(value, _SIMPLE):
        return value
    if isinstance(value, list | tuple | set | frozenset | dict):
        return repr(value)[:_REPR] if _is_shallow(value) else _LEFT_OUT
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        return value.item()
    if hasattr(value, "shape") or hasattr(value, "__array__"):
        return _LEFT_OUT
    if callable(value) and not hasattr(value, "get_params"):
        return getattr(value, "__name__", type(value).__name__)
    return type(value).__name__


def _is_shallow(value: Any) -> bool:
    if len(value) > _REPR:
        return False
    items = [*value, *value.values()] if isinstance(value, dict) else value
    return all(isinstance(item, _scalars()) for item in items)


def _scalars() -> tuple[type, ...]:
    numpy = sys.modules.get("numpy")
    return (*_SIMPLE, numpy.generic) if numpy else _SIMPLE
