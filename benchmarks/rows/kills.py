"""Killing a process with SIGKILL while it logs: what it had acknowledged has to be there, once."""

from __future__ import annotations

from benchmarks.row import Entry, Figure, Row

KILL = Row(
    key="kill",
    task="kill",
    rounds=1,
    what="A process starts a run, logs scalars as fast as it can and notes each return in shared memory; "
    "SIGKILL after a random time; afterwards every noted point is looked for. "
    "1,000 times for Maestro (quick: 20), fewer for the peers.",
    figures=(
        Figure("lost", "`kill -9` 1,000 times while logging: acknowledged points lost", "points", 0),
        Figure("duplicated", "`kill -9` 1,000 times while logging: points duplicated", "points", 0),
    ),
    entries=(
        Entry("maestro", {"kills": 1_000}, {"kills": 20}),
        Entry("mlflow", {"kills": 5}, {"kills": 2}),
        Entry("trackio", {"kills": 10}, {"kills": 2}),
        Entry("dvclive", {"kills": 10}, {"kills": 2}),
        Entry("exptrack", {"kills": 10}, {"kills": 2}),
    ),
    absent={"wandb": "no local query", "aim": "not tried"},
)
