"""A store in memory, filled from runs: what the queries are tested against."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Engine, StaticPool, create_engine, delete, insert

from maestro_jupyter.models import Run, Status
from maestro_jupyter.store import schema
from maestro_jupyter.store.filters import EPOCH, microseconds, param_number, param_text

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass
class MemoryStore:
    read: Engine
    write: Engine
    columns: None = None


def store_of(runs: Iterable[Run]) -> MemoryStore:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    schema.metadata.create_all(engine)
    fill_with(engine, runs)
    return MemoryStore(engine, engine)


def a_run(number: int, **fields: object) -> Run:
    """Give a run that has ended, and began so many seconds after the epoch."""
    known = {
        "run_id": f"{number:04x}" * 8,
        "name": f"run {number}",
        "project": "p",
        "user": "ada",
        "source": "api",
        "status": Status.FINISHED,
        "start_time": EPOCH + timedelta(seconds=number),
    }
    return Run(**(known | fields))


def fill_with(engine: Engine, runs: Iterable[Run]) -> None:
    """Make runs the only rows of a database."""
    ids: dict[tuple[str, str], int] = {}

    def number(table: str, name: str) -> int:
        return ids.setdefault((table, name), len(ids) + 1)

    rows: dict[str, list[dict[str, object]]] = {
        name: [] for name in ("journals", "projects", "runs", "keys", "run_params", "run_metrics", "run_tags")
    }
    for run_number, run in enumerate(runs, 1):
        fill(rows, run_number, run, number)
    for (table, name), value in ids.items():
        if table in {"projects", "keys"}:
            rows[table].append({"id": value, "name": name})
        else:
            rows["journals"].append({"id": str(value), "notebook": name or None})
    with engine.begin() as connection:
        for table in reversed(schema.metadata.sorted_tables):
            connection.execute(delete(table))
        for name, values in rows.items():
            for start in range(0, len(values), 20_000):
                connection.execute(insert(schema.metadata.tables[name]), values[start : start + 20_000])


def fill(rows, run_number, run, number) -> None:
    rows["runs"].append(
        {
            "id": run_number,
            "run_id": run.run_id,
            "project": number("projects", run.project),
            "journal": str(number("journals", run.notebook or "")),
            "name": run.name,
            "user": run.user,
            "source": run.source,
            "status": run.status.value,
            "status_reason": run.status_reason,
            "start_time": microseconds(run.start_time),
            "end_time": None if run.end_time is None else microseconds(run.end_time),
            "parent": run.parent_id,
            "execution": run.execution_id,
            "environment": None,
            "code": None,
            "params": msgspec.msgpack.encode(run.params),
            "metrics": msgspec.msgpack.encode(run.metrics),
            "tags": msgspec.msgpack.encode(run.tags),
            "archived": None if run.archived is None else microseconds(run.archived),
        }
    )
    for key, value in run.params.items():
        rows["run_params"].append(
            {
                "run": run_number,
                "key": number("keys", key),
                "value": param_text(value),
                "number": param_number(value),
            }
        )
    for key, value in run.tags.items():
        rows["run_tags"].append({"run": run_number, "key": number("keys", key), "value": value})
    for key, value in run.metrics.items():
        known = None if math.isnan(value) else value
        rows["run_metrics"].append(
            {
                "run": run_number,
                "key": number("keys", key),
                "count": 1,
                "first": known,
                "last": known,
                "min": known,
                "max": known,
                "last_step": 0,
                "last_time": 0,
                "last_form": int(known is None),
            }
        )
