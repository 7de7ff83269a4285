"""The collector: brings what journals say into the store, once, and says which runs died."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from maestro_jupyter.errors import Garbled, Unavailable
from maestro_jupyter.journal_format import scan
from maestro_jupyter.models import Status
from maestro_jupyter.store import schema
from maestro_jupyter.store.apply import KILLED_REASONS, apply
from maestro_jupyter.store.batch import Batch, microseconds, read_batch
from maestro_jupyter.store.binding import bind
from maestro_jupyter.store.blob_places import is_sha256
from maestro_jupyter.store.blobs import Blobs, blob_lock
from maestro_jupyter.store.changes import record_changes, record_other_change
from maestro_jupyter.store.home_lock import home_lock
from maestro_jupyter.store.restoring import finish_restore
from maestro_jupyter.store.rows import insert_new, update
from maestro_jupyter.store.run_ends import end_open
from maestro_jupyter.store.segments import Segment, forget, parents_first
from maestro_jupyter.store.sources import Received, Recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Row, Select

    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.engine import Store
    from maestro_jupyter.store.sources import Source

BATCH_BYTES = 16 << 20
"""How much of a journal one transaction deals with."""

# Made once: to make a statement takes SQLAlchemy longer than to execute it.
_PLACES: Select[Any] = select(
    schema.journals.c.id,
    schema.journals.c.segment,
    schema.journals.c.position,
    schema.journals.c.user,
    schema.journals.c.opened,
)
_PLACE: Select[Any] = (
    select(
        schema.journals.c.segment,
        schema.journals.c.position,
        schema.journals.c.user,
        schema.journals.c.damaged,
        schema.journals.c.unknown,
        schema.journals.c.opened,
        schema.journals.c.closed,
        schema.journals.c.end_reason,
    )
    .where(schema.journals.c.id == bindparam("journal"))
    .with_for_update()
)
_CLOSED = select(schema.journals.c.closed).where(schema.journals.c.id == bindparam("journal"))


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
    refused : int
        How many things there were in shipped journals that their shippers may not say.
    """

    journals: int = 0
    runs: int = 0
    points: int = 0
    damaged: int = 0
    unknown: int = 0
    killed: int = 0
    refused: int = 0

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
        self._sources: tuple[Source, ...] = (Recorded(config), Received(config))
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
                for source, journal in self._waiting():
                    if self._stopped():
                        break
                    counts.add(self._collect(source, journal))
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

    def _waiting(self) -> Iterator[tuple[Source, str]]:
        """Give the journals that may have something new, parents before the processes they forked."""
        for source in self._sources:
            found = source.find()
            places = self._places() if found else {}
            for journal in parents_first(found):
                last = found[journal][-1]
                place = places.get(journal)
                if source.shipped and (place is None or not place.user):
                    continue  # nobody's yet: its row is in another database than this
                if (
                    place is None
                    or place.opened is None
                    or not self._is_live(source, journal, last)
                    or (place.segment, place.position) != (last.number, last.size())
                ):
                    yield source, journal

    def _places(self) -> dict[str, Row[Any]]:
        with self._store.read.connect() as connection:
            return {row.id: row for row in connection.execute(_PLACES)}

    def _is_live(self, source: Source, journal: str, last: Segment) -> bool:
        return source.is_live(journal, last) or (journal == self._own and not self._is_closed(journal))

    def _is_closed(self, journal: str) -> bool:
        with self._store.read.connect() as connection:
            return connection.scalar(_CLOSED, {"journal": journal}) is not None

    def _collect(self, source: Source, journal: str) -> Collected:
        counts = Collected(journals=1)
        while True:
            # The lock is looked at before the last bytes are read: nothing is added to a dead journal. The
            # segments are looked for before the lock: if a writer has let go of the last and gone on to
            # another, that one has its name by then, and another look finds it.
            segments = source.find(journal).get(journal, [])
            if not segments:
                return counts
            live = self._is_live(source, journal, segments[-1])
            if not live and source.find(journal).get(journal, []) != segments:
                continue
            self._put_ahead(source, journal, segments)
            step = self._step(source, journal, segments, live=live)
            counts.add(step.counts)
            for path in step.spooled:
                path.unlink(missing_ok=True)
            for segment in segments:
                if segment.number < step.segment:
                    forget(segment.path, self._config.journals, damaged=step.damaged)
            if not (live or step.more):
                source.finish(journal, segments, damaged=step.damaged)
            if self._stopped():
                return counts
            if step.more or (live and step.closed and not self._is_live(source, journal, segments[-1])):
                continue
            return counts

    def _step(self, source: Source, journal: str, segments: list[Segment], *, live: bool) -> _Step:
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
            counts = Collected()
            if source.shipped:
                counts.refused = bind(
                    connection, batch, place.user, lambda sha256: _size(source.file(journal, sha256))
                )
            if batch.digests:
                blob_lock(connection)
            spooled = self._keep_artifacts(source, journal, batch)
            if source.shipped:
                batch = self._apply_shipped(connection, journal, batch, place.user, len(payloads))
            else:
                apply(connection, journal, batch, self._config.project)
            counts.runs, counts.points = len(batch.started), batch.points
            counts.damaged, counts.unknown = batch.damaged, batch.unknown
            change = _place_change(place, batch, shipped=source.shipped)
            if at_end and not last:
                change |= {"segment": segment.number + 1, "position": 0}
            else:
                change |= {"segment": segment.number, "position": position}
            update(connection, schema.journals, "id", [{"id": journal, **change}])
            if "opened" in change or (payloads and not (batch.runs or batch.registered)):
                record_other_change(connection)
            if at_end and last and not live:
                closed = place.closed is not None or batch.closed is not None
                reason = place.end_reason or KILLED_REASONS[closed]
                counts.killed = _adjudicate(connection, journal, reason, segment.modified())
                if source.shipped:  # whoever ships it is told from this that all is there
                    update(connection, schema.journals, "id", [{"id": journal, "end_reason": reason}])
            return _Step(
                counts,
                spooled,
                damaged=change["damaged"] > 0,
                segment=change["segment"],
                closed=batch.closed is not None,
                more=not (at_end and last),
            )

    def _apply_shipped(
        self, connection: Connection, journal: str, batch: Batch, user: str, lines: int
    ) -> Batch:
        """Write a batch that a stranger has made; give what was written.

        If the store cannot hold what it says, it is lost as damaged, and holds up nobody else's.
        """
        from sqlalchemy.exc import InterfaceError, OperationalError

        try:
            with connection.begin_nested():
                apply(connection, journal, batch, self._config.project, user)
        except (OperationalError, InterfaceError):
            raise  # the database's fault, not the journal's
        except Exception:  # noqa: BLE001 - whatever it is that was made up
            batch = Batch(damaged=lines)
            apply(connection, journal, batch, self._config.project, user)
        return batch

    def _put_ahead(self, source: Source, journal: str, segments: list[Segment]) -> None:
        """Send what takes long before the transaction that needs it there: nobody else waits for it then."""
        if not self._kept_in().is_far:
            return
        number, position = collected_up_to(self._store, journal)
        segment = next((one for one in segments if one.number >= number), None)
        if segment is None:
            return
        start = position if segment.number == number else 0
        payloads = _read(segment.path, start, final=False)[0]
        self._keep_artifacts(source, journal, read_batch(payloads))

    def _kept_in(self) -> Blobs:
        self._blobs = self._blobs or Blobs(self._config.artifact_url)
        return self._blobs

    def _keep_artifacts(self, source: Source, journal: str, batch: Batch) -> list[Path]:
        """Keep the artifacts' bytes before their rows are there; give the files not needed any more."""
        spooled = []
        for sha256 in batch.digests:
            path = source.file(journal, sha256)
            if not is_sha256(sha256) or not path.exists():
                continue
            try:
                self._kept_in().put_file(path, sha256)
            except Garbled:
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


def _size(path: Path) -> int | None:
    if not is_sha256(path.name):
        return None
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _lock_place(connection: Connection, journal: str) -> Row[Any]:
    row = connection.execute(_PLACE, {"journal": journal}).one_or_none()
    if row is None:
        insert_new(connection, schema.journals, [{"id": journal}])
        row = connection.execute(_PLACE, {"journal": journal}).one()
    return row


def _place_change(place: Row[Any], batch: Batch, *, shipped: bool) -> dict[str, Any]:
    change: dict[str, Any] = {
        "damaged": place.damaged + batch.damaged,
        "unknown": place.unknown + batch.unknown,
    }
    if batch.opened is not None and place.opened is None:
        opened = batch.opened
        change |= {
            "host": opened.host,
            "pid": opened.pid,
            "user": place.user if shipped else opened.user,
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
    columns: Select[Any] = select(runs.id, runs.run_id, runs.start_time)
    open_runs = connection.execute(
        columns.where(runs.journal == journal, runs.status == Status.RUNNING.value).with_for_update()
    ).all()
    end_open(connection, open_runs, Status.KILLED, reason, modified)
    record_changes(connection, {row.run_id: ["ended", "warning"] for row in open_runs})
    return len(open_runs)
