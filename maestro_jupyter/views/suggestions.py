"""What to try next: a picture of what to expect, the evidence and code of each, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maestro_jupyter.models import Status
from maestro_jupyter.views import html, text
from maestro_jupyter.views.html import Html, element
from maestro_jupyter.views.numbers import duration, many
from maestro_jupyter.views.run_words import SHORT
from maestro_jupyter.views.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pandas as pd

    from maestro_jupyter.models import (
        ForecastRecord,
        ModelForecast,
        ModelForecasts,
        SimilarDataset,
        TrialOutcome,
        TriedModel,
    )

LISTED = 8
"""How many runs on the same data are listed."""

_COLOUR, _GREEN, _RED = "#3b82d6", "#2c9a57", "#d9483f"
_NAMES, _BAR, _FIGURES, _ROW, _AXIS = 330, 260, 190, 24, 22
_LONGEST = 52
_RUNS = 3
_NO_RUN = "not recorded"
_DIGITS = 3
_COLUMNS = ["", "config", "expected", "80 % interval", "fit"]
_TRIED = ["tried on these data", "run", "what came of it"]
_AT_HAND = "Its cell is .code, to be printed; .pipeline() makes the unfitted estimator."
_OUTCOMES = ["config", "forecast", "80 % interval", "outcome", "", "run"]


def suggestions_view(
    found: ModelForecasts,
    codes: Sequence[str],
    names: tuple[str, str],
    outcomes: Iterable[TrialOutcome] = (),
    record: ForecastRecord | None = None,
) -> View:
    """Show what to try.

    Parameters
    ----------
    found : ModelForecasts
    codes : sequence of str
        The cell of each.
    names : tuple of str
        Of X and y.
    outcomes : iterable of TrialOutcome
        What came of those that were tried.
    record : ForecastRecord, optional
        How past forecasts fared.

    Returns
    -------
    View
    """
    title = f"What to try on {names[0]}, {names[1]}"
    said = learnt_from(found)
    came = {outcome.config: outcome for outcome in outcomes}
    marked = [html.title(title), element("div", html.quiet(said))]
    told = [text.visible(title), text.visible(said)]
    if found.note:
        marked.append(element("div", found.note, class_="maestro-warn"))
        told.append(text.visible(found.note))
    if found.models:
        marked += [_picture(found.models, came), element("div", html.quiet(_key(came)))]
        marked += [_one(place, *both) for place, both in enumerate(zip(found.models, codes, strict=True), 1)]
        told += [text.table(_COLUMNS, _rows(found.models), numeric=[0, 2, 4]), *_evidence_told(found.models)]
        told += ["", "The first as a cell:", text.indent(codes[0])]
    if found.tried:
        rows = tried_on(found)
        marked.append(html.table(_TRIED, _linked(rows, 1), caption="Tried on these data"))
        told += ["", text.table(_TRIED, _shortened(rows, 1))]
    if fared := record_said(record):
        marked.append(element("div", html.quiet(fared)))
        told.append(fared)
    return View(html.join(marked), "\n".join(told))


def suggestion_view(one: ModelForecast, score: str, code: str, came: TrialOutcome | None) -> View:
    """Show one of them by itself.

    Parameters
    ----------
    one : ModelForecast
    score : str
        What is forecast.
    code : str
        Its cell.
    came : TrialOutcome or None
        What came of it, if it was tried.

    Returns
    -------
    View
    """
    said = f"Expected {score}: {_figure(one.mean)} (80 % interval: {_interval(one)}){_takes(one)}."
    tried, run = "It was not tried yet.", ""
    if came is not None:
        verdict = f", {_verdict(came)}" if _verdict(came) else ""
        tried, run = f"It was tried: {_outcome(came)}{verdict}; run ", came.run_id
    marked = [
        html.title(one.config),
        element("div", said),
        element("div", evidence(one)),
        *_behind(one),
        element("div", tried, html.run_link(run, run[:SHORT]) if run else ""),
        html.folded("Its cell", html.code(code)),
        element("div", html.quiet(_AT_HAND)),
    ]
    told = [one.config, said, evidence(one), f"{tried}{run[:SHORT]}", _AT_HAND]
    return View(html.join(marked), text.visible("\n".join(told)))


def outcomes_view(outcomes: Sequence[TrialOutcome], why_none: str, note: str = "") -> View:
    """Show forecasts beside outcomes.

    Parameters
    ----------
    outcomes : sequence of TrialOutcome
    why_none : str
        What is said where there is none.
    note : str
        What else is said of them.

    Returns
    -------
    View
    """
    if not outcomes:
        return View(element("div", why_none), why_none)
    rows = [
        [one.config, _figure(one.mean), _interval(one), _outcome(one), _verdict(one), one.run_id]
        for one in outcomes
    ]
    title = f"Forecast and outcome: {outcomes[0].metric}"
    marked = html.table(_OUTCOMES, _linked(rows, -1), numeric=[1, 2], caption=title)
    told = f"{text.visible(title)}\n{text.table(_OUTCOMES, _shortened(rows, -1), numeric=[1])}"
    if not note:
        return View(html.join([html.title(title), marked]), told)
    warned = element("div", note, class_="maestro-warn")
    return View(html.join([html.title(title), marked, warned]), f"{told}\n{text.visible(note)}")


def suggestions_frame(found: ModelForecasts, codes: Sequence[str]) -> pd.DataFrame:
    """Give the same as a table, and in its ``attrs`` what is said of all of it."""
    import pandas as pd

    columns = ["config", "mean", "low", "high", "seconds", "estimator", "similar", "code"]
    rows = [
        [one.config, one.mean, one.low, one.high, one.seconds, one.estimator,
         [each.name for each in one.similar], code]
        for one, code in zip(found.models, codes, strict=True)
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    table.attrs = {
        "task": found.task,
        "score": found.score,
        "datasets": found.datasets,
        "team_datasets": found.team_datasets,
        "file_datasets": found.file_datasets,
        "note": found.note,
    }
    return table


def record_said(record: ForecastRecord | None) -> str:
    """Say how past forecasts fared; nothing where none was tried, or that is not known.

    Examples
    --------
    >>> from maestro_jupyter.models import ForecastRecord
    >>> record_said(ForecastRecord(0, 0))
    ''
    >>> record_said(ForecastRecord(3, 3))
    'So far 3 forecasts were tried: too few to say how often the intervals hold.'
    >>> record_said(ForecastRecord(20, 17, 1))
    'Of 20 forecasts that were tried, 17 lay in their interval: 85 %, where 80 % are meant to. 1 more failed.'
    """
    if record is None or not record.count + record.failed:
        return ""
    failed = f" {record.failed} more failed." if record.failed else ""
    share = record.share
    if share is None:
        tried = f"{many(record.count, 'forecast')} {'was' if record.count == 1 else 'were'} tried"
        return f"So far {tried}: too few to say how often the intervals hold.{failed}"
    inside = f"{record.inside} lay in their interval: {100 * share:.0f} %, where 80 % are meant to."
    return f"Of {record.count} forecasts that were tried, {inside}{failed}"


def learnt_from(found: ModelForecasts) -> str:
    """Say what was forecast, and from what.

    Parameters
    ----------
    found : ModelForecasts
    """
    sources = ((found.team_datasets, "runs"), (found.file_datasets, "files of knowledge"))
    said = " and ".join(f"{count} of them from {source}" for count, source in sources if count)
    known = f"{many(found.datasets, 'past dataset')}{f', {said}' if said else ''}"
    return f"Forecasts of {found.score} by cross-validation, with 80 % intervals, learnt from {known}."


def _rows(items: Iterable[ModelForecast]) -> list[list[object]]:
    return [
        [place, one.config, _figure(one.mean), _interval(one), duration(one.seconds)]
        for place, one in enumerate(items, 1)
    ]


def _one(place: int, one: ModelForecast, code: str) -> Html:
    """Tell one of them, its code and evidence behind a click."""
    head = f"{place}. {one.config}: {_figure(one.mean)} ({_interval(one)}){_takes(one)}"
    return html.folded(head, element("div", evidence(one)), *_behind(one), html.code(code))


def _takes(one: ModelForecast) -> str:
    return "" if one.seconds is None else f"; a fit takes about {duration(one.seconds)}"


def _behind(one: ModelForecast) -> list[Html]:
    """Link to the runs that a forecast is learnt from, if there are any."""
    links = [link for run in runs_behind(one) for link in (" ", html.run_link(run, run[:SHORT]))]
    return [element("div", html.quiet("Runs behind it:"), *links)] if links else []


def runs_behind(one: ModelForecast) -> list[str]:
    """Give the ids of the runs that the evidence names.

    Parameters
    ----------
    one : ModelForecast
    """
    return list(dict.fromkeys(run for similar in one.similar for run in similar.runs[-_RUNS:]))


def tried_on(found: ModelForecasts) -> list[list[str]]:
    """Tell of runs on the very data, the first of them: the config or name, the run's id, what came of it.

    Parameters
    ----------
    found : ModelForecasts
    """
    return [[one.config or one.name, one.run_id, _came(one, found.score)] for one in found.tried[:LISTED]]


def _linked(rows: Sequence[Sequence[object]], place: int) -> list[list[object]]:
    """Make ids of runs in one column links."""
    return _replaced(rows, place, lambda run: html.run_link(run, run[:SHORT]) if run else _NO_RUN)


def _shortened(rows: Sequence[Sequence[object]], place: int) -> list[list[object]]:
    return _replaced(rows, place, lambda run: run[:SHORT] or _NO_RUN)


def _replaced(
    rows: Sequence[Sequence[object]], place: int, by: Callable[[str], object]
) -> list[list[object]]:
    found = [list(row) for row in rows]
    for row in found:
        row[place] = by(str(row[place]))
    return found


def evidence(one: ModelForecast) -> str:
    """Say what a forecast is learnt from.

    Parameters
    ----------
    one : ModelForecast
    """
    if not one.similar:
        return "It was tried on no dataset yet; what is alike was."
    return f"On the datasets that are most alike it had {'; '.join(map(_similar, one.similar))}."


def _similar(one: SimilarDataset) -> str:
    size = "" if one.rows is None else f", {one.rows:,} × {one.columns:,}"
    runs = f", run {', '.join(run[:SHORT] for run in one.runs[-_RUNS:])}" if one.runs else ""
    return f"{_figure(one.score)} on {one.name} (weight {_percent(one.likeness)}{size}{runs})"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "<1 %"


def _evidence_told(items: Iterable[ModelForecast]) -> list[str]:
    return [text.visible(f"{place}. {evidence(one)}") for place, one in enumerate(items, 1)]


def _came(one: TriedModel, score: str) -> str:
    if one.score is not None:
        return f"{score} {_figure(one.score)}"
    if one.status is Status.FAILED:
        return "failed"
    if not one.metric:
        return "no score"
    if one.config is None:
        return f"{one.metric}; its config is not known"
    if one.rows is not None:
        return f"saw {one.rows:,} rows only, not counted: {one.metric}"
    return f"{one.metric}; only {score} counts here"


def _outcome(one: TrialOutcome) -> str:
    if one.score is None:
        return f"failed: {text.one_line(one.error, 80)}"
    return f"{_figure(one.score)} ± {_figure(one.spread or 0.0)}"


def _verdict(one: TrialOutcome) -> str:
    if one.score is None:
        return ""
    if one.inside:
        return "as forecast"
    return "better than forecast" if one.score > one.high else "worse than forecast"


def _figure(value: float) -> str:
    return f"{value:.{_DIGITS}f}"


def _interval(one: ModelForecast | TrialOutcome) -> str:
    return f"{_figure(one.low)} to {_figure(one.high)}"


def _picture(items: Sequence[ModelForecast], came: Mapping[str, TrialOutcome]) -> Html:
    """Draw each interval, its middle, and where the outcome lies."""
    scores = [outcome.score for outcome in came.values() if outcome.score is not None]
    low, high = min([*(one.low for one in items), *scores]), max([*(one.high for one in items), *scores])
    width, height = _NAMES + _BAR + _FIGURES, _ROW * len(items) + _AXIS

    def x(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(_NAMES + share * _BAR, 1)

    rows = []
    for place, one in enumerate(items):
        middle, outcome = place * _ROW + _ROW / 2, came.get(one.config)
        rows += _row(one, middle, x(one.low), x(one.mean), x(one.high))
        if outcome is not None and outcome.score is not None:
            rows.append(_mark(outcome.score, x(outcome.score), middle, good=outcome.score >= outcome.low))
    ends = [(low, "start"), (high, "end")] if high > low else [(low, "middle")]
    axis = [
        element("text", _figure(value), x=x(value), y=height - 6, text_anchor=anchor, fill_opacity=".65")
        for value, anchor in ends
    ]
    said = "What to expect of each suggestion"
    return element(
        "svg", element("title", said), *rows, *axis, viewBox=f"0 0 {width} {height}", width=width,
        height=height, role="img", aria_label=said, style="max-width:100%;height:auto", font_size="11",
        font_family="system-ui,sans-serif", fill="currentColor",
    )  # fmt: skip


def _key(came: Mapping[str, TrialOutcome]) -> str:
    stroke = "; the stroke across it what came of it" if came else ""
    return f"The dot is the score to expect, the bar its 80 % interval{stroke}."


def _mark(score: float, x: float, middle: float, *, good: bool) -> Html:
    said = element("title", f"came out at {_figure(score)}")
    colour = _GREEN if good else _RED
    return element("rect", said, x=x - 2, y=middle - 8, width=4, height=16, fill=colour)


def _row(one: ModelForecast, middle: float, low: float, mean: float, high: float) -> list[Html]:
    figures = f"{_figure(one.mean)}  ({_interval(one)})"
    return [
        element("text", text.one_line(one.config, _LONGEST), element("title", one.config), x=_NAMES - 10,
                y=middle, text_anchor="end", dominant_baseline="middle"),
        element("line", x1=low, x2=high, y1=middle, y2=middle, stroke=_COLOUR, stroke_opacity=".45",
                stroke_width="7"),
        element("circle", cx=mean, cy=middle, r="4", fill=_COLOUR),
        element("text", figures, x=_NAMES + _BAR + 12, y=middle, dominant_baseline="middle",
                fill_opacity=".8"),
    ]  # fmt: skip
