"""A backup: everything that a data folder knows, as it is at one moment, while others write."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from maestro_jupyter._version import __version__
from maestro_jupyter.errors import Conflict, Invalid, Unavailable
from maestro_jupyter.journal_format import is_live
from maestro_jupyter.operations.archive import FORMAT, ArchiveWriter, Manifest
from maestro_jupyter.operations.locks import maintenance_lock
from maestro_jupyter.operations.tables import table_bytes
from maestro_jupyter.store.artifacts import named_bytes
from maestro_jupyter.store.blobs import Blobs
from maestro_jupyter.store.engine import HEAD, said_plainly
from maestro_jupyter.store.schema import metadata
from maestro_jupyter.store.segments import find_segments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from sqlalchemy import Connection

    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.engine import Store

_PIECE = 1 << 20
_TAIL = 1 << 16
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass
class BackedUp:
    """What a backup has.

    Attributes
    ----------
    missing : list of str
        The sha256 of artifacts whose bytes are gone or damaged.
    """

    path: Path
    rows: dict[str, int] = field(default_factory=dict)
    blobs: int = 0
    journals: int = 0
    size: int = 0
    missing: list[str] = field(default_factory=list)


def back_up(store: Store, config: Maestro, file: str | Path, *, force: bool = False) -> BackedUp:
    """Write a backup; kernels go on recording and collecting meanwhile.

    The journals are copied first, then the tables as they are at one moment after that. What is collected
    between the two is in the tables, which also say how far each journal was read, so that nothing is
    missing and nothing is there twice.

    Parameters
    ----------
    store : Store
    config : Maestro
    file : str or Path
        Its name appears when it is complete.
    force : bool
        Whether a file that is there is replaced.

    Returns
    -------
    BackedUp

    Raises
    ------
    Conflict
        If the file is there and `force` is false.
    Invalid
        If its folder is missing.
    Unavailable
        If it cannot be written, or the database cannot be read.
    """
    path = _target(file, force=force)
    hidden = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    with maintenance_lock(config):
        try:
            with os.fdopen(os.open(hidden, _NEW, 0o600), "wb") as out:
                done = _write(store, config, out, path)
                out.flush()
                os.fsync(out.fileno())
            done.size = hidden.stat().st_size
            _publish(hidden, path, force=force)
        except FileExistsError as error:
            raise _there_already(path) from error
        except OSError as error:
            msg = f"The backup {path} cannot be written: {error.strerror or error}."
            raise Unavailable(msg) from error
        finally:
            hidden.unlink(missing_ok=True)
    return done


def _target(file: str | Path, *, force: bool) -> Path:
    path = Path(file).expanduser().absolute()
    if path.is_dir():
        msg = f"{path} is a folder."
        raise Invalid(msg, hint="Give the name of a file, such as maestro.backup.")
    if not path.parent.is_dir():
        msg = f"There is no folder {path.parent}."
        raise Invalid(msg)
    if path.exists() and not force:
        raise _there_already(path)
    return path


def _there_already(path: Path) -> Conflict:
    return Conflict(f"The file {path} is there already.", hint="Add --force to replace it.")


def _publish(hidden: Path, path: Path, *, force: bool) -> None:
    """Give the complete file its name; a link rather than a rename where none may be replaced."""
    if force:
        hidden.replace(path)
    else:
        path.hardlink_to(hidden)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write(store: Store, config: Maestro, out: BinaryIO, path: Path) -> BackedUp:
    done = BackedUp(path)
    with ArchiveWriter(out) as writer:
        done.journals = _add_journals(writer, config)
        _add_spool(writer, config)
        with said_plainly(store), snapshot(store) as connection:
            for table in metadata.sorted_tables:
                writer.add(f"tables/{table.name}", table_bytes(connection, table.name, done.rows))
            digests = list(
                connection.scalars(select(named_bytes.c.sha256).distinct().order_by(named_bytes.c.sha256))
            )
        _add_blobs(writer, Blobs(config.artifact_url), digests, done)
        writer.finish(
            Manifest(
                format=FORMAT,
                maestro=__version__,
                revision=HEAD,
                time=datetime.now(UTC).isoformat(timespec="seconds"),
                rows=done.rows,
                missing=done.missing,
            )
        )
    return done


@contextlib.contextmanager
def snapshot(store: Store) -> Iterator[Connection]:
    """Give a connection that sees the database as it is at its first question, whatever others write."""
    with store.read.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def _add_journals(writer: ArchiveWriter, config: Maestro) -> int:
    count = 0
    for segments in find_segments(config.journals).values():
        for segment in segments:
            with contextlib.suppress(FileNotFoundError), segment.path.open("rb") as file:
                length = _whole_lines(file) if is_live(segment.path) else os.fstat(file.fileno()).st_size
                writer.add(f"journals/{segment.path.name}", _read(file, length))
                count += 1
    return count


def _whole_lines(file: BinaryIO) -> int:
    """Give the length of a journal up to its last whole line; its writer may be within another."""
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - _TAIL)
        file.seek(start)
        at = file.read(end - start).rfind(b"\n")
        if at >= 0:
            return start + at + 1
        end = start
    return 0


def _add_spool(writer: ArchiveWriter, config: Maestro) -> None:
    if not config.spool.is_dir():
        return
    for path in sorted(config.spool.iterdir()):
        if _SHA256.fullmatch(path.name):
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
                length = os.fstat(file.fileno()).st_size
                writer.add(f"spool/{path.name}", _read(file, length), compressed=False)


def _add_blobs(writer: ArchiveWriter, blobs: Blobs, digests: list[str], done: BackedUp) -> None:
    for sha256 in digests:
        if not _SHA256.fullmatch(sha256):
            continue
        if not blobs.is_intact(sha256):
            if f"spool/{sha256}" not in writer.members:
                done.missing.append(sha256)
            continue
        with blobs.open(sha256) as file:
            writer.add(f"blobs/{sha256}", iter(functools.partial(file.read, _PIECE), b""), compressed=False)
        done.blobs += 1


def _read(file: BinaryIO, length: int) -> Iterator[bytes]:
    file.seek(0)
    while length > 0 and (piece := file.read(min(length, _PIECE))):
        length -= len(piece)
        yield piece
