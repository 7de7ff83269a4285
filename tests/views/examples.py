"""Runs with every kind of content, made from one text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from maestro_jupyter.events import Column
from maestro_jupyter.models import (
    Artifact,
    BestSoFar,
    BetterRun,
    CellExecution,
    Code,
    Dataset,
    DayOfRuns,
    Environment,
    MetricSummary,
    Note,
    Run,
    RunDetail,
    RunHistory,
    RunTotals,
    Status,
    UnattachedMetric,
    UnwellRun,
    Usage,
)
from maestro_jupyter.views.dashboard import Board

NOW = datetime(2025, 5, 1, 12, tzinfo=UTC)


def a_run(number=1, **fields):
    values = {
        "run_id": f"{number:04x}" * 8,
        "name": f"run {number}",
        "project": "p",
        "user": "ada",
        "source": "api",
        "status": Status.FINISHED,
        "start_time": NOW - timedelta(minutes=number),
        "end_time": NOW - timedelta(minutes=number) + timedelta(seconds=2),
    }
    return Run(**(values | fields))


def a_detail(text, number=1):
    run = a_run(
        number, name=text, project=text, user=text, notebook=text, status=Status.FAILED, status_reason=text,
        params={text: text, "estimator": text}, metrics={text: 0.1 * number}, tags={text: text},
    )  # fmt: skip
    cell = CellExecution(
        execution_id="e", cell_id=None, number=number, count=number, source=f"{text} {number}", success=False,
        start_time=NOW, error=text, traceback=text, output=text, reads=[text], writes=[text],
    )  # fmt: skip
    return RunDetail(
        run=run,
        metrics=[MetricSummary(text, 3, 0.1, 0.3, 0.1, 0.3, 2)],
        cell=cell,
        cells=[cell],
        datasets=[
            Dataset(
                role=text, name=text, kind=text, fingerprint=f"{text}{number}", sampled=True, shape=[3, number],
                columns=[Column(f"{text}{number}", text)], missing=0.25, target={text: text},
            )
        ],
        environment=Environment(
            digest="d", python=f"{text}{number}", platform=text, hardware={text: text}, packages={text: str(number)}
        ),
        code=Code(digest="d", commit=text, branch=f"{text}{number}", remote=text, dirty=True, diff=f"+{text}"),
        notes=[Note(NOW, text)],
        artifacts=[
            Artifact(name=text, type=text, sha256="0" * 64, size=2048, media_type=text, time=NOW)
        ],
        children=[a_run(number + 10, name=text, parent_id=run.run_id)],
        unattached=[UnattachedMetric(execution_id="e", time=NOW, key=text, value=0.5, reason=text)],
    )  # fmt: skip


def a_board(text="p", *, project="p", lower=False, **totals):
    known = {
        "runs": 5,
        "finished": 3,
        "failed": 1,
        "running": 1,
        "seconds": 7200.0,
        "first": NOW,
        "latest": NOW,
    }
    total = RunTotals(**(known | totals))
    history = RunHistory(
        total=total,
        projects=[RunTotals(name=text, **(known | totals)), RunTotals(name="other", runs=1, untimed=1)],
        days=[DayOfRuns(date="2025-04-30", finished=1), DayOfRuns(date="2025-05-01", finished=2, unwell=1, running=1)],
        unwell=[
            UnwellRun(run_id="0003" * 8, name=text, project=text, status=Status.FAILED, status_reason=text, start_time=NOW)
        ],
        metrics=[text],
    )  # fmt: skip
    steps = [
        BetterRun(run_id=f"{number:04x}" * 8, name=text, project=text, start_time=NOW - timedelta(hours=9 - number), value=value)
        for number, value in enumerate([0.5, 0.75])
    ]  # fmt: skip
    best = BestSoFar(metric=text, lower=lower, runs=4, better=2, steps=steps)
    used = [Usage(name=text, type=text, created=NOW, projects=2, runs=7, last=NOW)]
    return Board(project, history, best, used)
