"""What every adapter does the same way: timed loops, the namespace, the fits, synthetic runs and curves."""

from __future__ import annotations

import math
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WARM_UP = 50


def value_at(step: int) -> float:
    """Return the value that every contender logs at `step`: a decaying curve with a ripple."""
    return math.exp(-step / 50_000) + 0.01 * math.sin(step)


def log_latency(log: Callable[[float, int], object], n: int) -> dict[str, float]:
    """Time each of `n` calls of `log(value, step)` and return the median and the 99th percentile in µs."""
    for step in range(WARM_UP):
        log(value_at(step), step)
    clock, times = time.perf_counter_ns, []
    for step in range(WARM_UP, WARM_UP + n):
        value = value_at(step)
        start = clock()
        log(value, step)
        times.append(clock() - start)
    times.sort()
    return {"median": statistics.median(times) / 1e3, "p99": times[int(len(times) * 0.99)] / 1e3}


def repeated(call: Callable[[], object], n: int) -> float:
    """Return the median time of `n` calls in ms, after one call that is not counted."""
    call()
    times = []
    for _ in range(n):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def import_time(statement: str, n: int) -> float:
    """Return the median time in ms that `statement` takes in `n` fresh interpreters, start-up apart."""
    code = f"import time; t = time.perf_counter()\n{statement}\nprint(); print('@', time.perf_counter() - t)"
    times = []
    for attempt in range(n + 1):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        if attempt:  # the first one also writes byte code and warms the file cache
            times.append(float(done.stdout.rpartition("@")[2]))
    return statistics.median(times) * 1e3


def load_ext_time(extension: str, n: int) -> float:
    """Return the median time in ms of `%load_ext` in `n` fresh shells (IPython itself not counted)."""
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell.run_cell('1 + 1', store_history=True)\n"
        "import time; t = time.perf_counter()\n"
        f"shell.run_line_magic('load_ext', '{extension}')\n"
        "t = time.perf_counter() - t\n"
        f"assert '{extension}' in shell.extension_manager.loaded\n"
        "print(); print('@', t, flush=True)\n"
        "import os; os._exit(0)"
    )
    times = []
    for attempt in range(n + 1):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        if attempt:
            times.append(float(done.stdout.rpartition("@")[2]))
    return statistics.median(times) * 1e3


def shell_with_arrays(gigabytes: float) -> Any:
    """Return an IPython shell whose namespace holds `gigabytes` of filled float64 arrays, ten in number."""
    import numpy as np
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    for index in range(10):
        shell.user_ns[f"array_{index}"] = np.full(int(gigabytes * 1e9 / 8 / 10), float(index))
    return shell


def cell_times(shell: Any, n: int, *, trail: str = "") -> list[float]:
    """Run `n` trivial cells and return the time of each in ms."""
    times = []
    for index in range(n):
        source = f"x_{trail} = {index} + 1"
        start = time.perf_counter()
        result = shell.run_cell(source, store_history=True)
        times.append((time.perf_counter() - start) * 1e3)
        result.raise_error()
    return times


def cell_cost(load: Callable[[Any], object], gigabytes: float, n: int) -> dict[str, Any]:
    """Return what the contender adds to a trivial cell: medians after `load(shell)` less before."""
    shell = shell_with_arrays(gigabytes)
    cell_times(shell, min(n, 20), trail="warm")
    plain = statistics.median(cell_times(shell, n, trail="plain"))
    load(shell)
    assert shell.extension_manager.loaded
    cell_times(shell, min(n, 5), trail="first")
    recorded = statistics.median(cell_times(shell, n, trail="recorded"))
    return {"added": recorded - plain}


FIRST_FITS = 3  # not counted: they import, compile and open what later ones find ready
FIT_CELL = "model = make()\nstart = clock()\nmodel.fit(X, y)\nspent = clock() - start"


def fit_cost(record: Callable[[Any], object], n: int, *, plain_n: int = 50) -> float:
    """Return what recording adds to one `fit` in ms: the median after `record(shell)` less the median before.

    Each fit (logistic regression on iris) stands in a cell of its own; only the call of `fit` is timed.
    """
    from IPython.core.interactiveshell import InteractiveShell
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    shell = InteractiveShell.instance()
    shell.user_ns.update(make=lambda: LogisticRegression(max_iter=200), clock=time.perf_counter)
    shell.user_ns["X"], shell.user_ns["y"] = load_iris(return_X_y=True)

    def fits(count: int) -> float:
        times = []
        for _ in range(count + FIRST_FITS):
            shell.run_cell(FIT_CELL, store_history=True).raise_error()
            times.append(shell.user_ns["spent"])
        return statistics.median(times[FIRST_FITS:]) * 1e3

    plain = fits(plain_n)
    record(shell)
    return fits(n) - plain


MODELS = ("rf", "gbm", "svm", "mlp", "logreg")


def synthetic_runs(n: int) -> Iterator[tuple[dict[str, Any], dict[str, float]]]:
    """Yield params and metrics of `n` runs: five params, three metrics; a fifth have model 'rf'."""
    for index in range(n):
        params = {
            "model": MODELS[index % 5],
            "lr": 10 ** -(1 + index % 4),
            "depth": index % 12,
            "seed": index,
            "dataset": f"d{index % 7}",
        }
        accuracy = 0.5 + 0.5 * ((index * 7919) % 100_003) / 100_003
        yield params, {"accuracy": accuracy, "loss": 1 - accuracy, "seconds": float(index % 60)}
