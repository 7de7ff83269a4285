"""What is wrong with an installation and its data folder, and the command that mends each."""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import shutil
import sqlite3
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import func, select

from maestro_jupyter.errors import MaestroError
from maestro_jupyter.journal_format import is_live
from maestro_jupyter.operations import leftovers
from maestro_jupyter.store import audit, schema
from maestro_jupyter.store.artifacts import named_bytes
from maestro_jupyter.store.blobs import Blobs
from maestro_jupyter.store.engine import HEAD, connect, file_system_of, revision_of, said_plainly, sqlite_file
from maestro_jupyter.store.run_ends import silent_runs
from maestro_jupyter.store.segments import find_segments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.engine import Store

Level = Literal["ok", "warning", "problem"]

PYTHON = (3, 11)
SQLITE_SAFE = (3, 51, 3)
"""Before it, SQLite can damage a file that several processes write and checkpoint at once.

See https://www.sqlite.org/wal.html.
"""
FREE_LOW, FREE_OUT = 1 << 30, 100 << 20
ORPHAN_SECONDS = 3600.0
IDLE_SECONDS = 7 * 86_400.0
AHEAD_SECONDS = 300.0
AT_ONCE = 50
"""How many runs one command names."""

_ID = 12
"""How many digits of a run's id are unambiguous among all that there may be."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one check has found.

    Attributes
    ----------
    check : str
        Its name.
    level : {'ok', 'warning', 'problem'}
    message : str
        One sentence.
    command : str
        What mends it; empty where nothing is wrong.
    """

    check: str
    level: Level
    message: str
    command: str = ""


class Patient:
    """What is examined: the settings, and the database if it can be reached.

    Parameters
    ----------
    config : Maestro
    """

    def __init__(self, config: Maestro) -> None:
        self.config = config
        self.home = config.home_path
        self.store: Store | None = None


def examine(config: Maestro) -> list[Finding]:
    """Check everything, and change nothing.

    Parameters
    ----------
    config : Maestro

    Returns
    -------
    list of Finding
        At least one for each of `CHECKS`.
    """
    patient = Patient(config)
    found: list[Finding] = []
    try:
        for name, check in CHECKS.items():
            found += _said(name, check, patient)
    finally:
        if patient.store is not None:
            patient.store.close()
    return found


def _said(name: str, check: Callable[[Patient], Iterator[Finding]], patient: Patient) -> list[Finding]:
    try:
        return list(check(patient))
    except (MaestroError, OSError) as error:
        return [_bad(name, f"It cannot be examined: {error}", "maestro config")]


def _python(_patient: Patient) -> Iterator[Finding]:
    said = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= PYTHON:
        yield _ok("python", f"Python {said}.")
    else:
        yield _bad("python", f"Python {said} is too old.", "conda install 'python>=3.11'")


def _sqlite(patient: Patient) -> Iterator[Finding]:
    said = f"SQLite {sqlite3.sqlite_version}"
    writers = _live_journals(patient)
    if sqlite_file(patient.config.database_url) is None:
        yield _ok("sqlite", f"{said}, not in use.")
    elif sqlite3.sqlite_version_info >= SQLITE_SAFE or writers < 2:
        yield _ok("sqlite", f"{said}; {writers} live kernels.")
    else:
        message = f"{said} can damage a file that several processes write, and {writers} kernels are live."
        yield _warn("sqlite", message, "conda install 'sqlite>=3.51.3'")


def _home(patient: Patient) -> Iterator[Finding]:
    home, quoted = patient.home, shlex.quote(str(patient.home))
    if not home.exists():
        yield _ok("home", f"{home} is not there yet; it is made when something is recorded.")
    elif not home.is_dir():
        yield _bad("home", f"{home} is not a folder.", f"mv {quoted} {quoted}.aside")
    elif not os.access(home, os.W_OK | os.X_OK):
        yield _bad("home", f"{home} cannot be written.", f"chmod u+rwx {quoted}")
    else:
        yield _ok("home", f"{home} can be written.")


def _modes(patient: Patient) -> Iterator[Finding]:
    paths = [patient.home, *patient.home.rglob("*")] if patient.home.is_dir() else []
    open_ones = [path for path in paths if not path.is_symlink() and _is_open(path)]
    if open_ones:
        message = f"{_files(len(open_ones))} can be read by others, such as {open_ones[0]}."
        yield _bad("modes", message, f"chmod -R go-rwx {shlex.quote(str(patient.home))}")
    else:
        yield _ok("modes", "Nobody else can read the data folder.")


def _disk(patient: Patient) -> Iterator[Finding]:
    free = shutil.disk_usage(_existing(patient.home)).free
    message = f"{free >> 20:,} MB are free."
    command = "maestro prune --older-than 90d --yes"
    if free < FREE_OUT:
        yield _bad("disk", f"Only {message}", command)
    elif free < FREE_LOW:
        yield _warn("disk", f"Only {message}", command)
    else:
        yield _ok("disk", message)


def _file_system(patient: Patient) -> Iterator[Finding]:
    file = sqlite_file(patient.config.database_url)
    kind = None if file is None else file_system_of(file)
    if file is None or kind is None:
        yield _ok("file_system", "The database is not on a network file system.")
        return
    message = f"The database {file} is on a network file system ({kind}), where SQLite can lose data."
    command = "export MAESTRO_DATABASE_URL=postgresql://USER@HOST/DATABASE"
    yield _bad("file_system", message, f"{command}; maestro restore FILE" if file.exists() else command)


def _database(patient: Patient) -> Iterator[Finding]:
    file = sqlite_file(patient.config.database_url)
    if file is not None and not file.exists():
        yield _ok("database", f"{file} is not there yet; it is made when something is collected.")
        return
    store = connect(patient.config.database_url)
    try:
        revision = revision_of(store)
        with said_plainly(store), store.read.connect() as connection:
            sound = file is None or connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() == "ok"
    except MaestroError as error:
        store.close()
        yield _bad("database", error.message, _mend_database(file))
        return
    patient.store = store
    if not sound:
        yield _bad("database", f"The file {file} is damaged.", _mend_database(file))
    else:
        yield _ok("database", f"{store.read.url.render_as_string()} answers.")
    yield _revision(patient, revision)


def _mend_database(file: Path | None) -> str:
    if file is None:
        return "maestro config"
    quoted = shlex.quote(str(file))
    return f"mv {quoted} {quoted}.broken; rm -f {quoted}-wal {quoted}-shm; maestro restore FILE"


def _revision(patient: Patient, revision: str | None) -> Finding:
    if revision == HEAD:
        return _ok("revision", f"The tables are at revision {HEAD}, the newest.")
    assert patient.store is not None  # noqa: S101 - for the type checker
    patient.store.close()
    patient.store = None
    if revision is not None and revision > HEAD:
        message = f"The tables are at revision {revision}; this version knows {HEAD}."
        return _bad("revision", message, "pip install --upgrade maestro-jupyter")
    message = f"The tables are at revision {revision or 'none'}, and {HEAD} is the newest."
    return _warn("revision", message, "maestro migrate")


def _journals(patient: Patient) -> Iterator[Finding]:
    found = find_segments(patient.config.journals)
    dead = [journal for journal, segments in found.items() if not is_live(segments[-1].path)]
    if dead:
        message = f"{len(dead)} journals of kernels that are gone wait to be collected."
        yield _warn("journals", message, "maestro collect")
    else:
        yield _ok("journals", f"{len(found)} journals, all of live kernels.")
    damaged = sorted(patient.config.journals.glob("*.damaged"))
    if damaged:
        message = f"{len(damaged)} journals were damaged; what could be read of them is collected."
        yield _warn("journals", message, "maestro prune --damaged --yes")


def _spool(patient: Patient) -> Iterator[Finding]:
    folder, since = patient.config.spool, time.time() - ORPHAN_SECONDS
    paths = [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
    old = [path for path in paths if path.stat().st_mtime < since]
    if old and not find_segments(patient.config.journals):
        message = f"{_files(len(old))} in the spool belong to nothing."
        yield _warn("spool", message, "maestro prune --grace 1h --yes")
    else:
        yield _ok("spool", f"{_files(len(paths))} wait in the spool.")


def _received(patient: Patient) -> Iterator[Finding]:
    if patient.store is None:
        yield _ok("received", "There is no database that journals are collected into.")
        return
    with patient.store.read.connect() as connection:
        idle = leftovers.in_received(connection, patient.config, time.time() - IDLE_SECONDS)
    paths = [path for left in idle for path in left.paths]
    if paths:
        message = (
            f"{_files(len(paths))} of {len(idle)} shipped journals are left over: for "
            f"{IDLE_SECONDS / 86_400:.0f} days nothing has come."
        )
        yield _warn("received", message, "maestro prune --yes")
    else:
        yield _ok("received", "Shippers have left nothing behind.")


def _silent(patient: Patient) -> Iterator[Finding]:
    if patient.store is None:
        yield _ok("silent", "There is no database that has runs.")
        return
    here = find_segments(patient.config.journals)
    with patient.store.read.connect() as connection:
        found = silent_runs(connection, int((time.time() - IDLE_SECONDS) * 1e6))
    silent = [run for run in found if run.journal not in here]
    if silent:
        hosts = sorted({run.host or "an unknown host" for run in silent})
        message = (
            f"{len(silent)} runs of {', '.join(hosts[:3])}{', …' if len(hosts) > 3 else ''} are RUNNING, and "
            f"have told of nothing for {IDLE_SECONDS / 86_400:.0f} days; if their host is gone, end them."
        )
        ids = " ".join(run.run_id[:_ID] for run in silent[:AT_ONCE])
        yield _warn("silent", message, f"maestro end {ids}")
    else:
        yield _ok("silent", "No run of another host is RUNNING that says nothing.")


def _blobs(patient: Patient) -> Iterator[Finding]:
    if patient.store is None:
        yield _ok("blobs", "There is no database that names any.")
        return
    blobs, spool = Blobs(patient.config.artifact_url), patient.config.spool
    columns = named_bytes.c
    with patient.store.read.connect() as connection:
        wanted = connection.execute(
            select(columns.sha256, func.max(columns.size)).group_by(columns.sha256)
        ).all()
    kept = {one.sha256: one.size for one in blobs.kept()}
    wrong = [sha for sha, size in wanted if kept.get(sha) != size and not (spool / sha).exists()]
    if wrong:
        message = (
            f"The bytes of {len(wrong)} artifacts are missing or of the wrong size, such as {wrong[0][:12]}."
        )
        yield _bad("blobs", message, "maestro restore FILE --blobs")
    else:
        yield _ok("blobs", f"{_files(len(wanted))} are kept.")


def _audit(patient: Patient) -> Iterator[Finding]:
    if patient.store is None:
        yield _ok("audit", "There is no database that has one.")
        return
    anchor = audit.Anchor(patient.home)
    found = audit.verify(patient.store, anchor)
    if found.fault is not None:
        yield _bad("audit", found.fault, "maestro restore FILE --force")
    elif found.lines and not found.anchored:
        message = f"{anchor.path} is missing, without which lines cut off at the end are not noticed."
        yield _warn("audit", message, "maestro audit verify")
    else:
        yield _ok("audit", f"{found.lines} lines, none changed.")


def _server(_patient: Patient) -> Iterator[Finding]:
    if importlib.util.find_spec("jupyter_server") is None:
        yield _ok("server", "No Jupyter server is installed here.")
    elif _is_enabled():
        yield _ok("server", "The server extension is enabled.")
    else:
        message = "The server extension is not enabled: kernels collect for themselves."
        yield _warn("server", message, "jupyter server extension enable maestro_jupyter")


def _is_enabled() -> bool:
    """Read what `jupyter server extension list` reads; the folders that come first win."""
    from jupyter_core.paths import jupyter_config_path

    for folder in map(Path, jupyter_config_path()):
        main = (folder / f"jupyter_server_config{ending}" for ending in (".json",))
        for path in (*main, *sorted((folder / "jupyter_server_config.d").glob("*.json"))):
            said = _extension_setting(path)
            if said is not None:
                return said
    return False


def _extension_setting(path: Path) -> bool | None:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))["ServerApp"]["jpserver_extensions"][
            "maestro_jupyter"
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return bool(said)


def _clock(patient: Patient) -> Iterator[Finding]:
    newest = 0
    if patient.store is not None:
        with patient.store.read.connect() as connection:
            for column in (schema.runs.c.start_time, schema.audit.c.time):
                newest = max(newest, connection.scalar(select(func.max(column))) or 0)
    ahead = newest / 1e6 - time.time()
    if ahead > AHEAD_SECONDS:
        message = f"The newest record is {ahead:,.0f} s ahead of this machine's clock."
        yield _warn("clock", message, "timedatectl set-ntp true")
    else:
        yield _ok("clock", "Nothing recorded is ahead of this machine's clock.")


CHECKS: dict[str, Callable[[Patient], Iterator[Finding]]] = {
    "python": _python,
    "sqlite": _sqlite,
    "home": _home,
    "modes": _modes,
    "disk": _disk,
    "file_system": _file_system,
    "database": _database,
    "journals": _journals,
    "spool": _spool,
    "received": _received,
    "silent": _silent,
    "blobs": _blobs,
    "audit": _audit,
    "server": _server,
    "clock": _clock,
}
"""Every check, in the order they are made: `database` opens the store that later ones look into."""


def _ok(check: str, message: str) -> Finding:
    return Finding(check=check, level="ok", message=message)


def _warn(check: str, message: str, command: str) -> Finding:
    return Finding(check=check, level="warning", message=message, command=command)


def _bad(check: str, message: str, command: str) -> Finding:
    return Finding(check=check, level="problem", message=message, command=command)


def _live_journals(patient: Patient) -> int:
    return sum(is_live(segments[-1].path) for segments in find_segments(patient.config.journals).values())


def _is_open(path: Path) -> bool:
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    except FileNotFoundError:
        return False


def _existing(path: Path) -> Path:
    return next(one for one in (path, *path.parents) if one.exists())


def _files(count: int) -> str:
    return f"{count} file" if count == 1 else f"{count} files"
