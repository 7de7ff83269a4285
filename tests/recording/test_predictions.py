"""Predictions keep their run through derivations; where the origin is ambiguous nothing is guessed."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from capturing import Capturing, capturing, two_classes
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, brier_score_loss, mean_absolute_error, roc_auc_score
from sklearn.tree import DecisionTreeClassifier

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["capturing"]

X, y = two_classes()
X_test, y_test = two_classes(60, seed=1)
words, words_test = np.array(["no", "yes"])[y], np.array(["no", "yes"])[y_test]

LABELS: dict[str, Callable[[Any, Any], Any]] = {
    "itself": lambda model, data: model.predict(data),
    "float": lambda model, data: model.predict(data).astype(float),
    "bool": lambda model, data: model.predict(data).astype(bool),
    "series": lambda model, data: pd.Series(model.predict(data)),
    "series with an index": lambda model, data: pd.Series(model.predict(data), index=range(5, 65)),
    "list": lambda model, data: model.predict(data).tolist(),
    "view": lambda model, data: model.predict(data)[:],
    "column vector": lambda model, data: model.predict(data).reshape(-1, 1),
    "argmax": lambda model, data: model.predict_proba(data).argmax(axis=1),
    "mapped argmax": lambda model, data: model.classes_[model.predict_proba(data).argmax(axis=1)],
    "threshold": lambda model, data: (model.predict_proba(data)[:, 1] > 0.3).astype(int),
    "where": lambda model, data: np.where(model.decision_function(data) > 0.1, 1, 0),
    "rounded": lambda model, data: model.predict_proba(data)[:, 1].round(),
}
SCORES: dict[str, Callable[[Any, Any], Any]] = {
    "column": lambda model, data: model.predict_proba(data)[:, 1],
    "copied column": lambda model, data: model.predict_proba(data)[:, 1].copy(),
    "complement": lambda model, data: 1 - model.predict_proba(data)[:, 0],
    "other complement": lambda model, data: 1 - model.predict_proba(data)[:, 1],
    "float32": lambda model, data: model.predict_proba(data)[:, 1].astype(np.float32),
    "rounded": lambda model, data: model.predict_proba(data)[:, 1].round(3),
    "frame": lambda model, data: pd.DataFrame(model.predict_proba(data), columns=["no", "yes"])["yes"],
}


@pytest.fixture
def models(capturing: Capturing) -> tuple[Any, Any]:
    other = LogisticRegression(C=1e-4).fit(X[:, ::-1], 1 - y)
    other.predict(X_test)
    other.predict_proba(X_test)
    return LogisticRegression().fit(X, y), other


@pytest.mark.parametrize("name", LABELS)
def test_labels_keep_their_run(capturing: Capturing, models: tuple[Any, Any], name: str) -> None:
    predicted = LABELS[name](models[0], X_test)
    value = accuracy_score(y_test, predicted)
    recorded = capturing.recorded()
    assert recorded.unattached == []
    assert recorded.runs[1].metrics == {"accuracy_score_y_test": value}


@pytest.mark.parametrize("name", SCORES)
def test_probabilities_keep_their_run(capturing: Capturing, models: tuple[Any, Any], name: str) -> None:
    scores = SCORES[name](models[0], X_test)
    brier = brier_score_loss(y_test, scores)
    area = roc_auc_score(y_test, scores)
    recorded = capturing.recorded()
    assert recorded.unattached == []
    assert recorded.runs[1].metrics == {"brier_score_loss_y_test": brier, "roc_auc_score_y_test": area}


def test_labels_that_are_words(capturing: Capturing) -> None:
    model = LogisticRegression().fit(X, words)
    scores = model.predict_proba(X_test)
    accuracy_score(words_test, model.classes_[scores.argmax(axis=1)])
    accuracy_score(words_test, pd.Series(np.where(scores[:, 1] > 0.4, "yes", "no")))
    accuracy_score(words_test, model.predict(X_test).astype(object))
    (run,) = capturing.recorded().runs
    assert len(run.history["accuracy_score_words_test"]) == 3


def test_numbers_of_a_regression(capturing: Capturing) -> None:
    model = LinearRegression().fit(X, X[:, 0])
    predicted = model.predict(X_test)
    mean_absolute_error(X_test[:, 0], predicted.round(2))
    mean_absolute_error(y_test, predicted.astype(np.float32))
    (run,) = capturing.recorded().runs
    assert set(run.metrics) == {"mean_absolute_error", "mean_absolute_error_y_test"}


def test_equal_predictions_of_two_runs_are_ambiguous(capturing: Capturing) -> None:
    first, second = (DecisionTreeClassifier(max_depth=1).fit(X, y) for _ in range(2))
    one, two = first.predict(X_test), second.predict(X_test)
    value = accuracy_score(y_test, one.tolist())
    accuracy_score(y_test, two)
    recorded = capturing.recorded()
    (kept,) = recorded.unattached
    assert (kept.key, kept.value) == ("accuracy_score_y_test", value)
    assert kept.reason == "The predictions can be those of 2 runs."
    assert [set(run.metrics) for run in recorded.runs] == [set(), {"accuracy_score_y_test"}]


def test_a_reused_buffer_is_not_taken_for_what_it_was(capturing: Capturing, models: tuple[Any, Any]) -> None:
    model, other = models
    buffer = other.predict(X_test)
    buffer[:] = model.predict(X_test)
    accuracy_score(y_test, buffer)
    recorded = capturing.recorded()
    assert [set(run.metrics) for run in recorded.runs] == [set(), {"accuracy_score_y_test"}]


def test_predictions_from_elsewhere_are_unattached(capturing: Capturing, models: tuple[Any, Any]) -> None:
    accuracy_score(y_test, np.arange(60) % 2)
    (kept,) = capturing.recorded().unattached
    assert kept.reason == "The predictions are those of no recorded run."


def test_a_constant_says_nothing(capturing: Capturing) -> None:
    LogisticRegression().fit(X, y).predict_proba(X_test)
    accuracy_score(y_test, np.zeros(60, dtype=int))
    assert len(capturing.recorded().unattached) == 1


def test_a_constant_that_was_predicted(capturing: Capturing) -> None:
    model = DummyClassifier().fit(X, y)
    accuracy_score(y_test, model.predict(X_test).tolist())
    assert set(capturing.recorded().runs[0].metrics) == {"accuracy_score_y_test"}


def test_swapped_arguments(capturing: Capturing, models: tuple[Any, Any]) -> None:
    predicted = models[0].predict(X_test)
    accuracy_score(predicted, y_test)
    assert set(capturing.recorded().runs[1].metrics) == {"accuracy_score_y_test"}


def test_a_refit_leaves_earlier_predictions_to_the_earlier_run(capturing: Capturing) -> None:
    model = LogisticRegression().fit(X, y)
    before = model.predict(X_test)
    model.set_params(C=1e-4).fit(X[:, ::-1], y)
    accuracy_score(y_test, before)
    assert [set(run.metrics) for run in capturing.recorded().runs] == [{"accuracy_score_y_test"}, set()]


def test_the_users_objects_are_not_kept_alive(capturing: Capturing) -> None:
    model = LogisticRegression().fit(X, y)
    predicted = model.predict_proba(X_test)
    gone = [weakref.ref(model), weakref.ref(predicted)]
    del model, predicted
    gc.collect()
    assert [reference() for reference in gone] == [None, None]


def test_only_so_many_copies_are_kept(capturing: Capturing) -> None:
    model = LogisticRegression().fit(X, y)
    first = model.predict(X_test).tolist()
    for rows in range(1, 130):
        model.predict(X[:rows])
    accuracy_score(y_test, first)
    assert len(capturing.recorded().unattached) == 1


def test_large_predictions_are_known_by_identity(capturing: Capturing) -> None:
    model = LinearRegression().fit(X[:, :1], y)
    large = np.zeros((3_000_000, 1))
    predicted = model.predict(large)
    mean_absolute_error(large, predicted)
    predicted[:] = 5
    mean_absolute_error(large, predicted)
    recorded = capturing.recorded()
    assert set(recorded.runs[0].metrics) == {"mean_absolute_error_large"}
    assert len(recorded.unattached) == 1
