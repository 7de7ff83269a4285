"""A fit of a Keras model is a run, with each epoch as it happens."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Looping

pytest.importorskip("torch")
os.environ.setdefault("KERAS_BACKEND", "torch")
keras = pytest.importorskip("keras")

pytestmark = [
    pytest.mark.frameworks,
    # Keras's own way of making an array of a tensor
    pytest.mark.filterwarnings(
        "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
    ),
]

x = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
y = (x[:, 0] > 0).astype("float32")


def network() -> Any:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(0.1), "binary_crossentropy", metrics=["accuracy"])
    return model


def test_a_fit_is_a_run(looping: Looping) -> None:
    history = network().fit(x, y, batch_size=8, epochs=3, validation_data=(x[:10], y[:10]), verbose=0)
    run = looping.run()
    assert (run.name, run.source, run.status) == ("Sequential", "loop", "FINISHED")
    assert run.history == {key: list(enumerate(values)) for key, values in history.history.items()}
    assert set(run.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    expected = {
        "estimator": "keras.src.models.sequential.Sequential",
        "epochs": 3,
        "batch_size": 8,
        "optimizer": "SGD",
        "learning_rate": 0.1,
        "loss": "binary_crossentropy",
        "parameters": 4,
    }
    assert run.params.items() >= expected.items()
    assert (run.data["X"].shape, run.data["X"].name) == ([40, 3], "x")
    assert run.data["y"].target["classes"] == 2
    assert run.data["valid_0"].shape == [10, 3]


def test_tensors_are_data_too(looping: Looping) -> None:
    import torch

    network().fit(torch.as_tensor(x), torch.as_tensor(y), epochs=1, verbose=0)
    run = looping.run()
    assert run.data["X"].shape == [40, 3]
    assert run.data["X"].fingerprint


def test_loaders_are_left_alone(looping: Looping) -> None:
    def batches() -> Any:
        while True:
            yield x[:8], y[:8]

    network().fit(batches(), steps_per_epoch=2, epochs=2, shuffle=False, verbose=0)
    run = looping.run()
    assert run.data == {}
    assert len(run.history["loss"]) == 2
    assert run.params["steps_per_epoch"] == 2


def test_epochs_are_kept_as_they_happen(looping: Looping) -> None:
    lengths = []

    class Look(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            (run,) = Recorded(looping.recorder).runs
            lengths.append(len(run.history.get("loss", [])))

    callbacks = [Look()]
    network().fit(x, y, epochs=3, callbacks=callbacks, verbose=0)
    assert lengths == [0, 1, 2]
    assert len(callbacks) == 1


def test_models_within_a_fit_are_no_runs_of_their_own(looping: Looping) -> None:
    class Inner(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            network().fit(x, y, epochs=5, verbose=0)

    network().fit(x, y, epochs=2, callbacks=[Inner()], verbose=0)
    assert [step for step, _ in looping.run().history["loss"]] == [0, 1]


def test_a_subclass_with_a_learning_rate_schedule(looping: Looping) -> None:
    class Net(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = keras.layers.Dense(1)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

    model = Net()
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    model.compile(keras.optimizers.Adam(schedule), keras.losses.MeanSquaredError())
    model.fit(x, y, epochs=1, verbose=0)
    run = looping.run()
    assert run.name == "Net"
    assert run.params["learning_rate"] == "ExponentialDecay"
    assert run.params["parameters"] == 4  # which it has only since it saw data


def failing(error: type[BaseException]) -> Callable[[], None]:
    class Fail(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == 1:
                raise error("stop")

    def act() -> None:
        network().fit(x, y, epochs=4, callbacks=[Fail()], verbose=2)

    return act


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [(ValueError, "FAILED", "ValueError: stop"), (KeyboardInterrupt, "KILLED", "interrupted")],
)
def test_a_fit_that_stops_says_why(
    looping: Looping, error: type[BaseException], status: str, reason: str
) -> None:
    with pytest.raises(error):
        failing(error)()
    run = looping.run()
    assert (run.status, run.reason) == (status, reason)
    assert run.history["loss"]


def test_users_see_what_they_would_see_without(looping: Looping, seen: Any) -> None:
    def wrong() -> None:
        network().fit(x, y[:3], epochs=1, verbose=2)

    acts = [
        lambda: network().fit(x, y, epochs=2, verbose=2, validation_data=(x, y)),
        failing(ValueError),
        wrong,
        lambda: network().fit(no_such_argument=1),
        lambda: keras.Sequential([keras.layers.Dense(1)]).fit(x, y),
    ]
    on = [seen(act) for act in acts]
    looping.stop()
    assert on == [seen(act) for act in acts]
    assert "val_loss" in on[0][0]


def test_what_fails_in_recording_is_counted_and_harmless(
    looping: Looping, monkeypatch: pytest.MonkeyPatch
) -> None:
    looping.break_logging(monkeypatch)
    history = network().fit(x, y, epochs=3, verbose=0)
    assert len(history.history["loss"]) == 3
    assert looping.recorder.problems.counts() == {"keras": 3}


def test_nothing_stays_when_it_is_taken_out(looping: Looping) -> None:
    looping.stop()
    holders = [cls for cls in keras.Model.__mro__ if "fit" in vars(cls)]
    assert all(type(vars(cls)["fit"]).__name__ == "function" for cls in holders)
    assert type(vars(keras.callbacks.History)["on_epoch_end"]).__name__ == "function"
    network().fit(x, y, epochs=1, verbose=0)
    assert looping.runs() == []
