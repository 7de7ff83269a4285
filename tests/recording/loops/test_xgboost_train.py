"""xgboost's own training is a run, with each evaluation as it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Looping

xgboost = pytest.importorskip("xgboost")
from xgboost import train  # noqa: E402 - held by name before it is observed

pytestmark = pytest.mark.frameworks

PARAMS = {"max_depth": 2, "objective": "binary:logistic", "eval_metric": ["logloss", "error"]}


def matrix(seed: int = 0) -> Any:
    random = np.random.default_rng(seed)
    data = random.normal(size=(60, 3))
    return xgboost.DMatrix(data, label=(data[:, 0] > 0).astype(int))


def test_a_training_is_a_run(looping: Looping) -> None:
    results: dict[str, Any] = {}
    d, valid = matrix(), matrix(1)
    train(PARAMS, d, 4, evals=[(d, "train"), (valid, "valid")], evals_result=results, verbose_eval=False)
    run = looping.run()
    assert (run.name, run.source, run.status) == ("xgboost.train", "loop", "FINISHED")
    assert run.params["estimator"] == "xgboost.train"
    assert run.params["num_boost_round"] == 4
    assert run.params["max_depth"] == 2
    assert run.history == {
        f"{name}_{metric}": list(enumerate(values))
        for name, metrics in results.items()
        for metric, values in metrics.items()
    }
    assert run.data["X"].shape == [60, 3]
    assert run.data["y"].target["classes"] == 2
    assert run.data["valid_1"].shape == [60, 3]


def test_evaluations_are_kept_as_they_happen(looping: Looping) -> None:
    lengths = []

    class Look(xgboost.callback.TrainingCallback):
        def before_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            (run,) = Recorded(looping.recorder).runs
            lengths.append(len(run.history.get("train_logloss", [])))
            return False

    callbacks = [Look()]
    d = matrix()
    train(PARAMS, d, 3, evals=[(d, "train")], callbacks=callbacks, verbose_eval=False)
    assert lengths == [0, 1, 2]
    assert len(callbacks) == 1


def test_a_classifier_has_one_run_with_each_evaluation_once(looping: Looping) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 3))
    y = (x[:, 0] > 0).astype(int)
    model = xgboost.XGBClassifier(n_estimators=3).fit(x, y, eval_set=[(x, y)], verbose=False)
    run = looping.run()
    assert (run.name, run.source) == ("XGBClassifier", "fit")
    values = model.evals_result()["validation_0"]["logloss"]
    assert run.history == {"validation_0_logloss": list(enumerate(values))}


def test_a_search_records_no_curves_of_its_candidates(looping: Looping) -> None:
    from sklearn.model_selection import GridSearchCV

    random = np.random.default_rng(0)
    x = random.normal(size=(60, 3))
    y = (x[:, 0] > 0).astype(int)
    search = GridSearchCV(xgboost.XGBClassifier(n_estimators=2), {"max_depth": [1, 2]}, cv=2)
    search.fit(x, y, eval_set=[(x, y)], verbose=False)
    assert {run.source for run in looping.runs()} <= {"search", "candidate"}
    assert all("validation_0_logloss" not in run.history for run in looping.runs())


def test_cross_validation_goes_on_unseen(looping: Looping) -> None:
    assert len(xgboost.cv(PARAMS, matrix(), 2, nfold=2)) == 2
    assert looping.runs() == []


def failing(error: type[BaseException]) -> Callable[[], None]:
    class Fail(xgboost.callback.TrainingCallback):
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            if epoch == 1:
                raise error("stop")
            return False

    def act() -> None:
        d = matrix()
        train(PARAMS, d, 4, evals=[(d, "train")], callbacks=[Fail()])

    return act


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [(ValueError, "FAILED", "ValueError: stop"), (KeyboardInterrupt, "KILLED", "interrupted")],
)
def test_a_training_that_stops_says_why(
    looping: Looping, error: type[BaseException], status: str, reason: str
) -> None:
    with pytest.raises(error):
        failing(error)()
    run = looping.run()
    assert (run.status, run.reason) == (status, reason)
    assert len(run.history["train_logloss"]) == 2


def test_users_see_what_they_would_see_without(looping: Looping, seen: Any) -> None:
    def well() -> None:
        d = matrix()
        train(PARAMS, d, 4, evals=[(d, "train")], verbose_eval=2, early_stopping_rounds=2)

    acts = [
        well,
        failing(ValueError),
        lambda: train(PARAMS),
        lambda: train(PARAMS, matrix(), evals=[(1, "x")]),
    ]
    on = [seen(act) for act in acts]
    looping.stop()
    assert on == [seen(act) for act in acts]
    assert "train-logloss" in on[0][0]


def test_what_fails_in_recording_is_counted_and_harmless(
    looping: Looping, monkeypatch: pytest.MonkeyPatch
) -> None:
    looping.break_logging(monkeypatch)
    d = matrix()
    assert train(PARAMS, d, 3, evals=[(d, "train")], verbose_eval=False).num_boosted_rounds() == 3
    assert looping.recorder.problems.counts() == {"xgboost": 3}


def test_nothing_stays_when_it_is_taken_out(looping: Looping) -> None:
    looping.stop()
    assert "Method" not in type(vars(xgboost.callback.CallbackContainer)["after_iteration"]).__name__
    train(PARAMS, matrix(), 1)
    assert looping.runs() == []
    looping.start()
    train(PARAMS, matrix(), 1)
    assert looping.run().status == "FINISHED"
