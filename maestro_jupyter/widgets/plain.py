"""What a message may carry: JSON that every front end reads alike."""

from __future__ import annotations

from typing import Any

from maestro_jupyter.views.numbers import number
from maestro_jupyter.views.text import visible

_EXACT = 1 << 53


def plain(value: Any) -> Any:
    """Give a value as JSON carries it; a number that JSON or JavaScript has not, as its text.

    Examples
    --------
    >>> plain({"a": (1.5, float("nan"), 2**60), "b": None})
    {'a': [1.5, 'NaN', '1152921504606846976'], 'b': None}
    """
    match value:
        case None | bool():
            return value
        case int():
            return value if abs(value) < _EXACT else str(value)
        case float():
            return value if value - value == 0 else number(value)
        case str():
            return visible(value)
        case dict():
            return {visible(str(key)): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    msg = f"A message cannot carry a {type(value).__name__}."
    raise TypeError(msg)
