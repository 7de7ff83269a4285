"""The names of the variables that the user passes to an observed call."""

from __future__ import annotations

import ast
import linecache
import sys
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

_PACKAGE = str(Path(__file__).parents[1])


@dataclass(frozen=True)
class ArgumentNames:
    """Plain names among a call's arguments; None where an argument is any other expression."""

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
        positional.append(_name(argument))
    return ArgumentNames(positional, {word.arg: _name(word.value) for word in call.keywords if word.arg})


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
