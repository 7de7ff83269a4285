"""Every fault that is planted is found, and the command that is given mends it."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import small_disk
from shipped import lines, opened, started
from sqlalchemy import delete, update
from stores import fill, record_run

from maestro_jupyter.app import forget
from maestro_jupyter.cli import main
from maestro_jupyter.config import Maestro
from maestro_jupyter.errors import Unavailable
from maestro_jupyter.operations import doctor
from maestro_jupyter.operations.backup import back_up
from maestro_jupyter.operations.doctor import CHECKS, Finding, examine
from maestro_jupyter.recording.artifacts import spool_bytes
from maestro_jupyter.store import audit, engine, runs, schema
from maestro_jupyter.store.collector import Collector
from maestro_jupyter.store.engine import open_store
from maestro_jupyter.store.receiving import Receiver, Shipper

if TYPE_CHECKING:
    from collections.abc import Callable

NAMESPACE = ("--user", "--map-root-user", "--mount")
"""What lets `unshare` mount a disk that nobody else sees."""

QUIET = {"server"}
"""What this environment, rather than the test, decides."""


@pytest.fixture
def plain(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Maestro:
    """Give the settings of a data folder with some runs, all well, and a backup beside it."""
    monkeypatch.chdir(tmp_path)
    config = Maestro()
    store = open_store(config.database_url)
    fill(store, config, "one", "two")
    with audit.audited(store, audit.Anchor(home)) as connection:
        audit.record(connection, "ada", "tag run", "runs/1", None, audit.digest_of(1))
    back_up(store, config, "FILE")
    store.close()
    return config


def wrong(config: Maestro) -> dict[str, Finding]:
    found = examine(config)
    assert {one.check for one in found} - {"revision"} == set(CHECKS)
    return {one.check: one for one in found if one.level != "ok" and one.check not in QUIET}


def mend(command: str) -> None:
    """Run what the doctor says, as a shell would."""
    for part in command.split("; "):
        words = shlex.split(part)
        if words[0] == "maestro":
            assert main(words[1:]) == 0
            forget()
        else:
            subprocess.run(part, shell=True, check=True)


def change(config: Maestro, statement: object) -> None:
    store = open_store(config.database_url)
    with store.write.begin() as connection:
        connection.execute(statement)
    store.close()


def blob(config: Maestro) -> Path:
    return min(Path(config.artifact_url).rglob("[0-9a-f]" * 64))


def orphan(config: Maestro) -> None:
    path = config.spool / spool_bytes(config.spool, b"orphan")
    os.utime(path, (time.time() - 7200,) * 2)


def abandoned(config: Maestro) -> None:
    store = open_store(config.database_url)
    receiver = Receiver(store, audit.Anchor(config.home_path), config)
    receiver.append("5f0c" * 8, Shipper("bob", owner=False), 1, 0, b"")
    receiver.add_file("5f0c" * 8, Shipper("bob", owner=False), "0" * 64, 0, 9, b"begun")
    store.close()
    for path in config.received.rglob("*"):
        os.utime(path, (time.time() - 8 * 86_400,) * 2)


def silent(config: Maestro) -> None:
    """Have a run and its part that another host shipped, and then said nothing of any more."""
    store = open_store(config.database_url)
    receiver, journal = Receiver(store, audit.Anchor(config.home_path), config), "5f0c" * 8
    part = started("b2" * 16, parent="a1" * 16)
    receiver.append(journal, Shipper("bob", owner=False), 1, 0, lines(opened(), started(), part))
    Collector(store, config).collect()
    store.close()


def downgrade(config: Maestro) -> None:
    (config.home_path / "audit.head").unlink()
    Path(config.database_url.removeprefix("sqlite:///")).unlink()
    store = engine.connect(config.database_url)
    with store.write.begin() as connection:
        engine.migrate(connection, "0001")
    store.close()


def damage_database(config: Maestro) -> None:
    Path(config.database_url.removeprefix("sqlite:///")).write_bytes(b"this is no database" * 1000)


FAULTS: dict[str, tuple[str, Callable[[Maestro], object]]] = {
    "what a shipper left behind": ("received", abandoned),
    "a run that says nothing": ("silent", silent),
    "a file that others may read": ("modes", lambda config: (config.home_path / "maestro.db").chmod(0o644)),
    "a folder that others may enter": ("modes", lambda config: Path(config.artifact_url).chmod(0o755)),
    "old tables": ("revision", downgrade),
    "no database but a file": ("database", damage_database),
    "a dead kernel's journal": ("journals", lambda config: record_run(config, "dead", close=False)),
    "a damaged journal": (
        "journals",
        lambda config: (config.journals / "j.000001.journal.damaged").touch(mode=0o600),
    ),
    "bytes of no artifact": ("spool", orphan),
    "an artifact without bytes": ("blobs", lambda config: blob(config).unlink()),
    "an artifact with other bytes": ("blobs", lambda config: blob(config).write_bytes(b"another")),
    "a changed line": ("audit", lambda config: change(config, update(schema.audit).values(actor="eve"))),
    "lost lines": ("audit", lambda config: change(config, delete(schema.audit))),
    "no anchor": ("audit", lambda config: (config.home_path / "audit.head").unlink()),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_and_mended(fault: str, plain: Maestro) -> None:
    assert wrong(plain) == {}
    check, plant = FAULTS[fault]
    plant(plain)
    found = wrong(plain)
    assert list(found) == [check]
    mend(found[check].command)
    assert wrong(plain) == {}


def test_a_data_folder_that_is_not_there_is_well(home: Path) -> None:
    assert wrong(Maestro()) == {}
    assert not home.exists()


def test_examining_changes_nothing(plain: Maestro) -> None:
    record_run(plain, "waiting")
    before = {path: path.stat().st_mtime_ns for path in plain.home_path.rglob("*") if path.is_file()}
    examine(plain)
    after = {path: path.stat().st_mtime_ns for path in plain.home_path.rglob("*") if path.is_file()}
    assert {path.name for path in after.keys() - before.keys()} <= {"maestro.db-shm", "maestro.db-wal"}
    assert {path: when for path, when in after.items() if path in before} == before


@pytest.fixture
def network(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the data folder be on a network file system, and nothing else."""
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {home} nfs4 rw 0 0\n")
    monkeypatch.setattr(engine, "_MOUNTS", mounts)


def test_a_database_on_a_network_file_system_is_left_for_another(
    plain: Maestro, network: None, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = wrong(plain)["file_system"]
    assert "nfs4" in finding.message
    leave, restore = finding.command.split("; ")
    monkeypatch.setenv("MAESTRO_DATABASE_URL", exported(leave, database_url))
    mend(restore)
    assert wrong(Maestro()) == {}
    store = open_store(database_url)
    assert {run.name for run in runs.search(store)} == {"one", "two"}
    store.close()


def test_a_data_folder_on_a_network_file_system_is_given_another_database(
    home: Path, network: None, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unavailable):
        open_store(Maestro().database_url)
    assert not home.exists()
    monkeypatch.setenv(
        "MAESTRO_DATABASE_URL", exported(wrong(Maestro())["file_system"].command, database_url)
    )
    open_store(database_url).close()  # as what is recorded next does
    assert wrong(Maestro()) == {}


def exported(command: str, url: str) -> str:
    """Give what a shell hands on that has run the command with a real database in it."""
    line = command.replace("postgresql://USER@HOST/DATABASE", shlex.quote(url))
    assert line != command
    said = ["sh", "-c", f"{line}; printenv MAESTRO_DATABASE_URL"]
    return subprocess.run(said, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(
    ("megabytes", "before", "after"), [(1024 + 40, "warning", "ok"), (180, "problem", "warning")]
)
@pytest.mark.skipif(
    shutil.which("unshare") is None
    or subprocess.run(["unshare", *NAMESPACE, "true"], check=False).returncode,
    reason="needs a disk of its own, which not every system lets its users mount",
)
def test_a_full_disk_is_found_and_mended(home: Path, megabytes: int, before: str, after: str) -> None:
    home.mkdir(mode=0o700)
    script = f'mount -t tmpfs -o mode=700,size={megabytes}m none {shlex.quote(str(home))} && exec "$@"'
    paths = os.pathsep.join(map(str, (Path(__file__).parent, Path(doctor.__file__).parents[2])))
    done = subprocess.run(
        ["unshare", *NAMESPACE, "sh", "-c", script, "sh", sys.executable, small_disk.__file__],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [before, "maestro prune --older-than 90d --yes", 0, after]


def test_a_clock_that_is_behind_is_found(plain: Maestro) -> None:
    change(plain, update(schema.runs).values(start_time=int((time.time() + 3600) * 1e6)))
    finding = wrong(plain)["clock"]
    assert "ahead of this machine's clock" in finding.message
    # Nothing may set this machine's clock here; the program itself says whether it knows the command.
    program, verb, _ = finding.command.split()
    if shutil.which(program):
        assert (
            f" {verb} "
            in subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
        )


def test_a_newer_database_is_found(plain: Maestro) -> None:
    from sqlalchemy import text

    change(plain, text("UPDATE alembic_version SET version_num = '9999'"))
    assert wrong(plain)["revision"].command == "pip install --upgrade maestro-jupyter"


def test_several_live_kernels_on_an_old_sqlite_are_found(
    plain: Maestro, monkeypatch: pytest.MonkeyPatch
) -> None:
    from maestro_jupyter.journal_format import lock_for_writing

    files = []
    for name in ("a", "b"):
        path = plain.journals / f"{name}.000001.journal"
        path.touch(mode=0o600)
        files.append(path.open("ab"))
        lock_for_writing(files[-1].fileno())
    monkeypatch.setattr(doctor, "SQLITE_SAFE", (99,))
    assert "2 kernels" in wrong(plain)["sqlite"].message
    monkeypatch.setattr(doctor, "SQLITE_SAFE", (3, 0))
    assert wrong(plain) == {}
    for file in files:
        file.close()


def test_a_server_that_is_away_is_found_without_the_password(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAESTRO_DATABASE_URL", "postgresql://ada:hush@127.0.0.1:9/maestro")
    found = wrong(Maestro())
    assert list(found) == ["database"]
    assert "hush" not in repr(found)


def test_a_server_that_is_there_is_well(
    database_url: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAESTRO_DATABASE_URL", database_url)
    config = Maestro()
    store = open_store(config.database_url)
    fill(store, config, "one")
    store.close()
    assert wrong(config) == {}


def test_the_server_extension_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")  # where the package is installed, its own is there
    folder = tmp_path / "config" / "jupyter_server_config.d"
    folder.mkdir(parents=True)
    for said, level in (("true", "ok"), ("false", "warning")):
        (folder / "maestro_jupyter.json").write_text(
            f'{{"ServerApp": {{"jpserver_extensions": {{"maestro_jupyter": {said}}}}}}}'
        )
        (found,) = [one for one in examine(Maestro()) if one.check == "server"]
        assert found.level == level
    assert found.command == "jupyter server extension enable maestro_jupyter"
