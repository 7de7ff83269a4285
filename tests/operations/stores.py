"""Stores to back up: filled through journals, and compared by the hash of their rows."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import select

from maestro_jupyter import events as e
from maestro_jupyter.recording.artifacts import spool_bytes
from maestro_jupyter.recording.guard import Problems
from maestro_jupyter.recording.journal import Journal
from maestro_jupyter.store.collector import Collector
from maestro_jupyter.store.schema import metadata

if TYPE_CHECKING:
    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.engine import Store


def record_run(
    config: Maestro,
    name: str,
    *,
    ended: float | None = 102.0,
    parent: str | None = None,
    started: float = 101.0,
    close: bool = True,
    content: bytes | None = None,
) -> str:
    """Write a journal with one run, its metrics, a cell and an artifact; give the run's id."""
    run = hashlib.md5(name.encode()).hexdigest()
    content = name.encode() if content is None else content
    sha256 = spool_bytes(config.spool, content)
    journal = Journal(
        config.journals,
        f"j-{name}",
        lambda segment: e.JournalOpened(f"j-{name}", segment, 100.0, "host", 7, "ada", "kernel", None, None),
        Problems(),
    )
    journal.append(
        e.CellStarted(execution=f"c{run[1:]}", cell="c", number=1, count=1, source="x", time=started)
    )
    journal.append(
        e.RunStarted(run=run, name=name, time=started, project="p", user="ada", source="api", parent=parent)
    )
    journal.append(e.ParamsLogged(run, {"depth": len(name), "text": "é"}))
    for step in range(5):
        journal.append(e.MetricsLogged(run, step, started, {"x": float(step)}))
    journal.append(e.ArtifactLogged(run, None, "a.txt", "file", sha256, len(content), "text/plain", started))
    if ended is not None:
        journal.append(e.RunEnded(run, ended, "FINISHED"))
    if close:
        journal.close(e.JournalClosed(ended or started))
    else:
        journal.abandon()
    return run


def fill(store: Store, config: Maestro, *names: str) -> None:
    for name in names:
        record_run(config, name)
    Collector(store, config).collect()


def hashes(store: Store, *, leaving_out: tuple[str, ...] = ("audit", "changes")) -> dict[str, str]:
    """Give the hash of each table's rows."""
    found = {}
    with store.read.connect() as connection:
        for table in metadata.sorted_tables:
            if table.name not in leaving_out:
                rows = connection.execute(select(table).order_by(*table.primary_key.columns)).all()
                found[table.name] = hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()
    return found
