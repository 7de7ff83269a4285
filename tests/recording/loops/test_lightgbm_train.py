"""lightgbm's own training is a run, with each evaluation as it happens."""

from __future__ import annotations

import inspect
import pickle
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Looping

lightgbm = pytest.importorskip("lightgbm")
from lightgbm import train  # noqa: E402 - held by name before it is observed

pytestmark = pytest.mark.frameworks

ORIGINAL = [train]  # in a list, where no capture looks for it
PARAMS = {"objective": "binary", "verbosity": -1, "num_leaves": 4}


def arrays(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    data = np.random.default_rng(seed).normal(size=(60, 3))
    return data, (data[:, 0] > 0).astype(int)


def sets() -> tuple[Any, Any]:
    x, y = arrays()
    x_valid, y_valid = arrays(1)
    train_set = lightgbm.Dataset(x, label=y)
    return train_set, lightgbm.Dataset(x_valid, label=y_valid, reference=train_set)


def test_a_training_is_a_run(looping: Looping) -> None:
    results: dict[str, Any] = {}
    train_set, valid_set = sets()
    callbacks = [lightgbm.record_evaluation(results)]
    train(
        PARAMS,
        train_set,
        4,
        valid_sets=[train_set, valid_set],
        valid_names=["fitted", "held out"],
        callbacks=callbacks,
    )
    run = looping.run()
    assert (run.name, run.source, run.status) == ("lightgbm.train", "loop", "FINISHED")
    assert run.params == {
        "estimator": "lightgbm.train",
        "num_boost_round": 4,
        "objective": "binary",
        "verbosity": -1,
        "num_leaves": 4,
    }
    assert run.history == {
        f"{name}_{metric}": list(enumerate(values))
        for name, metrics in results.items()
        for metric, values in metrics.items()
    }
    assert set(run.history) == {"fitted_binary_logloss", "held out_binary_logloss"}
    assert run.data["X"].shape == [60, 3]
    assert run.data["X"].fingerprint
    assert run.data["X"].name == "train_set"
    assert run.data["y"].target["classes"] == 2
    assert run.data["valid_1"].shape == [60, 3]
    assert len(callbacks) == 1


def test_evaluations_are_kept_as_they_happen(looping: Looping) -> None:
    lengths = []

    def look(env: Any) -> None:
        (run,) = Recorded(looping.recorder).runs
        lengths.append(len(run.history["valid_0_binary_logloss"]))
        env.model.eval_valid()

    train_set, valid_set = sets()
    train(PARAMS, train_set, 3, valid_sets=[valid_set], callbacks=[look])
    assert lengths == [1, 2, 3]
    assert len(looping.run().history["valid_0_binary_logloss"]) == 3


@pytest.mark.filterwarnings("ignore:The argument 'eval_set'")
def test_a_classifier_has_one_run_with_each_evaluation_once(looping: Looping) -> None:
    x, y = arrays()
    model = lightgbm.LGBMClassifier(n_estimators=3, verbosity=-1).fit(x, y, eval_set=[arrays(1)])
    run = looping.run()
    assert (run.name, run.source) == ("LGBMClassifier", "fit")
    values = model.evals_result_["valid_0"]["binary_logloss"]
    assert run.history == {"valid_0_binary_logloss": list(enumerate(values))}


def failing(error: type[BaseException]) -> Callable[[], None]:
    def fail(env: Any) -> None:
        if env.iteration == 1:
            raise error("stop")

    def act() -> None:
        train_set, valid_set = sets()
        train(PARAMS, train_set, 4, valid_sets=[valid_set], callbacks=[lightgbm.log_evaluation(1), fail])

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
    assert len(run.history["valid_0_binary_logloss"]) == 2


def test_users_see_what_they_would_see_without(looping: Looping, seen: Any) -> None:
    def well() -> None:
        train_set, valid_set = sets()
        callbacks = [lightgbm.log_evaluation(2), lightgbm.early_stopping(2)]
        train(
            {**PARAMS, "verbosity": 1, "force_col_wise": True},
            train_set,
            4,
            valid_sets=[valid_set],
            callbacks=callbacks,
        )

    acts = [well, failing(ValueError), lambda: train(PARAMS), lambda: train(PARAMS, 3)]
    on = [seen(act) for act in acts]
    looping.stop()
    assert on == [seen(act) for act in acts]
    assert "valid_0's binary_logloss" in on[0][0]


def test_the_stand_in_looks_like_the_function(looping: Looping) -> None:
    (original,) = ORIGINAL
    assert train is not original
    assert inspect.signature(train) == inspect.signature(original)
    assert inspect.getsource(train) == inspect.getsource(original)
    assert train.__doc__ == original.__doc__
    assert repr(train) == repr(original)
    assert pickle.loads(pickle.dumps(train)) is train


def test_what_fails_in_recording_is_counted_and_harmless(
    looping: Looping, monkeypatch: pytest.MonkeyPatch
) -> None:
    looping.break_logging(monkeypatch)
    train_set, valid_set = sets()
    assert train(PARAMS, train_set, 3, valid_sets=[valid_set]).current_iteration() == 3
    assert looping.recorder.problems.counts() == {"lightgbm": 3}


def test_nothing_stays_when_it_is_taken_out(looping: Looping) -> None:
    looping.stop()
    namespace = {"boost": train}
    looping.start(namespace)
    assert namespace["boost"] is train is lightgbm.train is lightgbm.sklearn.train
    namespace["later"] = lightgbm.train
    looping.stop()
    assert namespace["boost"] is namespace["later"] is lightgbm.train is lightgbm.engine.train is train
    assert [train] == ORIGINAL
    assert sys.modules[__name__].train is lightgbm.sklearn.train
    train(PARAMS, sets()[0], 1)
    assert looping.runs() == []
