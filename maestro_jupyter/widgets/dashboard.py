"""The dashboard, kept up to date: of one project or all, with the best of a metric that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

import msgspec
from msgspec import Meta

from maestro_jupyter import questions
from maestro_jupyter.errors import NotFound
from maestro_jupyter.views.dashboard import dashboard_view
from maestro_jupyter.widgets.changes import AskedChanges, changes
from maestro_jupyter.widgets.exchange import Answer, Question
from maestro_jupyter.widgets.widget import LiveWidget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from maestro_jupyter.views.dashboard import Board

PROJECTS = 1000
"""Of how many projects, the latest, one can be chosen."""

Name = Annotated[str, Meta(max_length=255)]


class Given(msgspec.Struct, forbid_unknown_fields=True):
    """What is shown at first.

    Attributes
    ----------
    project : str or None
        None shows all.
    metric : str or None
        None shows the one that the most runs have.
    lower : bool or None
        Whether lower is better of this metric; None guesses.
    """

    project: Name | None = None
    metric: Name | None = None
    lower: bool | None = None


class AskedBoard(msgspec.Struct, forbid_unknown_fields=True):
    """Asks how it goes: in all projects without one, and by the commonest metric without one."""

    project: Name | None = None
    metric: Name | None = None


class Dashboard(LiveWidget):
    """A dashboard with a choice of project and metric.

    Parameters
    ----------
    app : App
    project, metric, lower
        See `Given`.
    """

    kind: ClassVar[str] = "dashboard"
    Given: ClassVar[type[msgspec.Struct]] = Given

    def questions(self) -> Mapping[str, Question]:
        """Give what it answers, by kind."""
        return {
            "board": Question(AskedBoard, self._board),
            "changes": Question(AskedChanges, lambda asked: changes(self.fresh, asked)),
        }

    def _board(self, asked: AskedBoard) -> Answer:
        board = self._found(asked)
        projects = self.api.projects(limit=PROJECTS)
        return Answer(
            {
                "html": dashboard_view(board).html,
                "projects": [project.name for project in projects],
                "metrics": board.history.metrics,
                "metric": None if board.best is None else board.best.metric,
                "running": board.history.total.running,
            }
        )

    def _found(self, asked: AskedBoard) -> Board:
        as_at_first = (asked.project, asked.metric) == (self.asked.project, self.asked.metric)
        lower = self.asked.lower if as_at_first else None
        api = self.fresh
        try:
            return questions.find_dashboard(api, project=asked.project, metric=asked.metric, lower=lower)
        except NotFound:
            if asked.metric is None:
                raise
        # The project that was chosen just now has not the metric of the one before.
        return questions.find_dashboard(api, project=asked.project)
