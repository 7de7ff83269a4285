"""Many runs as one table: what differs between them, and the best of each metric."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from maestro_jupyter.models import Status
from maestro_jupyter.views import html, sparkline, text
from maestro_jupyter.views.direction import best_run, is_ranked, lower_is_better
from maestro_jupyter.views.html import Html, element
from maestro_jupyter.views.numbers import ago, digits_for, duration, many, number
from maestro_jupyter.views.run_words import children_said, id_html, param, short_id, status_html, status_text
from maestro_jupyter.views.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from maestro_jupyter.models import Run

MAX_COLUMNS = 8
"""How many metrics and parameters stand beside one another."""

MAX_METRICS = 5
_FEW = 3

_UNWELL = (Status.FAILED, Status.KILLED)
_WHY = 60
_FIXED = ("run", "id", "status", "started", "took")


def fold(runs: Sequence[Run]) -> tuple[list[Run], dict[str, list[Run]]]:
    """Put runs under those that they are part of, where both are there.

    Returns
    -------
    top : list of Run
        Those with no parent among `runs`.
    children : dict of str to list of Run
        The others, by the parent's id.
    """
    present = {run.run_id for run in runs}
    top: list[Run] = []
    children: dict[str, list[Run]] = {}
    for run in runs:
        if run.parent_id in present:
            children.setdefault(str(run.parent_id), []).append(run)
        else:
            top.append(run)
    return top, children


def shown_metrics(runs: Sequence[Run], first: str | None = None) -> list[str]:
    """Choose the metrics that most runs have, `first` before all others.

    A metric of single folds says less than its mean, so it is left out where that is there.
    """
    counts = Counter(key for run in runs for key in run.metrics)
    telling = [key for key in counts if key == first or f"{key}_mean" not in counts]
    order = sorted(telling, key=lambda key: (key != first, key.startswith("training_"), -counts[key], key))
    return order[:MAX_METRICS]


def shown_params(runs: Sequence[Run], room: int) -> list[str]:
    """Choose the parameters that differ: the estimator, what was varied within one, what most runs have."""
    counts = Counter(key for run in runs for key in run.params)
    found = {key: {_known(run.params, key) for run in runs if key in run.params} for key in counts}
    telling = [key for key in counts if len(found[key]) > 1]
    # What only some kinds of models have tells little, unless there is nothing else.
    chosen = telling or [key for key in counts if counts[key] < len(runs)][:_FEW]
    found_in = {
        (key, run.params.get("estimator"), _known(run.params, key)) for run in runs for key in run.params
    }
    # Each value beyond a kind's first was tried on purpose; what differs between kinds only was not.
    varied = Counter(key for key, _, _ in found_in)
    varied.subtract(key for key, _ in {(key, kind) for key, kind, _ in found_in})
    return sorted(chosen, key=lambda key: (key != "estimator", -varied[key], -counts[key], key))[:room]


def runs_table(
    runs: Sequence[Run],
    *,
    histories: Mapping[tuple[str, str], Sequence[float]] | None = None,
    counts: Mapping[str, int] | None = None,
    total: int | None = None,
    metric: str | None = None,
    lower: bool | None = None,
    note: str = "",
    now: datetime | None = None,
) -> View:
    """Show runs.

    Parameters
    ----------
    runs : sequence of Run
        In the order to be shown; those whose parent is among them are folded into it.
    histories : mapping of (run id, metric) to values, optional
        The curves of metrics with steps.
    counts : mapping of run id to int, optional
        How many children runs have, where that is more than those in `runs`.
    total : int, optional
        How many runs there are in all.
    metric : str, optional
        The metric of interest, shown first.
    lower : bool, optional
        Whether a lower value of it is better; guessed from the name if missing.
    note : str
        What to say under the table.
    now : datetime, optional
        The time that "2 min ago" counts from.

    Returns
    -------
    View
    """
    top, children = fold(runs)
    if not top:
        message = (
            "No runs yet: fit a model, or start one with maestro.start_run()." if not total else "No runs."
        )
        said = f"{message} {note}".strip()
        return View(element("div", said), said)
    metrics = shown_metrics(top, metric)
    params = shown_params(top, MAX_COLUMNS - len(metrics))
    unwell = any(run.status in _UNWELL for run in top)
    columns = [*_FIXED, *metrics, *params, *(["why"] if unwell else [])]
    numeric = range(len(_FIXED), len(_FIXED) + len(metrics))
    formats = {key: _MetricFormat(key, top, lower if key == metric else None) for key in metrics}
    below = {
        run.run_id: children_said(
            run, max(len(children.get(run.run_id, [])), (counts or {}).get(run.run_id, 0))
        )
        for run in top
    }
    rows_html, rows_text = [], []
    for run in top:
        curves = {key: (histories or {}).get((run.run_id, key), ()) for key in metrics}
        rows_html.append(
            [
                _name(run, below[run.run_id]),
                id_html(run),
                status_html(run),
                _when(run, now),
                duration(run.duration),
                *(formats[key].html(run, curves[key]) for key in metrics),
                *(_param_html(run, key) for key in params),
                *([element("span", _why(run), title=run.status_reason or None)] if unwell else []),
            ]
        )
        rows_text.append(
            [
                text.one_line(run.name, 32) + (f" ({below[run.run_id]})" if below[run.run_id] else ""),
                short_id(run),
                status_text(run),
                ago(run.start_time, now),
                duration(run.duration),
                *(formats[key].text(run, curves[key]) for key in metrics),
                *(text.one_line(param(run.params[key]) if key in run.params else "", 24) for key in params),
                *([_why(run)] if unwell else []),
            ]
        )
    said = " ".join(part for part in (_count(len(top), total), _legend(formats), note) if part)
    return View(
        html.join([html.table(columns, rows_html, numeric=numeric, caption="Runs"), html.quiet(said)]),
        f"{text.table(columns, rows_text, numeric=numeric)}\n{text.visible(said)}",
    )


def _why(run: Run) -> str:
    """Say why a run went wrong, in short."""
    return text.one_line(run.status_reason, _WHY) if run.status in _UNWELL else ""


class _MetricFormat:
    """One metric's column: digits that tell its values apart, and which run has the best."""

    def __init__(self, key: str, runs: Sequence[Run], lower: bool | None) -> None:
        values = {run.run_id: run.metrics[key] for run in runs if key in run.metrics}
        self.key = key
        self.digits = digits_for(values.values())
        self.lower = lower_is_better(key) if lower is None else lower
        self.best = best_run(values, lower=self.lower) if is_ranked(key) else None

    def html(self, run: Run, curve: Sequence[float]) -> Html:
        shown = number(run.metrics[self.key], self.digits) if self.key in run.metrics else ""
        if run.run_id == self.best:
            value = element("span", f"★ {shown}", class_="maestro-best", title=f"best {self.key}")
        else:
            value = element("span", shown)
        drawn = sparkline.svg(curve, self.key)
        return html.join([drawn, " ", value]) if drawn else value

    def text(self, run: Run, curve: Sequence[float]) -> str:
        if self.key not in run.metrics:
            return ""
        star = "★ " if run.run_id == self.best else ""
        drawn = f"{sparkline.blocks(curve, 8)} " if len(curve) > 1 else ""
        return f"{drawn}{star}{number(run.metrics[self.key], self.digits)}"


def _name(run: Run, below: str) -> Html:
    name = element("span", text.one_line(run.name, 40), title=run.name)
    return html.join([name, " ", html.quiet(f"({below})")]) if below else name


def _when(run: Run, now: datetime | None) -> Html:
    return element("span", ago(run.start_time, now), title=f"{run.start_time:%Y-%m-%d %H:%M:%S} UTC")


def _param_html(run: Run, key: str) -> Html:
    if key not in run.params:
        return element("span")
    value = run.params[key]
    return element("span", text.one_line(param(value), 28), title=str(value))


def _count(shown: int, total: int | None) -> str:
    if total is not None and total > shown:
        return f"{shown:,} of {many(total, 'run')}."
    return f"{many(shown, 'run')}."


def _legend(formats: Mapping[str, _MetricFormat]) -> str:
    marked = [one for one in formats.values() if one.best]
    if not marked:
        return ""
    lower = ", ".join(one.key for one in marked if one.lower)
    return f"★ best (lower is better: {lower})." if lower else "★ best."


def _known(params: Mapping[str, Any], key: str) -> tuple[str, str]:
    """Give something to compare by: 1, 1.0 and True differ, NaN is NaN."""
    return type(params[key]).__name__, str(params[key])
