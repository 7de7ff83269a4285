"""A training by Hugging Face's trainer is a run, with what it logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Looping

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("accelerate")

pytestmark = pytest.mark.frameworks


def network() -> Any:
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=20,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        max_position_embeddings=8,
    )
    return transformers.BertForSequenceClassification(config)


def trainer(folder: Path, **settings: Any) -> Any:
    data = [{"input_ids": torch.tensor([1, 2, i % 5]), "labels": torch.tensor(i % 2)} for i in range(16)]
    arguments = transformers.TrainingArguments(
        str(folder),
        num_train_epochs=2,
        per_device_train_batch_size=4,
        logging_steps=2,
        eval_strategy="epoch",
        save_strategy="no",
        use_cpu=True,
        report_to=[],
        disable_tqdm=True,
    )
    given = {"model": network()} if "model_init" not in settings else {}
    return transformers.Trainer(args=arguments, train_dataset=data, eval_dataset=data, **given, **settings)


def test_a_training_is_a_run(looping: Looping, tmp_path: Path) -> None:
    a_trainer = trainer(tmp_path)
    a_trainer.train()
    run = looping.run()
    assert (run.name, run.source, run.status) == ("BertForSequenceClassification", "loop", "FINISHED")
    expected = {
        "num_train_epochs": 2,
        "per_device_train_batch_size": 4,
        "learning_rate": 5e-5,
        "logging_steps": 2,
        "eval_strategy": "epoch",
        "model": "bert",
        "parameters": sum(each.numel() for each in a_trainer.model.parameters()),
    }
    assert run.params.items() >= expected.items()
    assert run.params["estimator"].endswith("BertForSequenceClassification")
    assert "hub_token" not in run.params
    assert "weight_decay" not in run.params
    logged = a_trainer.state.log_history
    for key in ("loss", "eval_loss", "learning_rate", "train_loss"):
        assert run.history[key] == [(each["step"], each[key]) for each in logged if key in each]
    assert [step for step, _ in run.history["loss"]] == [2, 4, 6, 8]


def test_an_evaluation_after_it_belongs_to_its_run(looping: Looping, tmp_path: Path) -> None:
    a_trainer = trainer(tmp_path)
    a_trainer.evaluate(metric_key_prefix="before")
    a_trainer.train()
    a_trainer.evaluate(metric_key_prefix="test")
    run = looping.run()
    assert [step for step, _ in run.history["test_loss"]] == [8]
    assert "before_loss" not in run.history


def test_a_second_training_is_a_second_run(looping: Looping, tmp_path: Path) -> None:
    a_trainer = trainer(tmp_path)
    a_trainer.train()
    a_trainer.train()
    assert [len(run.history["loss"]) for run in looping.runs()] == [4, 4]


def test_a_model_that_the_trainer_makes_is_named(looping: Looping, tmp_path: Path) -> None:
    trainer(tmp_path, model_init=network).train()
    run = looping.run()
    assert run.params["estimator"].endswith("BertForSequenceClassification")
    assert run.status == "FINISHED"


def callback(at_step: Callable[[Any], None]) -> Any:
    class AtStep(transformers.TrainerCallback):
        def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            at_step(state)

    return AtStep()


def test_logs_are_kept_as_they_happen(looping: Looping, tmp_path: Path) -> None:
    lengths = []

    def look(state: Any) -> None:
        (run,) = Recorded(looping.recorder).runs
        lengths.append(len(run.history.get("loss", [])))

    a_trainer = trainer(tmp_path, callbacks=[callback(look)])
    before = list(a_trainer.callback_handler.callbacks)
    a_trainer.train()
    assert lengths == [0, 0, 1, 1, 2, 2, 3, 3]
    assert a_trainer.callback_handler.callbacks == before


def failing(folder: Path, error: type[BaseException]) -> Callable[[], None]:
    def fail(state: Any) -> None:
        if state.global_step == 3:
            raise error("stop")

    return lambda: trainer(folder, callbacks=[callback(fail)]).train()


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [(ValueError, "FAILED", "ValueError: stop"), (KeyboardInterrupt, "KILLED", "interrupted")],
)
def test_a_training_that_stops_says_why(
    looping: Looping, tmp_path: Path, error: type[BaseException], status: str, reason: str
) -> None:
    with pytest.raises(error):
        failing(tmp_path, error)()
    run = looping.run()
    assert (run.status, run.reason) == (status, reason)
    assert [step for step, _ in run.history["loss"]] == [2]


def test_users_see_what_they_would_see_without(looping: Looping, tmp_path: Path, seen: Any) -> None:
    acts = [
        lambda: trainer(tmp_path).train(),
        failing(tmp_path, ValueError),
        lambda: trainer(tmp_path).train(no_such_argument=1),
        lambda: trainer(tmp_path).train(resume_from_checkpoint=True),
    ]
    on = [seen(act) for act in acts]
    looping.stop()
    assert on == [seen(act) for act in acts]
    assert "eval_loss" in on[0][0]


def test_what_fails_in_recording_is_counted_and_harmless(
    looping: Looping, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looping.break_logging(monkeypatch)
    a_trainer = trainer(tmp_path)
    a_trainer.train()
    assert a_trainer.state.global_step == 8
    assert looping.recorder.problems.counts() == {"transformers": len(a_trainer.state.log_history)}


def test_nothing_stays_when_it_is_taken_out(looping: Looping, tmp_path: Path) -> None:
    looping.stop()
    assert type(vars(transformers.Trainer)["train"]).__name__ == "function"
    handler = transformers.trainer_callback.CallbackHandler
    assert type(vars(handler)["on_log"]).__name__ == "function"
    trainer(tmp_path).train()
    assert looping.runs() == []
