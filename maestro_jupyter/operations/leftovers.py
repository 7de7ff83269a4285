"""Files in a data folder that nothing needs any more: of kernels that died, and of shippers that went."""

from __future__ import annotations

import contextlib
import os
import uuid
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from maestro_jupyter.store import schema, uploads
from maestro_jupyter.store.artifacts import needed, remove_unneeded
from maestro_jupyter.store.segments import find_segments
from maestro_jupyter.store.sources import FINAL, alone_in, is_journal_id

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sqlalchemy import Connection

    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.blob_places import Kept
    from maestro_jupyter.store.blobs import Blobs
    from maestro_jupyter.store.engine import Store


class Leftovers(NamedTuple):
    """What is left over, older than a time.

    Attributes
    ----------
    orphans : list of Kept
        Bytes that no row names.
    unfinished : list of str
        What somebody began to keep, and died over, as `Blobs.forget` takes it.
    spooled, damaged, uploads : list of Path
        Files in the spool that no row names, damaged journals, and the folders of expired uploads.
    received : list of Received
    """

    orphans: list[Kept]
    unfinished: list[str]
    spooled: list[Path]
    damaged: list[Path]
    uploads: list[Path]
    received: list[Received]

    @property
    def shipped(self) -> list[Path]:
        """The files that shippers left behind."""
        return [path for one in self.received for path in one.paths]

    @property
    def size(self) -> int:
        """How many bytes the files have."""
        paths = [*self.spooled, *self.damaged, *self.shipped]
        return sum(one.size for one in self.orphans) + sum(path.stat().st_size for path in paths)


class Received(NamedTuple):
    """What of a shipped journal is needed no more.

    Attributes
    ----------
    folder : Path
        The journal's.
    paths : list of Path
        Parts of files that have not come further, files that nothing speaks of, and, where nothing has come
        for long, what has been collected: whoever ships it later is told where to go on from.
    """

    folder: Path
    paths: list[Path]


def find(
    connection: Connection, config: Maestro, blobs: Blobs, since: float, *, damaged: bool, now: float
) -> Leftovers:
    """Give what nobody has touched since a time; damaged journals of any age, if that is asked for."""
    old = [one for one in blobs.kept() if one.modified <= since]
    used = needed(connection, [one.sha256 for one in old])
    return Leftovers(
        orphans=[one for one in old if one.sha256 not in used],
        unfinished=blobs.unfinished(since),
        spooled=in_spool(connection, config, since),
        damaged=damaged_journals(config, None if damaged else since),
        uploads=uploads.expired(config, now),
        received=in_received(connection, config, since),
    )


def remove(store: Store, blobs: Blobs, left: Leftovers, since: float) -> None:
    """Remove what is left over, but for what somebody has come to need meanwhile."""
    remove_unneeded(store, blobs, [one.sha256 for one in left.orphans], since)
    for unfinished in left.unfinished:
        blobs.forget(unfinished)
    _remove_untouched(left.spooled, since)
    for path in left.damaged:
        path.unlink(missing_ok=True)
    uploads.remove(left.uploads)
    with store.read.connect() as connection:
        for received in left.received:
            remove_received(connection, received, since)


def in_spool(connection: Connection, config: Maestro, untouched_since: float) -> list[Path]:
    """Give the files in the spool that no row names."""
    old = [path for path in files(config.spool) if _modified(path) <= untouched_since]
    used = needed(connection, [path.name for path in old])
    return [path for path in old if path.name not in used]


def damaged_journals(config: Maestro, untouched_since: float | None) -> list[Path]:
    """Give the journals that were damaged; of any age, if none is given."""
    found = [path for path in files(config.journals) if path.name.endswith(".journal.damaged")]
    return [path for path in found if untouched_since is None or _modified(path) <= untouched_since]


def in_received(connection: Connection, config: Maestro, untouched_since: float) -> list[Received]:
    """Give what shippers left behind, of journals that they have not ended."""
    found = []
    for folder in sorted(config.received.iterdir()) if config.received.is_dir() else []:
        if is_journal_id(folder.name) and not (folder / FINAL).exists():
            paths = _unneeded(folder, _place(connection, folder.name), untouched_since)
            if paths:
                found.append(Received(folder, paths))
    return found


def remove_received(connection: Connection, left: Received, untouched_since: float) -> None:
    """Remove what a shipper left behind, with nobody else at the journal; what has come meanwhile stays."""
    with alone_in(left.folder, wait=True):
        still = _unneeded(left.folder, _place(connection, left.folder.name), untouched_since)
        for path in set(left.paths) & set(still):
            path.unlink()
        with contextlib.suppress(OSError):
            left.folder.rmdir()  # if nothing is left in it


def files(folder: Path) -> list[Path]:
    """Give the files in a folder, which need not be there."""
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


def _remove_untouched(paths: Iterable[Path], untouched_since: float) -> None:
    for path in paths:
        # Aside first: whoever needs it from now on does not find it, and writes it anew; whoever did so
        # before has touched it.
        aside = path.with_name(f".{uuid.uuid4().hex}")
        with contextlib.suppress(FileNotFoundError):
            path.rename(aside)
            if _modified(aside) > untouched_since:
                aside.replace(path)
            else:
                aside.unlink()


def _unneeded(folder: Path, place: tuple[int, int], untouched_since: float) -> list[Path]:
    there = files(folder)
    old = [path for path in there if _modified(path) <= untouched_since]
    segments = find_segments(folder, folder.name).get(folder.name, [])
    if segments and place < (segments[-1].number, segments[-1].size()):
        return [path for path in old if path.name.startswith(".")]  # what waits may speak of the others
    if len(old) == len(there):
        return old
    own = {segment.path for segment in segments}
    return [path for path in old if path not in own]


def _place(connection: Connection, journal: str) -> tuple[int, int]:
    """Give up to where a journal is collected."""
    columns = schema.journals.c
    statement = select(columns.segment, columns.position).where(columns.id == journal)
    found = connection.execute(statement).one_or_none()
    return (0, 0) if found is None else (found.segment, found.position)


def _modified(path: Path) -> float:
    try:
        return os.stat(path).st_mtime  # noqa: PTH116 - sooner, and there may be many
    except FileNotFoundError:
        return float("inf")
