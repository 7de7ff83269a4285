"""Weights & Biases, offline: the record goes to a local file; nothing can be queried before a sync."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from benchmarks.peers import measure
from benchmarks.peers.protocol import Answer, serve


def _init() -> Any:
    os.environ.update(WANDB_MODE="offline", WANDB_SILENT="true", WANDB_DIR=str(Path.cwd()))
    import wandb

    settings = wandb.Settings(x_disable_stats=True, x_disable_meta=True, console="off", disable_git=True)
    return wandb.init(project="bench", settings=settings)


def log(n: int) -> Answer:
    run = _init()
    figures = measure.log_latency(lambda value, step: run.log({"loss": value}, step=step), n)
    run.finish()
    return figures


def throughput(n: int) -> Answer:
    run = _init()
    start = time.perf_counter()
    for step in range(n):
        run.log({"loss": measure.value_at(step)}, step=step)
    run.finish()
    return {"rate": n / (time.perf_counter() - start), "note": "on disk only, no local query"}


def load(n: int) -> Answer:
    return {"load": measure.import_time("import wandb", n)}


if __name__ == "__main__":
    serve({"log": log, "throughput": throughput, "load": load})
