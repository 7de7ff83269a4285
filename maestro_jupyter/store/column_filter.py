"""Filters and orders on columns in memory: the same answers as `filter_sql` and `run_order`, sooner."""

from __future__ import annotations

import operator
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from maestro_jupyter.store.columns import Elsewhere
from maestro_jupyter.store.filters import And, Comparison, Field, Filter, Not, Or, compares, fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from maestro_jupyter.store.columns import Column, Columns, Table
    from maestro_jupyter.store.run_order import Order

    Mask = NDArray[np.bool_]

_COMPARED = 256
"""How many different texts are compared here, with other signs than ``=``."""

_ORDERED = {"start_time", "end_time", "archived", "duration"}
_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def find(
    columns: Columns,
    connection: Connection,
    tree: Filter,
    order: Sequence[Order] = (),
    *,
    newest: int | None = None,
    count: int | None = None,
) -> list[int] | None:
    """Find runs.

    Parameters
    ----------
    columns : Columns
    connection : sqlalchemy.Connection
        To read the columns that are not there yet.
    tree : Filter
    order : sequence of Order
        Runs without the value, or with NaN, come last in both directions; among equals, the newest first.
    newest : int, optional
        Only runs up to this number.
    count : int, optional
        How many at most.

    Returns
    -------
    list of int or None
        The runs' numbers; None where only the database can say.
    """
    try:
        table = columns.table(connection, [*fields(tree), *_fields_of_order(order)])
        mask = _matching(table, tree)
    except Elsewhere:
        return None
    if newest is not None:
        mask = mask & (table.ids <= newest)
    return _first(table, mask, order, count)


def _fields_of_order(order: Sequence[Order]) -> Iterator[Field]:
    """Give the fields that an order looks at, unless one is a text, whose order only the database knows."""
    for term in order:
        entity, key = term.field.entity, term.field.key
        if entity != "metric" and (entity != "attribute" or key not in _ORDERED):
            raise Elsewhere
        yield term.field


def _matching(table: Table, tree: Filter) -> Mask:
    """Tell of each run whether it matches."""
    match tree:
        case And(items):
            return reduce(operator.and_, (_matching(table, item) for item in items), _all(table))
        case Or(items):
            return reduce(operator.or_, (_matching(table, item) for item in items), ~_all(table))
        case Not(item):
            return ~_matching(table, item)
        case Comparison():
            column = table.columns[tree.field]
            if tree.operator == "present":
                return column.present
            held = _any(column, tree)
            return column.present & (~held if tree.negated else held)


def _first(table: Table, mask: Mask, order: Sequence[Order], count: int | None) -> list[int]:
    """Give the numbers of the matching runs that come first; among equals, the newest."""
    places = np.flatnonzero(mask)
    if count is not None and order:
        places = _shortened(table, places, order[0], count)
    keys: list[NDArray[Any]] = [-places]
    for term in reversed(order):
        values, missing = _key(table, term, places)
        keys += [values, missing]
    ids: list[int] = table.ids[places[np.lexsort(keys)][:count]].tolist()
    return ids


def _all(table: Table) -> Mask:
    return np.ones(len(table.ids), np.bool_)


def _any(column: Column, test: Comparison) -> Mask:
    """Tell of each run whether any of the values compares."""
    texts = [value for value in test.values if isinstance(value, str)]
    numbers = [value for value in test.values if not isinstance(value, str)]
    masks: list[Mask] = [_SIGNS[test.operator](column.numbers, number) for number in numbers]
    if texts:
        masks.append(_any_text(column, test.operator, texts))
    return reduce(operator.or_, masks)


def _any_text(column: Column, sign: Any, values: list[str]) -> Mask:
    """Compare each different text once."""
    if column.codes is None:
        raise Elsewhere
    hits = np.zeros(len(column.texts) + 1, np.bool_)  # the last is what -1 finds
    if sign == "=":
        hits[[column.texts[value] for value in values if value in column.texts]] = True
    elif len(column.texts) <= _COMPARED:
        hits[:-1] = [any(compares(sign, text, value) for value in values) for text in column.texts]
    else:
        raise Elsewhere  # a database can be told to stop
    return hits[column.codes]


def _key(table: Table, term: Order, places: NDArray[np.intp]) -> tuple[NDArray[Any], Mask]:
    """Give what sorts ascending, and what comes last."""
    column = table.columns[term.field]
    values = column.numbers[places]
    missing = ~column.present[places] | np.isnan(values)
    values = np.where(missing, 0, -values if term.descending else values)
    return values, missing


def _shortened(table: Table, places: NDArray[np.intp], term: Order, count: int) -> NDArray[np.intp]:
    """Leave out what cannot be among the first by the first term alone: sorting few is quicker."""
    values, missing = _key(table, term, places)
    there = values[~missing]
    if not 0 < count < len(there):
        return places
    last = np.partition(there, count - 1)[count - 1]
    among: NDArray[np.intp] = places[~missing & (values <= last)]
    return among
