"""The live dashboard over real comms: a project and a metric are chosen, and what happens is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kernel import Kernel


@pytest.fixture(scope="module")
def board(kernel: Kernel) -> str:
    failing = "with maestro.start_run('fails', project='other'): maestro.log({'rmse': 2.0}); 1 / 0"
    assert kernel.run(failing).errors == ["division by zero"]
    return kernel.widget("%maestro dashboard")


def test_it_begins_as_it_was_asked_for(kernel: Kernel, board: str) -> None:
    shown = kernel.run("%maestro dashboard other --metric rmse --max")
    ((_, state),) = shown.widgets.items()
    assert state["given"] == {"project": "other", "metric": "rmse", "lower": False}
    assert "Higher is better." in shown.bundles[0]["text/html"]
    assert "<script" not in shown.bundles[0]["text/html"]


def test_a_project_and_a_metric_are_chosen(kernel: Kernel, board: str) -> None:
    said = kernel.ask(board, "board", project="default").said
    assert said["projects"] == ["other", "default"]
    assert said["metrics"] == ["accuracy", "loss"]
    assert said["metric"] == "accuracy"
    assert "Best accuracy so far" in said["html"]
    said = kernel.ask(board, "board", project="default", metric="loss").said
    assert said["metric"] == "loss"
    assert "Lower is better, as guessed from the name." in said["html"]
    # A metric that this project has not gives way to one that it has.
    assert kernel.ask(board, "board", project="other", metric="loss").said["metric"] == "rmse"
    assert "all projects" in kernel.ask(board, "board").said["html"]


def test_what_happens_is_told(kernel: Kernel, board: str) -> None:
    last = kernel.ask(board, "changes", after=-1).said["last"]
    assert kernel.run("with maestro.start_run('late'): maestro.log({'accuracy': 0.99})").errors == []
    assert len(kernel.ask(board, "changes", after=last).said["runs"]) == 1
    assert 'by <span title="late">late</span>' in kernel.ask(board, "board", project="default").said["html"]


def test_a_project_without_runs_has_none_yet(kernel: Kernel, board: str) -> None:
    assert "No runs yet" in kernel.ask(board, "board", project="gone", metric="loss").said["html"]
    assert kernel.ask(board, "board", project="x" * 300).content["error"]["reason"] == "invalid"
