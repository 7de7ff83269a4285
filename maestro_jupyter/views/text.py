"""Text forms: tables in columns, and control characters made visible."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    r"""Replace what would steer a terminal or turn the direction of the text around.

    Examples
    --------
    >>> visible("red: \x1b[31m")
    'red: �[31m'
    """
    return _CONTROL.sub("�", text.replace("\r\n", "\n"))


def one_line(text: object, limit: int = 60) -> str:
    r"""Give the beginning of a text in one line.

    Examples
    --------
    >>> one_line("a\nb")
    'a b'
    """
    joined = " ".join(visible(str(text)).split())
    return joined if len(joined) <= limit else f"{joined[: limit - 1]}…"


def width(text: str) -> int:
    """Count the places that a text takes in a terminal.

    Examples
    --------
    >>> width("模型"), width("e\u0301")
    (4, 1)
    """
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    numeric: Iterable[int] = (),
    limit: int = 60,
) -> str:
    """Build a table in columns, each value in one line of at most `limit` characters.

    Examples
    --------
    >>> print(table(["name", "n"], [["a", 1], ["bc", 12]], numeric=[1]))
    name   n
    a      1
    bc    12
    """
    lines = [[one_line(value, limit) for value in row] for row in (columns, *rows)]
    right = frozenset(numeric)
    widths = [max(width(line[place]) for line in lines) for place in range(len(columns))]
    return "\n".join(
        "  ".join(
            _pad(value, widths[place], right=place in right) for place, value in enumerate(line)
        ).rstrip()
        for line in lines
    )


def _pad(value: str, places: int, *, right: bool) -> str:
    space = " " * (places - width(value))
    return f"{space}{value}" if right else f"{value}{space}"


def indent(text: str, by: str = "  ") -> str:
    """Move every line in, control characters made visible."""
    return "\n".join(f"{by}{line}".rstrip() for line in visible(text).splitlines())
