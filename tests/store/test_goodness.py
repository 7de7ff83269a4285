"""What the recorder's metric names say: only what is known, held out, and in one direction."""

from __future__ import annotations

import math

import pytest

from maestro_jupyter.store.goodness import Goodness, goodness


def said(key: str, value: float = 0.8, task: str | None = None, source: str = "fit", **params: object):
    return goodness(key, value, task=task, source=source, params=params)


@pytest.mark.parametrize(
    ("key", "task", "source", "metric"),
    [
        ("accuracy_score_y_test", None, "fit", "accuracy"),
        ("accuracy_score", None, "fit", "accuracy"),
        ("score_X_test", "classification", "fit", "accuracy"),
        ("score_X_test", "regression", "fit", "r2"),
        ("r2_score_y_test2", "classification", "fit", "r2"),
        ("cv_roc_auc_mean", None, "cross_validation", "cv_roc_auc"),
        ("cv_f1_macro_mean", None, "cross_validation", "cv_f1_macro"),
        ("cv_score_mean", "regression", "cross_validation", "cv_r2"),
        ("val_accuracy", None, "loop", "accuracy"),
        ("test-auc", None, "loop", "roc_auc"),
        ("F1", None, "api", "f1"),
    ],
)
def test_higher_is_better(key: str, task: str | None, source: str, metric: str) -> None:
    found = said(key, 0.8, task, source)
    assert found is not None
    assert (found.metric, found.value, found.relative) == (metric, 0.8, False)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("log_loss_y_test", 0.3, Goodness("classification", "log_loss", -0.3)),
        ("cv_neg_log_loss_mean", -0.3, Goodness("classification", "cv_log_loss", -0.3)),
        ("val_error", 0.1, Goodness("classification", "error_rate", -0.1)),
        ("mae_test", 2.0, Goodness("regression", "mean_absolute_error", -math.log(2), relative=True)),
        (
            "cv_neg_root_mean_squared_error_mean",
            -2.0,
            Goodness("regression", "cv_root_mean_squared_error", -math.log(2), relative=True),
        ),
    ],
)
def test_lower_is_better(key: str, value: float, expected: Goodness) -> None:
    assert said(key, value) == expected


@pytest.mark.parametrize(
    ("params", "metric"),
    [
        ({"scoring": "neg_mean_absolute_error", "refit": True}, "cv_mean_absolute_error"),
        ({"scoring": "['r2', 'neg_mean_absolute_error']", "refit": "neg_mean_absolute_error"}, "cv_mean_absolute_error"),
    ],
)  # fmt: skip
def test_a_search_says_how_it_scored(params: dict[str, object], metric: str) -> None:
    found = said("best_cv_score", -2.0, **params)
    assert found is not None
    assert found.metric == metric
    assert said("best_cv_score", 0.8, "classification", scoring=None).metric == "cv_accuracy"
    assert said("best_cv_score", 0.8, "classification") is None
    assert said("best_cv_score", 0.8, "classification", scoring="_Scorer") is None


@pytest.mark.parametrize(
    ("key", "source"),
    [
        ("training_accuracy_score_y_train", "fit"),
        ("accuracy_train", "api"),
        ("learn_logloss", "fit"),
        ("accuracy", "loop"),
        ("loss", "api"),
        ("loss", "fit"),
        ("valid_0_logloss", "loop"),
        ("validation_score", "fit"),
        ("score", "api"),
        ("cv_accuracy_std", "cross_validation"),
        ("cv_accuracy", "cross_validation"),
        ("cv_mean_squared_error_mean", "cross_validation"),
        ("charm_y_test", "fit"),
        ("y_test", "fit"),
        ("lr", "loop"),
        ("", "api"),
    ],
)
def test_what_is_not_known_for_certain_is_left_out(key: str, source: str) -> None:
    assert said(key, 0.8, "classification", source) is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_left_out(value: float) -> None:
    assert said("accuracy_score_y_test", value) is None


def test_an_error_of_nothing_has_no_ratio() -> None:
    assert said("mean_absolute_error_y_test", 0.0) is None


def test_without_a_task_there_is_no_telling_what_a_loss_is_of() -> None:
    assert said("val_loss", 0.8, None, "loop") is None
    assert said("val_loss", 0.8, "regression", "loop").metric == "loss"
