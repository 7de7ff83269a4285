"""What is at hand in the notebook, gathered when it is asked for: imports, recent cells, tables' schemas.

Values are never looked at, and secrets are taken out here, before any of it goes anywhere.
"""

from __future__ import annotations

import ast
import functools
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maestro_jupyter.library.statements import parsed
from maestro_jupyter.models import NotebookAtHand, TableAtHand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from maestro_jupyter.app import App

CELLS, CELL_LENGTH = 20, 4000
"""How many of the latest cells are given, and how many characters of each."""

TABLES, COLUMNS = 20, 200
"""How many tables, those of the latest cells first, and how many columns of each."""

_IMPORTING_CELLS, _IMPORTS = 500, 200
_READ = 5 * CELL_LENGTH
_NAME, _DTYPE, _PATH = 200, 100, 4000
_USED = 1000
_OWN = re.compile(r"^[ \t]*(?:[%!?]|.*\bsuggest_artifacts\b).*$", re.MULTILINE)
_UNNAMED = "default"


def notebook_at_hand(app: App, n: int, about: str = "") -> NotebookAtHand:
    """Gather what is known of the notebook or script.

    Parameters
    ----------
    app : App
    n : int
        How many artifacts are asked for.
    about : str
        What the user says of it.

    Returns
    -------
    NotebookAtHand
        Without secrets.
    """
    cells, namespace = _notebook()
    recorder = app.recorder
    redact = recorder.redactor.text
    recent = recent_cells(cells, redact)
    return NotebookAtHand(
        imports=_without_secrets(imports_of(cells[-_IMPORTING_CELLS:]), redact),
        cells=recent,
        tables=tables_in(namespace, recent, redact),
        project="" if recorder.project == _UNNAMED else redact(recorder.project)[:255],
        description=redact(about)[:CELL_LENGTH],
        notebook=(recorder.notebook or "")[:_PATH],
        used=sorted(recorder.library_names)[:_USED],
        n=n,
    )


def recent_cells(cells: Sequence[str], redact: Callable[[str], str]) -> list[str]:
    r"""Give the latest cells without magics, each cut, the last one at the end.

    Parameters
    ----------
    cells : sequence of str
        As they were typed.
    redact : callable
        Takes secrets out.

    Examples
    --------
    >>> recent_cells(["x = 1", "%maestro suggest", "%%time\ny = 2"], str)
    ['x = 1', 'y = 2']
    """
    found: list[str] = []
    for cell in reversed(cells):
        said = redact(_OWN.sub("", _begun(cell))).strip()
        if said:
            found.append(said[:CELL_LENGTH])
        if len(found) == CELLS:
            break
    return found[::-1]


def imports_of(cells: Iterable[str]) -> list[str]:
    """Give what cells import, in full, each once.

    Examples
    --------
    >>> imports_of(["import numpy as np", "from sklearn.cluster import KMeans, DBSCAN"])
    ['numpy', 'sklearn.cluster.KMeans', 'sklearn.cluster.DBSCAN']
    """
    found = (name for cell in cells if len(cell) <= _READ for name in _imports_in(cell))
    return list(dict.fromkeys(found))[:_IMPORTS]


@functools.lru_cache(maxsize=2 * _IMPORTING_CELLS)
def _imports_in(cell: str) -> list[str]:
    """Give what a cell imports; it is kept, as the earlier cells of a notebook stay as they are."""
    if "import" not in cell:
        return []
    found: list[str] = []
    tree = parsed(cell) or parsed(_OWN.sub("", cell))
    for node in [] if tree is None else ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def tables_in(
    namespace: Mapping[str, Any], cells: Sequence[str], redact: Callable[[str], str]
) -> list[TableAtHand]:
    """Give the schemas of the DataFrames that have a name, those that the latest cells speak of first.

    Parameters
    ----------
    namespace : mapping
        What the names of the notebook are now.
    cells : sequence of str
        The latest, the last one at the end.
    redact : callable
        Takes secrets out.
    """
    frame = getattr(sys.modules.get("pandas"), "DataFrame", None)
    if frame is None:
        return []
    # What a thing's class is, nothing in it can answer for: `isinstance` would ask the thing itself.
    there = [
        (name, value)
        for name, value in reversed(list(namespace.items()))
        if isinstance(name, str) and not name.startswith("_") and issubclass(type(value), frame)
    ]
    spoken = {name: place for place, cell in enumerate(cells) for name in re.findall(r"\w+", cell)}
    there.sort(key=lambda pair: -spoken.get(pair[0], -1))
    alike: dict[int, TableAtHand] = {}
    for name, value in there:
        if len(alike) == TABLES:
            break
        table = _table(name, value, redact)
        if table is not None:
            alike.setdefault(id(value), table)
    return list(alike.values())


def _table(name: str, frame: Any, redact: Callable[[str], str]) -> TableAtHand | None:
    try:
        labels = [_said(label) for label in frame.columns[:COLUMNS]]
        dtypes = [str(dtype)[:_DTYPE] for dtype in frame.dtypes.iloc[:COLUMNS]]
    except Exception:  # noqa: BLE001 - a class of the user's may do anything; it is no table then
        return None
    columns = dict(zip(_without_secrets(labels, redact), dtypes, strict=False))
    return TableAtHand(name=name[:_NAME], columns=columns) if columns else None


def _said(label: Any) -> str:
    return " ".join(map(str, label)) if isinstance(label, tuple) else str(label)


def _without_secrets(names: Iterable[str], redact: Callable[[str], str]) -> list[str]:
    """Redact names all at once, each a line: one by one takes a hundred times as long."""
    lines = [" ".join(name.split()) for name in names]
    return [line[:_NAME] for line in redact("\n".join(lines)).split("\n")] if lines else []


def _begun(cell: str) -> str:
    """Give the beginning of a long cell, to the end of a line: half a secret would not be known for one."""
    return cell if len(cell) <= _READ else cell[: max(cell.rfind("\n", 0, _READ), 0)]


def _notebook() -> tuple[list[str], Mapping[str, Any]]:
    """Give the cells that have run, as they were typed, and what their names are now; or the script."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is not None:
        typed = getattr(shell.history_manager, "input_hist_raw", ())
        return [cell for cell in typed if isinstance(cell, str)], shell.user_ns
    main = sys.modules["__main__"]
    try:
        source = Path(main.__file__ or "").read_text(encoding="utf-8")
    except (AttributeError, OSError, UnicodeDecodeError):  # there is none, as in `python -c`
        source = ""
    return [source], vars(main)
