"""The store's two engines: one that writes and one that only reads, on a database that is up to date."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maestro_jupyter.errors import Invalid, Unavailable
from maestro_jupyter.store.time_limit import limit_queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection, Engine

    from maestro_jupyter.store.columns import Columns

HEAD = "0007"
"""The newest revision of the tables; equal to Alembic's head."""

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "lustre", "gpfs", "beegfs", "ceph", "9p"}
)

_BUSY_MILLISECONDS = 30_000
_ADVISORY_LOCK = 0x6D61657374726F  # "maestro"
_MOUNTS = Path("/proc/self/mounts")


@dataclass(frozen=True)
class Store:
    """A database that is open.

    Attributes
    ----------
    write : sqlalchemy.Engine
        For the collector and whatever else changes rows; on SQLite, every transaction begins by taking the
        write lock.
    read : sqlalchemy.Engine
        For queries; it cannot change anything.
    columns : Columns or None
        What a process that answers many questions keeps in memory.
    """

    write: Engine
    read: Engine
    columns: Columns | None = None

    def close(self) -> None:
        """Let go of the connections."""
        if self.columns is not None:
            self.columns.close()
        self.write.dispose()
        self.read.dispose()


def open_store(database_url: str, query_seconds: float | None = None, *, columns: bool = False) -> Store:
    """Open a database, made or brought up to date if need be.

    Parameters
    ----------
    database_url : str
        ``sqlite:///…`` or ``postgresql://…``.
    query_seconds : float, optional
        How long a query may take; it is stopped then, with `maestro_jupyter.errors.TooSlow`.
    columns : bool
        Whether to find lists of runs in memory: for processes that answer many questions.

    Returns
    -------
    Store

    Raises
    ------
    Invalid
        If the URL is none of these.
    Unavailable
        If the database cannot be reached, is on a network file system, or was written by a newer version.
    """
    store = connect(database_url)
    if query_seconds is not None:
        limit_queries(store.read, query_seconds)
    try:
        with said_plainly(store):
            _bring_up_to_date(store)
    except BaseException:
        store.close()
        raise
    if not columns:
        return store
    from maestro_jupyter.store.columns import Columns

    return replace(store, columns=Columns(store.read))


def connect(database_url: str) -> Store:
    """Open a database as it is, with the tables that it has.

    Parameters
    ----------
    database_url : str

    Returns
    -------
    Store

    Raises
    ------
    Invalid
        If the URL is none that `open_store` takes.
    Unavailable
        If it is on a network file system, or its file cannot be made.
    """
    url = _parse(database_url)
    return _open_sqlite(url) if url.get_backend_name() == "sqlite" else _open_postgresql(url)


@contextlib.contextmanager
def said_plainly(store: Store) -> Iterator[None]:
    """Turn what the database's driver raises into one sentence, without the password.

    Raises
    ------
    Unavailable
        If the database refuses.
    """
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except DBAPIError as error:
        msg = f"The database {store.write.url.render_as_string()} cannot be used: {error.orig}."
        raise Unavailable(msg) from error


def wait_for_turn(database_url: str, seconds: float, *, writing: bool = True) -> None:
    """Wait until no other process keeps a SQLite database to itself; nothing is written.

    Databases of other kinds, and what else may be wrong with a file, are left to whoever uses them.

    Parameters
    ----------
    database_url : str
    seconds : float
        How long to wait at most.
    writing : bool
        Whether one wants to write; most that lock a database let others read it.

    Raises
    ------
    Unavailable
        If it is still locked then, or on a network file system.
    """
    path = sqlite_file(database_url)
    if path is None:
        return
    _refuse_network(path)
    statement = "BEGIN IMMEDIATE" if writing else "SELECT 1 FROM sqlite_master"
    try:
        opened = sqlite3.connect(f"{path.as_uri()}?mode=rw", seconds, isolation_level=None, uri=True)
        with contextlib.closing(opened) as connection:
            connection.execute(statement).close()
    except sqlite3.DatabaseError as error:
        if _primary(error) == sqlite3.SQLITE_BUSY:
            msg = f"The database {path} is locked by another process."
            raise Unavailable(msg, hint="Try again when it has finished.") from error


def _primary(error: sqlite3.Error) -> int:
    """Give the kind of an error, without what SQLite says in the higher bits beside it."""
    return error.sqlite_errorcode & 0xFF


def sqlite_file(database_url: str) -> Path | None:
    """Give the file of a SQLite database; None for a database of another kind.

    Examples
    --------
    >>> sqlite_file("sqlite:////data/maestro.db")
    PosixPath('/data/maestro.db')
    """
    url = _parse(database_url)
    if url.get_backend_name() != "sqlite":
        return None
    return Path(str(url.database)).expanduser().absolute()


def revision_of(store: Store) -> str | None:
    """Give the revision of the tables; None if there are none yet.

    Raises
    ------
    Unavailable
        If the database cannot be reached.
    """
    from sqlalchemy import inspect, text

    with said_plainly(store), store.read.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def file_system_of(path: Path) -> str | None:
    """Give the kind of network file system that a path is on; None where it is local."""
    if not _MOUNTS.exists():
        return None
    return network_file_system(path.resolve(), _MOUNTS.read_text(errors="surrogateescape"))


def lock_for_migration(connection: Connection) -> None:
    """Let no two processes change the tables at once; SQLite's write lock sees to that already."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")


def network_file_system(path: Path, mounts: str) -> str | None:
    r"""Give the kind of network file system that a path is on.

    Parameters
    ----------
    path : Path
        An absolute path, free of symbolic links.
    mounts : str
        The text of ``/proc/self/mounts``.

    Returns
    -------
    str or None
        None where the file system is local.

    Examples
    --------
    >>> network_file_system(Path("/home/ada/x.db"), "/dev/sda / ext4 rw 0 0\nfs:/ /home nfs4 rw 0 0\n")
    'nfs4'
    """
    longest, kind = -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        place = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), fields[1])
        if path.is_relative_to(place) and len(place) >= longest:
            longest, kind = len(place), fields[2]
    return kind if kind in NETWORK_FILE_SYSTEMS else None


def _parse(database_url: str) -> URL:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    hint = "Use sqlite:///folder/maestro.db or postgresql://user@host/database."
    try:
        url = make_url(database_url)
    except ArgumentError as error:
        msg = "The database URL cannot be understood."
        raise Invalid(msg, hint=hint) from error
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "postgresql+psycopg"}:
        msg = f"The database URL names {url.drivername!r}, which Maestro does not know."
        raise Invalid(msg, hint=hint)
    if url.drivername == "sqlite" and url.database in {None, "", ":memory:"}:
        msg = "The database URL names no file."
        raise Invalid(msg, hint=hint)
    return url


def _open_sqlite(url: URL) -> Store:
    from sqlalchemy import create_engine, event

    path = Path(str(url.database)).expanduser().absolute()
    _refuse_network(path)
    _make_private(path)
    url = url.set(database=str(path))
    write, read = create_engine(url, hide_parameters=True), create_engine(url, hide_parameters=True)
    event.listen(write, "connect", _set_up_writing)
    event.listen(write, "begin", _begin_immediate)
    event.listen(read, "connect", _set_up_reading)
    event.listen(read, "begin", _begin)
    return Store(write, read)


def _open_postgresql(url: URL) -> Store:
    from sqlalchemy import create_engine

    try:
        write = create_engine(url, pool_pre_ping=True, hide_parameters=True)
        read = create_engine(
            url,
            pool_pre_ping=True,
            hide_parameters=True,
            execution_options={"postgresql_readonly": True},
        )
    except ModuleNotFoundError as error:
        msg = "PostgreSQL needs the package psycopg, which is not installed."
        raise Unavailable(msg, hint="pip install 'maestro-jupyter[postgres]'") from error
    return Store(write, read)


def _make_private(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        msg = f"The database {path} cannot be opened: {error.strerror}."
        raise Unavailable(msg, hint="Set MAESTRO_HOME or MAESTRO_DATABASE_URL.") from error


def _refuse_network(path: Path) -> None:
    """SQLite's WAL needs shared memory, which no network file system has.

    See https://www.sqlite.org/wal.html.
    """
    kind = file_system_of(path)
    if kind is None:
        return
    msg = f"The database {path} is on a network file system ({kind}), where SQLite can lose data."
    raise Unavailable(msg, hint="Use PostgreSQL, or set MAESTRO_DATABASE_URL to a file on a local disk.")


def _set_up_writing(connection: Any, _record: object) -> None:
    # The driver's own idea of transactions is switched off: they begin in _begin_immediate.
    # synchronous=NORMAL can lose the last commits when the machine loses power, never consistency: a lost
    # commit also loses the position in the journal, so that the journal is read again from there.
    connection.isolation_level = None
    _turn_wal_on(connection)
    _pragmas(connection, "synchronous=NORMAL", "foreign_keys=ON")


def _turn_wal_on(connection: Any) -> None:
    """Turn WAL on; SQLite does not wait where another process turns it on at the same moment."""
    until = time.monotonic() + _BUSY_MILLISECONDS / 1000
    while True:
        try:
            _pragmas(connection, "journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _set_up_reading(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    _pragmas(connection, "query_only=ON")


def _pragmas(connection: Any, *settings: str) -> None:
    cursor = connection.cursor()
    for setting in (f"busy_timeout={_BUSY_MILLISECONDS}", *settings):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _bring_up_to_date(store: Store) -> None:
    if _revision(store) == HEAD:
        return
    with store.write.begin() as connection:
        lock_for_migration(connection)
        if _is_empty(connection):
            _make_tables(connection)
        else:
            migrate(connection)


def _is_empty(connection: Connection) -> bool:
    from sqlalchemy import inspect

    return not inspect(connection).get_table_names()


def _make_tables(connection: Connection) -> None:
    """Make the newest tables at once, which a test holds equal to what all migrations make.

    Loading Alembic takes longer than the first notebook's first question should.
    """
    from sqlalchemy import text

    from maestro_jupyter.store.schema import metadata

    metadata.create_all(connection)
    connection.exec_driver_sql(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": HEAD})


def _revision(store: Store) -> str | None:
    from sqlalchemy import text
    from sqlalchemy.exc import OperationalError, ProgrammingError

    with store.read.connect() as connection:
        try:
            found = connection.scalar(text("SELECT version_num FROM alembic_version"))
        except (OperationalError, ProgrammingError):
            return None
    return None if found is None else str(found)


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the tables to a revision, in the connection's transaction.

    Raises
    ------
    Unavailable
        If the database is at a revision that this version does not know.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        msg = f"The database cannot be brought up to date: {error}."
        raise Unavailable(
            msg, hint="A newer version may have written it: upgrade maestro-jupyter."
        ) from error
