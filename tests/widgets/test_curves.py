"""Curves over real comms: as many points as are asked for, of the part that is looked at."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kernel import Answered, Kernel

RUNS = """
for name in ('first', 'second'):
    with maestro.start_run(name, project='curves') as run:
        for step in range(10_000):
            maestro.log({'noise': (step * 7919) % 1000 + (5000 if step == 7777 else 0)}, step=step)
        for step in range(0, 10_000, 1000):
            maestro.log({'epoch': step / 1000}, step=step)
with maestro.start_run('without', project='curves'):
    maestro.log({'other': 1.0})
maestro.flush()
runs = maestro.search_runs(project='curves')['run_id'].tolist()[::-1]
"""


@pytest.fixture(scope="module")
def chart(kernel: Kernel) -> str:
    assert kernel.run(RUNS).errors == []
    kernel.run("%maestro project curves")
    kernel.run("from maestro_jupyter.views import Live, View")
    return kernel.widget("View('', '', live=Live('curves', {'metric': 'noise', 'runs': runs}))")


def lines(answer: Answered) -> list[list[tuple[float, float]]]:
    numbers = list(struct.unpack(f"{len(answer.buffers[0]) // 8}d", answer.buffers[0]))
    found = []
    for count in answer.said["counts"]:
        along, values, numbers = numbers[:count], numbers[count : 2 * count], numbers[2 * count :]
        found.append(list(zip(along, values, strict=True)))
    assert not numbers
    return found


def test_a_plot_is_live(kernel: Kernel, chart: str) -> None:
    shown = kernel.run("%maestro plot noise")
    ((_, state),) = shown.widgets.items()
    assert state["given"]["metric"] == "noise"
    assert len(state["given"]["runs"]) == 2
    assert "<svg" in shown.bundles[0]["text/html"]


def test_what_can_be_drawn_is_said(kernel: Kernel, chart: str) -> None:
    said = kernel.ask(chart, "setup").said
    assert [run["name"] for run in said["runs"]] == ["first", "second", "without"]
    assert [metric["key"] for metric in said["metrics"]] == ["epoch", "noise", "other"]
    assert said["epochs"] is True


def test_few_points_stand_for_many_and_a_part_for_itself(kernel: Kernel, chart: str) -> None:
    whole = lines(kernel.ask(chart, "curves", metric="noise", axis="step", points=200))
    assert [len(line) for line in whole] == [200, 200, 0]
    assert (whole[0][0][0], whole[0][-1][0]) == (0, 9999)
    assert max(value for _, value in whole[0]) > 5000
    part = lines(kernel.ask(chart, "curves", metric="noise", axis="step", points=200, low=7770, high=7780))
    assert [step for step, _ in part[1]] == list(range(7769, 7782))
    assert part[1][8] == (7777, 7777 * 7919 % 1000 + 5000)
    beyond = lines(kernel.ask(chart, "curves", metric="noise", axis="step", points=200, low=1e9))
    assert [len(line) for line in beyond] == [0, 0, 0]


def test_they_run_along_time_and_epochs(kernel: Kernel, chart: str) -> None:
    times = lines(kernel.ask(chart, "curves", metric="noise", axis="time", points=100))
    assert times[0][0][0] == 0
    assert 0 < times[0][-1][0] < 600
    epochs = lines(
        kernel.ask(chart, "curves", metric="noise", axis="epoch", points=4000, low=4.4995, high=4.5005)
    )
    assert {round(place, 3) for place, _ in epochs[0]} >= {4.5}


@pytest.mark.parametrize(
    "given",
    [
        {"metric": "noise", "axis": "depth", "points": 100},
        {"metric": "noise", "axis": "step", "points": 3},
        {"metric": "noise", "axis": "step", "points": 10**6},
        {"metric": "noise", "axis": "step", "points": 100, "low": "a"},
        {"axis": "step", "points": 100},
    ],
)
def test_what_cannot_be_drawn_is_refused(kernel: Kernel, chart: str, given: dict) -> None:
    assert kernel.ask(chart, "curves", **given).content["error"]["reason"] == "invalid"
