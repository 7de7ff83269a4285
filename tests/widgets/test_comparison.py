"""Runs side by side over real comms: what they have, their curves, and what changed from one to another."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from kernel import Kernel

RUNS = """
with maestro.start_run('first', project='compared', params={'depth': 1, 'none': None, 'wide': 2**60}):
    for step in range(5): maestro.log({'loss': 1 / (step + 1), 'accuracy': step / 10}, step=step)
    maestro.log({'once': 1.0})
"""
OTHER = """
with maestro.start_run('second', project='compared', params={'depth': 2}):
    for step in range(3): maestro.log({'loss': 2.0, 'cv_std': float('nan')}, step=step)
maestro.flush()
both = maestro.search_runs(project='compared')['run_id'].tolist()[::-1]
"""


@pytest.fixture(scope="module")
def compared(kernel: Kernel) -> tuple[str, list[str]]:
    for cell in (RUNS, OTHER):
        assert kernel.run(cell).errors == []
    kernel.run("%maestro project compared")
    shown = kernel.run("%maestro compare first second first")
    ((comm, state),) = shown.widgets.items()
    runs = state["given"]["runs"]
    assert state["given"] == {"runs": runs, "tab": "table"}
    assert len(runs) == 2, "one that is named twice is shown once"
    return comm, runs


def test_the_static_form_stands_beside_the_live_one(kernel: Kernel, compared: tuple[str, list[str]]) -> None:
    shown = kernel.run("%maestro compare first second")
    (bundle,) = shown.bundles
    ((_, state),) = shown.widgets.items()
    assert set(bundle) == {"text/html", "text/plain"}
    assert f'<div class="{state["place"]}">' in bundle["text/html"]
    assert "<script" not in bundle["text/html"]
    assert "loss ↓" in bundle["text/plain"]
    assert "★ 0.2" in bundle["text/plain"]


def test_a_diff_begins_with_what_changed(kernel: Kernel, compared: tuple[str, list[str]]) -> None:
    shown = kernel.run("%maestro diff first second")
    ((_, state),) = shown.widgets.items()
    assert state["given"] == {"runs": compared[1], "tab": "changes"}
    assert "params.depth: 1 → 2" in shown.bundles[0]["text/plain"]
    assert kernel.run("%maestro diff first first").widgets == {}


def test_what_runs_have_is_told_with_the_direction_of_each_metric(
    kernel: Kernel, compared: tuple[str, list[str]]
) -> None:
    comm, runs = compared
    said = kernel.ask(comm, "compared", runs=runs).said
    first, second = said["runs"]
    assert [first["id"], second["id"]] == runs
    assert (first["name"], first["status"]) == ("first", "FINISHED")
    assert first["took"] >= 0
    assert first["params"] == {"depth": 1, "none": None, "wide": str(2**60)}
    assert second["params"] == {"depth": 2}
    assert second["metrics"] == {"loss": 2.0, "cv_std": "NaN"}
    assert said["directions"] == {
        "accuracy": {"ranked": True, "lower": False},
        "cv_std": {"ranked": False, "lower": False},
        "loss": {"ranked": True, "lower": True},
        "once": {"ranked": True, "lower": False},
    }


def test_metrics_that_were_logged_over_steps_are_drawn(
    kernel: Kernel, compared: tuple[str, list[str]]
) -> None:
    comm, runs = compared
    said = kernel.ask(comm, "drawable", runs=runs).said
    assert [metric["key"] for metric in said["metrics"]] == ["accuracy", "cv_std", "loss"]
    assert [run["name"] for run in said["runs"]] == ["first", "second"]
    answer = kernel.ask(comm, "curves", runs=runs, metric="accuracy", axis="step", points=100)
    assert answer.said == {"counts": [5, 0]}
    assert struct.unpack("10d", answer.buffers[0])[5:] == pytest.approx((0, 0.1, 0.2, 0.3, 0.4))


def test_what_changed_is_told_cell_by_cell(kernel: Kernel, compared: tuple[str, list[str]]) -> None:
    comm, runs = compared
    said = kernel.ask(comm, "diff", a=runs[0], b=runs[1]).said
    assert {"name": "depth", "kind": "changed", "a": 1, "b": 2} in said["params"]
    (cell,) = said["cells"]
    assert cell["kind"] == "added"
    assert "second" in cell["b"]
    assert said["same_cells"] > 0


def test_a_table_of_runs_answers_the_same(kernel: Kernel, compared: tuple[str, list[str]]) -> None:
    comm, runs = compared
    table = kernel.widget("%maestro runs")
    for kind, about in (("compared", {"runs": runs}), ("diff", {"a": runs[0], "b": runs[1]})):
        assert kernel.ask(table, kind, **about).said == kernel.ask(comm, kind, **about).said


def test_a_run_that_goes_on_is_told_of(kernel: Kernel, compared: tuple[str, list[str]]) -> None:
    kernel.run(
        "going = maestro.start_run('going', project='compared'); maestro.log({'loss': 3.0}); maestro.flush()"
    )
    comm, runs = compared
    (bundle,) = kernel.run("going.run_id").bundles
    going = bundle["text/plain"].strip("'")
    last = kernel.ask(comm, "changes", after=-1).said["last"]
    before = kernel.ask(comm, "compared", runs=[runs[0], going]).said["runs"][1]
    kernel.run("maestro.log({'loss': 2.5}); maestro.end_run()")
    assert going in kernel.ask(comm, "changes", after=last).said["runs"]
    after = kernel.ask(comm, "compared", runs=[runs[0], going]).said["runs"][1]
    assert (before["status"], before["took"], before["metrics"]) == ("RUNNING", None, {"loss": 3.0})
    assert (after["status"], after["metrics"]) == ("FINISHED", {"loss": 2.5})


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("compared", {"runs": ["a"]}),
        ("compared", {"runs": ["a"] * 51}),
        ("compared", {"runs": ["a", "%"]}),
        ("compared", {"runs": ["a", "b"], "more": 1}),
        ("compared", {}),
        ("drawable", {"runs": []}),
        ("drawable", {"runs": ["a"] * 21}),
        ("curves", {"runs": ["a"], "metric": "loss", "axis": "depth", "points": 100}),
        ("curves", {"metric": "loss", "axis": "step", "points": 100}),
        ("diff", {"a": "a"}),
        ("diff", {"a": "a", "b": ["b"]}),
        ("compare", {"runs": ["a", "b"]}),
    ],
)
def test_what_cannot_be_compared_is_refused(
    kernel: Kernel, compared: tuple[str, list[str]], kind: str, about: dict
) -> None:
    assert kernel.ask(compared[0], kind, **about).content["error"]["reason"] == "invalid"


def test_a_run_that_is_gone_is_said_in_a_sentence(kernel: Kernel, compared: tuple[str, list[str]]) -> None:
    comm, runs = compared
    for kind, about in (("compared", {"runs": [runs[0], "f" * 32]}), ("diff", {"a": runs[0], "b": "f" * 32})):
        assert kernel.ask(comm, kind, **about).content["error"]["reason"] == "not_found"


@settings(max_examples=30)
@given(
    st.sampled_from(["compared", "drawable", "curves", "diff", "changes"]),
    st.dictionaries(
        st.sampled_from(["runs", "metric", "axis", "points", "a", "b", "after", "low", "x"]),
        st.none() | st.integers() | st.text(max_size=30) | st.lists(st.text(max_size=5), max_size=3),
    ),
)
def test_no_message_harms_the_kernel(
    kernel: Kernel, compared: tuple[str, list[str]], kind: str, given: dict
) -> None:
    said = kernel.ask(compared[0], kind, **given).content
    assert "said" in said or said["error"]["reason"] in {"invalid", "not_found", "conflict"}
    assert kernel.run("1 + 1").bundles[0]["text/plain"] == "2"


def test_what_cannot_be_shown_is_refused(kernel: Kernel) -> None:
    kernel.run(
        "from maestro_jupyter.app import current\nfrom maestro_jupyter.widgets.comparison import Comparison"
    )
    assert kernel.run("Comparison(current(), runs=['a', 'b'], tab='all')").errors == [
        "Invalid enum value 'all' - at `$.tab`."
    ]
    assert kernel.run("Comparison(current(), runs=['a', 'b'], filter='')").errors == [
        "There is no 'filter' here; known are runs, tab."
    ]
