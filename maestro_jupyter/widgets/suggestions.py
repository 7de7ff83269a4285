"""Suggestions as cards: each with its forecast and evidence, tried from where it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from maestro_jupyter.errors import Invalid
from maestro_jupyter.suggestions import Suggestions
from maestro_jupyter.views.numbers import duration
from maestro_jupyter.views.suggestions import evidence, learnt_from, record_said, runs_behind, tried_on
from maestro_jupyter.widgets.exchange import Answer, Question
from maestro_jupyter.widgets.widget import LiveWidget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from maestro_jupyter.app import App
    from maestro_jupyter.models import TrialOutcome
    from maestro_jupyter.suggestions import Suggestion


class Given(msgspec.Struct, forbid_unknown_fields=True):
    """What the cards show: the suggestions themselves, which stay in the kernel."""

    suggestions: Any


class AskedSetup(msgspec.Struct, forbid_unknown_fields=True):
    """Asks for the cards."""


class AskedTrial(msgspec.Struct, forbid_unknown_fields=True):
    """Asks to try one of them, by its place from 0."""

    place: Annotated[int, Meta(ge=0)]


class SuggestionCards(LiveWidget):
    """Cards of what to try.

    Parameters
    ----------
    app : App
    suggestions : Suggestions

    Raises
    ------
    Invalid
        If they are none.
    """

    kind: ClassVar[str] = "suggestions"
    Given: ClassVar[type[msgspec.Struct]] = Given

    def __init__(self, app: App, **given: Any) -> None:
        if not isinstance(given.get("suggestions"), Suggestions):
            msg = "Expected the suggestions that maestro.suggest() gives."
            raise Invalid(msg)
        super().__init__(app, **given)
        self._stopped: set[int] = set()

    def questions(self) -> Mapping[str, Question]:
        """Give what it answers, by kind."""
        return {
            "setup": Question(AskedSetup, self._setup),
            "try": Question(AskedTrial, self._try, each=True),
            "stop": Question(AskedTrial, self._stop, at_once=True),
        }

    def told(self) -> dict[str, Any]:
        """Give nothing: the cards are asked for."""
        return {}

    def _setup(self, _asked: AskedSetup) -> Answer:
        found: Suggestions = self.asked.suggestions
        came = {outcome.config: outcome for outcome in found.outcomes}
        return Answer(
            {
                "score": found.found.score,
                "said": learnt_from(found.found),
                "note": found.note,
                "record": record_said(found.record_if_read),
                "tried": [
                    {"name": name, "run": run, "came": came_of_it}
                    for name, run, came_of_it in tried_on(found.found)
                ],
                "cards": [_card(one, came.get(one.forecast.config)) for one in found],
            }
        )

    def _try(self, asked: AskedTrial) -> Answer:
        found: Suggestions = self.asked.suggestions
        if asked.place >= len(found):
            msg = f"There is no suggestion {asked.place + 1}."
            raise Invalid(msg)
        try:
            outcome = found.try_one(asked.place, lambda: asked.place not in self._stopped)
        finally:
            self._stopped.discard(asked.place)
        came = None if outcome is None else _outcome(outcome)
        return Answer({"outcome": came, "record": record_said(found.record_if_read)})

    def _stop(self, asked: AskedTrial) -> Answer:
        """Have one that is being tried, or waits for that, stopped before its next fold."""
        self._stopped.add(asked.place)
        return Answer({})


def _card(one: Suggestion, outcome: TrialOutcome | None) -> dict[str, Any]:
    forecast = one.forecast
    return {
        "config": forecast.config,
        "estimator": forecast.estimator,
        "mean": forecast.mean,
        "low": forecast.low,
        "high": forecast.high,
        "takes": duration(forecast.seconds),
        "evidence": evidence(forecast),
        "runs": runs_behind(forecast),
        "code": one.code,
        "outcome": None if outcome is None else _outcome(outcome),
    }


def _outcome(one: TrialOutcome) -> dict[str, Any]:
    return {"run": one.run_id, "score": one.score, "spread": one.spread, "error": one.error}
