"""The order of a list of runs: read what a user wrote, and say it in SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import ColumnElement, select

from maestro_jupyter.errors import Invalid
from maestro_jupyter.store.filter_sql import by_code_point, duration, key_id
from maestro_jupyter.store.filters import Field, parse_field
from maestro_jupyter.store.schema import journals, projects, run_metrics, run_params, run_tags, runs

if TYPE_CHECKING:
    from collections.abc import Sequence

TERM_LIMIT = 8


class Order(msgspec.Struct, frozen=True):
    """One term of an order; runs without the field come last in both directions."""

    field: Field
    descending: bool = False


NEWEST_FIRST = (Order(Field("attribute", "start_time"), descending=True),)


def parse_order(order_by: str | Sequence[str] | None) -> tuple[Order, ...]:
    """Read an order.

    Parameters
    ----------
    order_by : str, list of str or None
        Terms such as ``metrics.accuracy DESC`` or ``start_time``; None is newest first.

    Raises
    ------
    Invalid
        If a term cannot be understood, or there are more than `TERM_LIMIT`.

    Examples
    --------
    >>> parse_order("metrics.acc DESC")
    (Order(field=Field(entity='metric', key='acc'), descending=True),)
    """
    texts = [order_by] if isinstance(order_by, str) else list(order_by or ())
    terms = [term for text in texts for term in _split(text)]
    if len(terms) > TERM_LIMIT:
        msg = f"The order has {len(terms)} terms; at most {TERM_LIMIT} are read."
        raise Invalid(msg)
    return tuple(_term(term) for term in terms) or NEWEST_FIRST


def order_columns(order: Order) -> list[ColumnElement[Any]]:
    """Give what ORDER BY needs for one term."""
    return [
        (value.desc() if order.descending else value.asc()).nulls_last()
        if nullable
        else (value.desc() if order.descending else value.asc())
        for value, nullable in _values(order.field)
    ]


def _split(text: str) -> list[str]:
    parts = re.findall(r"""(?:`(?:[^`]|``)*`|"(?:[^"\\]|""|\\.)*"|[^,])+""", text, re.DOTALL)
    return [part.strip() for part in parts if part.strip()]


def _term(text: str) -> Order:
    direction = re.search(r"\s+(asc|desc)$", text, re.IGNORECASE)
    if direction is None:
        return Order(parse_field(text))
    return Order(parse_field(text[: direction.start()]), direction[1].lower() == "desc")


def _values(field: Field) -> list[tuple[ColumnElement[Any], bool]]:
    match field.entity:
        case "metric":
            return [(_keyed(run_metrics.c.last, field.key), True)]
        case "param":
            number = _keyed(run_params.c.number, field.key)
            return [(number, True), (by_code_point(_keyed(run_params.c.value, field.key)), True)]
        case "tag":
            return [(by_code_point(_keyed(run_tags.c.value, field.key)), True)]
        case "attribute":
            return [_attribute(field.key)]


def _keyed(column: Any, key: str) -> ColumnElement[Any]:
    table = column.table
    where = (table.c.run == runs.c.id, table.c.key == key_id(key))
    return select(column).where(*where).correlate(runs).scalar_subquery()


def _attribute(name: str) -> tuple[ColumnElement[Any], bool]:
    match name:
        case "duration":
            return duration(), True
        case "project":
            named = select(projects.c.name).where(projects.c.id == runs.c.project)
            return by_code_point(named.correlate(runs).scalar_subquery()), False
        case "notebook":
            noted = select(journals.c.notebook).where(journals.c.id == runs.c.journal)
            return by_code_point(noted.correlate(runs).scalar_subquery()), True
        case "start_time" | "end_time" | "archived":
            return runs.c[name], name != "start_time"
        case _:
            column = runs.c.parent if name == "parent_id" else runs.c[name]
            return by_code_point(column), bool(column.nullable)
