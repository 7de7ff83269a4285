"""Curves of a metric in many runs: as many points as a screen shows, of the part that is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from maestro_jupyter.errors import MaestroError
from maestro_jupyter.store.histories import MIN_POINTS, choose
from maestro_jupyter.views.curves import MAX_CURVES
from maestro_jupyter.views.direction import lower_is_better
from maestro_jupyter.widgets.changes import AskedChanges, changes
from maestro_jupyter.widgets.exchange import Answer, Question
from maestro_jupyter.widgets.widget import LiveWidget

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from maestro_jupyter.api import LocalApi
    from maestro_jupyter.models import Run

POINTS = 4000
"""How many points of a curve one question may ask for."""

_EPOCH = "epoch"
_MICROSECONDS = 1e6

RunId = Annotated[str, Meta(pattern="^[0-9a-f]{1,32}$")]
Runs = Annotated[list[RunId], Meta(min_length=1, max_length=MAX_CURVES)]


class Given(msgspec.Struct, forbid_unknown_fields=True):
    """What a chart shows.

    Attributes
    ----------
    metric : str
    runs : list of str
        Ids.
    """

    metric: str
    runs: Runs


class AskedSetup(msgspec.Struct, forbid_unknown_fields=True):
    """Asks which runs and metrics there are."""


class AskedCurves(msgspec.Struct, forbid_unknown_fields=True):
    """Asks for the curves.

    Attributes
    ----------
    axis : str
        What they run along: ``step``, ``time`` (seconds since a run's first point) or ``epoch``.
    points : int
        How many of each at most.
    low, high : float or None
        The part that is looked at; None has no end.
    """

    metric: str
    axis: Literal["step", "time", "epoch"]
    points: Annotated[int, Meta(ge=MIN_POINTS, le=POINTS)]
    low: float | None = None
    high: float | None = None


class Curves(LiveWidget):
    """A chart that is zoomed into.

    Parameters
    ----------
    app : App
    metric, runs
        See `Given`.
    """

    kind: ClassVar[str] = "curves"
    Given: ClassVar[type[msgspec.Struct]] = Given

    def questions(self) -> Mapping[str, Question]:
        """Give what it answers, by kind."""
        return {
            "setup": Question(AskedSetup, self._setup),
            "curves": Question(AskedCurves, self._curves),
            "changes": Question(AskedChanges, lambda asked: changes(self.fresh, asked)),
        }

    def _setup(self, _asked: AskedSetup) -> Answer:
        """Say which runs are drawn, and what else could be drawn of them."""
        api = self.fresh
        runs = [api.get(run) for run in self.asked.runs]
        return drawable(runs, sorted({key for run in runs for key in run.metrics}))

    def _curves(self, asked: AskedCurves) -> Answer:
        return curves_of(self.api, self.asked.runs, asked)


def drawable(runs: Sequence[Run], metrics: Sequence[str]) -> Answer:
    """Say which runs are drawn, and which metrics there are to draw.

    Parameters
    ----------
    runs : sequence of Run
    metrics : sequence of str
    """
    return Answer(
        {
            "runs": [{"id": run.run_id, "name": run.name, "status": run.status.value} for run in runs],
            "metrics": [{"key": key, "lower": lower_is_better(key)} for key in metrics],
            "epochs": _EPOCH in metrics,
        }
    )


def curves_of(api: LocalApi, runs: Sequence[str], asked: AskedCurves) -> Answer:
    """Give each run's points along the axis, then their values, one run behind the other.

    Parameters
    ----------
    api : LocalApi
    runs : sequence of str
        Ids.
    asked : AskedCurves
    """
    import numpy as np

    found = [_curve(api, run, asked) for run in runs]
    numbers = np.concatenate([np.empty(0), *(part for curve in found for part in curve)])
    return Answer({"counts": [len(values) for _, values in found]}, [numbers.tobytes()])


def _curve(api: LocalApi, run: str, asked: AskedCurves) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    import numpy as np

    nothing = np.empty(0), np.empty(0)
    try:
        steps, times, values = api.history(run, asked.metric)
        along = _along(api, run, asked.axis, steps, times)
    except MaestroError:  # it has no such metric, or no epochs
        return nothing
    part = _part(along, asked.low, asked.high)
    along, values = along[part], values[part]
    if len(values) > asked.points:
        chosen = choose(values, asked.points)
        along, values = along[chosen], values[chosen]
    return along, values


def _along(
    api: LocalApi, run: str, axis: str, steps: NDArray[np.int64], times: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Give where the points stand on an axis."""
    import numpy as np

    if axis == "time" and len(times):
        return np.asarray((times - times.min()) / _MICROSECONDS)
    if axis == "epoch":
        known, _, epochs = api.history(run, _EPOCH)
        return np.interp(steps, known, epochs)
    return steps.astype(np.float64)


def _part(along: NDArray[np.float64], low: float | None, high: float | None) -> slice:
    """Give the points between two places, and the next one on either side, so that lines reach the edges."""
    import numpy as np

    if low is None and high is None:
        return slice(None)
    inside = np.flatnonzero(
        (along >= (-np.inf if low is None else low)) & (along <= (np.inf if high is None else high))
    )
    if not len(inside):
        return slice(0, 0)
    return slice(max(0, int(inside[0]) - 1), int(inside[-1]) + 2)
