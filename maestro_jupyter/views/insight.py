"""Which parameters mattered and how: bars with intervals, and how good runs are along each that does."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from maestro_jupyter.views import html, text
from maestro_jupyter.views.html import Html, element
from maestro_jupyter.views.numbers import many, number
from maestro_jupyter.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from maestro_jupyter.models import ParameterEffect, ParameterImportance, ParameterInsight

BARS = 12
"""How many parameters have a bar."""

DRAWN = 4
"""Along how many of those that matter it is drawn how good runs are."""

_COLOUR, _GREY, _GREEN = "#3b82d6", "#8a8a8a", "#2c9a57"
_NAMES, _BAR, _FIGURES, _SAID, _ROW = 190, 230, 135, 190, 22
_PANEL_WIDTH, _PANEL_HEIGHT, _MARGIN, _TOP, _BOTTOM = 340, 170, 58, 50, 34
_LONGEST = 28
_BETTER = {"larger": "larger is better", "smaller": "smaller is better", "middle": "best in the middle"}
_CAVEAT = (
    "Shares of what differs between runs on the same data, each parameter alone, with 80 % intervals; a "
    "direction where 95 % of resamples agree. An association in the runs that there are, no cause."
)
_KEY = (
    "How much better (up) or worse than the mean runs are with each value, over all values of the others, "
    "with 80 % intervals; green is promising. Errors are compared by their logarithms."
)


def insight_view(insight: ParameterInsight) -> View:
    """Show which parameters mattered for a metric, and where runs are best.

    Parameters
    ----------
    insight : ParameterInsight

    Returns
    -------
    View
    """
    title = f"What mattered for {insight.metric}"
    data = "" if insight.datasets < 2 else f" on {insight.datasets} datasets"
    said = [f"{many(insight.runs, 'run')}{data}."]
    if insight.explained is not None:
        low, high = insight.explained_low or 0.0, insight.explained_high or 0.0
        said.append(
            "Of what differs between runs that were left out, their parameters foretell "
            f"{_percent(insight.explained)} ({_percent(low)} to {_percent(high)})."
        )
    said += [insight.note] if insight.note else []
    listed = insight.parameters[:BARS]
    sentences = [*_best(insight.parameters), *_together(insight)]
    rows = [
        [one.name, _percent(one.share), f"{_percent(one.low)} to {_percent(one.high)}", _verdict(one)]
        for one in listed
    ]
    columns = ["parameter", "share", "80 % interval", "direction"]
    marked = [html.title(title), element("div", html.quiet(" ".join(said)))]
    told = [text.visible(title), text.visible(" ".join(said))]
    if listed:
        marked += [_bars(listed), *_panels(insight.parameters), html.bullets(sentences)]
        marked.append(element("div", html.quiet(_CAVEAT)))
        told += [text.table(columns, rows, numeric=[1]), *map(text.visible, sentences), _CAVEAT]
    return View(html.join(marked), "\n".join(told))


def insight_frame(insight: ParameterInsight) -> pd.DataFrame:
    """Give the same as a table, and in its ``attrs`` what is said of all of it."""
    import pandas as pd

    rows = [
        [
            one.name,
            one.share,
            one.low,
            one.high,
            one.matters,
            _direction(one),
            ", ".join(_where(one)) if one.matters else "",
        ]
        for one in insight.parameters
    ]
    table = pd.DataFrame(rows, columns=["parameter", "share", "low", "high", "matters", "direction", "best"])
    table.attrs = {
        "runs": insight.runs,
        "datasets": insight.datasets,
        "explained": insight.explained,
        "note": insight.note,
    }
    return table


def _verdict(one: ParameterImportance) -> str:
    return _direction(one) if one.matters else "not told from chance"


def _direction(one: ParameterImportance) -> str:
    """Say which words and which numbers went with better runs."""
    said = [f"{_last_part(one.choice)} is best"] if one.choice is not None else []
    said += [_among_numbers(one)] if one.direction is not None else []
    return "; ".join(said) or "not told"


def _among_numbers(one: ParameterImportance) -> str:
    said = _BETTER.get(one.direction or "", "")
    return f"of numbers, {said}" if said and any(effect.low_value is None for effect in one.effects) else said


def _best(parameters: Iterable[ParameterImportance]) -> list[str]:
    """Say in which direction, and where, it is best along each parameter that matters."""
    mattering = [one for one in parameters if one.matters and _where(one)]
    return [f"{one.name}: {_promise(one)} {', '.join(_where(one))}." for one in mattering]


def _promise(one: ParameterImportance) -> str:
    if one.direction is not None:
        return f"{_among_numbers(one)}{',' if one.direction == 'middle' else '; best'} at"
    return "best at" if one.choice is not None else "direction not told; promising at"


def _where(one: ParameterImportance) -> list[str]:
    """Name the promising values, neighbours among numbers as one stretch."""
    said = []
    stretches = itertools.groupby(one.effects, lambda effect: (effect.promising, effect.low_value is None))
    for (promising, word), group in stretches:
        stretch = list(group)
        if promising and word:
            said += [effect.label for effect in stretch]
        elif promising:
            low, high = stretch[0].low_value, stretch[-1].high_value
            said.append(number(low) if low == high else f"{number(low, 3)} to {number(high, 3)}")
    return said


def _together(insight: ParameterInsight) -> list[str]:
    """Name the pairs whose interval lies above what a single percent explains."""
    return [
        f"{pair.names[0]} and {pair.names[1]} together: {_percent(pair.share)} more "
        f"({_percent(pair.low)} to {_percent(pair.high)}) than each alone."
        for pair in insight.pairs
        if pair.low > 0.01
    ]


def _percent(share: float) -> str:
    """Show a share; what is foretold worse than by the mean is foretold not at all."""
    return f"{100 * max(0.0, share):.0f} %"


def _bars(parameters: Sequence[ParameterImportance]) -> Html:
    width, height = _NAMES + _BAR + _FIGURES + _SAID, _ROW * len(parameters) + 8
    most = max([0.05, *(one.high for one in parameters)])
    rows = [part for place, one in enumerate(parameters) for part in _bar(one, place * _ROW + 4, most)]
    return _picture("Share of each parameter", width, height, rows)


def _bar(one: ParameterImportance, top: float, most: float) -> list[Html]:
    def place(share: float) -> float:
        return round(_NAMES + _BAR * min(1.0, max(0.0, share / most)), 1)

    middle, end = top + _ROW / 2, place(one.high) + 7
    width = round(max(1.0, place(one.share) - _NAMES), 1)
    figures = f"{_percent(one.share)}  ({_percent(one.low)} to {_percent(one.high)})"
    return [
        element("text", text.one_line(one.name, _LONGEST), element("title", one.name), x=_NAMES - 8, y=middle,
                text_anchor="end", dominant_baseline="middle", fill_opacity="1" if one.matters else ".65"),
        element("rect", x=_NAMES, y=top + 4, width=width, height=_ROW - 8,
                fill=_COLOUR if one.matters else _GREY, fill_opacity=".85" if one.matters else ".5"),
        element("line", x1=place(one.low), x2=place(one.high), y1=middle, y2=middle, stroke="currentColor",
                stroke_width="1.2"),
        *(element("line", x1=place(end), x2=place(end), y1=middle - 3, y2=middle + 3, stroke="currentColor",
                  stroke_width="1.2") for end in (one.low, one.high)),
        element("text", figures, x=end, y=middle, dominant_baseline="middle", fill_opacity=".75"),
        element("text", text.one_line(_verdict(one), 32), element("title", _verdict(one)),
                x=_NAMES + _BAR + _FIGURES, y=middle, dominant_baseline="middle",
                fill_opacity="1" if one.matters else ".65"),
    ]  # fmt: skip


def _panels(parameters: Iterable[ParameterImportance]) -> list[Html]:
    drawn = [one for one in parameters if one.matters and len(one.effects) > 1][:DRAWN]
    key = [element("div", html.quiet(_KEY))] if drawn else []
    return [*map(_panel, drawn), *key]


def _panel(one: ParameterImportance) -> Html:
    """Draw how good runs are along one parameter: middle, interval, and in green what is promising."""
    effects = one.effects
    low, high = min(effect.low for effect in effects), max(effect.high for effect in effects)
    step = (_PANEL_WIDTH - 2 * _MARGIN) / len(effects)

    def y(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(_PANEL_HEIGHT - _BOTTOM - share * (_PANEL_HEIGHT - _TOP - _BOTTOM), 1)

    parts = [element("text", text.one_line(one.name, 40), element("title", one.name), x=_MARGIN, y=16,
                     font_weight="600"),
             element("text", text.one_line(_direction(one), 46), element("title", _direction(one)), x=_MARGIN,
                     y=32, fill_opacity=".75")]  # fmt: skip
    for place, effect in enumerate(effects):
        x = round(_MARGIN + (place + 0.5) * step, 1)
        colour = _GREEN if effect.promising else _COLOUR
        parts += [
            element("line", x1=x, x2=x, y1=y(effect.low), y2=y(effect.high), stroke=colour,
                    stroke_opacity=".45", stroke_width=round(max(2.0, min(14.0, step * 0.6)), 1)),
            element("circle", element("title", f"{effect.label}: {number(effect.effect)}"), cx=x,
                    cy=y(effect.effect), r="2.6", fill=colour),
        ]  # fmt: skip
    for value in (low, high):
        parts.append(element("text", f"{value:+.2g}", x=_MARGIN - 4, y=y(value), text_anchor="end",
                             dominant_baseline="middle", fill_opacity=".75"))  # fmt: skip
    zero = y(0.0) if low <= 0 <= high else None
    if zero is not None:
        parts.append(element("line", x1=_MARGIN, x2=_PANEL_WIDTH - _MARGIN, y1=zero, y2=zero,
                             stroke="currentColor", stroke_opacity=".3", stroke_dasharray="3 3"))  # fmt: skip
    return _picture(
        f"How good runs are by {one.name}: {_direction(one)}",
        _PANEL_WIDTH,
        _PANEL_HEIGHT,
        [*parts, *_labels(effects, step)],
    )


def _labels(effects: Sequence[ParameterEffect], step: float) -> list[Html]:
    """Name the values under the panel; of many, the first and the last."""
    every = step >= 44
    named = [(place, one) for place, one in enumerate(effects) if every or place in {0, len(effects) - 1}]
    found = []
    for place, effect in named:
        first, last = place == 0 and not every, place == len(effects) - 1 and not every
        label = effect.label
        if not every and effect.low_value is not None:
            label = number(effect.low_value if first else effect.high_value, 3)
        elif first and (least := effects[1].low_value) is not None:
            label = f"{label}, {number(least, 3)}"
        x = _MARGIN if first else _PANEL_WIDTH - _MARGIN if last else round(_MARGIN + (place + 0.5) * step, 1)
        anchor = "start" if first else "end" if last else "middle"
        longest = 20 if not every else max(4, int(step // 7))
        found.append(element("text", _shortened(label, longest), element("title", effect.label), x=x,
                             y=_PANEL_HEIGHT - 12, text_anchor=anchor, fill_opacity=".75"))  # fmt: skip
    return found


def _shortened(label: str, longest: int) -> str:
    """Cut a label; of dotted paths, the end tells them apart."""
    return text.one_line(_last_part(label) if len(label) > longest else label, longest)


def _last_part(label: str) -> str:
    """Take the name of a dotted path, else all of it."""
    is_path = all(part.isidentifier() for part in label.split("."))
    return label.rpartition(".")[2] if is_path else label


def _picture(said: str, width: int, height: int, parts: Iterable[Html]) -> Html:
    return element(
        "svg", element("title", said), *parts, viewBox=f"0 0 {width} {height}", width=width, height=height,
        role="img", aria_label=said, style="max-width:100%;height:auto", font_size="11",
        font_family="system-ui,sans-serif", fill="currentColor",
    )  # fmt: skip
