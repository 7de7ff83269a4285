"""A curve in the space of a word: inline SVG, or block characters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from maestro_jupyter.views.html import Html, element
from maestro_jupyter.views.numbers import number

if TYPE_CHECKING:
    from collections.abc import Sequence

_BLOCKS = "▁▂▃▄▅▆▇█"
_WIDTH, _HEIGHT, _EDGE = 64, 16, 2


def svg(values: Sequence[float], label: str = "") -> Html:
    """Draw values as a small line; a value that is not finite is a gap.

    Parameters
    ----------
    values : sequence of float
        Evenly spaced.
    label : str
        What the curve shows.
    """
    known = [value for value in values if math.isfinite(value)]
    if len(known) < 2:
        return Html("")
    said = f"{label}: " if label else ""
    text = f"{said}{len(values)} points from {number(float(known[0]))} to {number(float(known[-1]))}"
    return element(
        "svg",
        element("title", text),
        element("path", d=_path(values, min(known), max(known)), fill="none", stroke="currentColor",
                stroke_width="1.2", stroke_opacity=".75", stroke_linejoin="round"),
        width=_WIDTH, height=_HEIGHT, viewBox=f"0 0 {_WIDTH} {_HEIGHT}", role="img", aria_label=text,
    )  # fmt: skip


def blocks(values: Sequence[float], places: int = 16) -> str:
    """Draw values as at most so many (two or more) block characters; one that is not finite is a space.

    Examples
    --------
    >>> blocks([0, 1, 2, 3])
    '▁▃▆█'
    """
    last = len(values) - 1
    shown = (
        [values[round(place * last / (places - 1))] for place in range(places)] if last >= places else values
    )
    known = [value for value in shown if math.isfinite(value)]
    if not known:
        return ""
    low, high = min(known), max(known)
    return "".join(_block(value, low, high) if math.isfinite(value) else " " for value in shown)


def _block(value: float, low: float, high: float) -> str:
    return _BLOCKS[round(_share(value, low, high) * (len(_BLOCKS) - 1))]


def _path(values: Sequence[float], low: float, high: float) -> str:
    across = (_WIDTH - 2 * _EDGE) / (len(values) - 1)
    parts, pen = [], "M"
    for place, value in enumerate(values):
        if not math.isfinite(value):
            pen = "M"
            continue
        y = _HEIGHT - _EDGE - _share(value, low, high) * (_HEIGHT - 2 * _EDGE)
        parts.append(f"{pen}{_EDGE + place * across:.1f} {y:.1f}")
        pen = "L"
    return "".join(parts)


def _share(value: float, low: float, high: float) -> float:
    """Say where a value stands between two, halved first so that no difference overflows."""
    reach = high / 2 - low / 2
    return (value / 2 - low / 2) / reach if reach > 0 else 0.5
