"""How runs went over time: days, endings, hours, metrics, and the best so far, on both databases."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from store_of_runs import a_run

from maestro_jupyter.models import RunTotals, Status
from maestro_jupyter.store.run_history import DAYS, STEPS, best_so_far, run_history

if TYPE_CHECKING:
    from collections.abc import Callable

    from maestro_jupyter.models import Run
    from maestro_jupyter.store.engine import Store

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


def began(number: int, *, hours: float, took: float | None = 60.0, **fields: object) -> Run:
    """Give a run that began so many hours ago, and took so many seconds."""
    start = NOW - timedelta(hours=hours)
    end = None if took is None else start + timedelta(seconds=took)
    return a_run(number, start_time=start, end_time=end, **fields)


@pytest.fixture
def some(store_of: Callable[..., Store]) -> Store:
    return store_of(
        [
            began(
                1,
                hours=60,
                metrics={"acc": 0.5, "training_acc": 1.0, "acc_std": 0.1, "fold": 1.0, "fold_mean": 1.0},
            ),
            began(2, hours=50, metrics={"acc": 0.9, "training_acc": 1.0, "acc_std": 0.1}),
            began(3, hours=49, status=Status.FAILED, status_reason="ValueError: no", metrics={"acc": 0.7}),
            began(4, hours=5, took=-30.0, project="q", user="bob", metrics={"loss": math.nan}),
            began(5, hours=4, took=None, status=Status.KILLED, project="q", status_reason="it died"),
            began(6, hours=2, took=None, status=Status.RUNNING, metrics={"acc": math.inf}),
            began(7, hours=-1, took=None, status=Status.RUNNING),
            began(8, hours=3, took=900.0, parent_id="0006" * 8, metrics={"acc": 1.0}),
            began(9, hours=1, metrics={"acc": 1.0}, archived=NOW),
        ]
    )


def test_endings_and_hours_are_added_up(some: Store) -> None:
    found = run_history(some, now=NOW)
    # What runs counts until now; a clock that is behind takes nothing away, and a part of a run is in it.
    assert found.total == RunTotals(
        runs=7, finished=3, failed=1, killed=1, running=2, seconds=3 * 60 + 2 * 3600, untimed=1,
        first=NOW - timedelta(hours=60), latest=NOW + timedelta(hours=1),
    )  # fmt: skip
    assert [(one.name, one.runs) for one in found.projects] == [("p", 5), ("q", 2)]
    assert found.projects[1].seconds == 0
    assert run_history(some, "q", now=NOW).total.runs == 2
    assert run_history(some, "none", now=NOW) == type(found)(total=RunTotals())


def test_days_without_runs_are_days_too(some: Store) -> None:
    days = {day.date: (day.finished, day.unwell, day.running) for day in run_history(some, now=NOW).days}
    assert days == {
        "2026-06-08": (2, 1, 0),
        "2026-06-09": (0, 0, 0),
        "2026-06-10": (1, 1, 2),
    }


@pytest.mark.parametrize(
    ("offset", "dates"), [(600, ["2026-06-08", "2026-06-10"]), (-840, ["2026-06-07", "2026-06-09"])]
)
def test_days_begin_where_one_lives(some: Store, offset: int, dates: list[str]) -> None:
    days = run_history(some, utc_offset=offset, now=NOW).days
    assert [days[0].date, days[-1].date] == dates


def test_of_a_long_time_the_last_days_are_given(store_of: Callable[..., Store]) -> None:
    found = run_history(store_of([began(number, hours=24 * number) for number in range(1, 200)]), now=NOW)
    assert (len(found.days), found.days[-1].date, found.total.runs) == (DAYS, "2026-06-09", 199)
    assert sum(day.finished for day in found.days) == DAYS


def test_what_went_wrong_lately_is_told_with_its_reason(some: Store) -> None:
    unwell = run_history(some, now=NOW).unwell
    assert [(run.name, run.status.value, run.status_reason) for run in unwell] == [
        ("run 5", "KILLED", "it died"),
        ("run 3", "FAILED", "ValueError: no"),
    ]
    assert [run.name for run in run_history(some, "p", now=NOW).unwell] == ["run 3"]


def test_metrics_that_say_most_come_first(some: Store) -> None:
    assert run_history(some, now=NOW).metrics == [
        "acc",
        "fold_mean",
        "loss",
        "acc_std",
        "fold",
        "training_acc",
    ]
    assert run_history(some, "q", now=NOW).metrics == ["loss"]


def test_the_best_so_far_is_told_where_it_changed(some: Store) -> None:
    found = best_so_far(some, "acc", lower=False)
    assert [(step.name, step.value) for step in found.steps] == [("run 1", 0.5), ("run 2", 0.9)]
    assert (found.runs, found.better) == (3, 2)
    assert [step.value for step in best_so_far(some, "acc", lower=True).steps] == [0.5]
    for metric, project in (("loss", None), ("none", None), ("acc", "q")):
        assert best_so_far(some, metric, project, lower=True).steps == []


def test_of_very_many_steps_some_are_left_out(store_of: Callable[..., Store]) -> None:
    runs = [began(number, hours=1000 - number, metrics={"acc": number}) for number in range(900)]
    found = best_so_far(store_of(runs), "acc", lower=False)
    assert (found.better, len(found.steps)) == (900, STEPS)
    assert [found.steps[0].value, found.steps[-1].value] == [0.0, 899.0]


def test_others_runs_do_not_exist_for_a_member(some: Store) -> None:
    found = run_history(some, user="bob", now=NOW)
    assert ([one.name for one in found.projects], found.unwell, found.metrics) == (["q"], [], ["loss"])
    assert found.total.runs == 1
    assert best_so_far(some, "acc", lower=False, user="bob").runs == 0
