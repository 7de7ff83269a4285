"""A store for the load: 100,000 runs with 2 million points, made through Maestro's own verbs."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

RUNS = 100_000
POINTS = 20
"""Of each run's `loss`."""

ARTIFACTS = 2_000
"""Of the library."""

WORDS = (
    "scale", "encode", "impute", "columns", "dates", "text", "outliers", "split", "features", "lags",
    "prices", "customers", "images", "sensors", "churn", "fraud", "weather", "orders", "clicks", "tokens",
)  # fmt: skip

MODELS = ("rf", "gbm", "svm", "mlp", "logreg")


def fill(home: Path, runs: int) -> None:
    """Fill a home in a process of its own, unless it is filled already."""
    done = home / f"filled-{runs}"
    if done.exists():
        return
    environment = {**os.environ, "MAESTRO_HOME": str(home), "MAESTRO_PROJECT": "load"}
    subprocess.run([sys.executable, "-m", "benchmarks.load.store", str(runs)], env=environment, check=True)
    done.touch()


def _fill(runs: int) -> None:
    import maestro_jupyter as maestro

    draw = random.Random(0)
    for number in range(runs):
        params = {"model": draw.choice(MODELS), "depth": draw.randint(1, 20), "lr": draw.random()}
        maestro.start_run(f"run {number}", params=params)
        for step in range(POINTS):
            maestro.log({"loss": 1 / (step + 1) + draw.random() / 10}, step)
        maestro.log({"accuracy": draw.random()}, 0)
        maestro.end_run()
    _fill_library(draw)
    maestro.flush()


def _fill_library(draw: random.Random) -> None:
    import maestro_jupyter as maestro
    from maestro_jupyter.app import current
    from maestro_jupyter.recording import registering

    maestro.flush()
    for number in range(ARTIFACTS):
        about = " ".join(draw.sample(WORDS, 4))
        registering.register(
            current().recorder, f"part {number}", about.encode(), type="feature_pipeline", format="file",
            media_type="text/plain", about={}, text=f"Prepares {about}.", tags=draw.sample(WORDS, 2),
        )  # fmt: skip


if __name__ == "__main__":
    _fill(int(sys.argv[1]))
