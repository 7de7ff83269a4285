"""Taking in what other hosts ship: a journal's bytes, each once and in their place, and its files."""

from __future__ import annotations

import contextlib
import hashlib
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import insert, select

from maestro_jupyter.errors import (
    Conflict,
    Garbled,
    Invalid,
    Misplaced,
    NotFound,
    TooLarge,
    TooMany,
)
from maestro_jupyter.journal_format import is_live, segment_name
from maestro_jupyter.models import FilePlace, JournalPlace
from maestro_jupyter.store import audit, schema
from maestro_jupyter.store.appending import append, refusals, sync
from maestro_jupyter.store.blob_places import is_sha256
from maestro_jupyter.store.quota import check_room
from maestro_jupyter.store.rows import clean, text_of
from maestro_jupyter.store.segments import find_segments
from maestro_jupyter.store.sources import FINAL, alone_in, is_journal_id
from maestro_jupyter.store.uploads import Uploads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Row, Select

    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.audit import Anchor
    from maestro_jupyter.store.engine import Store

BACKLOG = 64 << 20
"""How many bytes of a journal may wait to be collected; whoever ships more is told to wait."""

_START = JournalPlace(1, 0, final=False)
_USER = 255
_PIECE = 1 << 20
_LATER = "It stays where it was recorded; ship it again later."


class Shipper(NamedTuple):
    """Who ships.

    Attributes
    ----------
    name : str
        Whose a new journal becomes.
    owner : bool
        Whether the store is theirs: then other people's journals are there for them, too.
    """

    name: str
    owner: bool


class Receiver:
    """What a home has of the journals that other hosts ship.

    The truth about a journal is its files as long as there are any, and then the row that the collector
    keeps. Nothing is acknowledged before it is on the disk.

    Parameters
    ----------
    store : Store
    anchor : Anchor
        Of the audit.
    config : Maestro
        For the home, and the largest file that is kept.

    Attributes
    ----------
    uploads : Uploads
        Files that come without a journal.
    """

    def __init__(self, store: Store, anchor: Anchor, config: Maestro) -> None:
        self._store = store
        self._anchor = anchor
        self._config = config
        self.uploads = Uploads(store, config)

    def is_written_here(self, journal: str) -> bool:
        """Tell whether a process on this host holds the lock of a journal.

        Where the file system has no locks nobody can tell, and the answer is no.
        """
        segments = None
        while segments != (found := find_segments(self._config.journals, journal).get(journal)):
            segments = found  # a writer that has gone on to another holds that one by the second look
            with contextlib.suppress(OSError):
                if segments and is_live(segments[-1].path):
                    return True
        return False

    def place(self, journal: str, shipper: Shipper) -> JournalPlace:
        """Say how far a journal is here.

        Raises
        ------
        NotFound
            If it is not, or is somebody else's.
        """
        _check_id(journal)
        with refusals("shipped", _LATER):
            row = self._row(journal)
            if row is None or self._is_hidden(journal, row, shipper):
                raise _absent(journal)
            return self._place(journal)

    def append(
        self,
        journal: str,
        shipper: Shipper,
        segment: int,
        offset: int,
        data: bytes,
        *,
        before: int | None = None,
        final: bool = False,
    ) -> JournalPlace:
        """Take the bytes of a segment from an offset on; those that are here already must be the same.

        Parameters
        ----------
        journal : str
        shipper : Shipper
            A new journal becomes theirs.
        segment, offset : int
            Where the bytes belong.
        data : bytes
        before : int, optional
            Where a further segment begins, how long the one before it is: none begins before that is whole.
        final : bool
            Whether the journal's writer is gone, and these are its last bytes.

        Returns
        -------
        JournalPlace
            Where to go on from.

        Raises
        ------
        Misplaced
            If they do not follow what is here.
        Conflict
            If other bytes are here, or the journal is one of this host's own.
        TooMany
            If so much waits to be collected that more has to wait.
        Unavailable
            If the disk or the database refuses.
        """
        _check_id(journal)
        with refusals("shipped", _LATER):
            self._claim(journal, shipper, new=(segment, offset) == (1, 0))
            with self._alone(journal) as folder:
                place = self._place(journal)
                path = folder / segment_name(journal, segment)
                here = _read(path, offset, len(data))
                latest = folder / segment_name(journal, place.segment)
                if here is None and not _begins(place, segment, offset, before, latest):
                    raise _misplaced(place)
                rest = _rest(here or b"", data, f"offset {offset} of segment {segment}")
                ended = place.final or segment < place.segment
                if rest and ended:
                    msg = f"Segment {segment} of the journal has ended; nothing can be added to it."
                    raise Conflict(msg)
                if rest:
                    self._check_backlog(journal)
                if not ended:  # also where nothing is new: whoever wrote it may have died before its sync
                    append(path, rest)
                if final and not place.final:
                    if ended or path.stat().st_size != offset + len(data):
                        raise _misplaced(place)
                    append(folder / FINAL, b"")
                return self._place(journal)

    def add_file(
        self, journal: str, shipper: Shipper, sha256: str, offset: int, size: int, data: bytes
    ) -> FilePlace:
        """Take a piece of a file that the journal speaks of; it is kept once its bytes are what they must be.

        Parameters
        ----------
        journal : str
        shipper : Shipper
        sha256 : str
            Of the whole file.
        offset : int
            Where the piece belongs; 0 begins anew.
        size : int
            Of the whole file.
        data : bytes

        Returns
        -------
        FilePlace

        Raises
        ------
        Misplaced
            If the piece does not follow what is here.
        Garbled
            If all is here, and is not what the sha256 says.
        TooLarge
            If the file is larger than the setting `artifact_limit` allows, or `member_limit` does not allow
            another of its size.
        """
        _check_id(journal)
        if not is_sha256(sha256):
            msg = "A file is named by the 64 hexadecimal digits of its sha256."
            raise Invalid(msg)
        if max(size, offset + len(data)) > self._config.artifact_limit:
            msg = f"The file {sha256[:12]} is longer than {self._config.artifact_limit} bytes."
            raise TooLarge(msg, hint="The server's setting artifact_limit says how much is kept.")
        with refusals("shipped", _LATER):
            self._claim(journal, shipper, new=True)
            with self._alone(journal) as folder:
                place = self._place(journal)
                if place.final or _touched(folder / sha256):
                    return FilePlace(size, kept=True)
                part = folder / f".{sha256}"
                if offset == 0:
                    if not shipper.owner:
                        check_room(self._store, self._config, shipper.name, size)
                    part.unlink(missing_ok=True)
                here = part.stat().st_size if part.exists() else 0
                if here != offset:
                    msg = f"The file {sha256[:12]} is here up to offset {here}."
                    raise Misplaced(msg, hint="Go on from offset=0.")
                append(part, data)
                if offset + len(data) < size:
                    return FilePlace(offset + len(data), kept=False)
                if _sha256(part) != sha256:
                    part.unlink()
                    msg = f"The bytes of the file {sha256[:12]} are not what its sha256 says."
                    raise Garbled(msg, hint="Send it again from offset=0.")
                part.rename(folder / sha256)
                sync(folder)
                return FilePlace(size, kept=True)

    def _row(self, journal: str) -> Row[Any] | None:
        columns = schema.journals.c
        statement: Select[Any] = select(columns.user, columns.segment, columns.position, columns.end_reason)
        with self._store.read.connect() as connection:
            return connection.execute(statement.where(columns.id == journal)).one_or_none()

    def _place(self, journal: str) -> JournalPlace:
        # It may be collected to its end meanwhile. The last word to go is that it is final: that is looked
        # for before the files, and the row, which has all by the time they go, after them.
        folder = self._config.received / journal
        final = (folder / FINAL).exists()
        segments = find_segments(folder, journal).get(journal)
        if segments and (size := segments[-1].size()) >= 0:
            return JournalPlace(segments[-1].number, size, final)
        row = self._row(journal)
        if row is None:
            return _START
        if row.end_reason is not None:
            return JournalPlace(row.segment, row.position, final=True)
        # Its files are lost, as after a restore: the last segment is taken again, and what the store has of
        # it already is passed over.
        return JournalPlace(row.segment, 0, final=False)

    def _is_hidden(self, journal: str, row: Row[Any] | None, shipper: Shipper) -> bool:
        if row is not None and not shipper.owner and row.user != text_of(shipper.name, _USER):
            return True
        return bool(find_segments(self._config.journals, journal))

    def _claim(self, journal: str, shipper: Shipper, *, new: bool) -> None:
        """Make a new journal the shipper's; see that one that is known is theirs."""
        row = self._row(journal)
        if self._is_hidden(journal, row, shipper):
            if shipper.owner:
                msg = f"Journal {journal[:8]} is recorded on the server's own host."
                raise Conflict(msg, hint="It is collected there, and need not be shipped.")
            raise _absent(journal)
        if row is not None:
            return
        if not new:
            raise _misplaced(_START)
        from sqlalchemy.exc import IntegrityError

        try:
            with audit.audited(self._store, self._anchor) as connection:
                values = [{"id": journal, "user": shipper.name}]
                connection.execute(insert(schema.journals), clean(schema.journals, values))
                audit.record(connection, shipper.name, "ship journal", f"journals/{journal}")
        except IntegrityError:  # another request was a little earlier
            self._claim(journal, shipper, new=new)

    @contextlib.contextmanager
    def _alone(self, journal: str) -> Iterator[Path]:
        folder = self._config.received / journal
        try:
            with alone_in(folder, wait=False):
                try:
                    yield folder
                finally:
                    with contextlib.suppress(OSError):
                        folder.rmdir()  # if nothing was put into it
        except BlockingIOError as error:
            msg = f"Another request is at journal {journal[:8]}."
            raise TooMany(msg, hint="Ask again in a second.") from error

    def _check_backlog(self, journal: str) -> None:
        row = self._row(journal)
        segments = find_segments(self._config.received / journal, journal).get(journal, [])
        waiting = sum(segment.size() for segment in segments) - (row.position if row is not None else 0)
        if waiting > BACKLOG:
            msg = f"{waiting >> 20} MiB of journal {journal[:8]} wait to be collected."
            raise TooMany(msg, hint="Keep the rest, and go on in a few seconds.", seconds=2.0)


def _check_id(journal: str) -> None:
    if not is_journal_id(journal):
        msg = "A journal's id is 32 hexadecimal digits."
        raise Invalid(msg)


def _absent(journal: str) -> NotFound:
    msg = f"There is no journal {journal[:8]}."
    return NotFound(msg)


def _misplaced(place: JournalPlace) -> Misplaced:
    msg = f"The journal is here up to offset {place.offset} of segment {place.segment}."
    return Misplaced(msg, hint=f"Go on from segment={place.segment} offset={place.offset}.")


def _begins(place: JournalPlace, segment: int, offset: int, before: int | None, latest: Path) -> bool:
    """Tell whether a segment that is not here is the next to be begun."""
    if place.final or offset != 0:
        return False
    if not latest.exists():
        return segment == place.segment
    return segment == place.segment + 1 and before == place.offset


def _rest(here: bytes, data: bytes, where: str) -> bytes:
    """Give what of some bytes is not here yet."""
    if data[: len(here)] == here:
        return data[len(here) :]
    msg = f"The journal has other bytes here from {where} on."
    raise Conflict(msg, hint="These were not written by the same process.")


def _read(path: Path, offset: int, size: int) -> bytes | None:
    """Give the bytes of a file that are where others would go; None if it ends before."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size < offset:
                return None
            file.seek(offset)
            return file.read(size)
    except FileNotFoundError:
        return None


def _touched(path: Path) -> bool:
    """Tell whether a file is there; if so, it counts as needed from now on."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
