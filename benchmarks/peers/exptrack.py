"""exptrack in a project of its own: SQLite, its notebook extension, nothing else."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.peers import measure
from benchmarks.peers.kill import Log, kill_many
from benchmarks.peers.protocol import Answer, serve


def _project() -> None:
    if not Path(".exptrack").exists():
        subprocess.run(
            [sys.executable, "-c", "from exptrack.cli import main; main()", "init"],
            check=True,
            capture_output=True,
        )


def _experiment(**more: Any) -> Any:
    _project()
    from exptrack import Experiment

    return Experiment(script="bench", auto_capture=False, **more)


def _values(experiment_id: str) -> list[tuple[Any, ...]]:
    from exptrack.core.db import get_db

    sql = "SELECT step, value, ts FROM metrics WHERE exp_id = ? AND key = 'loss' ORDER BY step"
    return list(get_db().execute(sql, (experiment_id,)))


def log(n: int) -> Answer:
    experiment = _experiment()
    return measure.log_latency(lambda value, step: experiment.log_metric("loss", value, step=step), n)


def throughput(n: int) -> Answer:
    experiment = _experiment()
    start = time.perf_counter()
    for step in range(n):
        experiment.log_metric("loss", measure.value_at(step), step=step)
    experiment.flush_metrics()
    seen = len(_values(experiment.id))
    return {"rate": seen / (time.perf_counter() - start), "complete": seen == n}


def load(n: int) -> Answer:
    _project()
    return {"load": measure.load_ext_time("exptrack", n)}


def cell(n: int, gigabytes: float) -> Answer:
    _project()
    return measure.cell_cost(lambda shell: shell.run_line_magic("load_ext", "exptrack"), gigabytes, n)


def fill_runs(n: int) -> Answer:
    _project()
    from exptrack.core.primary_metric import set_project_primary_metric

    for params, metrics in measure.synthetic_runs(n):
        experiment = _experiment(params=params)
        experiment.log_metrics(metrics, step=0)
        experiment.finish()
    set_project_primary_metric("accuracy", "max")
    return {}


def search(n: int, size: int) -> Answer:
    _project()
    from exptrack.core.db import get_db
    from exptrack.core.leaderboard import top_runs
    from exptrack.core.queries import list_experiments

    def top() -> Any:
        matching = list_experiments(get_db(), limit=size, param_filters=[("model", "rf")])
        return top_runs(get_db(), [run["id"] for run in matching], limit=50)

    assert len(top()["runs"]) == min(50, size // 5)
    return {"time": measure.repeated(top, n), "note": f"{size:,} runs"}


def fill_history(n: int) -> Answer:
    experiment = _experiment()
    for step in range(n):
        experiment.log_metric("loss", measure.value_at(step), step=step)
    experiment.flush_metrics()
    Path("run.txt").write_text(experiment.id)
    return {}


def history(n: int, size: int) -> Answer:
    _project()
    experiment_id = Path("run.txt").read_text()
    assert len(_values(experiment_id)) == size
    return {"time": measure.repeated(lambda: _values(experiment_id), n)}


def kill(kills: int) -> Answer:
    _project()

    def begin(index: int) -> Log:
        experiment = _experiment()
        Path(f"victim-{index}").write_text(experiment.id)
        return lambda value, step: experiment.log_metric("loss", value, step=step)

    def found(index: int) -> list[int]:
        if not Path(f"victim-{index}").exists():
            return []
        return [step for step, *_ in _values(Path(f"victim-{index}").read_text())]

    return kill_many(kills, begin, found)


if __name__ == "__main__":
    serve(
        {
            "log": log,
            "throughput": throughput,
            "load": load,
            "cell": cell,
            "fill_runs": fill_runs,
            "search": search,
            "fill_history": fill_history,
            "history": history,
            "kill": kill,
        }
    )
