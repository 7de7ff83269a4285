"""Maestro itself, through its public names only; the runner sets `MAESTRO_HOME` to a scratch folder."""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path
from typing import Any

import maestro_jupyter as maestro
from benchmarks.peers import measure
from benchmarks.peers.kill import Log, kill_many
from benchmarks.peers.protocol import Answer, serve


def _log(value: float, step: int) -> None:
    maestro.log({"loss": value}, step)


def log(n: int) -> Answer:
    maestro.start_run()
    return measure.log_latency(_log, n)


def throughput(n: int) -> Answer:
    run = maestro.start_run()
    start = time.perf_counter()
    for step in range(n):
        maestro.log({"loss": measure.value_at(step)}, step)
    maestro.flush()
    seen = len(maestro.metric_history(run.run_id, "loss"))
    return {"rate": seen / (time.perf_counter() - start), "complete": seen == n}


def load(n: int) -> Answer:
    return {"load": measure.load_ext_time("maestro_jupyter", n)}


def _load_extension(shell: Any) -> None:
    shell.run_line_magic("load_ext", "maestro_jupyter")


def cell(n: int, gigabytes: float) -> Answer:
    return measure.cell_cost(_load_extension, gigabytes, n)


def fit(n: int) -> Answer:
    added = measure.fit_cost(_load_extension, n)
    maestro.flush()
    recorded = len(maestro.search_runs("params.max_iter = '200'"))
    return {"added": added, "complete": recorded == n + measure.FIRST_FITS}


def fill_runs(n: int) -> Answer:
    for params, metrics in measure.synthetic_runs(n):
        maestro.start_run(params=params)
        maestro.log(metrics, 0)
        maestro.end_run()
    maestro.flush()
    return {}


def search(n: int, size: int) -> Answer:
    top = partial(
        maestro.search_runs, "params.model = 'rf'", order_by=["metrics.accuracy DESC"], max_results=50
    )
    found = top()
    assert len(found) == 50
    assert found["metrics.accuracy"].is_monotonic_decreasing
    return {"time": measure.repeated(top, n), "note": f"{size:,} runs"}


def dataframe(n: int, size: int) -> Answer:
    frame = partial(maestro.search_runs, max_results=size)
    assert len(frame()) == size
    return {"time": measure.repeated(frame, n), "note": f"{size:,} runs"}


def fill_history(n: int) -> Answer:
    run = maestro.start_run()
    for step in range(n):
        maestro.log({"loss": measure.value_at(step)}, step)
    maestro.end_run()
    maestro.flush()
    Path("run.json").write_text(json.dumps(run.run_id))
    return {}


def history(n: int, size: int) -> Answer:
    read = partial(maestro.metric_history, json.loads(Path("run.json").read_text()), "loss")
    assert len(read()) == size
    return {"time": measure.repeated(read, n)}


def long_history(n: int, size: int) -> Answer:
    run_id = json.loads(Path("run.json").read_text())
    read = partial(maestro.metric_history, run_id, "loss", max_points=2_000)
    assert 1_000 <= len(read()) <= 2_000
    return {"time": measure.repeated(read, n), "note": f"{size:,} points"}


def kill(kills: int) -> Answer:
    def begin(index: int) -> Log:
        maestro.start_run(f"victim-{index}")
        return _log

    runs: dict[str, str] = {}

    def found(index: int) -> list[int]:
        if not runs:
            frame = maestro.search_runs(max_results=kills)
            runs.update(zip(frame["name"], frame["run_id"], strict=True))
        run_id = runs.get(f"victim-{index}")
        if run_id is None or not maestro.get_run(run_id).metrics:
            return []  # killed before its first point
        return maestro.metric_history(run_id, "loss")["step"].tolist()

    return kill_many(kills, begin, found)


if __name__ == "__main__":
    serve(
        {
            "log": log,
            "throughput": throughput,
            "load": load,
            "cell": cell,
            "fit": fit,
            "fill_runs": fill_runs,
            "search": search,
            "dataframe": dataframe,
            "fill_history": fill_history,
            "history": history,
            "fill_long_history": fill_history,
            "long_history": long_history,
            "kill": kill,
        }
    )
