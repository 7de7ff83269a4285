"""Runs side by side: what each has, the curves of all, and what changed from one to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from maestro_jupyter.views.comparison import MAX_RUNS
from maestro_jupyter.views.direction import is_ranked, lower_is_better
from maestro_jupyter.widgets.changes import AskedChanges, changes
from maestro_jupyter.widgets.curves import AskedCurves, RunId, Runs, curves_of, drawable
from maestro_jupyter.widgets.exchange import Answer, Question
from maestro_jupyter.widgets.widget import LiveWidget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from maestro_jupyter.api import LocalApi
    from maestro_jupyter.models import Run

Compared = Annotated[list[RunId], Meta(min_length=2, max_length=MAX_RUNS)]

_METRICS = 300
"""Of how many metrics of a run it is looked up whether they have a curve."""


class Given(msgspec.Struct, forbid_unknown_fields=True):
    """What is compared.

    Attributes
    ----------
    runs : list of str
        Ids.
    tab : str
        What is seen first.
    """

    runs: Compared
    tab: Literal["table", "parallel", "scatter", "curves", "changes"] = "table"


class AskedComparison(msgspec.Struct, forbid_unknown_fields=True):
    """Asks for what some runs have."""

    runs: Compared


class AskedDrawable(msgspec.Struct, forbid_unknown_fields=True):
    """Asks which metrics of some runs have a curve."""

    runs: Runs


class AskedCurvesOf(AskedCurves, kw_only=True):
    """Asks for the curves of some runs."""

    runs: Runs


class AskedDiff(msgspec.Struct, forbid_unknown_fields=True):
    """Asks what changed from one run to another."""

    a: RunId
    b: RunId


class Comparison(LiveWidget):
    """Runs side by side.

    Parameters
    ----------
    app : App
    runs, tab
        See `Given`.
    """

    kind: ClassVar[str] = "comparison"
    Given: ClassVar[type[msgspec.Struct]] = Given

    def questions(self) -> Mapping[str, Question]:
        """Give what it answers, by kind."""
        return {
            **comparing(self),
            "changes": Question(AskedChanges, lambda asked: changes(self.fresh, asked)),
        }


def comparing(widget: LiveWidget) -> Mapping[str, Question]:
    """Give the questions of a comparison, by kind: every widget that shows one answers them.

    Parameters
    ----------
    widget : LiveWidget
    """
    return {
        "compared": Question(AskedComparison, lambda asked: _compared(widget.fresh, asked)),
        "drawable": Question(AskedDrawable, lambda asked: _drawable(widget.fresh, asked)),
        "curves": Question(AskedCurvesOf, lambda asked: curves_of(widget.api, asked.runs, asked)),
        "diff": Question(AskedDiff, lambda asked: _diff(widget.fresh, asked)),
    }


def _compared(api: LocalApi, asked: AskedComparison) -> Answer:
    """Give the runs, and of each metric whether it has a better and a worse, and which that is."""
    runs = [api.get(run) for run in asked.runs]
    metrics = sorted({key for run in runs for key in run.metrics})
    directions = {key: {"ranked": is_ranked(key), "lower": lower_is_better(key)} for key in metrics}
    return Answer({"runs": [_run(run) for run in runs], "directions": directions})


def _run(run: Run) -> dict[str, Any]:
    return {
        "id": run.run_id,
        "name": run.name,
        "status": run.status.value,
        "reason": run.status_reason,
        "started": run.start_time.timestamp() * 1000,
        "took": run.duration,
        "params": run.params,
        "metrics": run.metrics,
    }


def _drawable(api: LocalApi, asked: AskedDrawable) -> Answer:
    details = [api.detail(run, most=_METRICS) for run in asked.runs]
    curved = {metric.key for detail in details for metric in detail.metrics if metric.count > 1}
    return drawable([detail.run for detail in details], sorted(curved))


def _diff(api: LocalApi, asked: AskedDiff) -> Answer:
    return Answer(msgspec.to_builtins(api.diff(asked.a, asked.b)))
