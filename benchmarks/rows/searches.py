"""Finding runs: the top 50 by a metric with a param filter, and many runs as a DataFrame."""

from __future__ import annotations

from typing import Any

from benchmarks.row import Entry, Figure, Row

TABLE = dict.fromkeys(("wandb", "dvclive"), "no local query over runs")
QUICK_SIZE = 300


def _entry(peer: str, size: int, quick: int = QUICK_SIZE, *, n: int = 10, **more: Any) -> Entry:
    return Entry(
        peer,
        {"n": n, "size": size},
        {"n": 3, "size": quick},
        fill={"n": size},
        quick_fill={"n": quick},
        **more,
    )


SEARCH = Row(
    key="search",
    task="search",
    fill="fill_runs",
    what="The top 50 runs by `metrics.accuracy` with `params.model = 'rf'`, of runs with five params and "
    "three metrics, as the peer's client returns them. Trackio: its SQL `query`; Aim: `query_metrics`, "
    "sorted by the caller; exptrack: its leaderboard.",
    figures=(Figure("time", "top 50 of 100,000 runs by a metric with a param filter", "ms", 20),),
    entries=(
        _entry("maestro", 100_000, 2_000),
        _entry("mlflow", 2_000),
        _entry("mlflow", 8_000, 600, label="more runs"),
        _entry("aim", 1_000, 100, n=3),
        _entry("trackio", 1_000, 100, n=5),
        _entry("exptrack", 1_000, 100, n=3),
    ),
    absent=TABLE,
)

DATAFRAME = Row(
    key="dataframe",
    task="dataframe",
    fill="fill_runs",
    what="`search_runs` without a filter: every attribute, param and metric as a pandas DataFrame. "
    "Maestro takes 10,000 out of the same 100,000.",
    figures=(Figure("time", "10,000 runs as a DataFrame", "ms", 150),),
    entries=(
        Entry(
            "maestro",
            {"n": 5, "size": 10_000},
            {"n": 3, "size": 1_000},
            fill={"n": 100_000},
            quick_fill={"n": 2_000},
        ),
        _entry("mlflow", 2_000, n=3),
    ),
    absent={**TABLE, **dict.fromkeys(("aim", "trackio", "exptrack"), "no DataFrame of runs")},
)
