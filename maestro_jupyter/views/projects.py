"""The projects, with how many runs each has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maestro_jupyter.views import html, text
from maestro_jupyter.views.html import element
from maestro_jupyter.views.numbers import ago
from maestro_jupyter.views.view import View

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from maestro_jupyter.models import Project


def projects_view(projects: Sequence[Project], current: str, *, now: datetime | None = None) -> View:
    """Show the projects, the one that new runs belong to marked.

    Parameters
    ----------
    projects : sequence of Project
    current : str
        The project that new runs belong to.
    now : datetime, optional
        The time that "2 min ago" counts from.

    Returns
    -------
    View
    """
    said = f"New runs belong to the project {current!r}."
    if not projects:
        return View(element("div", said), text.one_line(said, 200))
    columns = ["project", "runs", "latest"]
    rows = [
        [
            f"{one.name} ← current" if one.name == current else one.name,
            f"{one.runs:,}",
            "" if one.latest is None else ago(one.latest, now),
        ]
        for one in projects
    ]
    return View(
        html.join([html.table(columns, rows, numeric=[1], caption="Projects"), html.quiet(said)]),
        f"{text.table(columns, rows, numeric=[1])}\n{text.one_line(said, 200)}",
    )
