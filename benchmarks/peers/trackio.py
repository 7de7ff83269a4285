"""Trackio, local only: its SQLite files in the scratch folder, no dashboard, no Space."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from benchmarks.peers import measure
from benchmarks.peers.kill import Log, kill_many
from benchmarks.peers.protocol import Answer, serve


def _trackio() -> Any:
    os.environ["TRACKIO_DIR"] = str(Path.cwd() / "trackio")
    import trackio

    return trackio


def _init(trackio: Any, **more: Any) -> Any:
    return trackio.init(project="bench", auto_log_gpu=False, auto_log_cpu=False, embed=False, **more)


def _values(run: str) -> list[dict[str, Any]]:
    from trackio.sqlite_storage import SQLiteStorage

    return SQLiteStorage.get_metric_values("bench", run, "loss")


def log(n: int) -> Answer:
    trackio = _trackio()
    _init(trackio)
    figures = measure.log_latency(lambda value, step: trackio.log({"loss": value}, step=step), n)
    trackio.finish()
    return figures


def throughput(n: int) -> Answer:
    trackio = _trackio()
    run = _init(trackio, name="fast")
    start = time.perf_counter()
    for step in range(n):
        trackio.log({"loss": measure.value_at(step)}, step=step)
    trackio.finish()
    seen = len(_values(run.name))
    return {"rate": seen / (time.perf_counter() - start), "complete": seen == n}


def load(n: int) -> Answer:
    return {"load": measure.import_time("import trackio", n)}


def fill_runs(n: int) -> Answer:
    trackio = _trackio()
    for index, (params, metrics) in enumerate(measure.synthetic_runs(n)):
        _init(trackio, name=f"run-{index}", config=params)
        trackio.log(metrics, step=0)
        trackio.finish()
    return {}


def search(n: int, size: int) -> Answer:
    _trackio()
    from trackio.sqlite_storage import SQLiteStorage

    sql = (
        "SELECT m.run_name, json_extract(m.metrics, '$.accuracy') AS accuracy FROM metrics m "
        "JOIN configs c ON c.run_name = m.run_name WHERE json_extract(c.config, '$.model') = 'rf' "
        "ORDER BY accuracy DESC LIMIT 50"
    )

    def top() -> Any:
        return SQLiteStorage.query_project("bench", sql)

    assert len(top()["rows"]) == min(50, size // 5)
    return {"time": measure.repeated(top, n), "note": f"{size:,} runs"}


def fill_history(n: int) -> Answer:
    trackio = _trackio()
    _init(trackio, name="long")
    for step in range(n):
        trackio.log({"loss": measure.value_at(step)}, step=step)
    trackio.finish()
    return {}


def history(n: int, size: int) -> Answer:
    _trackio()
    assert len(_values("long")) == size
    return {"time": measure.repeated(lambda: _values("long"), n)}


def kill(kills: int) -> Answer:
    def begin(index: int) -> Log:
        trackio = _trackio()
        _init(trackio, name=f"victim-{index}")
        return lambda value, step: trackio.log({"loss": value}, step=step)

    def found(index: int) -> list[int]:
        _trackio()
        return [point["step"] for point in _values(f"victim-{index}")]

    return kill_many(kills, begin, found)


if __name__ == "__main__":
    serve(
        {
            "log": log,
            "throughput": throughput,
            "load": load,
            "fill_runs": fill_runs,
            "search": search,
            "fill_history": fill_history,
            "history": history,
            "kill": kill,
        }
    )
