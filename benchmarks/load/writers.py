"""Writers: many processes that log steadily while a server collects, and whether each point is there once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

KERNELS = 50
RATE = 100
"""Points a second of each."""

SETTLE_SECONDS = 60


def write(home: Path, *, seconds: int, kernels: int = KERNELS) -> dict[str, Any]:
    """Log for some seconds, then look for every point in the store that the server fills.

    Returns
    -------
    dict
        ``points`` that were logged, ``lost``, ``doubled``, and ``behind``: the seconds until all is there.
    """
    environment = {**os.environ, "MAESTRO_HOME": str(home), "MAESTRO_MODE": "offline"}
    command = [sys.executable, "-m", "benchmarks.load.writers", str(seconds)]
    processes = [subprocess.Popen([*command, str(number)], env=environment) for number in range(kernels)]
    failed = [process for process in processes if process.wait()]
    if failed:
        msg = f"{len(failed)} writers failed."
        raise RuntimeError(msg)
    start = time.monotonic()
    wanted = seconds * RATE
    while time.monotonic() - start < SETTLE_SECONDS:
        steps = _steps(home, kernels)
        if all(len(found) >= wanted for found in steps):
            break
        time.sleep(0.5)
    return {
        "points": kernels * wanted,
        "lost": sum(wanted - len(set(found)) for found in steps),
        "doubled": sum(len(found) - len(set(found)) for found in steps),
        "behind": round(time.monotonic() - start, 1),
    }


def _steps(home: Path, kernels: int) -> list[list[int]]:
    """Read what is in the store, without collecting."""
    from maestro_jupyter.api import Actor
    from maestro_jupyter.app import App
    from maestro_jupyter.config import Maestro
    from maestro_jupyter.errors import NotFound

    app = App(Maestro(environ={"MAESTRO_HOME": str(home)}))
    try:
        api = app.api_for(Actor("load", owner=True))
        runs = {run.name: run.run_id for run in api.search("name like 'writer %'", max_results=kernels)}
        found: list[list[int]] = []
        for number in range(kernels):
            try:
                found.append(api.history(runs[f"writer {number}"], "loss")[0].tolist())
            except (KeyError, NotFound):
                found.append([])
        return found
    finally:
        app.shutdown()


def _log(seconds: int, number: int) -> None:
    import maestro_jupyter as maestro

    maestro.start_run(f"writer {number}")
    start = time.monotonic()
    for step in range(seconds * RATE):
        maestro.log({"loss": 1 / (step + 1)}, step)
        time.sleep(max(0.0, start + (step + 1) / RATE - time.monotonic()))
    maestro.end_run()


if __name__ == "__main__":
    _log(int(sys.argv[1]), int(sys.argv[2]))
