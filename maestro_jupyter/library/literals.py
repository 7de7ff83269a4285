"""Values as source text: what a notebook's constants are written as, and what is data instead."""

from __future__ import annotations

import math
import sys
from typing import Any

LIMIT = 10_000
"""How long a value's text may be."""
_DEPTH = 20
_LOOKED_AT = 1000
_BRACKETS: dict[type[Any], str] = {
    list: "[{}]",
    tuple: "({})",
    set: "{{{}}}",
    dict: "{{{}}}",
    frozenset: "frozenset({{{}}})",
}
_CONTAINERS = (list, tuple, set, frozenset, dict)
_DATA = (
    ("numpy", "ndarray"),
    ("pandas", "DataFrame"),
    ("pandas", "Series"),
    ("pandas", "Index"),
    ("scipy.sparse", "spmatrix"),
    ("scipy.sparse", "sparray"),
    ("polars", "DataFrame"),
    ("polars", "LazyFrame"),
    ("polars", "Series"),
    ("pyarrow", "Table"),
    ("xarray", "Dataset"),
    ("xarray", "DataArray"),
    ("torch", "Tensor"),
    ("torch.nn", "Module"),
    ("xgboost", "Booster"),
    ("lightgbm", "Booster"),
)


def literal(value: object, limit: int = LIMIT) -> str | None:
    """Write a value as source; None if it is no plain value, or too long.

    Examples
    --------
    >>> literal({"a": (1, 2.5), "b": {True}}), literal(float("inf")), literal(object())
    ("{'a': (1, 2.5), 'b': {True}}", "float('inf')", None)
    """
    text = _written(value, _DEPTH, limit)
    return text if text is not None and len(text) <= limit else None


def _written(value: Any, depth: int, limit: int) -> str | None:
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic):
        value = value.item()
    kind = type(value)
    if kind.__module__ == "IPython.utils.text" and isinstance(value, list):  # what `!command` gives
        kind, value = list, list(value)
    if kind is float and not math.isfinite(value):
        return f"float({str(value)!r})"
    if kind in {str, bytes}:
        return repr(value) if len(value) <= limit else None
    if kind is int:
        return repr(value) if value.bit_length() <= LIMIT else None
    if value is None or kind in {bool, float, range}:
        return repr(value)
    if kind not in _CONTAINERS or depth == 0 or len(value) > limit:
        return None
    return _written_container(value, depth, limit)


def _written_container(value: Any, depth: int, limit: int) -> str | None:
    items = [*value, *value.values()] if isinstance(value, dict) else list(value)
    texts: list[str] = []
    for item in items:
        text = _written(item, depth - 1, limit)
        if text is None:
            return None
        limit -= len(text)
        if limit < 0:
            return None
        texts.append(text)
    if isinstance(value, dict):
        half = len(value)
        texts = [f"{key}: {each}" for key, each in zip(texts[:half], texts[half:], strict=True)]
    if not texts and isinstance(value, set | frozenset):
        return f"{type(value).__name__}()"
    inside = ", ".join(texts) + ("," if isinstance(value, tuple) and len(texts) == 1 else "")
    return _BRACKETS[type(value)].format(inside)


def data_kind(value: object) -> str | None:
    """Say what kind of data or of fitted object a value is; None if it is neither.

    Examples
    --------
    >>> import numpy as np
    >>> data_kind(np.zeros(3)), data_kind({"train": np.zeros(3)}), data_kind([1, 2])
    ('ndarray', 'dict of ndarray', None)
    """
    kind = type(value).__name__
    if isinstance(value, type):
        return None
    for module, name in _DATA:
        cls = getattr(sys.modules.get(module), name, None)
        if isinstance(cls, type) and isinstance(value, cls):
            return kind
    if is_fitted(value):
        return f"fitted {kind}"
    if type(value) in _CONTAINERS:
        return _held(value, kind)
    return None


def _held(value: Any, kind: str) -> str | None:
    """Say what data a container holds, or that it is too much to be a constant."""
    items = list(value.values()) if isinstance(value, dict) else list(value)
    for item in items[:_LOOKED_AT]:
        held = data_kind(item) if type(item) not in _CONTAINERS else None
        if held is not None:
            return f"{kind} of {held}"
    return None


def is_fitted(value: object) -> bool:
    """Tell whether a value is an estimator with the scikit-learn API that has learned something."""
    if isinstance(value, type) or not (hasattr(value, "fit") and hasattr(value, "get_params")):
        return False
    if any(name.endswith("_") and not name.startswith("_") for name in getattr(value, "__dict__", {})):
        return True
    steps = getattr(value, "steps", None)
    return isinstance(steps, list) and any(is_fitted(step[-1]) for step in steps)
