"""DVCLive without Git, report or dvc.yaml: only its metric files."""

from __future__ import annotations

import csv
import time
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.peers import measure
from benchmarks.peers.kill import Log, kill_many
from benchmarks.peers.protocol import Answer, serve


def _live(folder: str = "live") -> Any:
    from dvclive import Live

    return Live(dir=folder, save_dvc_exp=False, dvcyaml=None, report=None)


def _log(live: Any, value: float, step: int) -> None:
    live.step = step
    live.log_metric("loss", value)


def _values(folder: str = "live") -> list[tuple[int, float]]:
    with Path(f"{folder}/plots/metrics/loss.tsv").open() as lines:
        return [(int(row["step"]), float(row["loss"])) for row in csv.DictReader(lines, delimiter="\t")]


def log(n: int) -> Answer:
    live = _live()
    return measure.log_latency(lambda value, step: _log(live, value, step), n)


def throughput(n: int) -> Answer:
    live = _live()
    start = time.perf_counter()
    for step in range(n):
        _log(live, measure.value_at(step), step)
    live.end()
    seen = len(_values())
    return {"rate": seen / (time.perf_counter() - start), "complete": seen == n}


def load(n: int) -> Answer:
    return {"load": measure.import_time("import dvclive", n)}


def fill_history(n: int) -> Answer:
    live = _live()
    for step in range(n):
        _log(live, measure.value_at(step), step)
    live.end()
    return {}


def history(n: int, size: int) -> Answer:
    assert len(_values()) == size
    return {"time": measure.repeated(_values, n)}


def kill(kills: int) -> Answer:
    def begin(index: int) -> Log:
        return partial(_log, _live(f"victim-{index}"))

    def found(index: int) -> list[int]:
        if not Path(f"victim-{index}/plots/metrics/loss.tsv").exists():
            return []
        return [step for step, _ in _values(f"victim-{index}")]

    return kill_many(kills, begin, found)


if __name__ == "__main__":
    serve(
        {
            "log": log,
            "throughput": throughput,
            "load": load,
            "fill_history": fill_history,
            "history": history,
            "kill": kill,
        }
    )
