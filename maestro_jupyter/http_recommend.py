"""What a surface may ask of what was tried before, elsewhere: the answers of a Maestro server, over REST."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from maestro_jupyter.models import ArtifactFits, ModelForecasts, ParameterInsight

if TYPE_CHECKING:
    from maestro_jupyter.http_api import HttpApi
    from maestro_jupyter.models import ModelQuestion, NotebookAtHand


class HttpRecommendations:
    """The same as `maestro_jupyter.recommend_api.LocalRecommendations` over the server's store.

    Parameters
    ----------
    server : HttpApi
    """

    def __init__(self, server: HttpApi) -> None:
        self._server = server

    def importance(
        self, metric: str, filter_string: str = "", *, project: str | None = None, lower: bool = False
    ) -> ParameterInsight:
        """Tell which parameters mattered for a metric in the runs that match a filter."""
        asked = {"metric": metric, "filter": filter_string, "project": project, "lower": str(lower).lower()}
        said = self._server.ask("GET", ("recommendations", "parameters"), query=asked)
        return msgspec.json.decode(said, type=ParameterInsight)

    def models(self, question: ModelQuestion) -> ModelForecasts:
        """Say which models to try on data, and what to expect of each."""
        said = self._server.ask("POST", ("recommendations", "models"), body=msgspec.json.encode(question))
        return msgspec.json.decode(said, type=ModelForecasts)

    def artifacts(self, notebook: NotebookAtHand) -> ArtifactFits:
        """Say what of the library fits a notebook, and why; nothing if nothing does."""
        body = msgspec.json.encode(notebook)
        said = self._server.ask("POST", ("recommendations", "artifacts"), body=body)
        return msgspec.json.decode(said, type=ArtifactFits)
