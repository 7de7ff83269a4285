"""What surfaces may ask of what was tried before: as a Protocol, and of a store on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from maestro_jupyter.api import require

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from maestro_jupyter.api import Actor
    from maestro_jupyter.library_api import LocalLibrary
    from maestro_jupyter.models import (
        ArtifactFits,
        ModelForecasts,
        ModelQuestion,
        NotebookAtHand,
        ParameterInsight,
    )
    from maestro_jupyter.store.engine import Store


class RecommendApi(Protocol):
    """What one may ask of what was tried before."""

    def importance(
        self, metric: str, filter_string: str = "", *, project: str | None = None, lower: bool = False
    ) -> ParameterInsight:
        """Tell which parameters mattered for a metric in the runs that match a filter."""

    def models(self, question: ModelQuestion) -> ModelForecasts:
        """Say which models to try on data, and what to expect of each."""

    def artifacts(self, notebook: NotebookAtHand) -> ArtifactFits:
        """Say what of the library fits a notebook, and why; nothing if nothing does."""


class LocalRecommendations:
    """What the runs of a store on this machine tell.

    Parameters
    ----------
    store : Store
    actor : Actor
        Who asks: what others ran in secret changes no answer.
    library : LocalLibrary
        As they may see it.
    knowledge : sequence of Path
        Files of knowledge beside what ships, for whoever asks.
    """

    def __init__(
        self, store: Store, actor: Actor, library: LocalLibrary, knowledge: Sequence[Path] = ()
    ) -> None:
        self._store = store
        self._actor = actor
        self._library = library
        self._knowledge = knowledge
        self._user = None if actor.owner else actor.name

    def importance(
        self, metric: str, filter_string: str = "", *, project: str | None = None, lower: bool = False
    ) -> ParameterInsight:
        """Tell which parameters mattered for a metric in the runs that match a filter.

        Parameters
        ----------
        metric : str
            Its key; measured on held-out data.
        filter_string : str
            Only these runs.
        project : str, optional
            Only this project's.
        lower : bool
            Whether lower is better, where Maestro does not know the metric.

        Returns
        -------
        ParameterInsight
        """
        from maestro_jupyter.recommend.importance import importance
        from maestro_jupyter.store.outcomes import outcomes

        require(self._actor, "read recommendations")
        found = outcomes(self._store, metric, filter_string, project, lower=lower, user=self._user)
        return importance(found, metric=metric)

    def models(self, question: ModelQuestion) -> ModelForecasts:
        """Say which models to try on data, and what to expect of each.

        Parameters
        ----------
        question : ModelQuestion
            What is known of the data; see `maestro_jupyter.suggest`.

        Returns
        -------
        ModelForecasts
        """
        from maestro_jupyter.recommend.suggesting import suggest_models

        require(self._actor, "read recommendations")
        return suggest_models(self._store, question, user=self._user, files=self._knowledge)

    def artifacts(self, notebook: NotebookAtHand) -> ArtifactFits:
        """Say what of the library fits a notebook, and why; nothing if nothing does.

        Parameters
        ----------
        notebook : NotebookAtHand
            What is known of it; see `maestro_jupyter.suggest_artifacts`.

        Returns
        -------
        ArtifactFits
        """
        from maestro_jupyter.library_fits import fitting

        require(self._actor, "read recommendations")
        return fitting(self._library, notebook, self._actor.name)
