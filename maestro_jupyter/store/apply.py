"""A batch becomes rows, in the transaction that also moves the position in its journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import select

from maestro_jupyter.events import metric_to_float
from maestro_jupyter.models import Code, Dataset, Environment, Status
from maestro_jupyter.store import registering, schema
from maestro_jupyter.store.batch import microseconds
from maestro_jupyter.store.changes import record_changes, record_library_change
from maestro_jupyter.store.filters import param_number, param_text
from maestro_jupyter.store.metrics import add_metrics, merge_chunks
from maestro_jupyter.store.rows import clean, insert_new, numbers_of, pieces, text_of, update, upsert
from maestro_jupyter.store.run_ends import is_ended_by_somebody

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row, Select

    from maestro_jupyter.events import RunStarted
    from maestro_jupyter.store.batch import Batch

KILLED_REASONS = (
    "the kernel died or was killed before the run ended",
    "the process ended while the run was open",
)
"""Why a run is KILLED that did not say so itself: without and with a last line in its journal."""

_encode = msgspec.msgpack.encode
_EMPTY = _encode({})
_UNTITLED = 8


def apply(connection: Connection, journal: str, batch: Batch, project: str, user: str = "") -> None:
    """Write a batch.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction that has locked the journal's row.
    journal : str
        The journal's id.
    batch : Batch
    project, user : str
        The project and the user of a run whose start has not been seen.
    """
    insert_new(
        connection,
        schema.environments,
        [
            {"digest": digest, "content": _encode(_as(Environment, batch.environments[digest]))}
            for digest in sorted(batch.environments)
        ],
    )
    insert_new(
        connection,
        schema.code_states,
        [
            {"digest": digest, "content": _encode(_as(Code, batch.code_states[digest]))}
            for digest in sorted(batch.code_states)
        ],
    )
    _write_cells(connection, journal, batch)
    rows = _runs(connection, journal, batch, project, user)
    numbers = {run: row.id for run, row in rows.items()}
    keys = _keys(connection, batch)
    metrics = add_metrics(connection, {numbers[run]: series for run, series in batch.metrics.items()}, keys)
    _write_params(connection, batch, numbers, keys)
    _write_tags(connection, batch, numbers, keys)
    _update_runs(connection, journal, batch, rows, metrics)
    _write_the_rest(connection, journal, batch, numbers)
    artifacts = registering.add_registered(connection, batch.registered)
    registering.add_used(connection, batch.used)
    named = [execution for execution, known in batch.cells.items() if "names" in known]
    registering.link_uses(connection, journal, named)
    for run in batch.ended:
        merge_chunks(connection, numbers[run])
    record_library_change(connection, artifacts)
    record_changes(connection, _changes(batch) | _growing(connection, journal, batch), _warnings(batch))


def _growing(connection: Connection, journal: str, batch: Batch) -> dict[str, list[str]]:
    """Give the open runs whose cell has printed something, if the batch says nothing else of them."""
    executions = [execution for execution, known in batch.cells.items() if "output" in known]
    if not executions:
        return {}
    runs = schema.runs.c
    found: dict[str, list[str]] = {}
    for some in pieces(executions):
        statement = select(runs.run_id).where(
            runs.journal == journal, runs.status == Status.RUNNING.value, runs.execution.in_(some)
        )
        found |= {run: ["changed"] for run in connection.scalars(statement) if run not in batch.runs}
    return found


def _changes(batch: Batch) -> dict[str, list[str]]:
    """Give what the batch does to each run."""
    kinds = (
        ("started", batch.started),
        ("changed", {**batch.params, **batch.tags, **dict.fromkeys(note.run for note in batch.notes)}),
        ("metrics", batch.metrics),
        ("ended", batch.ended),
    )
    found = {run: [kind for kind, about in kinds if run in about] for run in batch.runs}
    return {run: said or ["changed"] for run, said in found.items()}


def _warnings(batch: Batch) -> list[str]:
    if not batch.damaged:
        return []
    return [
        f"{batch.damaged} damaged pieces of a journal are lost; the file is kept with the ending .damaged."
    ]


def _as(kind: type[msgspec.Struct], event: msgspec.Struct) -> msgspec.Struct:
    return kind(**{name: getattr(event, name) for name in kind.__struct_fields__})


def _write_cells(connection: Connection, journal: str, batch: Batch) -> None:
    empty = {
        "journal": journal,
        "number": 0,
        "source": "",
        "start_time": 0,
        "output": "",
        "output_truncated": False,
    }
    rows = [{"execution": execution, "output": "", **empty} for execution in batch.cells]
    insert_new(connection, schema.cells, rows)
    update(
        connection,
        schema.cells,
        "execution",
        ({"execution": execution, **known} for execution, known in batch.cells.items()),
    )


def _runs(connection: Connection, journal: str, batch: Batch, project: str, user: str) -> dict[str, Row[Any]]:
    """Give the rows of the batch's runs; one whose start has not been seen gets a row without a source."""
    wanted = list(batch.runs)
    rows = _read_runs(connection, wanted)
    missing = [run for run in wanted if run not in rows]
    if not missing:
        return rows
    names = {event.project for run in missing if (event := batch.started.get(run))} | {project}
    projects = numbers_of(connection, schema.projects, names)
    time = _any_time(batch)
    insert_new(
        connection,
        schema.runs,
        [
            {
                "run_id": run,
                "journal": journal,
                "project": projects[project],
                "name": run[:_UNTITLED],
                "user": user,
                "source": "",
                "status": Status.RUNNING.value,
                "status_reason": "",
                "start_time": time,
                "params": _EMPTY,
                "metrics": _EMPTY,
                "tags": _EMPTY,
            }
            for run in missing
        ],
    )
    return rows | _read_runs(connection, missing)


def _read_runs(connection: Connection, wanted: list[str]) -> dict[str, Row[Any]]:
    runs = schema.runs
    columns: Select[Any] = select(
        runs.c.id,
        runs.c.run_id,
        runs.c.source,
        runs.c.status,
        runs.c.status_reason,
        runs.c.end_time,
        runs.c.params,
        runs.c.metrics,
        runs.c.tags,
    )
    found: dict[str, Row[Any]] = {}
    for some in pieces(wanted):
        for row in connection.execute(columns.where(runs.c.run_id.in_(some)).with_for_update()):
            found[row.run_id] = row
    return found


def _any_time(batch: Batch) -> int:
    """Give the earliest time that the batch knows, for runs whose start was lost."""
    times = [series[1][0] for run in batch.metrics.values() for series in run.values()]
    times += [event.time for event in batch.started.values()]
    times += [event.time for event in batch.ended.values()]
    times += [event.time for event in batch.notes]
    return microseconds(min(times, default=batch.opened.time if batch.opened else 0.0))


def _keys(connection: Connection, batch: Batch) -> dict[str, int]:
    names: set[str] = set()
    for about in (batch.metrics, batch.params, batch.tags):
        for run in about.values():
            names.update(run)
    return numbers_of(connection, schema.keys, names) if names else {}


def _write_params(
    connection: Connection, batch: Batch, numbers: dict[str, int], keys: dict[str, int]
) -> None:
    rows = {
        (numbers[run], keys[key]): {
            "run": numbers[run],
            "key": keys[key],
            "value": param_text(value),
            "number": param_number(value),
        }
        for run, values in batch.params.items()
        for key, value in values.items()
    }
    upsert(connection, schema.run_params, ("run", "key"), list(rows.values()))


def _write_tags(connection: Connection, batch: Batch, numbers: dict[str, int], keys: dict[str, int]) -> None:
    rows = {
        (numbers[run], keys[key]): {"run": numbers[run], "key": keys[key], "value": value}
        for run, values in batch.tags.items()
        for key, value in values.items()
    }
    upsert(connection, schema.run_tags, ("run", "key"), list(rows.values()))


def _update_runs(
    connection: Connection,
    journal: str,
    batch: Batch,
    rows: dict[str, Row[Any]],
    metrics: dict[int, dict[str, float]],
) -> None:
    names = {event.project for event in batch.started.values()}
    projects = numbers_of(connection, schema.projects, names) if names else {}
    changes = []
    for run, row in rows.items():
        change: dict[str, Any] = {"id": row.id}
        if run in batch.started and not row.source:
            change |= _beginning(batch.started[run], journal, projects)
            if row.status == Status.KILLED and row.status_reason in KILLED_REASONS:
                change |= {"status": Status.RUNNING.value, "status_reason": "", "end_time": None}
        for column, new in (
            ("params", batch.params.get(run)),
            ("metrics", metrics.get(row.id)),
            ("tags", batch.tags.get(run)),
        ):
            if new:
                change[column] = _encode(msgspec.msgpack.decode(getattr(row, column)) | new)
        if run in batch.contexts:
            context = batch.contexts[run]
            change |= {"environment": context.environment, "code": context.code}
        if is_ended_by_somebody(row.status_reason) and (times := _logged(batch, run)):
            change["end_time"] = max(row.end_time, microseconds(max(times)))
        if run in batch.ended:  # what the run says itself counts, whatever was said in its place
            end = batch.ended[run]
            status = end.status if end.status in set(Status) else Status.FAILED.value
            change |= {"status": status, "status_reason": end.reason, "end_time": microseconds(end.time)}
        if len(change) > 1:
            changes.append(change)
    update(connection, schema.runs, "id", changes)


def _logged(batch: Batch, run: str) -> list[float]:
    """Give when a run has logged something."""
    times = [time for _, series, _ in batch.metrics.get(run, {}).values() for time in series]
    return times + [artifact.time for artifact in batch.artifacts if artifact.run == run]


def _beginning(event: RunStarted, journal: str, projects: dict[str, int]) -> dict[str, Any]:
    return {
        "journal": journal,
        "project": projects[event.project],
        "name": event.name,
        "user": event.user,
        "source": event.source or "api",
        "start_time": microseconds(event.time),
        "parent": event.parent,
        "execution": event.execution,
    }


def _new_artifacts(connection: Connection, artifacts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the rows to add; a figure that was told of before it was known whose it is has its row."""
    table = schema.artifacts
    new: list[dict[str, Any]] = []
    ownerless: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in artifacts:
        known = (row["execution"], row["name"], row["sha256"], row["time"])
        if row["run"] is None:
            ownerless.setdefault(known, []).append(row)
        elif row["execution"] is not None:
            if waiting := ownerless.get(known):
                waiting.pop()["run"] = row["run"]
                continue
            same = (
                table.c.journal == row["journal"],
                table.c.execution == row["execution"],
                table.c.name == text_of(row["name"]),
                table.c.sha256 == row["sha256"],
                table.c.time == row["time"],
                table.c.run.is_(None),
            )
            if connection.execute(table.update().where(*same).values(run=row["run"])).rowcount:
                continue
        new.append(row)
    return new


def _write_the_rest(connection: Connection, journal: str, batch: Batch, numbers: dict[str, int]) -> None:
    notes = [
        {"run": numbers[note.run], "time": microseconds(note.time), "text": note.text} for note in batch.notes
    ]
    unattached = [
        {
            "journal": journal,
            "execution": event.execution,
            "time": microseconds(event.time),
            "key": event.key,
            "value": event.value if isinstance(event.value, str) else repr(metric_to_float(event.value)),
            "reason": event.reason,
        }
        for event in batch.unattached
    ]
    artifacts = [
        {
            "journal": journal,
            "run": None if event.run is None else numbers[event.run],
            "execution": event.execution,
            "name": event.name,
            "type": event.type,
            "sha256": event.sha256,
            "size": event.size,
            "media_type": event.media_type,
            "time": microseconds(event.time),
        }
        for event in batch.artifacts
    ]
    for table, rows in (
        (schema.notes, notes),
        (schema.unattached_metrics, unattached),
        (schema.artifacts, _new_artifacts(connection, artifacts)),
    ):
        if rows:
            connection.execute(table.insert(), clean(table, rows))
    upsert(
        connection,
        schema.datasets,
        ("run", "role"),
        [
            {
                "run": numbers[event.run],
                "role": event.role,
                "fingerprint": event.fingerprint,
                "profile": _encode(_as(Dataset, event)),
            }
            for event in batch.datasets.values()
        ],
    )
