"""The collector: brings what journals say into the store, once, and says which runs died."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from maestro_jupyter.errors import MaestroError, Unavailable
from maestro_jupyter.journal_format import is_live, scan
from maestro_jupyter.models import Status
from maestro_jupyter.store import schema
from maestro_jupyter.store.apply import KILLED_REASONS, apply
from maestro_jupyter.store.batch import Batch, microseconds, read_batch
from maestro_jupyter.store.blobs import Blobs
from maestro_jupyter.store.changes import record_changes, record_other_change
from maestro_jupyter.store.home_lock import home_lock
from maestro_jupyter.store.metrics import merge_chunks
from maestro_jupyter.store.restoring import finish_restore
from maestro_jupyter.store.rows import insert_new, update
from maestro_jupyter.store.segments import Segment, find_segments, forget, parents_first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Row, Select

    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.engine import Store

BATCH_BYTES = 16 << 20
"""How much of a journal one transaction deals with."""


@dataclass
class Collected:
    """What collecting has done.

    Attributes
    ----------
    journals : int
        How many journals had something new.
    runs : int
        How many runs have begun.
    points : int
        How many metric values there were.
    damaged : int
        How many pieces of journals were damaged, and are lost.
    unknown : int
        How many events were of a kind that only a newer version knows.
    killed : int
        How many runs turned out to have died with their process.
    """

    journals: int = 0
    runs: int = 0
    points: int = 0
    damaged: int = 0
    unknown: int = 0
    killed: int = 0

    def add(self, other: Collected) -> None:
        """Add another's counts to these."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


@dataclass
class _Step:
    """What one transaction came to."""

    counts: Collected
    spooled: list[Path]
    damaged: bool
    segment: int
    closed: bool = False
    more: bool = False


class Collector:
    """Brings the journals of one home into a store.

    Parameters
    ----------
    store : Store
    config : Maestro
        For the home, its journals and spool, and where artifacts are kept.
    own : str, optional
        The journal of this process: as long as it has no last line it is alive, whatever its lock says.
    stopped : callable, optional
        Asked between transactions whether to leave the rest for another time.
    """

    def __init__(
        self,
        store: Store,
        config: Maestro,
        *,
        own: str | None = None,
        stopped: Callable[[], bool] | None = None,
    ) -> None:
        self._store = store
        self._config = config
        self._own = own
        self._stopped = stopped or (lambda: False)
        self._blobs: Blobs | None = None

    def collect(self, timeout: float | None = None) -> Collected:
        """Bring everything that is in the journals now into the store.

        Parameters
        ----------
        timeout : float, optional
            How many seconds to wait for another process that is collecting; None waits without limit.

        Returns
        -------
        Collected

        Raises
        ------
        Unavailable
            If another process is still collecting, or the store or the artifacts' place cannot be written.
        """
        from sqlalchemy.exc import DBAPIError

        counts = Collected()
        with home_lock(self._config.home_path / "collector.lock", timeout):
            try:
                finish_restore(self._store, self._config)
                for journal in self._waiting():
                    if self._stopped():
                        break
                    counts.add(self._collect(journal))
            except DBAPIError as error:
                msg = f"The database refused what was recorded: {error.orig}."
                raise Unavailable(
                    msg, hint="It stays in the journals, and is collected next time."
                ) from error
            except OSError as error:
                msg = f"What was recorded cannot be collected: {error}."
                raise Unavailable(
                    msg, hint="It stays in the journals, and is collected next time."
                ) from error
        return counts

    def _waiting(self) -> Iterator[str]:
        """Give the journals that may have something new, parents before the processes they forked."""
        found = find_segments(self._config.journals)
        places = self._places()
        for journal in parents_first(found):
            last = found[journal][-1]
            place = places.get(journal)
            if place is None or place != (last.number, last.size()) or not self._is_live(journal, last):
                yield journal

    def _places(self) -> dict[str, tuple[int, int]]:
        columns = schema.journals.c
        statement = select(columns.id, columns.segment, columns.position).where(columns.opened.is_not(None))
        with self._store.read.connect() as connection:
            return {row.id: (row.segment, row.position) for row in connection.execute(statement)}

    def _is_live(self, journal: str, last: Segment) -> bool:
        try:
            live = is_live(last.path)
        except OSError:
            return True  # a file system without locks: nobody can tell, so nobody is declared dead
        return live or (journal == self._own and not self._is_closed(journal))

    def _is_closed(self, journal: str) -> bool:
        with self._store.read.connect() as connection:
            closed = select(schema.journals.c.closed).where(schema.journals.c.id == journal)
            return connection.scalar(closed) is not None

    def _collect(self, journal: str) -> Collected:
        counts = Collected(journals=1)
        while True:
            # The lock is looked at before the last bytes are read: nothing is added to a dead journal. The
            # segments are looked for before the lock: if a writer has let go of the last and gone on to
            # another, that one has its name by then, and another look finds it.
            segments = self._segments(journal)
            if not segments:
                return counts
            live = self._is_live(journal, segments[-1])
            if not live and self._segments(journal) != segments:
                continue
            step = self._step(journal, segments, live=live)
            counts.add(step.counts)
            for path in step.spooled:
                path.unlink(missing_ok=True)
            for segment in segments:
                if segment.number < step.segment or not (live or step.more):
                    forget(segment.path, damaged=step.damaged)
            if self._stopped():
                return counts
            if step.more or (live and step.closed and not self._is_live(journal, segments[-1])):
                continue
            return counts

    def _segments(self, journal: str) -> list[Segment]:
        return find_segments(self._config.journals, journal).get(journal, [])

    def _step(self, journal: str, segments: list[Segment], *, live: bool) -> _Step:
        """Deal with the next piece of a journal, in one transaction."""
        with self._store.write.begin() as connection:
            place = _lock_place(connection, journal)
            segment = next((one for one in segments if one.number >= place.segment), None)
            if segment is None:
                return _Step(Collected(), [], place.damaged > 0, place.segment)
            last = segment is segments[-1]
            start = place.position if segment.number == place.segment else 0
            payloads, position, damaged, at_end = _read(segment.path, start, final=not (last and live))
            batch = read_batch(payloads)
            batch.damaged += damaged
            spooled = self._keep_artifacts(batch)
            apply(connection, journal, batch, self._config.project)
            counts = Collected(
                runs=len(batch.started), points=batch.points, damaged=batch.damaged, unknown=batch.unknown
            )
            change = _place_change(place, batch)
            if at_end and not last:
                change |= {"segment": segment.number + 1, "position": 0}
            else:
                change |= {"segment": segment.number, "position": position}
            update(connection, schema.journals, "id", [{"id": journal, **change}])
            if payloads and not batch.runs:
                record_other_change(connection)
            if at_end and last and not live:
                closed = place.closed is not None or batch.closed is not None
                reason = place.end_reason or KILLED_REASONS[closed]
                counts.killed = _adjudicate(connection, journal, reason, segment.modified())
            return _Step(
                counts,
                spooled,
                damaged=change["damaged"] > 0,
                segment=change["segment"],
                closed=batch.closed is not None,
                more=not (at_end and last),
            )

    def _keep_artifacts(self, batch: Batch) -> list[Path]:
        """Keep the artifacts' bytes before their rows are there; give the files not needed any more."""
        spooled = []
        for sha256 in batch.digests:
            path = self._config.spool / sha256
            if not _is_sha256(sha256) or not path.exists():
                continue
            self._blobs = self._blobs or Blobs(self._config.artifact_url)
            try:
                self._blobs.put_file(path, sha256)
            except MaestroError:
                batch.damaged += 1
            else:
                spooled.append(path)
        return spooled


def collected_up_to(store: Store, journal: str) -> tuple[int, int]:
    """Give how far a journal is in a store: a segment and a position in it, (0, 0) where nothing is."""
    columns = schema.journals.c
    statement = select(columns.segment, columns.position).where(columns.id == journal)
    with store.read.connect() as connection:
        found = connection.execute(statement).one_or_none()
    return (0, 0) if found is None else (found.segment, found.position)


def _is_sha256(name: str) -> bool:
    return len(name) == 64 and set(name) <= set("0123456789abcdef")


def _lock_place(connection: Connection, journal: str) -> Row[Any]:
    columns = schema.journals.c
    statement: Select[Any] = (
        select(
            columns.segment,
            columns.position,
            columns.damaged,
            columns.unknown,
            columns.opened,
            columns.closed,
            columns.end_reason,
        )
        .where(columns.id == journal)
        .with_for_update()
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        insert_new(connection, schema.journals, [{"id": journal}])
        row = connection.execute(statement).one()
    return row


def _place_change(place: Row[Any], batch: Batch) -> dict[str, Any]:
    change: dict[str, Any] = {
        "damaged": place.damaged + batch.damaged,
        "unknown": place.unknown + batch.unknown,
    }
    if batch.opened is not None and place.opened is None:
        opened = batch.opened
        change |= {
            "host": opened.host,
            "pid": opened.pid,
            "user": opened.user,
            "origin": opened.origin,
            "notebook": opened.notebook,
            "parent": opened.parent,
            "kernel": opened.kernel,
            "opened": microseconds(opened.time),
        }
    if batch.closed is not None:
        change |= {"closed": microseconds(batch.closed.time), "close_reason": batch.closed.reason}
    return change


def _read(path: Path, start: int, *, final: bool) -> tuple[list[bytes], int, int, bool]:
    """Read the next lines: their payloads, the position after them, the damage, and whether that is all."""
    size = BATCH_BYTES
    with path.open("rb") as file:
        while True:
            file.seek(start)
            data = file.read(size)
            at_end = len(data) < size
            found = scan(data, final=final and at_end)
            if found.consumed or at_end:
                return found.payloads, start + found.consumed, found.damaged, at_end
            size *= 2


def _adjudicate(connection: Connection, journal: str, reason: str, modified: int) -> int:
    """Say of the runs that a dead process has left open that they were killed."""
    runs = schema.runs.c
    open_runs = connection.execute(
        select(runs.id, runs.run_id, runs.start_time).where(
            runs.journal == journal, runs.status == Status.RUNNING.value
        )
    ).all()
    changes = []
    for run, _, start in open_runs:
        seen = [
            connection.scalar(select(func.max(table.c.time)).where(table.c.run == run))
            for table in (schema.notes, schema.artifacts)
        ]
        metrics = schema.run_metrics.c
        seen.append(connection.scalar(select(func.max(metrics.last_time)).where(metrics.run == run)))
        end = max((time for time in seen if time is not None), default=modified)
        changes.append(
            {
                "id": run,
                "status": Status.KILLED.value,
                "status_reason": reason,
                "end_time": max(end, start),
            }
        )
        merge_chunks(connection, run)
    update(connection, schema.runs, "id", changes)
    record_changes(connection, {row.run_id: ["ended", "warning"] for row in open_runs})
    return len(changes)
