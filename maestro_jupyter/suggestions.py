"""What to try next on data that are at hand: suggestions with their evidence and the code to run them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from numbers import Integral
from typing import TYPE_CHECKING, Any, TypeAlias, overload

from maestro_jupyter.errors import Conflict, Invalid, Unavailable
from maestro_jupyter.recommend.asking import Wanted, ask_about
from maestro_jupyter.recommend.estimator_classes import missing_packages
from maestro_jupyter.recommend.pipelines import SCORING, recipe
from maestro_jupyter.recommend.recorded_configs import config_from
from maestro_jupyter.recommend.suggesting import FITS, suggest_from_prior
from maestro_jupyter.recording.calls import own_work
from maestro_jupyter.trying import Halted, Trial, describe_run, record_of, try_out
from maestro_jupyter.views import Live
from maestro_jupyter.views.suggestions import (
    outcomes_view,
    suggestion_view,
    suggestions_frame,
    suggestions_view,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    import pandas as pd

    from maestro_jupyter.app import App
    from maestro_jupyter.models import (
        ForecastRecord,
        ModelForecast,
        ModelForecasts,
        ModelQuestion,
        TrialOutcome,
    )
    from maestro_jupyter.recommend.pipelines import Recipe
    from maestro_jupyter.views import View

    Progress: TypeAlias = Callable[[str], AbstractContextManager[object]]
    Interrupted: TypeAlias = Callable[["Suggestions", "Outcomes"], None]

NONE_YET = "Nothing was tried yet."
ALL_TRIED = "All suggestions were tried."
NONE_TO_TRY = "There is no suggestion to try."
TOO_LONG = "Nothing was tried: the next would take longer than the seconds that were given."
CHANGED = "X or y was changed since it was asked what to try on them."
GO_ON = "Run this again to go on: what was tried is not tried again."
STOPPED = "Stopped: the seconds that were given were over before the first was tried to the end."


class Outcomes(list["TrialOutcome"]):
    """What came of suggestions that were tried, in the order in which they were.

    Attributes
    ----------
    why_none : str
        What is said while there is none.
    note : str
        What is said of all of them, such as that there would have been more.
    """

    why_none = NONE_YET
    note = ""

    def view(self) -> View:
        """Show forecasts beside outcomes."""
        return outcomes_view(self, self.why_none, self.note)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        return self.view()._repr_mimebundle_()

    def __repr__(self) -> str:
        return self.view().text


@dataclass(frozen=True, repr=False)
class Suggestion:
    """One config that is worth trying.

    Attributes
    ----------
    forecast : ModelForecast
        What to expect of it, and why.
    recipe : Recipe
        What it is on the data.
    code : str
        A cell that makes it, cross-validates it and fits it, as it stands.
    """

    forecast: ModelForecast
    recipe: Recipe
    code: str
    _outcomes: Outcomes = field(default_factory=Outcomes, compare=False)

    def pipeline(self) -> Any:
        """Make the unfitted estimator, with the preprocessing that the data need."""
        return self.recipe.pipeline()

    def view(self) -> View:
        """Show it, and what came of it."""
        came = next((one for one in self._outcomes if one.config == self.forecast.config), None)
        return suggestion_view(self.forecast, SCORING[self.recipe.task], self.code, came)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        return self.view()._repr_mimebundle_()

    def _repr_html_(self) -> str:
        return self._repr_mimebundle_()["text/html"]

    def __repr__(self) -> str:
        return self.view().text


class Suggestions(Sequence[Suggestion]):
    """Configs that are worth trying on data, the most promising first. Made by `maestro_jupyter.suggest`.

    Parameters
    ----------
    app : App
    trial : Trial
    found : ModelForecasts
    items : list of Suggestion
    outcomes : Outcomes
        Filled as they are tried.
    seconds : float or None
        How long trying all of them may take.
    progress : callable
        Shows a sentence while a block goes on.
    interrupted : callable
        Shows what came so far when trying them is interrupted.

    Attributes
    ----------
    found : ModelForecasts
        All that was answered: also what was tried on the data before, and how much was learnt from.
    outcomes : Outcomes
        What came of those that were tried.
    """

    def __init__(
        self,
        app: App,
        trial: Trial,
        found: ModelForecasts,
        items: list[Suggestion],
        outcomes: Outcomes,
        *,
        seconds: float | None,
        progress: Progress,
        interrupted: Interrupted,
    ) -> None:
        self.found = found
        self.outcomes = outcomes
        self._app = app
        self._trial = trial
        self._items = items
        self._seconds = seconds
        self._progress = progress
        self._interrupted = interrupted

    @overload
    def __getitem__(self, place: int) -> Suggestion: ...
    @overload
    def __getitem__(self, place: slice) -> list[Suggestion]: ...
    def __getitem__(self, place: int | slice) -> Suggestion | list[Suggestion]:
        return self._items[place]

    def __len__(self) -> int:
        return len(self._items)

    @property
    def note(self) -> str:
        """Why there is nothing to suggest, or why it may be wrong; empty if all is well."""
        return self.found.note

    @property
    def record(self) -> ForecastRecord:
        """How the forecasts of suggestions that were tried so far have fared, on whatever data.

        Raises
        ------
        Unavailable
            If the runs cannot be read.
        """
        return self._app.ask_soon(record_of)[0]

    @property
    def record_if_read(self) -> ForecastRecord | None:
        """The same, or None if the runs cannot be read."""
        try:
            return self.record
        except Unavailable:
            return None

    def try_next(self) -> Outcomes:
        """Cross-validate the first one that was not tried yet, as a run of its own.

        Returns
        -------
        Outcomes
            With one outcome.

        Raises
        ------
        Conflict
            If all were tried, or the data were changed since.
        """
        left = self._left()
        if not left:
            raise Conflict(
                self._why_none_left, hint="Call maestro.suggest() again: it knows what came of them."
            )
        return Outcomes([self._try(left[0])])

    def try_all(self, most: int | None = None) -> Outcomes:
        """Cross-validate all that were not tried yet, or the first of them, each as a run of its own.

        One that fails is a failed run, and the others go on. Once it is clear that the next would take
        longer than the seconds that were given, it stops, and between two folds once they are over: that run
        is killed, and may be tried again. An interrupt ends the run that is going on; what was tried before
        is kept, and a notebook shows it.

        Parameters
        ----------
        most : int, optional
            How many are tried at most.

        Returns
        -------
        Outcomes

        Raises
        ------
        Invalid
            If it is fewer than one.
        Conflict
            If the data were changed since.
        """
        given: Any = most  # whatever the user gave
        if given is not None and not (isinstance(given, Integral) and int(given) >= 1):
            msg = f"Expected how many to try, at least 1, not {given!r:.40}."
            raise Invalid(msg)
        tried, left = Outcomes(), self._left()
        if not left:
            tried.why_none = self._why_none_left
        try:
            self._try_in_turn(left[:most], tried)
        except KeyboardInterrupt:
            tried.note = tried.why_none = _interrupted_after(len(tried), len(left[:most]))
            self._interrupted(self, tried)
            raise KeyboardInterrupt from None  # where it was, in somebody's fit, would bury what is shown
        return tried

    def try_one(self, place: int, goes_on: Callable[[], bool] = lambda: True) -> TrialOutcome | None:
        """Cross-validate one of them, as a run of its own; of one that was tried, give what came of it.

        Parameters
        ----------
        place : int
            From 0.
        goes_on : callable
            Asked before each fold.

        Returns
        -------
        TrialOutcome or None
            None if it did not go on; it may be tried again.

        Raises
        ------
        Conflict
            If the data were changed since.
        """
        suggestion = self._items[place]
        for outcome in self.outcomes:
            if outcome.config == suggestion.forecast.config:
                return outcome
        try:
            return self._try(suggestion, lambda _: contextlib.nullcontext(), goes_on)
        except Halted:
            return None

    def frame(self) -> pd.DataFrame:
        """Give them as a table, with what is said of all in its ``attrs``."""
        return suggestions_frame(self.found, [one.code for one in self._items])

    def view(self) -> View:
        """Show them."""
        view = suggestions_view(
            self.found,
            [one.code for one in self._items],
            self._trial.names,
            self.outcomes,
            self.record_if_read,
        )
        return replace(view, live=Live("suggestions", {"suggestions": self}))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        return self.view()._repr_mimebundle_()

    def _repr_html_(self) -> str:
        return self._repr_mimebundle_()["text/html"]

    def __repr__(self) -> str:
        return self.view().text

    @property
    def _why_none_left(self) -> str:
        return ALL_TRIED if self._items else NONE_TO_TRY

    def _left(self) -> list[Suggestion]:
        tried = {outcome.config for outcome in self.outcomes}
        return [one for one in self._items if one.forecast.config not in tried]

    def _cost(self, suggestion: Suggestion, tried: Sequence[TrialOutcome]) -> float:
        """Give how long trying one takes, on this machine as far as that is known."""
        expected = {one.forecast.config: one.forecast.seconds for one in self._items}
        pace = [
            one.seconds / usual
            for one in tried
            if one.seconds is not None and (usual := expected.get(one.config))
        ]
        slower = max(1.0, sum(pace) / len(pace)) if pace else 1.0
        return FITS * slower * (suggestion.forecast.seconds or 0.0)

    def _try_in_turn(self, chosen: Sequence[Suggestion], tried: Outcomes) -> None:
        """Try one after another, as long as there is time, and add what came of each."""
        begun = time.monotonic()

        def is_time_for(cost: float) -> bool:
            return self._seconds is None or time.monotonic() - begun + cost <= self._seconds

        for suggestion in chosen:
            if not is_time_for(self._cost(suggestion, tried)):
                tried.why_none = TOO_LONG
                break
            try:
                tried.append(self._try(suggestion, goes_on=lambda: is_time_for(0.0)))
            except Halted:
                tried.why_none = STOPPED
                break

    def _try(
        self,
        suggestion: Suggestion,
        progress: Progress | None = None,
        goes_on: Callable[[], bool] = lambda: True,
    ) -> TrialOutcome:
        if not self._trial.is_unchanged():
            raise Conflict(CHANGED, hint="Call maestro.suggest() again: these forecasts are of other data.")
        number = len(self.outcomes) + 1
        config = suggestion.forecast.config
        kept = self._app.recorder.recording and self._app.config.mode == "on"
        with (progress or self._progress)(f"Trying {config}, {number} of {len(self._items)}…"):
            outcome = try_out(
                self._app.recorder, self._trial, suggestion.forecast, suggestion.recipe, goes_on
            )
        self.outcomes.append(outcome)
        if kept:  # its run can be opened as soon as it is shown
            self._app.collect_soon()
        else:  # no run will say what came of it
            for fingerprint in self._trial.fingerprints:
                self._app.tried.setdefault(fingerprint, {})[config] = outcome.score
        return outcome


def _interrupted_after(count: int, of: int) -> str:
    was = "was" if count == 1 else "were"
    return f"Interrupted: {count} of {of} {was} tried to the end. {GO_ON}"


def suggest(
    app: App,
    X: Any,
    y: Any,
    wanted: Wanted,
    names: tuple[str, str] = ("X", "y"),
    progress: Progress | None = None,
    interrupted: Interrupted | None = None,
) -> Suggestions:
    """Say what to try next on data; see `maestro_jupyter.suggest`.

    Parameters
    ----------
    app : App
    X, y
    wanted : Wanted
    names : tuple of str
        What the user calls X and y; the code of suggestions does so, too.
    progress : callable, optional
        Shows a sentence while a block goes on.
    interrupted : callable, optional
        Is given the suggestions and what came so far when trying them is interrupted, to show it.
    """
    show: Progress = progress or (lambda _: contextlib.nullcontext())
    with own_work(), show("Comparing the data with what was tried before…"):
        asked = ask_about(X, y, wanted, without=missing_packages())
        question = asked.question
        for fingerprint in question.data:
            question.tried |= app.tried.get(fingerprint, {})
        trial = Trial(X, y, names, asked.known, question.data)
        found, unread = _forecasts(app, question)
        found.note = " ".join(one for one in (unread, *asked.doubts, found.note) if one)
        _remember(app, trial, found)
    items, outcomes = [], Outcomes()
    for forecast in found.models:
        config = config_from(found.task, forecast.config, forecast.estimator, forecast.params)
        made = recipe(config, asked.schema, plain=asked.plain, column=asked.column)
        items.append(Suggestion(forecast, made, made.cell(*names), outcomes))
    return Suggestions(
        app,
        trial,
        found,
        items,
        outcomes,
        seconds=wanted.seconds,
        progress=show,
        interrupted=interrupted or (lambda *_: None),
    )


def _forecasts(app: App, question: ModelQuestion) -> tuple[ModelForecasts, str]:
    """Ask what to try, of the prior alone if need be, and say which runs could not be read, and why."""
    try:
        found, late = app.ask_soon(lambda api: api.recommendations.models(question))
    except Unavailable as error:
        found = suggest_from_prior(question, app.config.knowledge_files)
        return found, f"Your team's runs could not be read, so that none counts here: {error.message}"
    return found, late and f"The latest runs may be missing, as they could not be collected: {late}"


def _remember(app: App, trial: Trial, found: ModelForecasts) -> None:
    """Keep what was measured of the data with the latest run on them: other data are compared with it."""
    own = [one for one in found.tried if one.user == app.recorder.user]
    if own and not found.described:
        describe_run(app.recorder, own[0].run_id, trial)
