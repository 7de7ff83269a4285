"""Journals as another host has them, for tests that ship them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from maestro_jupyter import events as e
from maestro_jupyter.journal_format import frame
from maestro_jupyter.recording.environment import environment
from maestro_jupyter.store import details, histories, runs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from maestro_jupyter.store.engine import Store

JOURNAL, RUN, OTHER, CELL = "5f0c" * 8, "a1" * 16, "b2" * 16, "c3" * 16
FILE = b"the bytes of a figure"
SHA256 = hashlib.sha256(FILE).hexdigest()


def opened(journal: str = JOURNAL, segment: int = 1, **more: object) -> e.JournalOpened:
    return e.JournalOpened(journal, segment, 100.0, "far", 7, "jovyan", "kernel", "n.ipynb", **more)


def started(run: str = RUN, **changes: object) -> e.RunStarted:
    known = {"run": run, "name": "n", "time": 101.0, "project": "p", "user": "jovyan", "source": "api"}
    return e.RunStarted(**known | changes)


def metric(run: str, step: int, value: float = 1.0) -> e.MetricsLogged:
    return e.MetricsLogged(run, step, 102.0 + step, {"x": value})


def artifact(run: str = RUN, sha256: str = SHA256, size: int = len(FILE)) -> e.ArtifactLogged:
    return e.ArtifactLogged(run, None, "p.png", "figure", sha256, size, "image/png", 105.0)


def lines(*events: e.Event) -> bytes:
    return b"".join(frame(msgspec.json.encode(event)) for event in events)


def a_journal() -> list[bytes]:
    """Give the segments of a journal that has some of everything, a torn line, and no end."""
    seen = environment()
    first = lines(
        opened(),
        e.CellStarted(CELL, "cell-1", 1, 3, 100.5, "fit()"),
        seen,
        started(execution=CELL),
        e.RunContext([RUN], seen.digest, None),
        e.ParamsLogged(RUN, {"lr": 0.1, "model": "rf"}),
        *(metric(RUN, step, step / 3) for step in range(40)),
        e.TagsSet(RUN, {"stage": "α"}),
    )
    second = lines(opened(segment=2), *(metric(RUN, step) for step in range(40, 60)))
    second += lines(metric(RUN, 999))[:-9] + b"\n" + lines(e.NoteAdded(RUN, 104.0, "look"))
    third = lines(
        opened(segment=3),
        artifact(),
        e.UnattachedMetric(CELL, 105.5, "acc", "nan", "two runs"),
        e.RunEnded(RUN, 170.0, "FINISHED"),
        e.CellOutput(CELL, "done"),
        e.CellEnded(CELL, 171.0, success=True),
        started(OTHER),
        metric(OTHER, 0),
    )
    return [first, second, third + lines(metric(OTHER, 1))[:-4]]


def rows_of(store: Store, names: Iterable[str] = ()) -> list[bytes]:
    """Give all that can be asked for, without the rows' numbers and what is given."""
    said = []
    for run in sorted(runs.search(store, max_results=None), key=lambda run: run.run_id):
        detail = msgspec.to_builtins(details.detail(store, run))
        for name in names:
            detail["run"].pop(name)
        said.append(msgspec.msgpack.encode(detail, order="sorted"))
        said += [
            column.tobytes() for key in sorted(run.metrics) for column in histories.history(store, run, key)
        ]
    return said
