"""Read what is written behind a magic."""

from __future__ import annotations

import ast
import re
import shlex
from typing import TYPE_CHECKING

from maestro_jupyter.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Collection

_TOKEN = re.compile(r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`|\S)+""")
_OPTION = re.compile(r"--?[A-Za-z][\w-]*")


def words(line: str) -> list[str]:
    """Split a line as a shell does.

    Examples
    --------
    >>> words("'my run' latest")
    ['my run', 'latest']
    """
    try:
        return shlex.split(line)
    except ValueError as error:
        msg = f"{error}."
        raise Invalid(msg) from None


def expressions(line: str) -> list[str]:
    """Split a line at commas as Python does, or else at the one space that leaves two expressions.

    Where there is no such space, or several, it is split at all of them outside of quotes.

    Examples
    --------
    >>> expressions("df[['a b','c']] df.d"), expressions("df - 1, df.d"), expressions("df - df.mean() df.d")
    (["df[['a b','c']]", 'df.d'], ['df - 1', 'df.d'], ['df - df.mean()', 'df.d'])
    >>> expressions("a b c")
    ['a', 'b', 'c']
    """
    parsed = _parsed(line)
    if isinstance(parsed, ast.Tuple):
        return [ast.get_source_segment(line, part) or "" for part in parsed.elts]
    found = _TOKEN.findall(line)
    halves = [[" ".join(found[:place]), " ".join(found[place:])] for place in range(1, len(found))]
    pairs = [pair for pair in halves if all(map(_parsed, pair))]
    return pairs[0] if len(pairs) == 1 else found


def _parsed(expression: str) -> ast.expr | None:
    try:
        return ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError):
        return None


def options(
    line: str,
    *,
    flags: Collection[str] = (),
    values: Collection[str] = (),
    counts: Collection[str] = (),
) -> tuple[dict[str, str], str]:
    """Take the options out of a line, and leave the rest as it is written.

    Parameters
    ----------
    line : str
    flags : collection of str
        Options without a value.
    values : collection of str
        Options with one.
    counts : collection of str
        Options with a number, or without: then it is empty.

    Returns
    -------
    found : dict of str to str
    rest : str

    Examples
    --------
    >>> options("params.model = 'a  b' --all -n 5", flags=["--all"], values=["-n"])
    ({'--all': '', '-n': '5'}, "params.model = 'a  b'")
    >>> options("X y --try 2", counts=["--try"]), options("--try X y", counts=["--try"])
    (({'--try': '2'}, 'X y'), ({'--try': ''}, 'X y'))
    """
    found: dict[str, str] = {}
    rest: list[str] = []
    tokens = _TOKEN.findall(line)[::-1]
    while tokens:
        token = tokens.pop()
        name, equals, value = token.partition("=")
        if token in flags:
            found[token] = ""
        elif name in counts:
            follows = not equals and tokens and tokens[-1].isdigit()
            found[name] = tokens.pop() if follows else value
        elif name in values:
            given = value if equals else tokens.pop() if tokens else ""
            if not given or _OPTION.fullmatch(given):
                msg = f"The option {name} has no value."
                raise Invalid(msg)
            found[name] = given.strip("'\"")
        elif _OPTION.fullmatch(name):
            msg = f"There is no option {name}."
            raise Invalid(msg)
        else:
            rest.append(token)
    return found, " ".join(rest)


def unquoted(text: str) -> str:
    """Take off the quotes that stand around a whole text.

    Examples
    --------
    >>> unquoted('"status = 1"'), unquoted("'a' = 'b'")
    ('status = 1', "'a' = 'b'")
    """
    text = text.strip()
    inside = text[1:-1]
    return (
        inside
        if text[:1] in {"'", '"'} and text == f"{text[0]}{inside}{text[0]}" and text[0] not in inside
        else text
    )


def exactly(count: int, line: str, what: str) -> list[str]:
    """Split a line that must have so many words."""
    found = words(line)
    if len(found) != count:
        msg = f"Expected {what}."
        raise Invalid(msg)
    return found


def nothing(line: str) -> None:
    """Refuse words where none are expected."""
    if line.strip():
        msg = f"Nothing is expected here, but got {line.strip()!r}."
        raise Invalid(msg)
