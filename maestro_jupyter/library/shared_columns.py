"""Which columns of a notebook's tables an artifact names, and how much that tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_jupyter.library.clues import column_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from maestro_jupyter.models import ArtifactVersion, TableAtHand
    from maestro_jupyter.store.word_index import Document

COMMON_COUNTS = 0.3
"""What a column that very many tables have counts, against others."""

_COMMON = re.compile(
    "id|name|date|time|datetime|timestamp|value|text|label|target|class|type|category|count|number|index|title|"
    "year|month|day|key|code|status|.?"
)
_LISTS_COLUMNS = frozenset({"dataset", "feature_view", "model", "schema"})
"""The types of what names columns in its content, rather than in literals of a program."""

_LITERAL = re.compile(r"""["']([^"'\n]{1,100})["']""")
_IDENTIFIER = re.compile(r"\w+")


class SharedColumns(NamedTuple):
    """The columns of a table that an artifact names.

    Attributes
    ----------
    table : str
    of : int
        How many columns the table has.
    names : list of str
    weight : float
        How much they count, rare ones more.
    """

    table: str
    of: int
    names: list[str]
    weight: float


def named_columns(artifact: ArtifactVersion, document: Document) -> dict[str, str]:
    """Give the columns that an artifact names, as they are compared, with their types where these are known.

    Those of a table or schema are known from when it was registered; of a program, its string literals are.
    """
    known = artifact.about.get("columns")
    if isinstance(known, list) and known:
        return dict(map(_column, known))
    names = [str(name) for name in _listed(artifact.about)]
    names += _LITERAL.findall(document.text)
    if artifact.type in _LISTS_COLUMNS:
        names += _IDENTIFIER.findall(document.text)
        names += document.text.splitlines()
    return dict.fromkeys(map(_compared, names), "")


def shared_columns(
    tables: Iterable[TableAtHand], named: Mapping[str, str], rare: Mapping[str, float]
) -> SharedColumns | None:
    """Give the columns that are named of the table of which these tell the most; None of none.

    Parameters
    ----------
    tables : iterable of TableAtHand
    named : mapping of str to str
        As `named_columns` gives them.
    rare : mapping of str to float
        How rare a column's word is among artifacts, from 0 to 1; one that is missing is in none.
    """
    found = [_shared(table, named, rare) for table in tables]
    return max((each for each in found if each.names), key=lambda each: each.weight, default=None)


def _shared(table: TableAtHand, named: Mapping[str, str], rare: Mapping[str, float]) -> SharedColumns:
    names = [
        name
        for name, dtype in table.columns.items()
        if (known := named.get(_compared(name))) is not None and _may_be_alike(dtype, known)
    ]
    return SharedColumns(table.name, len(table.columns), names, sum(_weight(name, rare) for name in names))


def _weight(name: str, rare: Mapping[str, float]) -> float:
    common = _COMMON.fullmatch(_compared(name))
    return rare.get(column_word(name), 1.0) * (COMMON_COUNTS if common else 1.0)


def _compared(name: str) -> str:
    return "_".join(name.casefold().split())


def _column(said: Any) -> tuple[str, str]:
    if isinstance(said, dict):
        return _compared(str(said.get("name", ""))), str(said.get("dtype", ""))
    return _compared(str(said)), ""


def _listed(about: Mapping[str, Any]) -> list[Any]:
    """Give the names that stand in what is known of a schema or an estimator."""
    schema, features = about.get("schema"), about.get("features")
    found = []
    if isinstance(schema, dict):
        for key in ("properties", "columns"):
            found += [*schema[key]] if isinstance(schema.get(key), dict | list) else []
    return found + (features if isinstance(features, list) else [])


def _may_be_alike(dtype: str, other: str) -> bool:
    """Tell whether columns of two types may hold the same; where one tells nothing, they may."""
    return len({_kind(dtype), _kind(other)} - {""}) < 2


def _kind(dtype: str) -> str:
    said = dtype.lower()
    if said.startswith(("int", "uint", "float")):
        return "number"
    if said.startswith(("date", "time", "period")):
        return "time"
    return "text" if said.startswith("str") else ""
