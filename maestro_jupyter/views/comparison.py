"""Several runs side by side: only what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maestro_jupyter.views import html, text
from maestro_jupyter.views.direction import best_run, is_ranked, lower_is_better
from maestro_jupyter.views.html import element
from maestro_jupyter.views.numbers import ago, digits_for, duration, number
from maestro_jupyter.views.run_words import param, short_id, status_html, status_text
from maestro_jupyter.views.view import View

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from maestro_jupyter.models import Run


def comparison(runs: Sequence[Run], *, now: datetime | None = None) -> View:
    """Show the metrics and parameters that differ, a column for each run.

    Parameters
    ----------
    runs : sequence of Run
    now : datetime, optional
        The time that "2 min ago" counts from.

    Returns
    -------
    View
    """
    columns = ["", *(f"{text.one_line(run.name, 24)} {short_id(run)}" for run in runs)]
    started: list[object] = ["started", *(ago(run.start_time, now) for run in runs)]
    took: list[object] = ["took", *(duration(run.duration) for run in runs)]
    rows_text: list[list[object]] = [["status", *(status_text(run) for run in runs)], started, took]
    rows_html: list[list[object]] = [["status", *(status_html(run) for run in runs)], started, took]
    same = 0
    for key in sorted({key for run in runs for key in run.metrics}):
        shown, best = _metric(key, runs)
        if len(set(shown)) == 1:
            same += 1
            continue
        starred = [f"★ {value}" if place == best else value for place, value in enumerate(shown)]
        rows_text.append([key, *starred])
        marked = (
            element("span", value, class_="maestro-best" if place == best else None)
            for place, value in enumerate(starred)
        )
        rows_html.append([key, *marked])
    for key in sorted({key for run in runs for key in run.params}, key=lambda key: (key != "estimator", key)):
        digits = digits_for([run.params.get(key) for run in runs])
        values = [param(run.params[key], digits) if key in run.params else "–" for run in runs]
        if len({repr(run.params.get(key, _MISSING)) for run in runs}) == 1:
            same += 1
            continue
        rows_text.append([key, *values])
        rows_html.append([key, *values])
    said = f"The same in all, and left out: {same:,} of the metrics and parameters." if same else ""
    numeric = range(1, len(columns))
    table = html.table(columns, rows_html, numeric=numeric, caption="Comparison")
    return View(
        html.join([table, html.quiet(said)]),
        f"{text.table(columns, rows_text, numeric=numeric)}\n{said}".rstrip(),
    )


_MISSING = object()


def _metric(key: str, runs: Sequence[Run]) -> tuple[list[str], int | None]:
    values = {str(place): run.metrics[key] for place, run in enumerate(runs) if key in run.metrics}
    digits = digits_for(values.values())
    best = best_run(values, lower=lower_is_better(key)) if is_ranked(key) else None
    shown = [number(run.metrics[key], digits) if key in run.metrics else "–" for run in runs]
    return shown, None if best is None else int(best)
