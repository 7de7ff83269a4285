"""Estimators are recorded by being used, and nothing else about them changes."""

from __future__ import annotations

import copy
import inspect
import io
import pickle
import sys
import traceback
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import cloudpickle
import joblib
import numpy as np
import pytest
from capturing import Capturing, capturing, two_classes
from recorded import Recorded
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.cluster import KMeans
from sklearn.ensemble import (
    BaggingClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_halving_search_cv
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import (
    GridSearchCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    permutation_test_score,
    validation_curve,
)
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils import all_estimators

from maestro_jupyter.recording.calls import FitCall

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["capturing", "enable_halving_search_cv"]

X, y = two_classes()
X_test, y_test = two_classes(seed=1)


def test_a_fit_is_a_run_and_a_refit_another(capturing: Capturing) -> None:
    model = LogisticRegression(C=0.5)
    model.fit(X, y)
    model.score(X_test, y_test)
    model.set_params(C=2.0).fit(X, y)
    first, second = capturing.recorded().runs
    assert (first.name, first.source, first.status) == ("LogisticRegression", "fit", "FINISHED")
    assert first.params["estimator"] == "sklearn.linear_model._logistic.LogisticRegression"
    assert (first.params["C"], second.params["C"]) == (0.5, 2.0)
    assert set(first.metrics) == {"score_X_test"}
    assert (first.data["X"].name, first.data["y"].name) == ("X", "y")
    assert first.data["X"].shape == [80, 5]
    assert first.data["y"].target == {
        "task": "classification",
        "classes": 2,
        "count_0": int((y == 0).sum()),
        "count_1": int((y == 1).sum()),
    }


def test_the_run_is_not_the_current_one(capturing: Capturing) -> None:
    LogisticRegression().fit(X, y)
    assert capturing.recorder.active_run() is None


def test_a_fit_inside_of_a_run_is_its_child(capturing: Capturing) -> None:
    with capturing.recorder.start_run("mine") as mine:
        LogisticRegression().fit(X, y)
    assert capturing.recorded().runs[1].parent == mine.run_id


def test_a_step_of_a_loop_is_no_run_and_what_it_fits_inside_neither(capturing: Capturing) -> None:
    network = MLPClassifier((2,), random_state=0)
    for _ in range(2):
        network.partial_fit(X, y, classes=[0, 1])
    assert capturing.recorded().runs == []


def test_a_failing_fit(capturing: Capturing) -> None:
    with pytest.raises(ValueError, match="inconsistent numbers"):
        LogisticRegression().fit(X, y[:-1])
    (run,) = capturing.recorded().runs
    assert run.status == "FAILED"
    assert run.reason.startswith("ValueError: Found input variables with inconsistent numbers")


class Unprintable(Exception):  # noqa: N818 - its name is of no matter
    def __str__(self) -> str:
        msg = "no text"
        raise RuntimeError(msg)


def test_an_error_without_a_text(capturing: Capturing) -> None:
    class Fails(BaseEstimator):
        def fit(self, X: Any, y: Any = None) -> Fails:
            raise Unprintable

    with pytest.raises(Unprintable):
        Fails().fit(X)
    (run,) = Recorded(capturing.recorder).runs
    assert (run.status, run.reason) == ("FAILED", "Unprintable")


class Interrupted(BaseEstimator):
    def fit(self, X: Any, y: Any = None) -> Interrupted:
        raise KeyboardInterrupt


def test_an_interrupted_fit(capturing: Capturing) -> None:
    with pytest.raises(KeyboardInterrupt):
        Interrupted().fit(X)
    assert capturing.recorded().runs[0].status == "KILLED"


def test_a_class_of_the_user(capturing: Capturing) -> None:
    class Constant(ClassifierMixin, BaseEstimator):
        def __init__(self, value: int = 1) -> None:
            self.value = value

        def fit(self, X: Any, y: Any) -> Constant:
            self.classes_ = np.unique(y)
            return self

        def predict(self, X: Any) -> Any:
            return np.full(len(X), self.value)

    model = Constant(0).fit(X, y)
    predicted = model.predict(X_test)
    accuracy_score(y_test, predicted)
    (run,) = capturing.recorded().runs
    assert run.params["value"] == 0
    assert "accuracy_score_y_test" in run.metrics
    revived = cloudpickle.loads(cloudpickle.dumps(model))
    assert np.array_equal(revived.predict(X_test), predicted)
    assert len(capturing.recorded().runs) == 1


NESTED: dict[str, Callable[[], Any]] = {
    "pipeline": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
    "forest": lambda: RandomForestClassifier(4, n_jobs=2),
    "voting": lambda: VotingClassifier(
        [("a", LogisticRegression()), ("b", DecisionTreeClassifier())], n_jobs=2
    ),
    "stacking": lambda: StackingClassifier(
        [("a", LogisticRegression()), ("b", DecisionTreeClassifier())], cv=2, n_jobs=2
    ),
    "bagging": lambda: BaggingClassifier(DecisionTreeClassifier(), n_estimators=4, n_jobs=2),
}


@pytest.mark.parametrize("name", NESTED)
def test_inner_fits_are_no_runs(capturing: Capturing, name: str) -> None:
    with joblib.parallel_config("threading"):
        model = NESTED[name]().fit(X, y)
        model.predict(X_test)
    (run,) = capturing.recorded().runs
    assert run.name == type(model).__name__
    inner = {"voting": "a", "stacking": "a", "bagging": "estimator__class", "pipeline": "logisticregression"}
    if name in inner:
        assert run.params[inner[name]] in {"LogisticRegression", "DecisionTreeClassifier"}


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_a_search(capturing: Capturing, backend: str) -> None:
    with joblib.parallel_config(backend):
        search = GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2]}, cv=3, n_jobs=2)
        search.fit(X, y)
    accuracy_score(y_test, search.best_estimator_.predict(X_test))
    parent, *candidates = capturing.recorded().runs
    assert parent.source == "search"
    assert parent.metrics["best_cv_score"] == search.best_score_
    assert parent.params["best_max_depth"] == search.best_params_["max_depth"]
    assert "accuracy_score_y_test" in parent.metrics
    assert [(run.source, run.parent) for run in candidates] == [("candidate", parent.id)] * 2
    for run, depth, mean, spread in zip(
        candidates,
        [1, 2],
        search.cv_results_["mean_test_score"],
        search.cv_results_["std_test_score"],
        strict=True,
    ):
        assert run.params["max_depth"] == depth
        assert run.metrics == {"cv_score_mean": mean, "cv_score_std": spread}


def test_a_search_with_several_metrics(capturing: Capturing) -> None:
    search = GridSearchCV(
        DecisionTreeClassifier(), {"max_depth": [1, 2]}, scoring=["accuracy", "f1"], refit="f1", cv=2
    )
    search.fit(X, y)
    candidate = capturing.recorded().runs[1]
    assert set(candidate.metrics) == {
        f"cv_{scorer}_{part}" for scorer in ("score", "accuracy", "f1") for part in ("mean", "std")
    }
    assert candidate.metrics["cv_score_mean"] == candidate.metrics["cv_f1_mean"]


def test_cross_validation_is_one_run(capturing: Capturing) -> None:
    model = LogisticRegression()
    scores = cross_val_score(model, X, y, cv=3, scoring="roc_auc")
    cross_validate(model, X, y, cv=3, scoring=["accuracy", "f1"], return_train_score=True)
    predicted = cross_val_predict(model, X, y, cv=3)
    accuracy_score(y, predicted)
    one, several, predicting = capturing.recorded().runs
    assert one.source == "cross_validation"
    assert one.metrics["cv_roc_auc_mean"] == scores.mean()
    assert one.history["cv_roc_auc"] == list(enumerate(scores))
    assert {"cv_accuracy_mean", "cv_f1_std", "training_cv_f1_mean"} <= set(several.metrics)
    assert set(predicting.metrics) == {"accuracy_score_y"}


def test_curves_and_permutations_are_one_run_each(capturing: Capturing) -> None:
    model = DecisionTreeClassifier()
    sizes, _, after = learning_curve(model, X, y, train_sizes=[0.5, 1.0], cv=3)
    validation_curve(model, X, y, param_name="max_depth", param_range=[1, 2, 3], cv=3)
    permutation_test_score(model, X, y, n_permutations=3, cv=2)
    learning, validating, permuting = capturing.recorded().runs
    assert learning.history["cv_score"] == list(zip(sizes, after.mean(axis=1), strict=True))
    assert len(validating.history["cv_score"]) == 3
    assert "permutation_pvalue" in permuting.metrics


def test_training_curves(capturing: Capturing) -> None:
    boosted = GradientBoostingClassifier(n_estimators=3).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network = MLPClassifier((4,), max_iter=5).fit(X, y)
    first, second = capturing.recorded().runs
    assert first.history["train_score"] == list(enumerate(boosted.train_score_))
    assert second.history["loss"] == list(enumerate(network.loss_curve_))


def test_scores_on_the_training_data(capturing: Capturing) -> None:
    model = DecisionTreeClassifier().fit(X, y)
    model.score(X.copy(), y)
    accuracy_score(y, model.predict(X))
    accuracy_score(y_test, model.predict(X_test))
    (run,) = capturing.recorded().runs
    assert set(run.metrics) == {"training_score", "training_accuracy_score_y", "accuracy_score_y_test"}


def test_names_are_those_of_the_calling_line(capturing: Capturing) -> None:
    model = DecisionTreeClassifier().fit(X, y)
    holders = {"truth": y_test}
    accuracy_score(holders["truth"], model.predict(X_test))
    accuracy_score(y_pred=model.predict(X_test), y_true=y_test)
    model.score(
        X_test,
        y_test,
    )
    (run,) = capturing.recorded().runs
    assert set(run.metrics) == {"accuracy_score", "accuracy_score_y_test", "score_X_test"}


def test_clusters(capturing: Capturing) -> None:
    labels = KMeans(2, n_init=1).fit_predict(X)
    accuracy_score(y, labels)
    (run,) = capturing.recorded().runs
    assert set(run.metrics) == {"training_accuracy_score_y"}


# Every estimator of scikit-learn

PARTS = [("one", StandardScaler()), ("two", MinMaxScaler())]
CLASSIFIERS = [("one", LogisticRegression()), ("two", DecisionTreeClassifier())]
REGRESSORS = [("one", Ridge()), ("two", DecisionTreeRegressor())]
GRID = {"estimator": DecisionTreeClassifier(), "param_grid": {"max_depth": [1, 2]}}
DISTRIBUTIONS = {"estimator": DecisionTreeClassifier(), "param_distributions": {"max_depth": [1, 2]}}

ARGUMENTS: dict[str, dict[str, Any]] = {
    "CCA": {"n_components": 1},
    "PLSCanonical": {"n_components": 1},
    "PLSSVD": {"n_components": 1},
    "GaussianRandomProjection": {"n_components": 2},
    "SparseRandomProjection": {"n_components": 2},
    "FrozenEstimator": {"estimator": SGDClassifier(random_state=0).fit(X, y)},
    "SelfTrainingClassifier": {"estimator": LogisticRegression()},
    "RegressorChain": {"estimator": Ridge()},
    "MultiOutputRegressor": {"estimator": Ridge()},
    "SparseCoder": {"dictionary": np.eye(5)},
    "ColumnTransformer": {"transformers": [("one", StandardScaler(), [0, 1])]},
    "FeatureUnion": {"transformer_list": PARTS},
    "Pipeline": {"steps": PARTS},
    "StackingClassifier": {"estimators": CLASSIFIERS},
    "StackingRegressor": {"estimators": REGRESSORS},
    "VotingClassifier": {"estimators": CLASSIFIERS},
    "VotingRegressor": {"estimators": REGRESSORS},
    "GridSearchCV": GRID,
    "HalvingGridSearchCV": GRID,
    "RandomizedSearchCV": DISTRIBUTIONS | {"n_iter": 2},
    "HalvingRandomSearchCV": DISTRIBUTIONS,
}

TARGETS = np.column_stack([y, 1 - y])
COUNTS = [{"a": 1}, {"b": 2}]
TEXTS = ["one two", "two three"]
DATA: dict[str, tuple[Any, ...]] = {
    "ClassifierChain": (X, TARGETS),
    "MultiOutputClassifier": (X, TARGETS),
    "RegressorChain": (X, TARGETS * 1.0),
    "MultiOutputRegressor": (X, TARGETS * 1.0),
    "MultiTaskElasticNet": (X, TARGETS * 1.0),
    "MultiTaskElasticNetCV": (X, TARGETS * 1.0),
    "MultiTaskLasso": (X, TARGETS * 1.0),
    "MultiTaskLassoCV": (X, TARGETS * 1.0),
    "GammaRegressor": (X, y + 1.0),
    "PoissonRegressor": (X, y + 1.0),
    "TweedieRegressor": (X, y + 1.0),
    "IsotonicRegression": (X[:, 0], y),
    "KernelCenterer": (X @ X.T,),
    "LabelBinarizer": (y,),
    "LabelEncoder": (y,),
    "MultiLabelBinarizer": ([("a", "b"), ("b",)],),
    "DictVectorizer": (COUNTS,),
    "FeatureHasher": (COUNTS,),
    "PatchExtractor": (np.ones((2, 8, 8)),),
    "CountVectorizer": (TEXTS,),
    "HashingVectorizer": (TEXTS,),
    "TfidfVectorizer": (TEXTS,),
}


def build(cls: type) -> Any:
    required = {
        name
        for name, parameter in inspect.signature(cls).parameters.items()
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
    }
    inner = {name: SGDClassifier(random_state=0) for name in required}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return cls(**{**inner, **ARGUMENTS.get(cls.__name__, {})})


@pytest.mark.parametrize(("name", "cls"), all_estimators())
def test_every_estimator(capturing: Capturing, name: str, cls: type) -> None:
    model = build(cls)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(*DATA.get(name, (np.abs(X), y)))
    run, *candidates = capturing.recorded().runs
    search = name.endswith("SearchCV")
    assert (run.name, run.status, run.source) == (name, "FINISHED", "search" if search else "fit")
    assert {each.source for each in candidates} == ({"candidate"} if search else set())
    assert run.params["estimator"] == f"{cls.__module__}.{cls.__qualname__}"
    for key, value in model.get_params(deep=False).items():
        if isinstance(value, str | int | bool | None) and key != "estimator":
            assert run.params[key] == value


# Nothing else changes


def outcome(call: Callable[[], Any]) -> tuple[str, list[tuple[str, int, str]]]:
    """What a user sees of a call: its traceback and its warnings."""
    text = ""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            call()
        except Exception:  # noqa: BLE001 - whatever a call raises is compared
            text = traceback.format_exc()
    return text, [(warning.filename, warning.lineno, str(warning.message)) for warning in seen]


class Warns(BaseEstimator):
    def fit(self, X: Any, y: Any = None) -> Warns:
        warnings.warn("from fit's caller", stacklevel=2)
        return self


CALLS: dict[str, Callable[[], Any]] = {
    "a bad shape": lambda: LogisticRegression().fit(X, y[:-1]),
    "not fitted": lambda: LogisticRegression().predict(X),
    "bad parameter": lambda: LogisticRegression(C=-1).fit(X, y),
    "no arguments": lambda: LogisticRegression().fit(),
    "inside a pipeline": lambda: make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y[:-1]),
    "convergence": lambda: MLPClassifier((2,), max_iter=1, random_state=0).fit(X, y),
    "stacklevel": lambda: Warns().fit(X),
    "metric": lambda: accuracy_score(y, y[:-1]),
    "metric's parameter": lambda: accuracy_score(y, y, normalize="no"),
    "validation": lambda: cross_val_score(LogisticRegression(), X, y, cv="no"),
    "search": lambda: GridSearchCV(LogisticRegression(), {"nothing": [1]}).fit(X, y),
    "transformed score": lambda: DecisionTreeClassifier().fit(X, y).score(X[:, 1:], y),
}


@pytest.mark.parametrize("name", CALLS)
def test_tracebacks_and_warnings_are_the_same(home: object, name: str) -> None:
    before = outcome(CALLS[name])
    capturing = Capturing()
    try:
        during = outcome(CALLS[name])
    finally:
        capturing.stop()
    assert during == before
    assert before[0] or before[1]
    assert outcome(CALLS[name]) == before


def snapshot() -> dict[str, Any]:
    classes = [BaseEstimator]
    for cls in classes:
        classes += [each for each in cls.__subclasses__() if each not in classes]
    return {
        "classes": {base: dict(vars(base)) for cls in classes for base in cls.__mro__[:-1]},
        "cells": {
            function: [cell.cell_contents for cell in function.__closure__ or ()]
            for function in [accuracy_score, cross_val_score]
        },
        "finders": list(sys.meta_path),
    }


def test_uninstalling_leaves_no_trace(home: object) -> None:
    before = snapshot()
    capturing = Capturing()
    LogisticRegression().fit(X, y).predict(X)
    during = snapshot()
    capturing.stop()
    after = snapshot()
    assert during != before
    assert after["finders"] == before["finders"]
    assert after["cells"] == before["cells"]
    for cls, attributes in before["classes"].items():
        assert after["classes"][cls] == attributes, cls
        assert list(after["classes"][cls]) == list(attributes), cls


def test_inspection_copying_and_pickling(capturing: Capturing) -> None:
    for method in (LogisticRegression.fit, LogisticRegression().fit, cross_val_score, accuracy_score):
        inside = inspect.getsource(method)
        assert "def " in inside
    assert list(inspect.signature(LogisticRegression().fit).parameters) == ["X", "y", "sample_weight"]
    model = LogisticRegression(C=3.0).fit(X, y)
    stream = io.BytesIO()
    joblib.dump(model, stream)
    stream.seek(0)
    revived = [
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
        cloudpickle.loads(cloudpickle.dumps(model)),
        joblib.load(stream),
    ]
    for each in revived:
        assert np.array_equal(each.predict(X), model.predict(X))
    assert clone(model).C == 3.0
    assert pickle.loads(pickle.dumps(LogisticRegression)) is LogisticRegression
    assert cloudpickle.loads(cloudpickle.dumps(model.fit)).__self__.C == 3.0


# Failures of ours


def use_everything() -> Any:
    model = LogisticRegression().fit(X, y)
    accuracy_score(y_test, model.predict(X_test))
    GridSearchCV(DecisionTreeClassifier(), {"max_depth": [1]}, cv=2).fit(X, y)
    GradientBoostingClassifier(n_estimators=2).fit(X, y)
    cross_val_score(LogisticRegression(), X, y, cv=2)
    return model.score(X_test, y_test)


PLANTED = [
    ("estimator_observers.FitObserver.begin", "fit"),
    ("estimator_observers.FitObserver.finish", "fit"),
    ("estimator_observers.FitObserver._describe", "data"),
    ("estimator_observers.FitObserver._remember", "lineage"),
    ("estimator_observers.estimator_params", "params"),
    ("estimator_observers.training_curves", "curves"),
    ("estimator_observers.record_search", "search"),
    ("estimator_observers.PredictObserver.finish", "predict"),
    ("estimator_observers._UseObserver.begin", "score"),
    ("estimator_observers.ScoreObserver.finish", "score"),
    ("scores.MetricObserver.begin", "metric"),
    ("scores.MetricObserver.finish", "metric"),
    ("validation.ValidationObserver.begin", "validation"),
    ("validation.ValidationObserver.finish", "validation"),
    ("validation.ValidationObserver._record", "validation"),
]


@pytest.mark.parametrize(("target", "where"), PLANTED)
def test_a_failing_hook_harms_nothing(
    home: object, monkeypatch: pytest.MonkeyPatch, target: str, where: str
) -> None:
    def fail(*args: Any, **kwargs: Any) -> Any:
        msg = "planted"
        raise RuntimeError(msg)

    monkeypatch.setattr(f"maestro_jupyter.recording.{target}", fail)
    expected = LogisticRegression().fit(X, y).score(X_test, y_test)
    capturing = Capturing()
    try:
        assert use_everything() == expected
        assert capturing.recorder.problems.counts()[where] >= 1
        assert all(run.name for run in Recorded(capturing.recorder).runs)
    finally:
        capturing.stop()


def test_a_failing_class_hook_harms_nothing(capturing: Capturing, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(capturing.capture, "_observers", None)
        type("Late", (BaseEstimator,), {"fit": lambda self, data: self})().fit(X)
    assert capturing.recorder.problems.counts() == {"class": 1}


def test_recording_that_is_off_records_nothing(capturing: Capturing) -> None:
    capturing.recorder.enabled = False
    use_everything()
    with suppress(FileNotFoundError):
        assert capturing.recorded().runs == []


def test_the_fit_can_be_found_by_other_captures(capturing: Capturing) -> None:
    found = []

    class Looks(BaseEstimator):
        def fit(self, X: Any, y: Any = None) -> Looks:
            found.append(capturing.recorder.scopes.call())
            return self

    model = Looks().fit(X)
    (call,) = found
    assert isinstance(call, FitCall)
    assert call.estimator is model
    assert call.ended
    assert call.run.run_id == capturing.recorded().runs[0].id


def test_a_halving_search(capturing: Capturing) -> None:
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingGridSearchCV

    search = HalvingGridSearchCV(DecisionTreeClassifier(), {"max_depth": [1, 2, 3]}, cv=2, random_state=0)
    search.fit(X, y)
    parent, *candidates = capturing.recorded().runs
    assert parent.source == "search"
    assert [run.params["iter"] for run in candidates] == search.cv_results_["iter"].tolist()


def test_a_thread_that_outlives_the_fit_it_was_started_in(capturing: Capturing) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:

        class Starts(BaseEstimator):
            def fit(self, X: Any, y: Any = None) -> Starts:
                pool.submit(LogisticRegression().fit, X, y).result()
                return self

        Starts().fit(X, y)
        assert [run.name for run in capturing.recorded().runs] == ["Starts"]
        pool.submit(LogisticRegression().fit, X, y).result()
    assert [run.name for run in capturing.recorded().runs] == ["Starts", "LogisticRegression"]


def test_bound_methods_travel_to_other_processes(capturing: Capturing) -> None:
    model = LogisticRegression().fit(X, y)
    (predicted,) = joblib.Parallel(2, backend="loky")([joblib.delayed(model.predict)(X)])
    assert np.array_equal(predicted, model.predict(X))
