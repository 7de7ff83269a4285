"""What is registered: a function, a class, an estimator, a table, a schema, a file, a folder, a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from maestro_jupyter.errors import Invalid
from maestro_jupyter.library.code import code_content, is_code
from maestro_jupyter.library.content import Content, clean, indexed, redacted
from maestro_jupyter.library.estimators import estimator_content, is_estimator
from maestro_jupyter.library.files import json_content, path_content
from maestro_jupyter.library.onnx_models import is_onnx, onnx_content
from maestro_jupyter.library.schemas import class_schema, is_schema, schema_content
from maestro_jupyter.library.tables import is_table, table_content

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def content_of(
    source: Any,
    *,
    type: str | None = None,  # noqa: A002 - the contract's name
    namespace: Mapping[str, Any] | None = None,
    cells: Sequence[str] | None = None,
    redact: Callable[[str], str] | None = None,
) -> Content:
    """Give what the library keeps of something that people have in a notebook.

    Parameters
    ----------
    source : object
        A function or class, an estimator, an ONNX model, a DataFrame, Series or array, a pandera schema, a
        dict or list, or the path of a file, folder or notebook.
    type : str, optional
        What it is; by default as its kind suggests.
    namespace : mapping, optional
        What the names of the notebook are now.
    cells : sequence of str, optional
        The sources of the cells that have run, in order, as IPython's ``In`` has them.
    redact : callable, optional
        Takes secrets out of a text.

    Returns
    -------
    Content
        Nothing of `source` is changed.

    Raises
    ------
    MaestroError
        If it cannot be kept, saying why.

    Examples
    --------
    >>> content_of({"depth": 3}).format
    'json'
    """
    content = _content_of(source, namespace, cells, redact)
    if redact is not None:
        content = redacted(content, redact)
    return content if type is None else content._replace(type=type)


def _content_of(
    source: Any,
    namespace: Mapping[str, Any] | None,
    cells: Sequence[str] | None,
    redact: Callable[[str], str] | None,
) -> Content:
    if isinstance(source, str | Path):
        return path_content(Path(source).expanduser(), redact)
    for is_kind, content in _PLAINLY_TOLD:
        if is_kind(source):
            return content(source)
    if isinstance(source, dict | list):
        return _json_content(source, redact)
    if is_code(source):
        written = code_content(source, cells, namespace)
        return _with_schema(written, source) if isinstance(source, _CLASS) else written
    if is_estimator(source):
        return estimator_content(source)
    kind = source.__class__.__name__
    msg = f"An object of {kind} cannot be registered."
    raise Invalid(msg, hint="Save it to a file, and register the file's path.")


def _json_content(source: dict[str, Any] | list[Any], redact: Callable[[str], str] | None) -> Content:
    content = json_content(source)
    if redact is None:
        return content
    shown = clean(source, redact)
    return content if shown == source else _said_redacted(json_content(shown))


def _said_redacted(content: Content) -> Content:
    return content._replace(about={**content.about, "redacted": True})


def _with_schema(content: Content, source: Any) -> Content:
    schema = class_schema(source)
    if schema is None:
        return content
    text = indexed([content.text, *map(str, schema.get("properties", schema.get("columns", ())))])
    return content._replace(type="schema", text=text, about={**content.about, "schema": schema})


_CLASS = type

_PLAINLY_TOLD: tuple[tuple[Callable[[object], bool], Callable[[Any], Content]], ...] = (
    (is_table, table_content),
    (is_schema, schema_content),
    (is_onnx, onnx_content),
)
"""What is told by its type, and how its content is made."""
