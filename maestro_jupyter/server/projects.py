"""Projects over REST."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maestro_jupyter.errors import NotFound
from maestro_jupyter.models import Project
from maestro_jupyter.server.handler import Handler
from maestro_jupyter.server.operation import operation
from maestro_jupyter.server.runs import PartQuery

if TYPE_CHECKING:
    from maestro_jupyter.server.handler import Request


class Projects(Handler):
    """All projects."""

    @operation("read runs", query=PartQuery, answer=list[Project], kept=True)
    def get(self, request: Request) -> list[Project]:
        """Give the projects, the one with the latest run first."""
        return request.api.projects(start=request.query.start, limit=request.query.limit)


class OneProject(Handler):
    """One project, by its name."""

    @operation("read runs", answer=Project, kept=True)
    def get(self, request: Request, name: str) -> Project:
        """Give one project."""
        for project in request.api.projects():
            if project.name == name:
                return project
        msg = f"There is no project {name!r:.80}."
        raise NotFound(msg, hint="A project begins with its first run.")
