"""Files as they are, notebooks without their outputs, and plain values as JSON."""

from __future__ import annotations

import json
import math
import mimetypes
from typing import TYPE_CHECKING, Any

from maestro_jupyter.errors import Invalid, NotFound, TooLarge
from maestro_jupyter.library.content import Content, clean, indexed
from maestro_jupyter.library.folders import folder_content
from maestro_jupyter.library.onnx_models import MEDIA_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOTEBOOK_LIMIT = 64 << 20
_KEPT_METADATA = ("kernelspec", "language_info")


def path_content(path: Path, redact: Callable[[str], str] | None = None) -> Content:
    """Give the content of a file, a folder or a notebook.

    Parameters
    ----------
    path : Path
        A file is never read here: its path is given on, to be streamed.
    redact : callable, optional
        Takes secrets out of a notebook's cells.

    Raises
    ------
    NotFound
        If nothing is there.
    Invalid
        If it is neither file nor folder.
    """
    try:
        is_folder, is_there = path.is_dir(), path.exists()
    except OSError as error:
        msg = f"{str(path)[:100]!r} cannot be looked at: {error.strerror}."
        raise Invalid(msg) from error
    if is_folder:
        return folder_content(path)
    if not is_there:
        msg = f"There is no file {str(path)[:200]!r}."
        raise NotFound(msg)
    if not path.is_file():
        msg = f"{str(path)!r} is no file."
        raise Invalid(msg)
    if path.suffix == ".ipynb":
        return _notebook_content(path, redact)
    about = {"kind": "file", "filename": path.name, "bytes": path.stat().st_size}
    is_model = path.suffix.lower() == ".onnx"
    guessed = MEDIA_TYPE if is_model else mimetypes.guess_type(path.name)[0]
    type_, media_type = "model" if is_model else "dataset", guessed or "application/octet-stream"
    return Content(type_, "file", media_type, path.suffix, path, indexed([path.name]), about)


def json_content(value: dict[str, Any] | list[Any]) -> Content:
    """Give a dict or a list of plain values as JSON.

    Raises
    ------
    Invalid
        If it holds what JSON cannot say.

    Examples
    --------
    >>> json_content({"depth": 3, "features": ["age"]}).data
    b'{"depth": 3, "features": ["age"]}'
    """
    kind = type(value).__name__
    try:
        _check_plain(value, "it")
        text = json.dumps(value, ensure_ascii=False)
        data = text.encode()
    except (ValueError, RecursionError) as error:
        said = "it is nested too deeply, or in itself" if isinstance(error, RecursionError) else str(error)
        msg = f"The {kind} cannot be written as JSON: {said}."
        raise Invalid(msg, hint="Convert it, or save it to a file.") from error
    about = {"kind": kind, "items": len(value)}
    if isinstance(value, dict):
        about["keys"] = list(value)[:1000]
    return Content("dataset", "json", "application/json", ".json", data, indexed([text]), about)


def load_json(data: bytes) -> Any:
    """Give back what `json_content` was given.

    Raises
    ------
    Invalid
        If the bytes are no JSON.
    """
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        msg = f"The bytes are no JSON: {error!s:.200}."
        raise Invalid(msg) from error


def _check_plain(value: Any, where: str) -> None:
    if value is None or type(value) in {str, int, bool}:
        return
    if type(value) is float and math.isfinite(value):
        return
    if type(value) is list:
        for number, each in enumerate(value):
            _check_plain(each, f"{where}[{number}]")
    elif type(value) is dict:
        for key, each in value.items():
            if type(key) is not str:
                msg = f"{where} has the key {key!r:.100}, which is no text"
                raise ValueError(msg)
            _check_plain(each, f"{where}[{key!r:.100}]")
    else:
        msg = (
            f"{where} is {value!r:.40}"
            if isinstance(value, float)
            else f"{where} is of {type(value).__name__}"
        )
        raise ValueError(msg)


def _notebook_content(path: Path, redact: Callable[[str], str] | None) -> Content:
    if path.stat().st_size > NOTEBOOK_LIMIT:
        msg = f"The notebook {path.name!r} has more than {NOTEBOOK_LIMIT >> 20} MiB."
        raise TooLarge(msg, hint="Clear its outputs first.")
    notebook = load_json(path.read_bytes())
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        msg = f"The file {path.name!r} is no notebook of format 4."
        raise Invalid(msg, hint="Open it in Jupyter, and save it again.")
    cells = [_bare(cell) for cell in notebook["cells"] if isinstance(cell, dict)]
    told = notebook.get("metadata")
    metadata = {key: told[key] for key in _KEPT_METADATA if key in told} if isinstance(told, dict) else {}
    bare = {**notebook, "cells": cells, "metadata": metadata}
    kept = bare if redact is None else clean(bare, redact)
    about: dict[str, Any] = {
        "kind": "notebook",
        "filename": path.name,
        "cells": len(cells),
        "outputs": "removed",
    }
    if kept != bare:
        about["redacted"] = True
    data = json.dumps(kept, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    text = indexed([path.name, *(_source(cell) for cell in kept["cells"])])
    return Content("notebook", "notebook", "application/x-ipynb+json", ".ipynb", data, text, about)


def _bare(cell: dict[str, Any]) -> dict[str, Any]:
    """Give a cell with its source in one piece, and without what running it has left."""
    bare = {key: value for key, value in cell.items() if key != "attachments"} | {"metadata": {}}
    bare["source"] = _source(cell)
    if cell.get("cell_type") == "code":
        bare |= {"outputs": [], "execution_count": None}
    return bare


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)
