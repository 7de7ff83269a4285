"""Filters: parse what a user wrote into a small tree, and decide by it whether a run matches.

The language is MLflow's, with ``==``, ``or``, ``not``, ``not like``, ``is null`` and parentheses.

- A comparison with something that the run does not have is false, whatever the operator; so
  ``not metrics.a > 1`` holds for runs without ``a``, and ``metrics.a != 1`` does not.
- NaN compares as in Python: only ``!=`` and ``not in`` hold.
- A parameter compares as text with a text, and as a number with a number; one that is no number is
  different (``!=``) from every number, and neither below nor above it.
- Texts are ordered by code point. ``LIKE`` minds the case and ``ILIKE`` does not, for the letters A to Z;
  ``%`` stands for any text, ``_`` for one character, and a backslash before them takes that meaning away.
- Times are milliseconds since the epoch, or ISO 8601 in quotes (UTC where no offset is given).
"""

from __future__ import annotations

import functools
import math
import operator
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

from maestro_jupyter.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lark import Lark, Token

    from maestro_jupyter.events import ParamValue
    from maestro_jupyter.models import Run

LENGTH_LIMIT = 10_000
DEPTH_LIMIT = 30
COMPARISON_LIMIT = 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Entity: TypeAlias = Literal["metric", "param", "tag", "attribute"]
Operator: TypeAlias = Literal["=", "<", "<=", ">", ">=", "like", "ilike", "present"]


class Field(msgspec.Struct, frozen=True):
    """What a comparison looks at; for an attribute, `key` is one of `ATTRIBUTES`."""

    entity: Entity
    key: str


class Comparison(msgspec.Struct, frozen=True):
    """Holds if the field is there and (any of the values compares) differs from `negated`."""

    field: Field
    operator: Operator
    values: tuple[str | float, ...] = ()
    negated: bool = False


class Not(msgspec.Struct, frozen=True):
    """Holds if `item` does not."""

    item: Filter


class And(msgspec.Struct, frozen=True):
    """Holds if all of `items` do."""

    items: tuple[Filter, ...]


class Or(msgspec.Struct, frozen=True):
    """Holds if any of `items` does."""

    items: tuple[Filter, ...]


Filter: TypeAlias = Comparison | Not | And | Or

EVERYTHING = And(())
_NOT_ARCHIVED = Not(Comparison(Field("attribute", "archived"), "present"))

_ENTITIES: dict[str, Entity] = {
    **dict.fromkeys(("metric", "metrics"), "metric"),
    **dict.fromkeys(("param", "params", "parameter", "parameters"), "param"),
    **dict.fromkeys(("tag", "tags"), "tag"),
    **dict.fromkeys(("attribute", "attributes", "attr", "run"), "attribute"),
}

ATTRIBUTES: dict[str, Literal["text", "time", "number"]] = {
    "run_id": "text",
    "name": "text",
    "project": "text",
    "user": "text",
    "status": "text",
    "status_reason": "text",
    "source": "text",
    "parent_id": "text",
    "notebook": "text",
    "start_time": "time",
    "end_time": "time",
    "archived": "time",
    "duration": "number",
}
_ALIASES = {"run_name": "name", "user_id": "user", "created": "start_time", "parent_run_id": "parent_id"}


def parse(text: str) -> Filter:
    """Read a filter.

    Parameters
    ----------
    text : str
        Such as ``metrics.accuracy > 0.9 and params.model = 'rf'``; nothing but space matches every run.

    Returns
    -------
    Filter

    Raises
    ------
    Invalid
        If it cannot be understood; the message says where.

    Examples
    --------
    >>> parse("metrics.accuracy > 0.9")
    Comparison(field=Field(entity='metric', key='accuracy'), operator='>', values=(0.9,), negated=False)
    """
    _check_text(text)
    return _parsed(text)


@functools.lru_cache(maxsize=256)
def _parsed(text: str) -> Filter:
    from lark.exceptions import UnexpectedInput

    try:
        tree: Filter = _parser().parse(text)  # type: ignore[assignment]  # the transformer's result
    except UnexpectedInput as error:
        raise _explain(text, error) from None
    _check_size(tree)
    return tree


def parse_field(text: str) -> Field:
    """Read the name of one thing, such as ``metrics.accuracy`` or ``start_time``.

    Raises
    ------
    Invalid
        If it is not one.

    Examples
    --------
    >>> parse_field("metrics.`val loss`")
    Field(entity='metric', key='val loss')
    """
    tree = parse(f"{text} is null") if len(text) < LENGTH_LIMIT - 8 else None
    if isinstance(tree, Not) and isinstance(tree.item, Comparison):
        return tree.item.field
    msg = f"{text!r:.80} is not the name of a metric, a param, a tag or an attribute."
    raise Invalid(msg)


def fields(tree: Filter) -> Iterator[Field]:
    """Give the fields that a filter looks at.

    Examples
    --------
    >>> [field.key for field in fields(parse("metrics.a > 1 and not archived is null"))]
    ['a', 'archived']
    """
    match tree:
        case And(items) | Or(items):
            for item in items:
                yield from fields(item)
        case Not(item):
            yield from fields(item)
        case Comparison():
            yield tree.field


def without_archived(tree: Filter) -> Filter:
    """Leave out the runs that were put away, unless a filter speaks of `archived`, or of runs by their ids.

    Examples
    --------
    >>> without_archived(parse("archived is not null")) == parse("archived is not null")
    True
    """
    named = {field.key for field in fields(tree) if field.entity == "attribute"}
    return tree if named & {"archived", "run_id"} else And((_NOT_ARCHIVED, tree))


def matches(tree: Filter, run: Run) -> bool:
    """Decide whether a run matches a filter.

    Examples
    --------
    >>> from maestro_jupyter.models import Run, Status
    >>> run = Run(run_id="ab", name="first", project="p", user="u", source="api",
    ...           status=Status.FINISHED, start_time=EPOCH, metrics={"acc": 0.9})
    >>> matches(parse("metrics.acc > 0.8 and status = 'FINISHED'"), run)
    True
    """
    match tree:
        case And(items):
            return all(matches(item, run) for item in items)
        case Or(items):
            return any(matches(item, run) for item in items)
        case Not(item):
            return not matches(item, run)
        case Comparison():
            return _holds(tree, run)


def compares(sign: Operator, actual: Any, value: str | float) -> bool:
    """Compare what a run has with a value of the same kind.

    Examples
    --------
    >>> compares("like", "forest", "for%"), compares("<", 0.5, 0.4)
    (True, False)
    """
    if sign in {"like", "ilike"}:
        return _like(str(value), actual, fold=sign == "ilike")
    return _ORDER[sign](actual, value)


def param_text(value: ParamValue) -> str:
    """Give the text that a parameter compares as."""
    return value if isinstance(value, str) else str(value)


def param_number(value: ParamValue) -> float | None:
    """Give the number that a parameter compares as; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = float(value)
    return None if math.isnan(number) else number


def microseconds(moment: datetime) -> int:
    """Give the exact number of microseconds since the epoch."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def like_parts(pattern: str) -> list[tuple[bool, str]]:
    r"""Split a LIKE pattern into characters, each with whether it is a wildcard.

    Examples
    --------
    >>> like_parts(r"a%\%")
    [(False, 'a'), (True, '%'), (False, '%')]
    """
    return [
        (False, part[1]) if len(part) == 2 else (part in "%_", part)
        for part in re.findall(r"\\[\\%_]|.", pattern, re.DOTALL)
    ]


def ascii_lower(text: str) -> str:
    """Lower the letters A to Z, as every database does alike."""
    return text.translate(_LOWER)


_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _holds(test: Comparison, run: Run) -> bool:
    actual = _actual(test.field, run)
    if actual is _MISSING:
        return False
    if test.operator == "present":
        return True
    return any(_compares(test, actual, value) for value in test.values) != test.negated


def _compares(test: Comparison, actual: Any, value: str | float) -> bool:
    if test.field.entity == "param":
        actual = param_text(actual) if isinstance(value, str) else param_number(actual)
    return actual is not None and compares(test.operator, actual, value)


_MISSING = object()


def _actual(field: Field, run: Run) -> Any:
    match field.entity:
        case "metric":
            return run.metrics.get(field.key, _MISSING)
        case "param":
            return run.params.get(field.key, _MISSING)
        case "tag":
            return run.tags.get(field.key, _MISSING)
        case "attribute":
            value = getattr(run, field.key)
            if value is None:
                return _MISSING
            return microseconds(value) if isinstance(value, datetime) else value


def _like(pattern: str, text: str, *, fold: bool) -> bool:
    wild = {"%": ".*", "_": "."}
    parts = like_parts(ascii_lower(pattern) if fold else pattern)
    expression = "".join(wild[part] if is_wild else re.escape(part) for is_wild, part in parts)
    return re.fullmatch(expression, ascii_lower(text) if fold else text, re.DOTALL) is not None


def _check_text(text: str) -> None:
    if len(text) > LENGTH_LIMIT:
        msg = f"The filter has {len(text)} characters; at most {LENGTH_LIMIT} are read."
        raise Invalid(msg)
    strange = re.search("[\0\ud800-\udfff]", text)
    if strange:
        raise _invalid(strange.start(), "expected Unicode text", strange.group())


def _check_size(tree: Filter) -> None:
    comparisons, waiting = 0, [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, Comparison):
            comparisons += 1
        elif isinstance(node, Not):
            waiting.append((node.item, depth + 1))
        else:
            waiting.extend((item, depth + 1) for item in node.items)
        if depth > DEPTH_LIMIT or comparisons > COMPARISON_LIMIT:
            msg = (
                f"The filter is too large: at most {COMPARISON_LIMIT} comparisons, "
                f"{DEPTH_LIMIT} levels deep, are read."
            )
            raise Invalid(msg)


def _invalid(position: int, expected: str, found: str) -> Invalid:
    return Invalid(f"The filter is wrong at character {position + 1}: {expected}, found {found[:40]!r}.")


@functools.cache
def _parser() -> Lark:
    from lark import Lark

    return Lark.open(
        "filter_grammar.lark",
        rel_to=__file__,
        parser="lalr",
        transformer=_builder(),
        propagate_positions=False,
    )


def _builder() -> Any:  # noqa: C901 - a method for each rule of the grammar
    from lark import Transformer, v_args

    @v_args(inline=True)
    class Builder(Transformer):  # type: ignore[type-arg]  # lark's class is generic over what it builds
        def start(self, tree: Filter = EVERYTHING) -> Filter:
            return tree

        def disjunction(self, *items: Filter) -> Filter:
            return Or(items)

        def conjunction(self, *items: Filter) -> Filter:
            return And(items)

        def negate(self, item: Filter) -> Filter:
            return Not(item)

        def compare(self, field: Token, sign: Token, value: Token) -> Filter:
            name = str(sign).lower().replace("==", "=")
            return _comparison(field, "=" if name == "!=" else name, [value], negated=name == "!=")

        def compare_not(self, field: Token, sign: Token, value: Token) -> Filter:
            return _comparison(field, str(sign).lower(), [value], negated=True)

        def one_of(self, field: Token, values: list[Token]) -> Filter:
            return _comparison(field, "=", values)

        def none_of(self, field: Token, values: list[Token]) -> Filter:
            return _comparison(field, "=", values, negated=True)

        def present(self, field: Token) -> Filter:
            return Comparison(_field(field), "present")

        def absent(self, field: Token) -> Filter:
            return Not(Comparison(_field(field), "present"))

        def literals(self, *values: Token) -> list[Token]:
            return list(values)

        def literal(self, value: Token) -> Token:
            return value

        def field(self, name: Token) -> Token:
            return name

    return Builder()


def _comparison(name: Token, sign: str, values: list[Token], *, negated: bool = False) -> Comparison:
    field = _field(name)
    if sign in {"like", "ilike"} and _kind(field) in {"time", "number"}:
        raise _invalid(_start(name), "expected a text to compare with LIKE", str(name))
    read = tuple(_value(field, value) for value in values)
    return Comparison(field, sign, read, negated)  # type: ignore[arg-type]  # the grammar gives no other sign


def _field(token: Token) -> Field:
    prefix, dot, key = str(token).partition(".")
    if not dot:
        return _attribute(token, prefix)
    entity = _ENTITIES.get(prefix.lower())
    if entity is None:
        raise _invalid(_start(token), "expected metrics.…, params.…, tags.… or attributes.…", str(token))
    key = _unquote(key) if key[0] in '"`' else key
    return _attribute(token, key) if entity == "attribute" else Field(entity, key)


def _attribute(token: Token, name: str) -> Field:
    name = _ALIASES.get(name.lower(), name.lower())
    if name not in ATTRIBUTES:
        raise _invalid(
            _start(token),
            f"expected metrics.…, params.…, tags.… or one of {', '.join(ATTRIBUTES)}",
            str(token),
        )
    return Field("attribute", name)


def _kind(field: Field) -> Literal["text", "time", "number", "either"]:
    if field.entity == "attribute":
        return ATTRIBUTES[field.key]
    kinds: dict[str, Literal["text", "number", "either"]] = {
        "metric": "number",
        "param": "either",
        "tag": "text",
    }
    return kinds[field.entity]


def _value(field: Field, token: Token) -> str | float:
    kind, is_text = _kind(field), token.type == "STRING"
    if kind == "time":
        return _time(token)
    if kind == "number" and is_text:
        raise _invalid(_start(token), "expected a number", str(token))
    if kind == "text" and not is_text:
        raise _invalid(_start(token), "expected a text in quotes", str(token))
    if not is_text:
        return float(token)
    text = _unquote(str(token))
    return text.upper() if field == Field("attribute", "status") else text


def _time(token: Token) -> int:
    expected = "expected milliseconds since the epoch or a time such as '2026-01-31T09:30'"
    try:
        if token.type == "STRING":
            moment = datetime.fromisoformat(_unquote(str(token)))
            return microseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        exact = re.fullmatch(r"[+-]?[0-9]{1,15}", token)
        time = int(token) * 1000 if exact else round(float(token) * 1000)
    except (ValueError, OverflowError):
        raise _invalid(_start(token), expected, str(token)) from None
    if abs(time) >= 1 << 63:
        raise _invalid(_start(token), expected, str(token))
    return time


def _unquote(text: str) -> str:
    quote, inner = text[0], text[1:-1]
    if quote == "`":
        return inner.replace("``", "`")
    return re.sub(rf"{quote}{quote}|\\(['\"])", lambda found: found.group(1) or quote, inner)


def _start(token: Token) -> int:
    return token.start_pos or 0


_EXPECTATIONS = (
    ({"QUALIFIED", "WORD"}, "a name such as metrics.accuracy, params.model or status"),
    ({"OPERATOR"}, "a comparison such as =, <, LIKE, IN or IS NULL"),
    ({"STRING", "NUMBER"}, "a number or a text in quotes"),
    ({"STRING"}, "a text in quotes"),
    ({"COMMA"}, "a comma or ')'"),
    ({"LPAR"}, "'('"),
    ({"_NULL"}, "NULL"),
    ({"_IN"}, "IN or LIKE"),
    ({"_AND", "_OR", "RPAR"}, "AND, OR or ')'"),
    ({"_AND", "RPAR"}, "AND, OR or ')'"),
    ({"RPAR"}, "AND, OR or ')'"),
    ({"_AND", "_OR"}, "AND, OR or the end"),
)


def _explain(text: str, error: Any) -> Invalid:
    wanted = set(getattr(error, "accepts", None) or getattr(error, "expected", None) or error.allowed or ())
    expected = next((words for names, words in _EXPECTATIONS if names <= wanted), "the end")
    at = error.pos_in_stream
    token = getattr(error, "token", None)
    if at is None or (token is not None and token.type == "$END"):
        return Invalid(
            f"The filter ends too early, at character {len(text) + 1}: expected {expected}, found nothing."
        )
    found = re.match(r"\w+|.", text[at:], re.DOTALL)
    return _invalid(at, f"expected {expected}", found.group() if found else "")
