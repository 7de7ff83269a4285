"""One metric of several runs as a line chart: SVG with labelled lines, or unicode."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from maestro_jupyter.views import html, sparkline, text
from maestro_jupyter.views.html import Html, element
from maestro_jupyter.views.numbers import number
from maestro_jupyter.views.ticks import ticks
from maestro_jupyter.views.view import View

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_CURVES = 20
"""How many lines one chart carries."""

_WIDTH, _HEIGHT = 760, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 210, 14, 36
_LABEL_HEIGHT = 13
# Mid-tones that are told apart on white and on black; dashes tell lines of like colours apart.
_COLOURS = (
    "#3b82d6",
    "#e07b39",
    "#2c9a57",
    "#d9483f",
    "#9065c8",
    "#a9745a",
    "#d66fb0",
    "#8a8a8a",
    "#a8a432",
    "#28a9b8",
)
_DASHES = (None, "5 3")


@dataclass(frozen=True)
class Curve:
    """The values of a metric in one run.

    Attributes
    ----------
    label : str
        The run's name and id.
    steps, values : sequence of float
        By step.
    """

    label: str
    steps: Sequence[float]
    values: Sequence[float]


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        reach = self.high / 2 - self.low / 2
        share = (value / 2 - self.low / 2) / reach if reach > 0 else 0.5
        return self.start + share * (self.end - self.start)


def curves_view(metric: str, curves: Sequence[Curve], *, note: str = "") -> View:
    """Show one metric of several runs.

    Parameters
    ----------
    metric : str
    curves : sequence of Curve
        At most 20 are drawn.
    note : str
        What to say under the chart.

    Returns
    -------
    View
    """
    drawn = list(curves[:MAX_CURVES])
    left_out = len(curves) - len(drawn)
    said = " ".join(part for part in (note, f"{left_out} more not drawn." if left_out else "") if part)
    rows = [
        [one.label, sparkline.blocks(one.values, 32), *_extent(one.values), f"{len(one.values):,}"]
        for one in drawn
    ]
    columns = [metric, "curve", "last", "lowest", "highest", "points"]
    chart = _chart(metric, drawn)
    return View(
        html.join(
            [chart or element("div", f"No finite values of {metric}."), element("div", html.quiet(said))]
        ),
        f"{text.table(columns, rows, numeric=[2, 3, 4, 5])}\n{text.visible(said)}".rstrip(),
    )


def _extent(values: Sequence[float]) -> list[str]:
    known = [float(value) for value in values if math.isfinite(value)]
    if not known:
        return ["NaN", "", ""]
    return [number(float(values[-1])), number(min(known)), number(max(known))]


def _chart(metric: str, curves: Sequence[Curve]) -> Html:
    points = [(step, value) for one in curves for step, value in zip(one.steps, one.values, strict=True)
              if math.isfinite(value)]  # fmt: skip
    if not points:
        return Html("")
    across, down = ticks([step for step, _ in points], whole=True), ticks([value for _, value in points])
    x = _Scale(across[0], across[-1], _LEFT, _WIDTH - _RIGHT)
    y = _Scale(down[0], down[-1], _HEIGHT - _BOTTOM, _TOP)
    described = "; ".join(f"{one.label}: last {_extent(one.values)[0]}" for one in curves)
    return element(
        "svg",
        element("title", f"{metric} by step"),
        element("desc", described),
        *_axes(metric, across, down, x, y),
        *(line for place, one in enumerate(curves) for line in _line(place, one, x, y)),
        *_labels(curves, y),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}", width=_WIDTH, height=_HEIGHT, role="img",
        aria_label=f"{metric} by step", style="max-width:100%;height:auto", font_size="11",
        font_family="system-ui,sans-serif", fill="currentColor",
    )  # fmt: skip


def _axes(metric: str, across: Sequence[float], down: Sequence[float], x: _Scale, y: _Scale) -> list[Html]:
    parts = []
    for value in down:
        height = f"{y(value):.1f}"
        ends = {"x1": _LEFT, "x2": _WIDTH - _RIGHT, "y1": height, "y2": height}
        parts.append(element("line", **ends, stroke="currentColor", stroke_opacity=".14"))
        parts.append(element("text", number(float(value)), x=_LEFT - 6, y=height, text_anchor="end",
                             dominant_baseline="middle", fill_opacity=".75"))  # fmt: skip
    for value in across:
        place = f"{x(value):.1f}"
        parts.append(element("text", number(float(value)), x=place, y=_HEIGHT - _BOTTOM + 14,
                             text_anchor="middle", fill_opacity=".75"))  # fmt: skip
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(element("text", "step", x=middle, y=_HEIGHT - 6, text_anchor="middle", fill_opacity=".75"))
    parts.append(
        element("text", text.one_line(metric, 40), x=_WIDTH - _RIGHT + 8, y=_TOP - 3, font_weight="600")
    )
    return parts


def _line(place: int, curve: Curve, x: _Scale, y: _Scale) -> list[Html]:
    colour, dash = _style(place)
    finite = [
        (step, value) for step, value in zip(curve.steps, curve.values, strict=True) if math.isfinite(value)
    ]
    if len(finite) == 1:
        step, value = finite[0]
        return [element("circle", cx=f"{x(step):.1f}", cy=f"{y(value):.1f}", r="3", fill=colour)]
    parts, pen = [], "M"
    for step, value in zip(curve.steps, curve.values, strict=True):
        if not math.isfinite(value):
            pen = "M"
            continue
        parts.append(f"{pen}{x(step):.1f} {y(value):.1f}")
        pen = "L"
    return [element("path", element("title", curve.label), d="".join(parts), fill="none", stroke=colour,
                    stroke_width="1.6", stroke_dasharray=dash, stroke_linejoin="round")]  # fmt: skip


def _labels(curves: Sequence[Curve], y: _Scale) -> list[Html]:
    """Put each name at the end of its line, moved apart where they would overlap."""
    ends = []
    for place, one in enumerate(curves):
        known = [value for value in one.values if math.isfinite(value)]
        if known:
            ends.append((y(known[-1]), place, one.label))
    ends.sort()
    heights: list[float] = []
    for height, _, _ in ends:
        heights.append(max(height, heights[-1] + _LABEL_HEIGHT) if heights else max(height, _TOP + 10))
    limit = float(_HEIGHT - 4)
    for place in reversed(range(len(heights))):
        heights[place] = min(heights[place], limit)
        limit = heights[place] - _LABEL_HEIGHT
    parts = []
    for (_, place, label), height in zip(ends, heights, strict=True):
        colour, dash = _style(place)
        left = _WIDTH - _RIGHT + 6
        ends_at = {"x1": left, "x2": left + 14, "y1": f"{height:.1f}", "y2": f"{height:.1f}"}
        parts.append(element("line", **ends_at, stroke=colour, stroke_width="2", stroke_dasharray=dash))
        parts.append(element("text", text.one_line(label, 32), element("title", label), x=left + 18,
                             y=f"{height:.1f}", dominant_baseline="middle"))  # fmt: skip
    return parts


def _style(place: int) -> tuple[str, str | None]:
    return _COLOURS[place % len(_COLOURS)], _DASHES[place // len(_COLOURS) % len(_DASHES)]
