"""Reading curves back: 100,000 points whole, and ten million downsampled."""

from __future__ import annotations

from benchmarks.row import Entry, Figure, Row

SIZE, QUICK_SIZE = 100_000, 5_000


def _entry(peer: str, *, n: int = 3) -> Entry:
    return Entry(
        peer,
        {"n": n, "size": SIZE},
        {"n": 2, "size": QUICK_SIZE},
        fill={"n": SIZE},
        quick_fill={"n": QUICK_SIZE},
    )


HISTORY = Row(
    key="history",
    task="history",
    fill="fill_history",
    what="The whole history of one metric of one run, steps and values, through the peer's client. "
    "DVCLive: its TSV read with the csv module; exptrack: its metrics table read through its connection.",
    figures=(Figure("time", "history of 100,000 points", "ms", 30),),
    entries=(
        _entry("maestro", n=10),
        _entry("mlflow"),
        _entry("aim"),
        _entry("trackio"),
        _entry("dvclive"),
        _entry("exptrack"),
    ),
    absent={"wandb": "no local query"},
)

LONG_HISTORY = Row(
    key="long-history",
    task="long_history",
    fill="fill_long_history",
    what="`metric_history(run, key, max_points=2000)` of ten million points (quick: 300,000). "
    "At its own rate no peer can be filled with as many within this benchmark.",
    figures=(Figure("time", "10 million points downsampled to 2,000", "ms", 500),),
    entries=(
        Entry(
            "maestro",
            {"n": 5, "size": 10_000_000},
            {"n": 3, "size": 300_000},
            fill={"n": 10_000_000},
            quick_fill={"n": 300_000},
        ),
    ),
    absent=dict.fromkeys(("mlflow", "wandb", "aim", "trackio", "dvclive", "exptrack"), "not filled"),
)
