"""The bytes that stand for an object: forms that anyone can read and nothing can hide in. Never pickle."""

from __future__ import annotations

import io
import json
import sys
from importlib.util import find_spec
from typing import Any, NamedTuple

from maestro_jupyter.errors import Invalid


class Form(NamedTuple):
    """An object's bytes."""

    data: bytes
    stem: str
    suffix: str
    media_type: str
    type: str


def object_form(value: Any) -> Form:
    """Give the bytes that stand for an object.

    Raises
    ------
    Invalid
        If it has no safe form.

    Examples
    --------
    >>> object_form({"a": [1, 2]}).data
    b'{"a": [1, 2]}'
    """
    if isinstance(value, bytes | bytearray | memoryview):
        return Form(bytes(value), "data", ".bin", "application/octet-stream", "file")
    if isinstance(value, dict | list):
        return _json(value)
    for form in (figure_form(value), _frame(value), _array(value)):
        if form is not None:
            return form
    msg = f"A {value.__class__.__qualname__} has no safe form as an artifact."
    raise Invalid(msg, hint="Save it to a file, and log the file's path.")


def figure_form(figure: Any) -> Form | None:
    """Give the bytes of a figure; None if it is none."""
    if _is_a(figure, "matplotlib.figure", "Figure"):
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
        return Form(buffer.getvalue(), "figure", ".png", "image/png", "figure")
    if _is_a(figure, "plotly.basedatatypes", "BaseFigure"):
        media_type = "application/vnd.plotly.v1+json"
        return Form(figure.to_json().encode(), "figure", ".json", media_type, "figure")
    if _is_a(figure, "PIL.Image", "Image"):
        buffer = io.BytesIO()
        figure.save(buffer, format="PNG")
        return Form(buffer.getvalue(), "figure", ".png", "image/png", "figure")
    return None


def _json(value: Any) -> Form:
    try:
        data = json.dumps(value).encode()
    except (TypeError, ValueError, RecursionError) as error:
        msg = f"The {value.__class__.__name__} holds what JSON cannot say: {error}."
        raise Invalid(msg, hint="Save it to a file, and log the file's path.") from error
    return Form(data, "data", ".json", "application/json", "data")


def _frame(value: Any) -> Form | None:
    if not _is_a(value, "pandas", "DataFrame"):
        return None
    if find_spec("pyarrow") is None:
        return Form(value.to_csv().encode(), "data", ".csv", "text/csv", "data")
    try:
        return Form(value.to_parquet(), "data", ".parquet", "application/vnd.apache.parquet", "data")
    except Exception as error:
        msg = f"The DataFrame cannot be written as Parquet: {error}."
        raise Invalid(msg, hint="Save it to a file, and log the file's path.") from error


def _array(value: Any) -> Form | None:
    if not _is_a(value, "numpy", "ndarray"):
        return None
    buffer = io.BytesIO()
    try:
        sys.modules["numpy"].save(buffer, value, allow_pickle=False)
    except ValueError as error:
        msg = "The array holds Python objects, which have no safe form."
        raise Invalid(msg, hint="Convert it with astype().") from error
    return Form(buffer.getvalue(), "data", ".npy", "application/x-npy", "data")


def _is_a(value: Any, module: str, name: str) -> bool:
    """Tell whether a value is an instance of a class, without importing its module."""
    cls = getattr(sys.modules.get(module), name, None)
    return isinstance(cls, type) and isinstance(value, cls)
