"""The dashboard's pictures: the runs of each day as bars, and the best so far as steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maestro_jupyter.views.html import Html, element
from maestro_jupyter.views.numbers import digits_for, many, number
from maestro_jupyter.views.ticks import ticks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from maestro_jupyter.models import BestSoFar, BetterRun, DayOfRuns

_WIDTH, _HEIGHT = 620, 170
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 8, 10, 24
_GREEN, _RED, _BLUE = "#2c9a57", "#d9483f", "#3b82d6"
_FEWEST_DAYS = 14
"""Of fewer days, bars are as wide as of these."""

_MARKED = 60
"""Of more steps than these, only the last is marked."""


def day_bars(days: Sequence[DayOfRuns]) -> Html:
    """Draw the runs of each day: what finished solid, what goes on pale, what ended badly hollow.

    Parameters
    ----------
    days : sequence of DayOfRuns
        At least one.
    """
    most = max(day.finished + day.unwell + day.running for day in days)
    total = sum(day.finished + day.unwell + day.running for day in days)
    marks = ticks([0, most], whole=True)
    step = (_WIDTH - _LEFT - _RIGHT) / max(len(days), _FEWEST_DAYS)
    said = f"{many(total, 'run')} on {many(len(days), 'day')}, at most {most:,} a day"
    bars = [_bar(day, _LEFT + place * step, step, marks[-1]) for place, day in enumerate(days)]
    ends = [_label(days[0].date, _LEFT, "start")]
    if len(days) > 1:
        ends.append(_label(days[-1].date, max(_LEFT + len(days) * step, _LEFT + 150), "end"))
    return _picture(said, [*_axis(marks), *bars, *ends])


def best_steps(best: BestSoFar, until: datetime) -> Html:
    """Draw how the best value changed.

    Parameters
    ----------
    best : BestSoFar
        With one step or more.
    until : datetime
        Where the line ends.
    """
    values = [step.value for step in best.steps]
    marks = ticks(values)
    first = best.steps[0].start_time
    reach = max((until - first).total_seconds(), 1e-6)
    across = _WIDTH - _LEFT - _RIGHT - 8

    def x(time: datetime) -> float:
        return _LEFT + 4 + min(1.0, (time - first).total_seconds() / reach) * across

    def y(value: float) -> float:
        return _y(value, marks[0], marks[-1])

    path = "".join(
        f"{'H' if place else 'M'}{x(step.start_time):.1f}{'V' if place else ' '}{y(step.value):.1f}"
        for place, step in enumerate(best.steps)
    )
    line = element("path", d=f"{path}H{_WIDTH - _RIGHT}", fill="none", stroke=_BLUE, stroke_width="2")
    digits = digits_for(values)
    shown = best.steps if len(best.steps) <= _MARKED else best.steps[-1:]

    def point(step: BetterRun) -> Html:
        told = f"{step.name}: {number(step.value, digits)} ({step.start_time.astimezone():%Y-%m-%d %H:%M})"
        place = {"cx": f"{x(step.start_time):.1f}", "cy": f"{y(step.value):.1f}"}
        return element("circle", element("title", told), **place, r="3.5", fill=_BLUE)

    said = f"The best {best.metric} went from {number(values[0], digits)} to {number(values[-1], digits)}"
    ends = [_label(_day(first), _LEFT, "start"), _label(_day(until), _WIDTH - _RIGHT, "end")]
    return _picture(said, [*_axis(marks), line, *map(point, shown), *ends])


def _bar(day: DayOfRuns, left: float, step: float, most: float) -> Html:
    said = f"{day.date}: {day.finished:,} finished, {day.unwell:,} failed or killed, {day.running:,} running"
    return element("g", element("title", said), *_parts(day, left, step, most))


def _parts(day: DayOfRuns, left: float, step: float, most: float) -> Iterator[Html]:
    base = 0
    for count, style in (
        (day.finished, {"fill": _GREEN}),
        (day.running, {"fill": _BLUE, "fill_opacity": ".4"}),
        (day.unwell, {"fill": _RED, "fill_opacity": ".12", "stroke": _RED, "stroke_width": "1.2"}),
    ):
        if not count:
            continue
        top, bottom = _y(base + count, 0, most), _y(base, 0, most)
        # A hollow bar's edge lies inside of it.
        edge = 0.6 if "stroke" in style else 0.0
        width, height = max(step - 2, 1) - 2 * edge, max(bottom - top - 2 * edge, 0.5)
        place = {"x": f"{left + 1 + edge:.1f}", "y": f"{top + edge:.1f}"}
        yield element("rect", **place, width=f"{width:.1f}", height=f"{height:.1f}", **style)
        base += count


def _y(value: float, low: float, high: float) -> float:
    share = (value / 2 - low / 2) / (high / 2 - low / 2)
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)


def _axis(marks: Sequence[float]) -> Iterator[Html]:
    for value in marks:
        height = f"{_y(value, marks[0], marks[-1]):.1f}"
        yield element("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=height, y2=height, stroke="currentColor",
                      stroke_opacity=".14")  # fmt: skip
        yield element("text", number(float(value)), x=_LEFT - 6, y=height, text_anchor="end",
                      dominant_baseline="middle", fill_opacity=".75")  # fmt: skip


def _label(text: str, x: float, anchor: str) -> Html:
    return element("text", text, x=f"{x:.1f}", y=_HEIGHT - 6, text_anchor=anchor, fill_opacity=".75")


def _picture(said: str, parts: Sequence[Html]) -> Html:
    return element(
        "svg", element("title", said), *parts, viewBox=f"0 0 {_WIDTH} {_HEIGHT}", width=_WIDTH,
        height=_HEIGHT, role="img", aria_label=said, style="max-width:100%;height:auto", font_size="11",
        font_family="system-ui,sans-serif", fill="currentColor",
    )  # fmt: skip


def _day(time: datetime) -> str:
    return time.astimezone().date().isoformat()
