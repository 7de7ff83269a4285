"""How long it takes to measure the meta-features of data of many sizes and kinds, and to read the prior."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from maestro_jupyter.recommend.knowledge import PRIOR, read
from maestro_jupyter.recommend.metafeatures import metafeatures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS = 5
WORDS = ["experiment", "notebook", "model", "score", "data", "column", "fold", "seed"]


def numbers(rows: int, columns: int, dtype: Any = np.float64) -> Any:
    return np.random.default_rng(0).normal(size=(rows, columns)).astype(dtype)


def mixed(rows: int, columns: int) -> pd.DataFrame:
    """Give a frame of which each third column holds categories, with a tenth of the values missing."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(numbers(rows, columns)).add_prefix("x")
    frame = frame.mask(rng.uniform(size=frame.shape) < 0.1)
    for place in range(0, columns, 3):
        frame[f"x{place}"] = pd.Series(rng.choice(["a", "b", "c", None], size=rows), dtype=object)
    return frame


def entries(rows: int, columns: int, each: int = 20) -> sparse.csr_matrix:
    """Give a sparse matrix with some entries in each row."""
    rng = np.random.default_rng(0)
    place = (np.repeat(np.arange(rows), each), rng.integers(columns, size=rows * each))
    return sparse.csr_matrix((rng.uniform(size=rows * each), place), shape=(rows, columns))


def texts(rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame({"text": [" ".join(line) for line in rng.choice(WORDS, size=(rows, 30))]})


def cases() -> Iterator[tuple[str, Any, Any, float]]:
    """Give what is measured: its name, X, y, and the seconds that it may take."""
    rng = np.random.default_rng(1)
    X = numbers(100_000, 50)
    yield "100,000 × 50, two classes", X, X[:, 0] * X[:, 1] > 0, 0.3
    yield "100,000 × 50, twenty classes", X, rng.integers(20, size=len(X)), 0.3
    yield "100,000 × 50, regression", X, X[:, 0] + X[:, 1] ** 2, 0.3
    yield "100,000 × 50, mixed frame", mixed(100_000, 50), np.where(X[:, 0] > 0, "yes", "no"), 0.3
    yield "1,000 × 20, two classes", X[:1000, :20], X[:1000, 0] > 0, 2.0
    wide = numbers(100, 50_000)
    yield "100 × 50,000, two classes", wide, wide[:, 0] > 0, 2.0
    yield "100 × 50,000, frame", pd.DataFrame(wide).add_prefix("x"), wide[:, 0], 2.0
    yield "100,000 × 20,000, sparse", entries(100_000, 20_000), rng.integers(2, size=100_000), 2.0
    yield "50,000 texts", texts(50_000), rng.integers(2, size=50_000), 2.0
    long = numbers(1_000_000, 200, np.float32)
    yield "1,000,000 × 200, two classes", long, long[:, 0] > 0, 2.0
    yield "1,000,000 × 200, frame and names", pd.DataFrame(long), np.where(long[:, 0] > 0, "yes", "no"), 2.0


def timed(task: Callable[[], object]) -> float:
    """Give the median of some rounds, after one that is not counted."""
    times = []
    for _ in range(ROUNDS + 1):
        begun = time.perf_counter()
        task()
        times.append(time.perf_counter() - begun)
    return statistics.median(times[1:])


def main() -> None:
    """Print a line for each case."""
    print(f"{'data':36}{'ms':>8}{'may take':>10}")
    for name, X, y, allowed in cases():
        taken = timed(lambda X=X, y=y: metafeatures(X, y))  # type: ignore[misc]
        print(f"{name:36}{taken * 1e3:8.0f}{allowed * 1e3:10.0f}")
    print(f"{'reading the prior':36}{timed(lambda: read(PRIOR)) * 1e3:8.1f}{50:10}")


if __name__ == "__main__":
    main()
