"""Answers as JSON: as msgspec writes them, with NaN and infinities as the texts that JSON numbers lack."""

from __future__ import annotations

import math
import re
from typing import Any

import msgspec

from maestro_jupyter.events import metric_from_float

_encode = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode
_NO_NUMBER = re.compile(rb"\xcb[\x7f\xff][\xf0-\xff]")
"""How NaN and infinities begin in MessagePack; nothing else but the inside of numbers looks like it."""


def to_json(answer: Any) -> bytes:
    """Write an answer as JSON.

    Parameters
    ----------
    answer : object
        Structs, or what JSON knows.

    Returns
    -------
    bytes

    Examples
    --------
    >>> to_json({"loss": [0.5, float("nan")]})
    b'{"loss":[0.5,"nan"]}'
    """
    # Packing and searching is several times as fast as looking at every value, and nearly all are numbers.
    return _encode(plain(answer) if _NO_NUMBER.search(_pack(answer)) else answer)


def plain(answer: Any) -> Any:
    """Give an answer as dictionaries, lists and what JSON knows."""
    return _said(msgspec.to_builtins(answer))


def _said(value: Any) -> Any:
    if type(value) is float:
        return value if math.isfinite(value) else metric_from_float(value)
    if type(value) is dict:
        return {key: _said(item) for key, item in value.items()}
    if type(value) is list:
        return [_said(item) for item in value]
    return value
