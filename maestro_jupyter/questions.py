"""The questions that the magics and the command line share: each asks the interface and gives a view."""

from __future__ import annotations

import difflib
import math
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from maestro_jupyter.errors import Invalid, MaestroError, NotFound
from maestro_jupyter.references import TOP_LEVEL, find_run, quoted
from maestro_jupyter.store.lineage_graph import USUAL
from maestro_jupyter.views import Live
from maestro_jupyter.views.card import card_view
from maestro_jupyter.views.comparison import MAX_RUNS, comparison
from maestro_jupyter.views.curves import MAX_CURVES, Curve, curves_view
from maestro_jupyter.views.dashboard import Board, DashboardView, dashboard_view
from maestro_jupyter.views.diff_view import diff_view
from maestro_jupyter.views.direction import is_ranked, lower_is_better
from maestro_jupyter.views.insight import insight_view
from maestro_jupyter.views.lineage import LineageView, lineage_view
from maestro_jupyter.views.projects import projects_view
from maestro_jupyter.views.run_card import run_card
from maestro_jupyter.views.run_words import short_id
from maestro_jupyter.views.runs_table import fold, runs_table, shown_metrics
from maestro_jupyter.views.status import Status, status_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from maestro_jupyter.api import Api
    from maestro_jupyter.app import App
    from maestro_jupyter.models import ParameterInsight, Run
    from maestro_jupyter.store.lineage_graph import Extent, Lineage
    from maestro_jupyter.views import View

SHOWN = 20
"""How many runs a table has unless told."""

_USED = 8
_SPARK_POINTS = 64
_CURVE_POINTS = 500
_PLOTTED = 5


def find_runs(
    api: Api,
    filter_string: str = "",
    *,
    project: str | None = None,
    sort: str | None = None,
    limit: int = SHOWN,
) -> list[Run]:
    """Give the runs that a table shows: those that match, or else those that are not part of another."""
    return api.search(
        filter_string.strip() or TOP_LEVEL, project=project, order_by=order_of(sort), max_results=limit
    )


def order_of(sort: str | None) -> str | None:
    """Give the order that a table is asked for: of a metric the best first, unless it says otherwise.

    Examples
    --------
    >>> order_of("metrics.val_loss"), order_of("metrics.accuracy"), order_of("name DESC")
    ('metrics.`val_loss` ASC', 'metrics.`accuracy` DESC', 'name DESC')
    """
    if sort is None or not sort.startswith("metrics.") or sort.upper().endswith((" ASC", " DESC")):
        return sort
    key = sort.removeprefix("metrics.").strip("`")
    return f"metrics.{_ticked(key)} {'ASC' if lower_is_better(key) else 'DESC'}"


def runs(
    api: Api,
    filter_string: str = "",
    *,
    project: str | None = None,
    sort: str | None = None,
    limit: int = SHOWN,
) -> View:
    """Show the runs of a project, or of all.

    Parameters
    ----------
    api : Api
    filter_string : str
        As in `maestro_jupyter.search_runs`.
    project : str, optional
        None shows all projects.
    sort : str, optional
        Such as ``metrics.accuracy``: the best first, as guessed from its name, unless ``ASC`` or ``DESC`` is
        said; by default the newest first.
    limit : int
        How many at most.
    """
    found = find_runs(api, filter_string, project=project, sort=sort, limit=limit)
    metric = sort.split()[0].removeprefix("metrics.") if sort and sort.startswith("metrics.") else None
    total = api.count(filter_string.strip() or TOP_LEVEL, project=project)
    live = Live("runs", {"filter": filter_string.strip(), "project": project, "sort": sort})
    return replace(_table(api, found, total=total, metric=metric), live=live)


def best(api: Api, metric: str, *, project: str | None = None, lower: bool | None = None) -> View:
    """Show the runs with the best values of a metric.

    Parameters
    ----------
    api : Api
    metric : str
    project : str, optional
        None looks in all projects.
    lower : bool, optional
        Whether a lower value is better; guessed from the name if missing.
    """
    guessed = lower is None
    lower = lower_is_better(metric) if lower is None else lower
    order = f"metrics.{_ticked(metric)} {'ASC' if lower else 'DESC'}"
    found = api.search(order_by=order, project=project, max_results=_PLOTTED)
    found = [run for run in found if not math.isnan(run.metrics.get(metric, math.nan))]
    if not found:
        raise _no_metric(api, metric, project)
    said = f"{'Lower' if lower else 'Higher'} is better{', as guessed from the name' if guessed else ''}."
    view = _table(api, found, metric=metric, note=f"Best first by {metric}. {said}", lower=lower)
    live = {
        "filter": f"metrics.{_ticked(metric)} is not null",
        "project": project,
        "sort": order,
        "lower": None if guessed else lower,
    }
    return replace(view, live=Live("runs", live))


def show(api: Api, reference: str, *, project: str | None = None) -> View:
    """Show everything about one run."""
    detail = api.detail(find_run(api, reference, project).run_id)
    histories = {one.key: _values(api, detail.run.run_id, one.key) for one in detail.metrics if one.count > 1}
    return run_card(detail, histories=histories)


def diff(api: Api, a: str, b: str, *, project: str | None = None) -> View:
    """Show what changed between two runs."""
    runs = [find_run(api, reference, project).run_id for reference in (a, b)]
    view = diff_view(api.diff(*runs))
    if runs[0] == runs[1]:
        return view
    return replace(view, live=Live("comparison", {"runs": runs, "tab": "changes"}))


def lineage_of(api: Api, reference: str, extent: Extent = USUAL, *, project: str | None = None) -> Lineage:
    """Give what an artifact or a run came from, and what came of it.

    Parameters
    ----------
    api : Api
    reference : str
        An artifact's, as ``scaler``, ``scaler:3`` or ``scaler@champion``; or else a run.
    extent : Extent
        How far to follow it.
    project : str, optional
        Where a run that is named is looked up first.
    """
    try:
        return api.library.lineage(reference, extent)
    except (Invalid, NotFound) as error:
        no_artifact = error
    try:
        run = find_run(api, reference, project)
    except NotFound:
        if set(reference) & set(":@"):
            raise no_artifact from None
        msg = f"There is neither an artifact nor a run {reference!r:.140}."
        raise NotFound(msg, hint="See `%maestro search` and `%maestro runs`.") from None
    return api.lineage(run.run_id, extent)


def lineage(api: Api, reference: str, extent: Extent = USUAL, *, project: str | None = None) -> LineageView:
    """Show what `lineage_of` gives."""
    return lineage_view(lineage_of(api, reference, extent, project=project))


def card(api: Api, reference: str) -> View:
    """Show the model card of an artifact."""
    return card_view(api.library.card(reference))


def compare(api: Api, references: Sequence[str], *, project: str | None = None) -> View:
    """Show several runs side by side.

    Parameters
    ----------
    api : Api
    references : sequence of str
        Two different runs or more, and no more than `MAX_RUNS`; one that is named twice is shown once.
    project : str, optional
        Where they are looked up first.
    """
    if len(references) > MAX_RUNS:
        msg = f"{len(references):,} runs are too many to compare; {MAX_RUNS} can be at once."
        raise Invalid(msg)
    few = Invalid("Expected two different runs or more.")
    if len(references) < 2:
        raise few
    found = {run.run_id: run for run in (find_run(api, reference, project) for reference in references)}
    if len(found) < 2:
        raise few
    return replace(comparison([*found.values()]), live=Live("comparison", {"runs": [*found]}))


def archive(
    api: Api, references: Sequence[str], *, project: str | None = None, archived: bool = True
) -> list[Run]:
    """Put runs away, or take them back; give them as they are then. None is if one is not there."""
    chosen = [find_run(api, reference, project) for reference in references]
    return [api.edit(run.run_id, archived=archived) for run in chosen]


def end(api: Api, references: Sequence[str], status: str, *, project: str | None = None) -> list[Run]:
    """End runs whose host is gone, with their open parts; give them as they are then.

    None is ended if one is not there; one that has ended or is alive ends the list.
    """
    chosen = [find_run(api, reference, project) for reference in references]
    ended: list[Run] = []
    for run in chosen:
        now = api.get(run.run_id) if ended else run
        is_part = now.status != run.status  # of one before it in the list, which it has ended with
        ended.append(now if is_part else api.edit(run.run_id, status=status))
    return ended


def plot(api: Api, metric: str, references: Sequence[str] = (), *, project: str | None = None) -> View:
    """Draw a metric of some runs; without any, of the latest five that have it."""
    if references:
        chosen = [find_run(api, reference, project) for reference in references]
    else:
        chosen = api.search(f"metrics.{_ticked(metric)} is not null", project=project, max_results=_PLOTTED)
        if not chosen:
            raise _no_metric(api, metric, project)
    curves = []
    for run in chosen[: MAX_CURVES + 1]:
        steps, _, values = api.history(run.run_id, metric, max_points=_CURVE_POINTS)
        curves.append(Curve(f"{run.name} {short_id(run)}", steps.tolist(), values.tolist()))
    note = "" if references else f"The latest {len(chosen)} with {metric}."
    view = curves_view(metric, curves, note=note if len(chosen) > 1 else "")
    drawn = [run.run_id for run in chosen[:MAX_CURVES]]
    return replace(view, live=Live("curves", {"metric": metric, "runs": drawn}))


def importance(
    api: Api, metric: str, filter_string: str = "", *, project: str | None = None, lower: bool | None = None
) -> View:
    """Show which parameters mattered for a metric, in which direction, and where runs are best.

    Parameters
    ----------
    api : Api
    metric : str
        Of held-out data or cross-validation.
    filter_string : str
        Only these runs.
    project : str, optional
        None looks in all projects.
    lower : bool, optional
        Whether a lower value is better; guessed from the name if missing.
    """
    return insight_view(find_importance(api, metric, filter_string, project=project, lower=lower))


def find_importance(
    api: Api, metric: str, filter_string: str = "", *, project: str | None = None, lower: bool | None = None
) -> ParameterInsight:
    """Give what `importance` shows.

    Raises
    ------
    Invalid
        If no metric is named.
    """
    said: Any = metric  # whatever the user gave
    if not isinstance(said, str) or not said.removeprefix("metrics.").strip():
        msg = f"The metric is {said!r:.40}; expected its key, such as 'accuracy_score_y_test'."
        raise Invalid(msg)
    metric = metric.removeprefix("metrics.")
    lower = lower_is_better(metric) if lower is None else lower
    return api.recommendations.importance(metric, filter_string, project=project, lower=lower)


def projects(api: Api, current: str) -> View:
    """Show the projects."""
    return projects_view(api.projects(), current)


def known_project(api: Api, name: str) -> str:
    """Give the name of a project, if there is one.

    Raises
    ------
    NotFound
        If there is none.
    """
    known = [one.name for one in api.projects()]
    if name in known:
        return name
    near = difflib.get_close_matches(name, known, 3, 0.5)
    msg = f"There is no project {name!r:.140}."
    raise NotFound(msg, hint=f"Did you mean {', '.join(near)}?" if near else "See `%maestro project`.")


def dashboard(
    api: Api, *, project: str | None = None, metric: str | None = None, lower: bool | None = None
) -> DashboardView:
    """Show how the experiments go: runs over time, the best so far, failures, hours, and what is used.

    Parameters
    ----------
    api : Api
    project : str, optional
        None looks at all.
    metric : str, optional
        Whose best is shown; by default, the one that the most runs have.
    lower : bool, optional
        Whether a lower value of it is better; guessed from the name if missing.
    """
    board = find_dashboard(api, project=project, metric=metric, lower=lower)
    live = Live("dashboard", {"project": project, "metric": metric, "lower": lower})
    return replace(dashboard_view(board), live=live)


def find_dashboard(
    api: Api, *, project: str | None = None, metric: str | None = None, lower: bool | None = None
) -> Board:
    """Give what `dashboard` shows."""
    history = api.run_history(project, utc_offset=_utc_offset())
    ranked = filter(is_ranked, history.metrics)
    chosen = metric or next(ranked, None) or next(iter(history.metrics), None)
    best = None
    if chosen is not None:
        down = lower_is_better(chosen) if lower is None else lower
        best = api.best_so_far(chosen, project, lower=down)
        if metric is not None and not best.runs:
            raise _no_metric(api, metric, project)
    used = [one for one in api.library.used(_USED, project) if one.runs or one.projects]
    return Board(project, history, best, used, guessed=lower is None)


def _utc_offset() -> int:
    """Give how many minutes before they do in UTC days begin here."""
    offset = datetime.now().astimezone().utcoffset()
    return 0 if offset is None else round(offset.total_seconds() / 60)


def status(app: App) -> View:
    """Show how the recording of this process stands; asks no database."""
    recorder, config = app.recorder, app.config
    active = recorder.active_run()
    return status_view(
        Status(
            recording=recorder.enabled,
            mode=config.mode,
            project=recorder.project,
            notebook=recorder.notebook,
            active_run=None if active is None else f"{active.name} ({short_id(active)})",
            home=str(config.home_path),
            database=masked(config.database_url),
            server=app.collecting_server(),
            counts=recorder.counts,
            waiting=recorder.journal.waiting,
            dropped=recorder.journal.dropped,
            problems=recorder.problems.counts(),
            latest=recorder.problems.latest(),
        )
    )


def masked(url: str) -> str:
    """Take the password out of a database's URL.

    Examples
    --------
    >>> masked("postgresql://ada:secret@db/maestro")
    'postgresql://ada:***@db/maestro'
    """
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "(not a database URL)"


def _table(
    api: Api,
    found: Sequence[Run],
    *,
    total: int | None = None,
    metric: str | None = None,
    note: str = "",
    lower: bool | None = None,
) -> View:
    top, _ = fold(found)
    counts = {run.run_id: api.count(f"attributes.parent_id = {quoted(run.run_id)}") for run in top}
    histories = {
        (run.run_id, key): values
        for key in shown_metrics(top, metric)
        for run in top
        if key in run.metrics and len(values := _values(api, run.run_id, key)) > 1
    }
    return runs_table(
        found, histories=histories, counts=counts, total=total, metric=metric, note=note, lower=lower
    )


def _values(api: Api, run_id: str, key: str) -> list[float]:
    try:
        return list(api.history(run_id, key, max_points=_SPARK_POINTS)[2].tolist())
    except MaestroError:
        return []


def _ticked(key: str) -> str:
    return "`" + key.replace("`", "``") + "`"


def _no_metric(api: Api, metric: str, project: str | None) -> MaestroError:
    where = f" in the project {project!r}" if project else ""
    near = difflib.get_close_matches(metric, api.metric_keys(), 3, 0.5)
    hint = f"Did you mean {', '.join(near)}?" if near else ""
    return NotFound(f"No run{where} has the metric {metric!r}.", hint=hint)
