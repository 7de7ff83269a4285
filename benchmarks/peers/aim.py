"""Aim with a local repository, no system tracking, no terminal capture."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from benchmarks.peers import measure
from benchmarks.peers.protocol import Answer, serve


def _run(**more: Any) -> Any:
    import aim

    Path("repo").mkdir(exist_ok=True)
    aim.sdk.repo.Repo.from_path("repo", init=True)
    return aim.Run(
        repo="repo",
        system_tracking_interval=None,
        log_system_params=False,
        capture_terminal_logs=False,
        **more,
    )


def _index(*run_hashes: str) -> None:
    """Make closed runs visible to queries: the work that `aim up` does in the background."""
    import aim
    from aim.sdk.index_manager import RepoIndexManager

    manager = RepoIndexManager.get_index_manager(aim.Repo("repo"))
    for run_hash in run_hashes:
        manager.index(run_hash)


def _history(run_hash: str) -> Any:
    import aim
    from aim.storage.context import Context

    run = aim.Run(run_hash, repo="repo", read_only=True)
    return run.get_metric("loss", Context({})).values.sparse_numpy()


def log(n: int) -> Answer:
    run = _run()
    return measure.log_latency(lambda value, step: run.track(value, name="loss", step=step), n)


def throughput(n: int) -> Answer:
    run = _run()
    start = time.perf_counter()
    for step in range(n):
        run.track(measure.value_at(step), name="loss", step=step)
    run.close()
    _index(run.hash)
    seen = len(_history(run.hash)[1])
    return {"rate": seen / (time.perf_counter() - start), "complete": seen == n}


def load(n: int) -> Answer:
    return {"load": measure.import_time("import aim", n)}


def fill_runs(n: int) -> Answer:
    for params, metrics in measure.synthetic_runs(n):
        run = _run()
        run["hparams"] = params
        for key, value in metrics.items():
            run.track(value, name=key, step=0)
        run.close()
        _index(run.hash)
    return {}


def search(n: int, size: int) -> Answer:
    import aim
    from aim.sdk.types import QueryReportMode

    repo = aim.Repo("repo")

    def top() -> list[tuple[float, str]]:
        found = repo.query_metrics(
            "run.hparams.model == 'rf' and metric.name == 'accuracy'", report_mode=QueryReportMode.DISABLED
        )
        scored = [
            (metric.values.last_value(), metric.run.hash)
            for run in found.iter_runs()
            for metric in run.iter()
        ]
        return sorted(scored, reverse=True)[:50]

    assert len(top()) == min(50, size // 5)
    return {"time": measure.repeated(top, n), "note": f"{size:,} runs"}


def fill_history(n: int) -> Answer:
    run = _run()
    for step in range(n):
        run.track(measure.value_at(step), name="loss", step=step)
    run.close()
    _index(run.hash)
    Path("run.json").write_text(json.dumps(run.hash))
    return {}


def history(n: int, size: int) -> Answer:
    run_hash = json.loads(Path("run.json").read_text())
    assert len(_history(run_hash)[1]) == size
    return {"time": measure.repeated(lambda: _history(run_hash), n)}


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
        }
    )
