"""Filters as SQL: the condition that a filter's tree stands for, with every value bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Double,
    Text,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from maestro_jupyter.store.filters import And, Comparison, Filter, Not, Or, ascii_lower, like_parts
from maestro_jupyter.store.schema import journals, keys, projects, run_metrics, run_params, run_tags, runs

if TYPE_CHECKING:
    from sqlalchemy import Select, Table

Condition = ColumnElement[bool]

VALUE_PREFIX = 64
"""How many characters of a parameter's value are in its index; see `schema.run_params`."""


def compile_filter(tree: Filter, *, seek: bool = True) -> Condition:
    """Give the condition on `schema.runs` that holds for the runs that match.

    With `seek`, runs with a parameter's value are read from its index, which suits few matches; without,
    each run is asked, which suits a list that stops early. It is true or false and never NULL, so that it
    may be negated.

    Examples
    --------
    >>> from maestro_jupyter.store.filters import parse
    >>> print(compile_filter(parse("status = 'FAILED'")))
    runs.status IN (__[POSTCOMPILE_status_1])
    """
    match tree:
        case And(items):
            return and_(true(), *(compile_filter(item, seek=seek) for item in items))
        case Or(items):
            return or_(false(), *(compile_filter(item, seek=seek) for item in items))
        case Not(item):
            return not_(compile_filter(item, seek=seek))
        case Comparison():
            return _comparison(tree, seek=seek)


def key_id(name: str) -> Any:
    """Give the subquery for the number of a key."""
    return select(keys.c.id).where(keys.c.name == name).scalar_subquery()


def duration() -> ColumnElement[Any]:
    """Give a run's duration in seconds; NULL while it is going on."""
    return cast(runs.c.end_time - runs.c.start_time, Double) / literal(1e6, Double)


def _comparison(test: Comparison, *, seek: bool) -> Condition:
    match test.field.entity:
        case "metric":
            return _keyed(run_metrics, test, _test(run_metrics.c.last, test))
        case "param" if seek and test.operator == "=" and not test.negated:
            return _param_equals(test)
        case "param":
            return _keyed(run_params, test, _param(test))
        case "tag":
            return _keyed(run_tags, test, _test(run_tags.c.value, test))
        case "attribute":
            return _attribute(test)


def _keyed(table: Table, test: Comparison, condition: Condition) -> Condition:
    where = (table.c.run == runs.c.id, table.c.key == key_id(test.field.key), condition)
    return exists(select(table.c.run).where(*where).correlate(runs))


def _param_equals(test: Comparison) -> Condition:
    """Read the matching runs from an index once: they may be few among very many."""
    texts = [value for value in test.values if isinstance(value, str)]
    numbers = [value for value in test.values if not isinstance(value, str)]
    column = run_params.c.value
    begins = func.substr(column, literal_column("1"), literal_column(str(VALUE_PREFIX)))
    same: Condition = begins.in_([value[:VALUE_PREFIX] for value in texts])
    if any(len(value) >= VALUE_PREFIX for value in texts):
        same = and_(same, column.in_(texts))
    either = [same] if texts else []
    if any(value == value for value in numbers):  # noqa: PLR0124 - NaN equals nothing
        either.append(_any(run_params.c.number, "=", numbers))
    where = (run_params.c.key == key_id(test.field.key), or_(false(), *either))
    return runs.c.id.in_(select(run_params.c.run).where(*where))


def _param(test: Comparison) -> Condition:
    texts = [value for value in test.values if isinstance(value, str)]
    numbers = [value for value in test.values if not isinstance(value, str)]
    if test.operator == "present":
        return true()
    either = or_(
        _any(run_params.c.value, test.operator, texts), _any(run_params.c.number, test.operator, numbers)
    )
    return not_(either) if test.negated else either


_COLUMNS: dict[str, ColumnElement[Any]] = {
    "run_id": runs.c.run_id,
    "name": runs.c.name,
    "user": runs.c.user,
    "status": runs.c.status,
    "status_reason": runs.c.status_reason,
    "source": runs.c.source,
    "parent_id": runs.c.parent,
    "start_time": runs.c.start_time,
    "end_time": runs.c.end_time,
    "archived": runs.c.archived,
}


def _attribute(test: Comparison) -> Condition:
    match test.field.key:
        case "project":
            return runs.c.project.in_(_where(projects, projects.c.name, test))
        case "notebook":
            return runs.c.journal.in_(_where(journals, journals.c.notebook, test))
        case "duration":
            return _present(duration(), test)
        case name:
            return _present(_COLUMNS[name], test)


def _where(table: Table, column: ColumnElement[Any], test: Comparison) -> Select[Any]:
    return select(table.c.id).where(_present(column, test))


def _present(column: ColumnElement[Any], test: Comparison) -> Condition:
    nullable = getattr(column, "nullable", True)
    return and_(column.is_not(None), _test(column, test)) if nullable else _test(column, test)


def _test(column: ColumnElement[Any], test: Comparison) -> Condition:
    if test.operator == "present":
        return true()
    holds = _any(column, test.operator, list(test.values))
    return not_(holds) if test.negated else holds


def _any(column: ColumnElement[Any], sign: str, values: list[Any]) -> Condition:
    values = [value for value in values if value == value]  # noqa: PLR0124 - NaN equals nothing
    if not values:
        return false()
    if sign == "=":
        holds: Condition = column.in_(values)
    elif sign in {"like", "ilike"}:
        holds = or_(*(_like(column, value, fold=sign == "ilike") for value in values))
    else:
        holds = or_(*(_ordered(column, sign, value) for value in values))
    return and_(column.is_not(None), holds) if getattr(column, "nullable", True) else holds


def _ordered(column: ColumnElement[Any], sign: str, value: str | float) -> Condition:
    left: ColumnElement[Any] = by_code_point(column) if isinstance(value, str) else column
    return left.op(sign, is_comparison=True, return_type=Boolean())(value)


def _like(column: ColumnElement[Any], pattern: str, *, fold: bool) -> Condition:
    text: ColumnElement[Any] = by_code_point(column)
    parts = like_parts(ascii_lower(pattern) if fold else pattern)
    glob = "".join(_GLOB_WILD[part] if wild else _GLOB_PLAIN.get(part, part) for wild, part in parts)
    like = "".join(part if wild or part not in "%_\\" else f"\\{part}" for wild, part in parts)
    return _Like(func.lower(text) if fold else text, literal(glob, Text), literal(like, Text))


_GLOB_WILD = {"%": "*", "_": "?"}
_GLOB_PLAIN = {"*": "[*]", "?": "[?]", "[": "[[]"}


class by_code_point(FunctionElement[str]):  # noqa: N801 - reads as the SQL function that it is
    """A text that is ordered, matched and lowered by code point, whatever the database's locale."""

    type = Text()
    inherit_cache = True


class _Like(FunctionElement[bool]):
    """LIKE that minds the case; SQLite's does not, but its GLOB does."""

    type = Boolean()
    inherit_cache = True


@compiles(by_code_point)
def _collate(element: Any, compiler: Any, **options: Any) -> str:
    return f'({compiler.process(element.clauses, **options)}) COLLATE "C"'


@compiles(by_code_point, "sqlite")
def _collate_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(_Like)
def _render_like(element: Any, compiler: Any, **options: Any) -> str:
    text, _, like = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({text} LIKE {like} ESCAPE '\\')"


@compiles(_Like, "sqlite")
def _render_glob(element: Any, compiler: Any, **options: Any) -> str:
    text, glob, _ = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({text} GLOB {glob})"
