"""The runs table as a file: CSV, JSON or Parquet."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maestro_jupyter.errors import Conflict, Invalid, Unavailable

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = re.compile(r"[\t\r\n]|[\s\0\ufeff\u200b]*[=+\-@|%＝＋－＠]")
"""How a formula begins for a spreadsheet, after what it may skip; the wide forms in some languages."""
_KINDS = (".csv", ".json", ".parquet")


def export_table(table: pd.DataFrame, file: str | Path, *, force: bool = False) -> Path:
    """Write a table of runs.

    In a CSV file, text that a spreadsheet would run as a formula gets an apostrophe in front.

    Parameters
    ----------
    table : pandas.DataFrame
    file : str or Path
        Ends with ``.csv``, ``.json`` or ``.parquet``.
    force : bool
        Whether a file that is there is replaced.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    Invalid
        For another ending, or if the folder is missing.
    Conflict
        If the file is there and `force` is false.
    Unavailable
        If pyarrow is needed and missing, or the file cannot be written.
    """
    path = Path(file).expanduser()
    kind = path.suffix.lower()
    if kind not in _KINDS:
        msg = f"Runs cannot be exported to {path.name!r}."
        raise Invalid(msg, hint=f"End the file's name with {', '.join(_KINDS)}.")
    if path.exists() and not force:
        msg = f"The file {path} is there already."
        raise Conflict(msg, hint="Add --force to replace it.")
    if not path.parent.is_dir():
        msg = f"There is no folder {path.parent}."
        raise Invalid(msg)
    try:
        _write(table, path, kind, "w" if force else "x")
    except FileExistsError:
        msg = f"The file {path} is there already."
        raise Conflict(msg, hint="Add --force to replace it.") from None
    except OSError as error:
        msg = f"The file {path} cannot be written: {error.strerror or error}."
        raise Unavailable(msg) from error
    return path


def _write(table: pd.DataFrame, path: Path, kind: str, mode: str) -> None:
    if kind == ".parquet":
        _write_parquet(table, path)
        return
    with path.open(mode, encoding="utf-8", newline="") as file:
        if kind == ".csv":
            # Texts with one of the letters that end a line are quoted: a bare CR would begin another row.
            _defused(table).to_csv(file, index=False, lineterminator="\r\n")
        else:
            table.to_json(file, orient="records", date_format="iso", indent=2, force_ascii=False)


def _write_parquet(table: pd.DataFrame, path: Path) -> None:
    if importlib.util.find_spec("pyarrow") is None:
        msg = "Parquet needs the package pyarrow."
        raise Unavailable(msg, hint="Install it, or export to .csv.")
    plain = table.copy()
    for name in _texts(plain):
        if len({type(value) for value in plain[name].dropna()}) > 1:
            plain[name] = plain[name].map(str, na_action="ignore")
    plain.to_parquet(path, index=False)


def _texts(table: pd.DataFrame) -> list[str]:
    return list(table.select_dtypes(exclude=["number", "bool", "datetimetz"]).columns)


def _defused(table: pd.DataFrame) -> pd.DataFrame:
    defused = table.rename(columns=_defuse)
    for name in _texts(defused):
        defused[name] = [_defuse(value) for value in defused[name]]
    return defused


def _defuse(value: Any) -> Any:
    """Put an apostrophe before what a spreadsheet would run (CWE-1236)."""
    if isinstance(value, str) and _FORMULA.match(value):
        return f"'{value}"
    return value
