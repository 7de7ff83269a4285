"""How experiments go: runs over time, the best so far, failures, hours, and what is used."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_jupyter.views import html, sparkline, text
from maestro_jupyter.views.dashboard_pictures import best_steps, day_bars
from maestro_jupyter.views.html import Html, element
from maestro_jupyter.views.numbers import ago, digits_for, duration, many, number
from maestro_jupyter.views.run_words import SHORT, id_html, status_html, status_text
from maestro_jupyter.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plotly.graph_objects import Figure

    from maestro_jupyter.models import BestSoFar, RunHistory, RunTotals, UnwellRun, Usage

_NO_RUNS = "fit a model, or start one with maestro.start_run()."
_PLOTLY = "application/vnd.plotly.v1+json"
_WHY = 90
_NAME = 40
_BARS = 60


class Board(NamedTuple):
    """What a dashboard tells.

    Attributes
    ----------
    project : str or None
        None for all.
    history : RunHistory
    best : BestSoFar or None
        None where no run has a metric.
    used : sequence of Usage
        The artifacts that are used most there.
    guessed : bool
        Whether the metric's direction was guessed from its name.
    """

    project: str | None
    history: RunHistory
    best: BestSoFar | None
    used: Sequence[Usage]
    guessed: bool = True


@dataclass(frozen=True, repr=False)
class DashboardView(View):
    """A dashboard that is shown.

    Attributes
    ----------
    board : Board
        What it tells.
    """

    board: Board

    def figure(self) -> Figure:
        """Give the runs of each day and the best so far as a figure of Plotly, to be zoomed into and saved.

        Raises
        ------
        Unavailable
            If Plotly is not installed.
        """
        from maestro_jupyter.views.dashboard_figure import dashboard_figure

        return dashboard_figure(self.board)

    def with_figure(self) -> FigureView:
        """Give the same for front ends that draw figures of Plotly; others show the static form."""
        return FigureView(self.html, self.text, json.loads(self.figure().to_json()))


@dataclass(frozen=True, repr=False)
class FigureView(View):
    """A view that a figure of Plotly stands for where one can be drawn.

    Attributes
    ----------
    drawn : dict
        The figure, as JSON has it.
    """

    drawn: dict[str, Any]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {_PLOTLY: self.drawn, **super()._repr_mimebundle_(include, exclude)}


def dashboard_view(board: Board, *, now: datetime | None = None) -> DashboardView:
    """Show how experiments go.

    Parameters
    ----------
    board : Board
    now : datetime, optional
        The time that "2 min ago" counts from.

    Returns
    -------
    DashboardView
    """
    now = now or datetime.now(UTC)
    where = "all projects" if board.project is None else f"the project {board.project}"
    title = f"Experiments in {where}"
    if not board.history.total.runs:
        said = f"No runs yet: {_NO_RUNS}"
        marked = html.join([html.title(title), element("div", said)])
        return DashboardView(marked, f"{text.visible(title)}\n{said}", board)
    parts = [_Part("", _figures(board.history.total), _counts_said(board.history.total)), *_parts(board, now)]
    return DashboardView(
        html.join([html.title(title), *(part.markup() for part in parts)]),
        "\n\n".join([text.visible(title), *(part.words() for part in parts)]),
        board,
    )


class _Part(NamedTuple):
    """One part of the page, in both forms."""

    heading: str
    html: Html
    text: str

    def markup(self) -> Html:
        return html.join([html.heading(self.heading), self.html]) if self.heading else self.html

    def words(self) -> str:
        return f"{text.visible(self.heading)}\n{self.text}" if self.heading else self.text


def _parts(board: Board, now: datetime) -> Iterator[_Part]:
    everywhere = board.project is None
    yield _days(board.history)
    yield _best(board.best, now, guessed=board.guessed)
    if board.history.unwell:
        yield _unwell(board.history.unwell, now, everywhere=everywhere)
    if everywhere and len(board.history.projects) > 1:
        yield _projects(board.history.projects, now)
    yield _used(board.used, now)


def _figures(total: RunTotals) -> Html:
    """Show the counts, large."""
    facts = [
        ("runs", f"{total.runs:,}"),
        ("✓ finished", f"{total.finished:,}"),
        ("✗ failed or killed", _unwell_said(total)),
        ("● running", f"{total.running:,}"),
        ("time in all", _time_said(total)),
    ]
    shown = [
        element("div", element("div", html.quiet(name)), element("div", value, class_="maestro-large"))
        for name, value in facts
    ]
    return element("div", *shown, class_="maestro-figures")


def _counts_said(total: RunTotals) -> str:
    return (
        f"{many(total.runs, 'run')}: {total.finished:,} finished, {_unwell_said(total)} failed or killed, "
        f"{total.running:,} running; {_time_said(total)} in all."
    )


def _unwell_said(total: RunTotals) -> str:
    """Give how many ended badly, and their share of those that ended."""
    unwell = total.failed + total.killed
    ended = total.finished + unwell
    return f"{unwell:,} ({100 * unwell / ended:.3g} %)" if unwell else "0"


def _time_said(total: RunTotals) -> str:
    if total.untimed == total.runs:
        return "unknown"
    untold = f", without {many(total.untimed, 'run')} of unknown length" if total.untimed else ""
    return f"{duration(total.seconds)}{untold}"


def _days(history: RunHistory) -> _Part:
    days = history.days
    counts = [float(day.finished + day.unwell + day.running) for day in days]
    legend = [
        said
        for said, any_of in (
            ("solid: finished", any(day.finished for day in days)),
            ("pale: running", any(day.running for day in days)),
            ("hollow: failed or killed", any(day.unwell for day in days)),
        )
        if any_of
    ]
    earlier = history.total.runs - int(sum(counts))
    before = f" {many(earlier, 'run')} before these days." if earlier else ""
    note = f"{'; '.join(legend).capitalize()}.{before}"
    drawn = f"{sparkline.blocks(counts, _BARS)}  " if len(counts) > 1 else ""
    until = f" to {days[-1].date}" if len(days) > 1 else ""
    said = f"{drawn}{days[0].date}{until}, at most {max(counts):,.0f} a day.{before}"
    return _Part("Runs a day", html.join([day_bars(days), element("div", html.quiet(note))]), said)


def _best(best: BestSoFar | None, now: datetime, *, guessed: bool) -> _Part:
    if best is None or not best.steps:
        said = "No run has a metric yet." if best is None else f"No run has a finite value of {best.metric}."
        return _Part("Best so far", element("div", html.quiet(said)), text.visible(said))
    digits = digits_for([step.value for step in best.steps])
    latest = best.steps[-1]
    guess = ", as guessed from the name" if guessed else ""
    direction = f"{'Lower' if best.lower else 'Higher'} is better{guess}."
    value = number(latest.value, digits)
    became = _became(best)
    when = ago(latest.start_time, now)
    shown = element(
        "div", element("span", f"★ {value}", class_="maestro-best"), " by ",
        element("span", text.one_line(latest.name, _NAME), title=latest.name), " ",
        element("code", latest.run_id[:SHORT], title=latest.run_id),
        f", {when}. {became} ", html.quiet(direction),
    )  # fmt: skip
    drawn = sparkline.blocks([step.value for step in best.steps], _BARS)
    by = f"{text.one_line(latest.name, _NAME)} ({latest.run_id[:SHORT]}), {when}."
    said = f"★ {value} by {by} {became} {direction}"
    words = f"{drawn}\n{said}" if len(best.steps) > 1 else said
    return _Part(
        f"Best {best.metric} so far", html.join([best_steps(best, max(now, latest.start_time)), shown]), words
    )


def _became(best: BestSoFar) -> str:
    if best.runs == 1:
        return "No other run has a value."
    since = f"; the best changed {many(best.better - 1, 'time')}" if best.better > 1 else ", and the first"
    return f"It is the best of {best.runs:,} runs{since}."


def _unwell(runs: Sequence[UnwellRun], now: datetime, *, everywhere: bool) -> _Part:
    columns = ["run", "id", "status", *(["project"] if everywhere else []), "started", "why"]
    rows_html, rows_text = [], []
    for run in runs:
        where = [run.project] if everywhere else []
        why = text.one_line(run.status_reason, _WHY)
        name = element("span", text.one_line(run.name, _NAME), title=run.name)
        when = ago(run.start_time, now)
        full = element("span", why, title=run.status_reason or None)
        rows_html.append([name, id_html(run), status_html(run), *where, when, full])
        rows_text.append([run.name, run.run_id[:SHORT], status_text(run), *where, when, why])
    heading = "Latest failures"
    return _Part(
        heading,
        html.table(columns, rows_html, caption=heading),
        text.table(columns, rows_text, limit=_WHY),
    )


def _projects(projects: Sequence[RunTotals], now: datetime) -> _Part:
    columns = ["project", "runs", "failed or killed", "time in all", "latest"]
    rows = [
        [one.name, f"{one.runs:,}", _unwell_said(one), _time_said(one), _since(one.latest, now)]
        for one in projects
    ]
    return _Part(
        "Projects",
        html.table(columns, rows, numeric=[1, 2, 3], caption="Projects"),
        text.table(columns, rows, numeric=[1, 2, 3]),
    )


def _used(used: Sequence[Usage], now: datetime) -> _Part:
    heading = "Most used artifacts"
    if not used:
        said = "Nothing of the library was used yet."
        return _Part(heading, element("div", html.quiet(said)), said)
    columns = ["artifact", "type", "projects", "runs", "last used"]
    rows = [[one.name, one.type, f"{one.projects:,}", f"{one.runs:,}", _since(one.last, now)] for one in used]
    return _Part(
        heading,
        html.table(columns, rows, numeric=[2, 3], caption=heading),
        text.table(columns, rows, numeric=[2, 3]),
    )


def _since(time: datetime | None, now: datetime) -> str:
    return "" if time is None else ago(time, now)
