"""The one list of routes: what is not here does not exist."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from maestro_jupyter.server import (
    artifacts,
    audit,
    cards,
    description,
    events,
    files,
    health,
    journals,
    lineage,
    metrics,
    projects,
    recommendations,
    runs,
    uploads,
)
from maestro_jupyter.server.handler import Nowhere
from maestro_jupyter.server.operation import OPERATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tornado.web import RequestHandler

    from maestro_jupyter.server.operation import Operation

PREFIX = "maestro/api/v1"
"""Under the server's base URL."""

VERBS = ("get", "post", "put", "patch", "delete")


class Route(NamedTuple):
    """A path, with its parameters in braces, and what answers there."""

    path: str
    handler: type[RequestHandler]

    def pattern(self) -> str:
        """Give the path as the regular expression that tornado wants.

        Examples
        --------
        >>> Route("runs/{run_id}", runs.OneRun).pattern()
        'runs/([^/]+)'
        """
        return re.sub(r"\\{\w+\\}", "([^/]+)", re.escape(self.path))

    def operations(self) -> Iterator[tuple[str, Operation]]:
        """Give the declared verbs."""
        for verb in VERBS:
            declared = getattr(getattr(self.handler, verb), OPERATION, None)
            if declared is not None:
                yield verb, declared


ROUTES = (
    Route("projects", projects.Projects),
    Route("projects/{name}", projects.OneProject),
    Route("runs", runs.Runs),
    Route("runs/count", runs.RunCount),
    Route("runs/metrics", runs.MetricKeys),
    Route("runs/history", runs.HistoryOfRuns),
    Route("runs/best", runs.BestOfRuns),
    Route("runs/{run_id}", runs.OneRun),
    Route("runs/{run_id}/itself", runs.RunItself),
    Route("runs/{run_id}/children", runs.Children),
    Route("runs/{run_id}/metrics", runs.RunMetrics),
    Route("runs/{run_id}/metrics/{key}", runs.History),
    Route("runs/{run_id}/metrics/{key}/points", runs.Points),
    Route("runs/{run_id}/diff/{other}", runs.Diff),
    Route("runs/{run_id}/lineage", lineage.RunLineage),
    Route("runs/{run_id}/files/{sha256}", files.RunFile),
    Route("files/{sha256}", files.File),
    Route("journals/{journal}", journals.OneJournal),
    Route("journals/{journal}/files/{sha256}", journals.JournalFile),
    Route("artifacts", artifacts.Artifacts),
    Route("artifacts/search", artifacts.Search),
    Route("artifacts/top", artifacts.Top),
    Route("artifacts/used", artifacts.Used),
    Route("artifacts/trending", artifacts.Trending),
    Route("artifacts/unused", artifacts.Unused),
    Route("artifacts/archived", artifacts.Archived),
    Route("artifacts/{name}", artifacts.Versions),
    Route("artifacts/{name}/usage", artifacts.Uses),
    Route("artifacts/{name}/versions/{version}", artifacts.OneVersion),
    Route("artifacts/{name}/versions/{version}/content", artifacts.VersionContent),
    Route("artifacts/{name}/versions/{version}/card", cards.Card),
    Route("artifacts/{name}/versions/{version}/lineage", lineage.ArtifactLineage),
    Route("artifacts/{name}/aliases/{alias}", artifacts.Alias),
    Route("recommendations/artifacts", recommendations.FittingArtifacts),
    Route("recommendations/models", recommendations.Models),
    Route("recommendations/parameters", recommendations.Parameters),
    Route("uploads", uploads.Uploads),
    Route("uploads/{upload}", uploads.OneUpload),
    Route("events", events.Events),
    Route("audit", audit.Audit),
    Route("health/live", health.Live),
    Route("health/ready", health.Readiness),
    Route("metrics", metrics.Metrics),
    Route("openapi.json", description.Description),
)

SOCKETS = (Route("events/live", events.Live),)
"""WebSockets: OpenAPI has no words for them."""


def patterns() -> list[tuple[str, type[RequestHandler]]]:
    """Give every route for tornado, and last what answers where there is none."""
    found = [(f"/{PREFIX}/{route.pattern()}", route.handler) for route in (*ROUTES, *SOCKETS)]
    return [*found, (f"/{PREFIX}/.*", Nowhere)]
