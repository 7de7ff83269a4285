"""Several runs side by side: only what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_jupyter.views import html, text
from maestro_jupyter.views.direction import best_runs, is_ranked, lower_is_better
from maestro_jupyter.views.html import element
from maestro_jupyter.views.numbers import ago, digits_for, duration, number
from maestro_jupyter.views.run_words import id_html, param, short_id, status_html, status_text
from maestro_jupyter.views.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from maestro_jupyter.models import Run

MAX_RUNS = 50
"""How many runs may be compared at once."""

SIDE_BY_SIDE = 6
"""Up to how many runs have a column each; more have a row each."""

_MISSING = object()


class _Line(NamedTuple):
    """One thing that is known of each run, as text and as markup."""

    title: str
    texts: list[str]
    markup: list[object]


def comparison(runs: Sequence[Run], *, now: datetime | None = None) -> View:
    """Show the metrics and parameters that differ, a column for each run, or a row where there are many.

    Parameters
    ----------
    runs : sequence of Run
    now : datetime, optional
        The time that "2 min ago" counts from.

    Returns
    -------
    View
    """
    metrics = [run.metrics for run in runs]
    params = [run.params for run in runs]
    differing = [key for key in _keys(metrics) if _differs(key, metrics)]
    chosen = [key for key in _keys(params) if _differs(key, params)]
    lines = [
        *_facts(runs, now),
        *(_metric(key, metrics) for key in differing),
        *(_param(key, params) for key in sorted(chosen, key=lambda key: (key != "estimator", key))),
    ]
    same = len(_keys(metrics)) + len(_keys(params)) - len(differing) - len(chosen)
    names = [f"{text.one_line(run.name, 24)} {short_id(run)}" for run in runs]
    marked: list[object] = [html.join([f"{text.one_line(run.name, 24)} ", id_html(run)]) for run in runs]
    if len(runs) <= SIDE_BY_SIDE:
        heads: list[object] = ["", *marked]
        rows_html: list[list[object]] = [[line.title, *line.markup] for line in lines]
        rows_text: list[list[object]] = [[line.title, *line.texts] for line in lines]
        columns = ["", *names]
    else:
        heads = ["", *(line.title for line in lines)]
        rows_html = [[name, *(line.markup[place] for line in lines)] for place, name in enumerate(marked)]
        rows_text = [[name, *(line.texts[place] for line in lines)] for place, name in enumerate(names)]
        columns = ["", *(line.title for line in lines)]
    numeric = range(1, len(columns))
    said = _legend(lines, same)
    table = html.table(heads, rows_html, numeric=numeric, caption="Comparison")
    return View(
        html.join([table, html.quiet(said)]),
        f"{text.table(columns, rows_text, numeric=numeric)}\n{said}".rstrip(),
    )


def _legend(lines: Sequence[_Line], same: int) -> str:
    said = []
    if any(value.startswith("★") for line in lines for value in line.texts):
        said.append("★ is the best; ↑ says that higher is better, ↓ lower, as guessed from the name.")
    if any(value == "–" for line in lines for value in line.texts):
        said.append("– was not recorded.")
    if same:
        said.append(f"The same in all, and left out: {same:,} of the metrics and parameters.")
    return " ".join(said)


def _facts(runs: Sequence[Run], now: datetime | None) -> list[_Line]:
    started = [ago(run.start_time, now) for run in runs]
    took = [duration(run.duration) for run in runs]
    return [
        _Line("status", [status_text(run) for run in runs], [status_html(run) for run in runs]),
        _Line("started", started, [*started]),
        _Line("took", took, [*took]),
    ]


def _metric(key: str, metrics: Sequence[Mapping[str, float]]) -> _Line:
    values = {str(place): known[key] for place, known in enumerate(metrics) if key in known}
    digits = digits_for(values.values())
    lower = lower_is_better(key)
    ranked = is_ranked(key)
    best = {int(place) for place in best_runs(values, lower=lower)} if ranked else set()
    shown = [number(known[key], digits) if key in known else "–" for known in metrics]
    starred = [f"★ {value}" if place in best else value for place, value in enumerate(shown)]
    markup = [
        element("span", value, class_="maestro-best" if place in best else None)
        for place, value in enumerate(starred)
    ]
    return _Line(f"{key} {'↓' if lower else '↑'}" if ranked else key, starred, [*markup])


def _param(key: str, params: Sequence[Mapping[str, Any]]) -> _Line:
    digits = digits_for([known.get(key) for known in params])
    shown = [param(known[key], digits) if key in known else "–" for known in params]
    return _Line(key, shown, [*shown])


def _keys(each: Sequence[Mapping[str, Any]]) -> list[str]:
    return sorted({key for known in each for key in known})


def _differs(key: str, each: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether what runs have is not the same in all; True is not 1, and NaN is NaN."""
    first, *others = (known.get(key, _MISSING) for known in each)
    return not all(_same(first, other) for other in others)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, bool) != isinstance(b, bool):
        return False
    return bool(a == b) or (a != a and b != b)  # noqa: PLR0124 - NaN is the one value that is not itself
