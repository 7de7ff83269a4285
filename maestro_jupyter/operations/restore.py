"""Restoring a backup: checked as a whole first, then all of it or nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from maestro_jupyter.errors import Conflict, Unavailable
from maestro_jupyter.operations.archive import Archive
from maestro_jupyter.operations.locks import collecting_lock, maintenance_lock
from maestro_jupyter.operations.tables import is_empty, replace_tables
from maestro_jupyter.store import audit, restoring
from maestro_jupyter.store.artifacts import needed
from maestro_jupyter.store.blobs import Blobs
from maestro_jupyter.store.engine import lock_for_migration, said_plainly
from maestro_jupyter.store.schema import changes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.engine import Store


@dataclass
class Restored:
    """What a restore has brought back."""

    time: str
    rows: dict[str, int]
    blobs: int
    journals: int


def restore(store: Store, config: Maestro, file: str | Path, actor: str, *, force: bool = False) -> Restored:
    """Make a backup's runs, artifacts and journals those of this data folder.

    Artifacts' bytes come first, as they disturb nobody; then all tables in one transaction; then the
    journals. If it is killed, what was there before is still there, or all of the backup is.

    Parameters
    ----------
    store : Store
    config : Maestro
    file : str or Path
    actor : str
        Who does it, for the audit.
    force : bool
        Whether a store that is not empty is replaced. Its audit's last digest is kept in the new audit.

    Returns
    -------
    Restored

    Raises
    ------
    Conflict
        If the store is not empty and `force` is false.
    Invalid, NotFound
        If the file is missing, damaged or no backup.
    Unavailable
        If the database or the data folder refuses; what was there before is still there.
    """
    with Archive(Path(file).expanduser()) as archive:
        archive.verify()
        with maintenance_lock(config), collecting_lock(config), said_plainly(store), _disk_said_plainly():
            restoring.finish_restore(store, config)
            with store.read.connect() as connection:
                if not (force or is_empty(connection)):
                    msg = "The store is not empty."
                    raise Conflict(msg, hint="Add --force to replace everything that is in it.")
            blobs = Blobs(config.artifact_url)
            for sha256 in archive.names("blobs"):
                _put_blob(blobs, archive, sha256)
            _put_spool(archive, config.spool)
            token = _lay_journals(archive, restoring.staging(config))
            head = audit.last_line(store)
            with store.write.begin() as connection:
                _replace(connection, archive, actor, token, None if head is None else head.digest)
            restoring.finish_restore(store, config)
        return Restored(
            archive.manifest.time,
            archive.manifest.rows,
            len(archive.names("blobs")),
            len(archive.names("journals")),
        )


def restore_blobs(store: Store, config: Maestro, file: str | Path, actor: str) -> int:
    """Bring back only the bytes of artifacts that are missing or damaged here and intact in a backup.

    Returns
    -------
    int
        How many there were.
    """
    with Archive(Path(file).expanduser()) as archive:
        archive.verify()
        kept = set(archive.names("blobs"))
        with maintenance_lock(config), said_plainly(store), _disk_said_plainly():
            with store.read.connect() as connection:
                wanted = sorted(needed(connection, kept))
            blobs = Blobs(config.artifact_url)
            lost = [sha256 for sha256 in wanted if not blobs.is_intact(sha256)]
            for sha256 in lost:
                blobs.put(sha256, archive.pieces(f"blobs/{sha256}"), replace=True)
            if lost:
                with audit.audited(store, audit.Anchor(config.home_path)) as connection:
                    after = audit.digest_of(sorted(lost))
                    audit.record(connection, actor, "restore artifacts", f"{len(lost)} files", None, after)
    return len(lost)


@contextlib.contextmanager
def _disk_said_plainly() -> Iterator[None]:
    """Turn what the disk raises into one sentence."""
    try:
        yield
    except OSError as error:
        msg = f"The backup cannot be restored: {error}."
        raise Unavailable(msg, hint="What was there before is still there.") from error


def _put_blob(blobs: Blobs, archive: Archive, sha256: str) -> None:
    if not blobs.is_intact(sha256):
        blobs.put(sha256, archive.pieces(f"blobs/{sha256}"), replace=True)


def _put_spool(archive: Archive, folder: Path) -> None:
    for sha256 in archive.names("spool"):
        if not (folder / sha256).exists():
            _write(folder, sha256, archive.pieces(f"spool/{sha256}"))


def _lay_journals(archive: Archive, folder: Path) -> str:
    token = uuid.uuid4().hex
    for one in (folder.parent, folder):  # each, as only the last of a path gets the mode
        one.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        for name in archive.names("journals"):
            _write(folder, name, archive.pieces(f"journals/{name}"))
        restoring.seal(folder, token)
    except BaseException:
        shutil.rmtree(folder)
        raise
    return token


def _write(folder: Path, name: str, pieces: Iterator[bytes]) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    hidden = folder / f".{uuid.uuid4().hex}"
    fd = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "wb") as out:
            out.writelines(pieces)
            out.flush()
            os.fsync(out.fileno())
        hidden.rename(folder / name)
    finally:
        hidden.unlink(missing_ok=True)


def _replace(connection: Connection, archive: Archive, actor: str, token: str, before: str | None) -> None:
    lock_for_migration(connection)
    newest = _newest_change(connection)
    replace_tables(connection, archive)
    audit.record(connection, actor, restoring.ACTION, restoring.resource(token), before, archive.sha256)
    _say_restored(connection, max(newest, _newest_change(connection)) + 1, archive)


def _newest_change(connection: Connection) -> int:
    return connection.scalar(select(func.max(changes.c.id))) or 0


def _say_restored(connection: Connection, number: int, archive: Archive) -> None:
    """Warn whoever follows the changes, under a number that nobody has seen yet."""
    said = f"The store was restored from the backup of {archive.manifest.time}."
    row = {"id": number, "time": time.time_ns() // 1000, "kinds": "warning", "text": said}
    connection.execute(insert(changes), row)
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.setval(func.pg_get_serial_sequence("changes", "id"), number)))
