"""Suggestions as cards over real comms: what is expected, why, and what came of one that was tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kernel import Kernel


@pytest.fixture(scope="module")
def cards(kernel: Kernel) -> str:
    data = "from sklearn.datasets import load_wine\nX, y = load_wine(return_X_y=True, as_frame=True)"
    assert kernel.run(data).errors == []
    return kernel.widget("%maestro suggest X y -n 2")


def test_cards_say_what_to_expect_and_are_tried(kernel: Kernel, cards: str) -> None:
    said = kernel.ask(cards, "setup").said
    first = said["cards"][0]
    assert (said["score"], len(said["cards"])) == ("balanced_accuracy", 2)
    assert first["low"] <= first["mean"] <= first["high"]
    assert "model.fit(X, y)" in first["code"]
    assert first["evidence"]
    assert first["runs"] == [], "the prior has no runs of its own"
    assert first["outcome"] is None
    assert said["tried"] == []

    tried = kernel.ask(cards, "try", place=0).said
    assert 0.5 < tried["outcome"]["score"] <= 1
    assert "1 forecast was tried" in tried["record"]
    assert kernel.ask(cards, "try", place=0).said["outcome"] == tried["outcome"]
    assert kernel.ask(cards, "setup").said["cards"][0]["outcome"] == tried["outcome"]
    (bundle,) = kernel.run(f"maestro.get_run('{tried['outcome']['run']}').name").bundles
    assert bundle["text/plain"] == repr(first["config"])


def test_what_was_tried_on_the_data_before_is_told(kernel: Kernel, cards: str) -> None:
    run = kernel.ask(cards, "try", place=0).said["outcome"]["run"]
    again = kernel.ask(kernel.widget("%maestro suggest X y -n 1"), "setup").said
    (told,) = (one for one in again["tried"] if one["run"] == run)
    assert told["name"] == kernel.ask(cards, "setup").said["cards"][0]["config"]
    assert told["came"].startswith("balanced_accuracy 0.")


def test_one_that_waits_is_stopped_and_tried_later(kernel: Kernel) -> None:
    cards = kernel.widget("%maestro suggest X y -n 1")
    assert kernel.ask(cards, "stop", place=0).said == {}
    assert kernel.ask(cards, "try", place=0).said["outcome"] is None
    assert kernel.ask(cards, "setup").said["cards"][0]["outcome"] is None
    assert kernel.ask(cards, "try", place=0).said["outcome"]["score"] > 0.5


def test_there_is_no_card_but_those(kernel: Kernel, cards: str) -> None:
    assert kernel.ask(cards, "try", place=2).content["error"] == {
        "message": "There is no suggestion 3.",
        "reason": "invalid",
        "hint": "",
    }
    assert kernel.ask(cards, "try", place=-1).content["error"]["reason"] == "invalid"


def test_what_suggest_gives_is_shown_so_too(kernel: Kernel, cards: str) -> None:
    shown = kernel.run("maestro.suggest(X, y, n=1)")
    ((comm, state),) = shown.widgets.items()
    (bundle,) = (one for one in shown.bundles if "text/html" in one)
    assert state["place"] in bundle["text/html"]
    assert state["given"] == {}
    assert len(kernel.ask(comm, "setup").said["cards"]) == 1


def test_nothing_else_is_taken_for_suggestions(kernel: Kernel) -> None:
    said = kernel.run(
        "from maestro_jupyter.app import current\n"
        "from maestro_jupyter.widgets.suggestions import SuggestionCards\n"
        "SuggestionCards(current(), suggestions=3)"
    )
    assert said.errors == ["Expected the suggestions that maestro.suggest() gives."]
