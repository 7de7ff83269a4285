"""The table of runs: pages of a list of any length, the best of each column, and what to do with a choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from maestro_jupyter import questions
from maestro_jupyter.errors import MaestroError
from maestro_jupyter.references import TOP_LEVEL, quoted
from maestro_jupyter.store.run_order import parse_order
from maestro_jupyter.views.direction import is_ranked, lower_is_better
from maestro_jupyter.views.run_words import children_said, param
from maestro_jupyter.views.runs_table import MAX_COLUMNS, shown_metrics, shown_params
from maestro_jupyter.widgets.changes import AskedChanges, changes
from maestro_jupyter.widgets.comparison import comparing
from maestro_jupyter.widgets.exchange import Answer, Question
from maestro_jupyter.widgets.widget import LiveWidget

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from maestro_jupyter.api import LocalApi
    from maestro_jupyter.models import Run

PAGE = 500
"""How many runs one question may ask for."""

CHOSEN = 50
"""How many runs may be noted on or tagged at once."""

_SAMPLE = 200
_POINTS = 48
_COLUMNS = 60
_CURVES = 200
_KNOWN = 1000
_ATTRIBUTES = ("id", "status", "start_time", "duration", "user", "project", "notebook", "status_reason")

RunId = Annotated[str, Meta(pattern="^[0-9a-f]{1,32}$")]
Chosen = Annotated[list[RunId], Meta(min_length=1, max_length=CHOSEN)]


class Column(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a column shows: an attribute, or a metric, param or tag by its key."""

    entity: Literal["attribute", "metric", "param", "tag"]
    key: Annotated[str, Meta(max_length=1000)]

    @property
    def field(self) -> str:
        """The column as a filter or an order names it."""
        if self.entity == "attribute":
            return "run_id" if self.key == "id" else self.key
        return f"{self.entity}s.`{self.key.replace('`', '``')}`"


Columns = Annotated[list[Column], Meta(max_length=_COLUMNS)]


class Sort(msgspec.Struct, forbid_unknown_fields=True):
    """By what the table is ordered."""

    column: Column
    descending: bool


class Given(msgspec.Struct, forbid_unknown_fields=True):
    """What a table of runs shows.

    Attributes
    ----------
    filter : str
        As in `maestro_jupyter.search_runs`; empty shows the runs that are not part of another.
    project : str or None
        None shows all projects.
    sort : str or None
        Such as ``metrics.accuracy``.
    lower : bool or None
        Whether a lower value of the metric that it is sorted by is better; None guesses by its name.
    """

    filter: str = ""
    project: str | None = None
    sort: str | None = None
    lower: bool | None = None


class AskedSetup(msgspec.Struct, forbid_unknown_fields=True):
    """Asks which columns there are."""

    filter: str


class AskedRows(msgspec.Struct, forbid_unknown_fields=True):
    """Asks for a part of the table.

    Attributes
    ----------
    newest : int or None
        What an earlier answer said, so that runs that came since move nothing; None takes them in.
    """

    filter: str
    columns: Columns
    offset: Annotated[int, Meta(ge=0, le=10**9)]
    limit: Annotated[int, Meta(ge=1, le=PAGE)]
    sort: Sort | None = None
    newest: Annotated[int, Meta(ge=0)] | None = None


class AskedBest(msgspec.Struct, forbid_unknown_fields=True):
    """Asks which runs are the best by some metrics."""

    filter: str
    metrics: Annotated[list[str], Meta(max_length=_COLUMNS)]


class AskedSparks(msgspec.Struct, forbid_unknown_fields=True):
    """Asks for small curves."""

    runs: Annotated[list[RunId], Meta(max_length=_CURVES)]
    metric: str


class AskedRuns(msgspec.Struct, forbid_unknown_fields=True):
    """Asks about some runs."""

    runs: Chosen


class AskedNote(msgspec.Struct, forbid_unknown_fields=True):
    """Asks to note something."""

    runs: Chosen
    text: Annotated[str, Meta(min_length=1, max_length=10_000)]


class AskedTag(msgspec.Struct, forbid_unknown_fields=True):
    """Asks to set a tag."""

    runs: Chosen
    key: str
    value: Annotated[str, Meta(max_length=5000)]


class AskedArchive(msgspec.Struct, forbid_unknown_fields=True):
    """Asks to put runs away, or to take them back."""

    runs: Chosen
    archived: bool


class RunsTable(LiveWidget):
    """A table of runs that is scrolled, ordered, filtered and chosen from.

    Parameters
    ----------
    app : App
    filter, project, sort
        See `Given`.
    """

    kind: ClassVar[str] = "runs"
    Given: ClassVar[type[msgspec.Struct]] = Given

    def questions(self) -> Mapping[str, Question]:
        """Give what it answers, by kind."""
        return {
            "setup": Question(AskedSetup, self._setup),
            "rows": Question(AskedRows, self._rows),
            "best": Question(AskedBest, self._best),
            "sparks": Question(AskedSparks, self._sparks, each=True),
            "changes": Question(AskedChanges, lambda asked: changes(self.fresh, asked)),
            "show": Question(AskedRuns, self._show),
            **comparing(self),
            "note": Question(AskedNote, self._note, each=True),
            "tag": Question(AskedTag, self._tag, each=True),
            "archive": Question(AskedArchive, self._archive, each=True),
        }

    def _setup(self, asked: AskedSetup) -> Answer:
        """Say which columns there are, and which to show first."""
        api, project = self.fresh, self.asked.project
        sample = api.search(_filter(asked.filter), project=project, max_results=_SAMPLE)
        metrics, sort = shown_metrics(sample, _metric_of(self.asked.sort)), self.asked.sort
        params = shown_params(sample, MAX_COLUMNS - len(metrics))
        shown = [("attribute", key) for key in _ATTRIBUTES[:4]]
        shown += [("metric", key) for key in metrics] + [("param", key) for key in params]
        known = [("attribute", key) for key in _ATTRIBUTES]
        known += [("metric", key) for key in api.metric_keys(limit=_KNOWN)]
        known += [("param", key) for key in sorted({key for run in sample for key in run.params})]
        known += [("tag", key) for key in sorted({key for run in sample for key in run.tags})]
        return Answer(
            {
                "shown": [self._column(*column) for column in shown],
                "known": [self._column(*column) for column in known],
                "sort": None if sort is None else _sort(sort),
            }
        )

    def _rows(self, asked: AskedRows) -> Answer:
        """Give runs from one place to another, and how many there are in all."""
        api = self.fresh if asked.newest is None else self.api
        text, project = _filter(asked.filter), self.asked.project
        newest = api.newest() if asked.newest is None else asked.newest
        found = api.page(
            text,
            project=project,
            order_by=_order(asked.sort),
            limit=asked.limit,
            start=(newest, asked.offset),
        )
        rows = [_row(run, asked.columns, _children(api, run)) for run in found.runs]
        said: dict[str, Any] = {"offset": asked.offset, "rows": rows, "newest": newest}
        if asked.newest is None:
            said["total"] = api.count(text, project=project)
        return Answer(said)

    def _best(self, asked: AskedBest) -> Answer:
        """Name the run with the best value of each metric, where there is something to choose between."""
        api, text = self.api, _filter(asked.filter)
        found = {key: self._best_run(api, text, key) for key in asked.metrics if self._is_ranked(key)}
        return Answer({"best": {key: run for key, run in found.items() if run is not None}})

    def _best_run(self, api: LocalApi, text: str, key: str) -> str | None:
        field = Column("metric", key).field
        # What is not finite is not the best of anything.
        finite = f"({text}) and {field} > -inf and {field} < inf"
        ends = [
            api.search(finite, project=self.asked.project, order_by=f"{field} {way}", max_results=1)
            for way in ("ASC", "DESC")
        ]
        if not all(ends) or ends[0][0].metrics[key] == ends[1][0].metrics[key]:
            return None
        return ends[0 if self._is_lower(key) else 1][0].run_id

    def _column(self, entity: str, key: str) -> dict[str, Any]:
        said: dict[str, Any] = {"entity": entity, "key": key}
        if entity == "metric":
            said |= {"ranked": self._is_ranked(key), "lower": self._is_lower(key)}
        return said

    def _is_ranked(self, key: str) -> bool:
        return self._is_told(key) or is_ranked(key)

    def _is_lower(self, key: str) -> bool:
        return bool(self.asked.lower) if self._is_told(key) else lower_is_better(key)

    def _is_told(self, key: str) -> bool:
        """Tell whether somebody said which direction of a metric is better."""
        return self.asked.lower is not None and key == _metric_of(self.asked.sort)

    def _sparks(self, asked: AskedSparks) -> Answer:
        """Give each run's curve of a metric, one behind the other; a run without one has none."""
        import numpy as np

        api = self.api
        curves = [_curve(api, run, asked.metric) for run in asked.runs]
        numbers = np.concatenate([np.empty(0), *curves])
        return Answer({"counts": [len(curve) for curve in curves]}, [numbers.tobytes()])

    def _show(self, asked: AskedRuns) -> Answer:
        view = questions.show(self.fresh, asked.runs[0])
        return Answer({"html": view.html, "text": view.text})

    def _note(self, asked: AskedNote) -> Answer:
        api = self.fresh
        for run in asked.runs:
            api.edit(run, note=asked.text)
        return Answer({"count": len(asked.runs)})

    def _tag(self, asked: AskedTag) -> Answer:
        api = self.fresh
        for run in asked.runs:
            api.edit(run, tags={asked.key: asked.value})
        return Answer({"count": len(asked.runs)})

    def _archive(self, asked: AskedArchive) -> Answer:
        api = self.fresh
        for run in asked.runs:
            api.edit(run, archived=asked.archived)
        return Answer({"count": len(asked.runs)})


def _filter(text: str) -> str:
    return text.strip() or TOP_LEVEL


def _order(sort: Sort | None) -> str | None:
    return None if sort is None else f"{sort.column.field} {'DESC' if sort.descending else 'ASC'}"


def _sort(text: str) -> dict[str, Any]:
    """Read an order as a magic takes it: the best first, unless it says otherwise."""
    term = parse_order(questions.order_of(text))[0]
    column = {"entity": term.field.entity, "key": term.field.key}
    return {"column": column, "descending": term.descending}


def _metric_of(sort: str | None) -> str | None:
    column = None if sort is None else _sort(sort)["column"]
    return column["key"] if column is not None and column["entity"] == "metric" else None


def _row(run: Run, columns: Sequence[Column], children: str) -> dict[str, Any]:
    return {
        "id": run.run_id,
        "name": run.name,
        "status": run.status.value,
        "reason": run.status_reason,
        "below": children,
        "notebook": run.notebook,
        "archived": run.archived is not None,
        "cells": [_cell(run, column) for column in columns],
    }


def _cell(run: Run, column: Column) -> Any:
    match column.entity:
        case "metric":
            return run.metrics.get(column.key)
        case "param":
            return param(run.params[column.key]) if _is_text(run, column.key) else run.params.get(column.key)
        case "tag":
            return run.tags.get(column.key)
        case "attribute":
            return _attribute(run, column.key)


def _is_text(run: Run, key: str) -> bool:
    return isinstance(run.params.get(key), str)


def _attribute(run: Run, key: str) -> Any:
    match key:
        case "id":
            return run.run_id
        case "start_time":
            return run.start_time.timestamp() * 1000
        case "end_time":
            return None if run.end_time is None else run.end_time.timestamp() * 1000
        case "status":
            return run.status.value
        case _:
            return getattr(run, key) if key in _ATTRIBUTES else None


def _children(api: LocalApi, run: Run) -> str:
    if run.source not in {"search", "api"}:
        return ""
    return children_said(run, api.count(f"attributes.parent_id = {quoted(run.run_id)}"))


def _curve(api: LocalApi, run: str, metric: str) -> Any:
    try:
        values = api.history(run, metric, max_points=_POINTS)[2]
    except MaestroError:
        return []
    return values if len(values) > 1 else []
