"""MLflow with a local SQLite tracking store, through its fluent API and client."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from benchmarks.peers import measure
from benchmarks.peers.kill import Log, kill_many
from benchmarks.peers.protocol import Answer, serve

BATCH = 1_000  # the most metrics that MLflow takes in one log_batch


def _store() -> Any:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{Path.cwd() / 'mlflow.db'}")
    mlflow.set_experiment("bench")
    return mlflow


def log(n: int) -> Answer:
    mlflow = _store()
    with mlflow.start_run():
        return measure.log_latency(lambda value, step: mlflow.log_metric("loss", value, step=step), n)


def throughput(n: int) -> Answer:
    mlflow = _store()
    with mlflow.start_run() as run:
        start = time.perf_counter()
        for step in range(n):
            mlflow.log_metric("loss", measure.value_at(step), step=step)
        seen = len(mlflow.MlflowClient().get_metric_history(run.info.run_id, "loss"))
        return {"rate": seen / (time.perf_counter() - start), "complete": seen == n}


def load(n: int) -> Answer:
    return {"load": measure.import_time("import mlflow", n)}


def fit(n: int, *, log_models: bool) -> Answer:
    mlflow = _store()

    def record(_shell: Any) -> None:
        mlflow.sklearn.autolog(log_models=log_models, silent=True)

    return {"added": measure.fit_cost(record, n)}


def fill_runs(n: int) -> Answer:
    mlflow = _store()
    from mlflow.entities import Metric, Param

    client = mlflow.MlflowClient()
    experiment = client.get_experiment_by_name("bench").experiment_id
    for params, metrics in measure.synthetic_runs(n):
        run_id = client.create_run(experiment).info.run_id
        now = int(time.time() * 1000)
        client.log_batch(
            run_id,
            metrics=[Metric(key, value, now, 0) for key, value in metrics.items()],
            params=[Param(key, str(value)) for key, value in params.items()],
        )
        client.set_terminated(run_id)
    return {}


def search(n: int, size: int) -> Answer:
    mlflow = _store()
    client = mlflow.MlflowClient()
    experiment = client.get_experiment_by_name("bench").experiment_id

    def top() -> Any:
        return client.search_runs(
            [experiment], "params.model = 'rf'", max_results=50, order_by=["metrics.accuracy DESC"]
        )

    found = top()
    assert len(found) == 50
    assert found[0].data.metrics["accuracy"] >= found[-1].data.metrics["accuracy"]
    return {"time": measure.repeated(top, n), "note": f"{size:,} runs"}


def dataframe(n: int, size: int) -> Answer:
    mlflow = _store()

    def frame() -> Any:
        return mlflow.search_runs(experiment_names=["bench"], max_results=size)

    assert len(frame()) == size
    return {"time": measure.repeated(frame, n), "note": f"{size:,} runs"}


def fill_history(n: int) -> Answer:
    mlflow = _store()
    from mlflow.entities import Metric

    client = mlflow.MlflowClient()
    with mlflow.start_run() as run:
        now = int(time.time() * 1000)
        for first in range(0, n, BATCH):
            steps = range(first, min(first + BATCH, n))
            client.log_batch(
                run.info.run_id,
                metrics=[Metric("loss", measure.value_at(step), now + step, step) for step in steps],
            )
    Path("run.json").write_text(json.dumps(run.info.run_id))
    return {}


def history(n: int, size: int) -> Answer:
    mlflow = _store()
    client, run_id = mlflow.MlflowClient(), json.loads(Path("run.json").read_text())
    assert len(client.get_metric_history(run_id, "loss")) == size
    return {"time": measure.repeated(lambda: client.get_metric_history(run_id, "loss"), n)}


def kill(kills: int) -> Answer:
    uri = f"sqlite:///{Path.cwd() / 'mlflow.db'}"
    subprocess.run(
        [sys.executable, "-P", "-m", "benchmarks.peers.mlflow", "fill_runs", '{"n": 1}'], check=True
    )

    def begin(index: int) -> Log:
        mlflow = _store()
        mlflow.start_run(run_name=f"victim-{index}")
        return lambda value, step: mlflow.log_metric("loss", value, step=step)

    def found(index: int) -> list[int]:
        import mlflow

        mlflow.set_tracking_uri(uri)
        client = mlflow.MlflowClient()
        experiment = client.get_experiment_by_name("bench").experiment_id
        runs = client.search_runs([experiment], f"attributes.run_name = 'victim-{index}'")
        return [point.step for run in runs for point in client.get_metric_history(run.info.run_id, "loss")]

    return kill_many(kills, begin, found)


if __name__ == "__main__":
    serve(
        {
            "log": log,
            "throughput": throughput,
            "load": load,
            "fit": fit,
            "fill_runs": fill_runs,
            "search": search,
            "dataframe": dataframe,
            "fill_history": fill_history,
            "history": history,
            "kill": kill,
        }
    )
