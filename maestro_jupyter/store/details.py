"""Everything that the store knows about one run."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from sqlalchemy import and_, or_, select, true

from maestro_jupyter.events import metric_to_float
from maestro_jupyter.models import (
    Artifact,
    CellExecution,
    Code,
    Dataset,
    Environment,
    MetricSummary,
    Note,
    RunDetail,
    UnattachedMetric,
)
from maestro_jupyter.store import schema
from maestro_jupyter.store.filters import EPOCH
from maestro_jupyter.store.runs import children, to_time

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from maestro_jupyter.models import Run
    from maestro_jupyter.store.engine import Store

Content = TypeVar("Content")


_LISTS = ("metrics", "datasets", "notes", "artifacts", "children", "unattached")


def detail(store: Store, run: Run, *, user: str | None = None, most: int | None = None) -> RunDetail:
    """Give everything that is known about a run; of its children, one user's only if that is asked.

    Of each list, it gives `most` items, if that is said, and then tells which lists go on.

    Its cells are those that its kernel had started when the run's own cell did; all that the kernel ran
    until the run ended where the run was opened outside of a cell.
    """
    with store.read.connect() as connection:
        row = connection.execute(select(schema.runs).where(schema.runs.c.run_id == run.run_id)).one()
        limit = None if most is None else most + 1
        cells = _cells(connection, row, limit)
        own = [cell for cell in cells if cell.execution_id == run.execution_id]
        found = RunDetail(
            run=run,
            metrics=_metrics(connection, row.id, limit),
            cell=own[0] if own else None,
            cells=cells,
            datasets=_datasets(connection, row.id, limit),
            environment=_content(connection, schema.environments, row.environment, Environment),
            code=_content(connection, schema.code_states, row.code, Code),
            notes=_notes(connection, row.id, limit),
            artifacts=_artifacts(connection, row, limit),
            children=children(store, run.run_id, user=user, limit=limit),
            unattached=_unattached(connection, run.execution_id, limit),
        )
    if most is not None:
        _cut(found, most)
    return found


def _cut(found: RunDetail, most: int) -> None:
    """Leave out what is beyond the measure; of the cells, those that ran first."""
    found.cut = [name for name in ("cells", *_LISTS) if len(getattr(found, name)) > most]
    del found.cells[:-most]
    for name in _LISTS:
        del getattr(found, name)[most:]


def _metrics(connection: Connection, run: int, limit: int | None) -> list[MetricSummary]:
    table = schema.run_metrics
    statement = (
        select(schema.keys.c.name, table)
        .join(schema.keys, schema.keys.c.id == table.c.key)
        .where(table.c.run == run)
        .order_by(schema.keys.c.name)
        .limit(limit)
    )
    return [
        MetricSummary(
            key=row.name,
            count=row.count_,
            first=_number(row.first),
            last=_number(row.last),
            min=_number(row.min),
            max=_number(row.max),
            last_step=row.last_step,
        )
        for row in connection.execute(statement.add_columns(table.c["count"].label("count_")))
    ]


def _cells(connection: Connection, run: Row[Any], limit: int | None) -> list[CellExecution]:
    table = schema.cells
    if run.execution is not None:
        own = select(table.c.number).where(table.c.execution == run.execution).scalar_subquery()
        started = table.c.number <= own
    else:
        started = true() if run.end_time is None else table.c.start_time <= run.end_time
    statement = select(table).where(table.c.journal == run.journal, started)
    latest = statement.order_by(table.c.number.desc()).limit(limit)
    return [_cell(row) for row in connection.execute(latest)][::-1]


def _cell(row: Row[Any]) -> CellExecution:
    names: tuple[list[str], list[str]] | tuple[None, None] = (None, None)
    if row.names is not None:
        names = msgspec.msgpack.decode(row.names, type=tuple[list[str], list[str]])
    return CellExecution(
        execution_id=row.execution,
        cell_id=row.cell,
        number=row.number,
        count=row._mapping["count"],
        source=row.source,
        start_time=_time(row.start_time),
        end_time=to_time(row.end_time),
        success=row.success,
        error=row.error,
        traceback=row.traceback,
        output=row.output,
        output_truncated=row.output_truncated,
        reads=names[0],
        writes=names[1],
    )


def _datasets(connection: Connection, run: int, limit: int | None) -> list[Dataset]:
    table = schema.datasets
    statement = select(table.c.profile).where(table.c.run == run).order_by(table.c.role).limit(limit)
    return [msgspec.msgpack.decode(profile, type=Dataset) for profile in connection.scalars(statement)]


def _content(connection: Connection, table: Any, digest: str | None, kind: type[Content]) -> Content | None:
    content = connection.scalar(select(table.c.content).where(table.c.digest == digest))
    return None if content is None else msgspec.msgpack.decode(content, type=kind)


def _notes(connection: Connection, run: int, limit: int | None) -> list[Note]:
    table = schema.notes
    statement = (
        select(table.c.time, table.c.text)
        .where(table.c.run == run)
        .order_by(table.c.time, table.c.id)
        .limit(limit)
    )
    return [Note(_time(time), text) for time, text in connection.execute(statement)]


def _artifacts(connection: Connection, run: Row[Any], limit: int | None) -> list[Artifact]:
    table = schema.artifacts
    own = table.c.run == run.id
    if run.execution is not None:
        own = or_(own, and_(table.c.run.is_(None), table.c.execution == run.execution))
    statement = select(table).where(own).order_by(table.c.time, table.c.id).limit(limit)
    return [
        Artifact(
            name=row.name,
            type=row.type,
            sha256=row.sha256,
            size=row.size,
            media_type=row.media_type,
            time=_time(row.time),
            run_id=None if row.run is None else run.run_id,
            execution_id=row.execution,
        )
        for row in connection.execute(statement)
    ]


def _unattached(connection: Connection, execution: str | None, limit: int | None) -> list[UnattachedMetric]:
    if execution is None:
        return []
    table = schema.unattached_metrics
    own = table.c.execution == execution
    statement = select(table).where(own).order_by(table.c.time, table.c.id).limit(limit)
    return [
        UnattachedMetric(
            execution_id=row.execution,
            time=_time(row.time),
            key=row.key,
            value=metric_to_float(row.value if row.value in {"nan", "inf", "-inf"} else float(row.value)),
            reason=row.reason,
        )
        for row in connection.execute(statement)
    ]


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _time(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)
