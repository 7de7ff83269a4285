"""What loading costs, and what recording adds to a trivial cell."""

from __future__ import annotations

from benchmarks.row import Entry, Figure, Row, entries

CELL = Row(
    key="cell",
    task="cell",
    what="`run_cell` of `x = 1 + 1` in one IPython shell whose namespace holds filled float64 arrays: "
    "median with recording on less median before it was loaded. full: 5 GB in ten arrays; quick: 0.5 GB.",
    figures=(Figure("added", "added to a trivial cell, median, 5 GB of arrays", "ms", 0.5),),
    entries=(
        Entry("maestro", {"n": 300, "gigabytes": 5.0}, {"n": 100, "gigabytes": 0.5}),
        Entry("exptrack", {"n": 10, "gigabytes": 5.0}, {"n": 5, "gigabytes": 0.5}),
        Entry("exptrack", {"n": 50, "gigabytes": 0.0}, {"n": 20, "gigabytes": 0.0}, label="empty namespace"),
    ),
    absent=dict.fromkeys(("mlflow", "wandb", "aim", "trackio", "dvclive"), "records no cells"),
)

LOAD = Row(
    key="load",
    task="load",
    what="Maestro and exptrack: `%load_ext` in a fresh IPython; the others: `import` in a fresh interpreter. "
    "File cache warm, interpreter and IPython start-up not counted.",
    figures=(Figure("load", "`%load_ext` or import", "ms", 100),),
    entries=entries("maestro mlflow wandb aim trackio dvclive exptrack", {"n": 3}, {"n": 1}),
)
