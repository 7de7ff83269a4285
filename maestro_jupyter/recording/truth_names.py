"""What the user passes to a call, as the source has it: names of variables, or expressions."""

from __future__ import annotations

import ast
import linecache
import sys
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_PACKAGE = str(Path(__file__).parents[1])
_LONGEST = 200


@dataclass(frozen=True)
class ArgumentNames:
    """What a call's arguments are called; None where nothing short says it."""

    positional: list[str | None] = field(default_factory=list)
    keyword: dict[str, str | None] = field(default_factory=dict)

    def get(self, position: int, keyword: str) -> str | None:
        """Give the name of the variable that was passed for one parameter."""
        if position < len(self.positional):
            return self.positional[position]
        return self.keyword.get(keyword)


def argument_names() -> ArgumentNames:
    """Give the names in the call by which the user's code reached this one.

    Returns
    -------
    ArgumentNames
        Empty where the source is not at hand.
    """
    return _arguments(_name)


def argument_expressions() -> ArgumentNames:
    """Give the arguments in the call by which the user's code reached this one, so that code can repeat them.

    Returns
    -------
    ArgumentNames
        Also expressions that are no names; None where one is long. Empty where the source is not at hand.
    """
    return _arguments(_expression)


def as_part(expression: str) -> str:
    """Put an expression into brackets, unless it can be written before a dot as it is.

    Examples
    --------
    >>> as_part("df.x"), as_part("a - b")
    ('df.x', '(a - b)')
    """
    parsed = ast.parse(expression, mode="eval").body
    whole = isinstance(parsed, ast.Name | ast.Attribute | ast.Subscript | ast.Call)
    return expression if whole else f"({expression})"


def _arguments(told: Callable[[ast.expr], str | None]) -> ArgumentNames:
    try:
        call = _call_in(_users_frame())
    except Exception:  # noqa: BLE001 - a name is a courtesy: without one the key has no suffix
        call = None
    if call is None:
        return ArgumentNames()
    positional: list[str | None] = []
    for argument in call.args:
        if isinstance(argument, ast.Starred):
            break
        positional.append(told(argument))
    return ArgumentNames(positional, {word.arg: told(word.value) for word in call.keywords if word.arg})


def _users_frame() -> FrameType | None:
    sklearn = getattr(sys.modules.get("sklearn"), "__file__", None)
    inside = (_PACKAGE, "<maestro ") + ((str(Path(sklearn).parent),) if sklearn else ())
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(inside):
        frame = frame.f_back
    return frame


def _call_in(frame: FrameType | None) -> ast.Call | None:
    if frame is None:
        return None
    code = frame.f_code
    line, end_line, column, end_column = next(islice(code.co_positions(), frame.f_lasti // 2, None))
    if line is None or end_line is None or column is None or end_column is None:
        return None
    lines = [
        text.encode() for text in linecache.getlines(code.co_filename, frame.f_globals)[line - 1 : end_line]
    ]
    if len(lines) != end_line - line + 1:
        return None
    lines[-1] = lines[-1][:end_column]  # the end first: on a single line it counts from the line's start
    lines[0] = lines[0][column:]
    tree = ast.parse(b"(" + b"".join(lines) + b")", mode="eval").body
    return tree if isinstance(tree, ast.Call) else None


def _name(node: ast.expr) -> str | None:
    return node.id if isinstance(node, ast.Name) else None


def _expression(node: ast.expr) -> str | None:
    said = as_part(ast.unparse(node))
    return said if len(said) <= _LONGEST else None
