"""A fit of a Lightning trainer is a run, with what it logs at each logging step and epoch."""

from __future__ import annotations

import copy
import importlib
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from recorded import Recorded

if TYPE_CHECKING:
    from conftest import Looping

torch = pytest.importorskip("torch")
pytest.importorskip("lightning.pytorch")
pytest.importorskip("pytorch_lightning")

pytestmark = [
    pytest.mark.frameworks,
    # Lightning's own, of torch's
    pytest.mark.filterwarnings("ignore:.isinstance.treespec, LeafSpec:FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
]


@pytest.fixture(params=["lightning.pytorch", "pytorch_lightning"])
def package(request: pytest.FixtureRequest) -> Any:
    return importlib.import_module(request.param)


def network(package: Any, at_epoch: Any = None) -> Any:
    class Net(package.LightningModule):  # type: ignore[misc]
        def __init__(self, width: int = 4) -> None:
            super().__init__()
            self.save_hyperparameters()
            self.layer = torch.nn.Linear(3, 1)

        def training_step(self, batch: Any, index: int) -> Any:
            loss = self.loss(batch)
            self.log("loss", loss)
            self.log("mse", loss, on_step=True, on_epoch=True)
            return loss

        def validation_step(self, batch: Any, index: int) -> None:
            self.log("val_loss", self.loss(batch))

        def on_train_epoch_start(self) -> None:
            if at_epoch is not None:
                at_epoch(self.current_epoch)

        def on_train_epoch_end(self) -> None:
            self.log("late", float(self.current_epoch))

        def loss(self, batch: Any) -> Any:
            return ((self.layer(batch[0]) - batch[1]) ** 2).mean()

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.05)

    torch.manual_seed(0)
    return Net()


def loader() -> Any:
    random = torch.Generator().manual_seed(0)
    data = torch.utils.data.TensorDataset(
        torch.rand(20, 3, generator=random), torch.rand(20, 1, generator=random)
    )
    return torch.utils.data.DataLoader(data, batch_size=5)


def trainer(package: Any, **settings: Any) -> Any:
    quiet = {"enable_progress_bar": False, "logger": False, "enable_checkpointing": False}
    return package.Trainer(
        **{"max_epochs": 3, "log_every_n_steps": 2, "accelerator": "cpu", **quiet, **settings}
    )


def test_a_fit_is_a_run(looping: Looping, package: Any) -> None:
    a_trainer = trainer(package)
    before = list(a_trainer.callbacks)
    a_trainer.fit(network(package), loader(), loader())
    run = looping.run()
    assert (run.name, run.source, run.status) == ("Net", "loop", "FINISHED")
    expected = {
        "width": 4,
        "max_epochs": 3,
        "batch_size": 5,
        "optimizer": "SGD",
        "learning_rate": 0.05,
        "parameters": 4,
    }
    assert run.params.items() >= expected.items()
    assert run.params["estimator"].endswith("Net")
    steps = {key: [step for step, _ in points] for key, points in run.history.items()}
    assert steps == {
        "loss": [1, 3, 5, 7, 9, 11],
        "mse_step": [1, 3, 5, 7, 9, 11],
        "mse_epoch": [3, 7, 11],
        "mse": [3, 7, 11],
        "val_loss": [3, 7, 11],
        "late": [3, 7, 11],
    }
    assert run.history["mse"] == run.history["mse_epoch"]
    assert run.metrics["val_loss"] == pytest.approx(float(a_trainer.callback_metrics["val_loss"]))
    assert run.metrics["mse"] == pytest.approx(float(a_trainer.callback_metrics["mse"]))
    assert a_trainer.callbacks == before


def test_epochs_are_kept_as_they_happen(looping: Looping, package: Any) -> None:
    lengths = []

    def look(epoch: int) -> None:
        (run,) = Recorded(looping.recorder).runs
        lengths.append(len(run.history.get("late", [])))

    trainer(package).fit(network(package, look), loader(), loader())
    assert lengths == [0, 1, 2]


def test_a_copy_of_the_trainers_callbacks_knows_nothing_of_the_run(looping: Looping, package: Any) -> None:
    a_trainer = trainer(package)
    kinds = []

    def look(epoch: int) -> None:
        kinds.append(type(copy.deepcopy(a_trainer.callbacks[-1])))
        kinds.append(type(pickle.loads(pickle.dumps(a_trainer.callbacks[-1]))))

    a_trainer.fit(network(package, look), loader(), loader())
    assert set(kinds) == {package.Callback}


def test_checkpoints_hold_nothing_of_it(looping: Looping, package: Any, tmp_path: Path) -> None:
    a_trainer = trainer(package, max_epochs=1, enable_checkpointing=True, default_root_dir=tmp_path)
    a_trainer.fit(network(package), loader(), loader())
    assert b"maestro" not in Path(a_trainer.checkpoint_callback.best_model_path).read_bytes()


def test_a_fit_that_fails_says_why(looping: Looping, package: Any) -> None:
    def fail(epoch: int) -> None:
        if epoch == 1:
            msg = "stop"
            raise ValueError(msg)

    a_trainer = trainer(package)
    before = list(a_trainer.callbacks)
    with pytest.raises(ValueError, match="stop"):
        a_trainer.fit(network(package, fail), loader(), loader())
    run = looping.run()
    assert (run.status, run.reason) == ("FAILED", "ValueError: stop")
    assert run.history["late"] == [(3, 0.0)]
    assert a_trainer.callbacks == before


def interrupt(epoch: int) -> None:
    if epoch == 1:
        raise KeyboardInterrupt


@pytest.fixture
def interruptible() -> Any:
    """Undo what Lightning does to the signal when it is interrupted."""
    import signal

    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_fit_is_killed(looping: Looping, package: Any) -> None:
    with pytest.raises((SystemExit, KeyboardInterrupt)):
        trainer(package).fit(network(package, interrupt), loader(), loader())
    run = looping.run()
    assert (run.status, run.reason) == ("KILLED", "interrupted")


@pytest.mark.usefixtures("interruptible")
def test_users_see_what_they_would_see_without(looping: Looping, package: Any, seen: Any) -> None:
    acts = [
        lambda: trainer(package).fit(network(package), loader(), loader()),
        lambda: trainer(package).fit(network(package, interrupt), loader(), loader()),
        lambda: trainer(package).fit(3),
        lambda: trainer(package).fit(),
        lambda: trainer(package).fit(network(package, lambda epoch: 1 / 0), loader(), loader()),
    ]
    on = [seen(act) for act in acts]
    looping.stop()
    assert on == [seen(act) for act in acts]


def test_what_fails_in_recording_is_counted_and_harmless(
    looping: Looping, package: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looping.break_logging(monkeypatch)
    a_trainer = trainer(package)
    a_trainer.fit(network(package), loader(), loader())
    assert a_trainer.global_step == 12
    counts = looping.recorder.problems.counts()
    assert set(counts) == {"lightning"}
    assert counts["lightning"] >= 6


def test_nothing_stays_when_it_is_taken_out(looping: Looping, package: Any) -> None:
    looping.stop()
    assert type(vars(package.Trainer)["fit"]).__name__ == "function"
    trainer(package, max_epochs=1).fit(network(package), loader(), loader())
    assert looping.runs() == []
