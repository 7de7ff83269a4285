"""What a logged scalar costs, and how many a second can be queried."""

from __future__ import annotations

from benchmarks.row import Figure, Row, entries

SAFETY = (
    "On return Maestro, DVCLive, MLflow and Aim have handed the point to the system; "
    "Trackio holds it in memory, W&B in another process, exptrack in an open transaction: kill -9 loses it."
)

LATENCY = Row(
    key="log",
    task="log",
    what="Each call of the plain logging verb with one scalar and its step, timed alone, after 50 others. "
    + SAFETY,
    figures=(
        Figure("median", "`log()` of one scalar, median", "µs", 4),
        Figure("p99", "`log()` of one scalar, p99", "µs", 20),
    ),
    entries=(
        *entries("maestro", {"n": 50_000}, {"n": 5_000}),
        *entries("mlflow", {"n": 1_000}, {"n": 200}),
        *entries("wandb trackio exptrack", {"n": 10_000}, {"n": 2_000}),
        *entries("aim dvclive", {"n": 10_000}, {"n": 2_000}),
    ),
)

THROUGHPUT = Row(
    key="throughput",
    task="throughput",
    what="From the first call of the logging verb, one scalar a call, until the peer's own read returns "
    "every point; points divided by that time. W&B offline: until the run's file is complete.",
    figures=(Figure("rate", "scalars logged and queryable, a second", "/s", 150_000, more_is_better=True),),
    entries=(
        *entries("maestro", {"n": 300_000}, {"n": 100_000}),
        *entries("mlflow", {"n": 2_000}, {"n": 300}),
        *entries("wandb aim", {"n": 20_000}, {"n": 3_000}),
        *entries("trackio dvclive exptrack", {"n": 50_000}, {"n": 5_000}),
    ),
)
