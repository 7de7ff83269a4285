"""Recommendations over REST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from maestro_jupyter.models import (
    ArtifactFits,
    ModelForecasts,
    ModelQuestion,
    NotebookAtHand,
    ParameterInsight,
)
from maestro_jupyter.server.handler import Handler
from maestro_jupyter.server.operation import operation

if TYPE_CHECKING:
    from maestro_jupyter.server.handler import Request


class ParametersQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which runs, and by which metric."""

    metric: Annotated[
        str, Meta(min_length=1, max_length=255, description="Of held-out data or cross-validation.")
    ]
    filter: Annotated[str, Meta(max_length=10_000, description="See docs/filters.md.")] = ""
    project: Annotated[str, Meta(max_length=255, description="Only this project's runs.")] | None = None
    lower: Annotated[
        bool, Meta(description="Whether lower is better, where Maestro does not know the metric.")
    ] = False


class Parameters(Handler):
    """The parameters of runs."""

    @operation("read recommendations", query=ParametersQuery, answer=ParameterInsight, kept=True)
    def get(self, request: Request) -> ParameterInsight:
        """Tell which parameters mattered for a metric, in which direction, and where runs are best."""
        query: ParametersQuery = request.query
        return request.api.recommendations.importance(
            query.metric, query.filter, project=query.project, lower=query.lower
        )


class Models(Handler):
    """Models that are worth trying."""

    @operation("read recommendations", body=ModelQuestion, answer=ModelForecasts)
    def post(self, request: Request) -> ModelForecasts:
        """Say which models to try on data, and what to expect of each."""
        return request.api.recommendations.models(request.body)


class FittingArtifacts(Handler):
    """What of the library fits a notebook."""

    @operation("read recommendations", body=NotebookAtHand, answer=ArtifactFits)
    def post(self, request: Request) -> ArtifactFits:
        """Say what of the library fits a notebook, and why; nothing if nothing does."""
        return request.api.recommendations.artifacts(request.body)
