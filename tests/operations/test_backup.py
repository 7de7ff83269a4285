"""A backup that is made while others write is restored as it was: whole, or not at all."""

from __future__ import annotations

import json
import os
import random
import signal
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dying import run_and_die_at
from sqlalchemy import func, select
from stores import fill, hashes, record_run

from maestro_jupyter.config import Maestro
from maestro_jupyter.errors import Conflict, Invalid, MaestroError, NotFound, Unavailable
from maestro_jupyter.operations.archive import Archive, ArchiveWriter, Manifest, row_bytes
from maestro_jupyter.operations.backup import back_up
from maestro_jupyter.operations.restore import restore, restore_blobs
from maestro_jupyter.store import audit, histories, runs, schema
from maestro_jupyter.store.blobs import Blobs
from maestro_jupyter.store.changes import latest_change
from maestro_jupyter.store.collector import Collector
from maestro_jupyter.store.engine import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Callable

WRITER = """
import maestro_jupyter as maestro
number = 0
while True:
    with maestro.start_run(f"run {number}", params={"n": number}) as run:
        for step in range(20):
            maestro.log({"x": step})
        maestro.log_artifact(str(number).encode(), f"{number}.txt")
    if number % 3 == 0:
        maestro.flush()
    print(run.run_id, flush=True)
    number += 1
"""


def other_home(tmp_path: Path, url: str | None = None) -> Maestro:
    home = tmp_path / "other"
    return Maestro(environ={"MAESTRO_HOME": str(home), **({"MAESTRO_DATABASE_URL": url} if url else {})})


def restored(config: Maestro, file: Path, **options: bool) -> Store:
    store = open_store(config.database_url)
    restore(store, config, file, "ada", **options)
    return store


def test_what_is_backed_up_under_load_is_restored(config: Maestro, store: Store, tmp_path: Path) -> None:
    environ = os.environ | {
        "MAESTRO_HOME": str(config.home_path),
        "MAESTRO_DATABASE_URL": config.database_url,
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    writer = subprocess.Popen([sys.executable, "-c", WRITER], env=environ, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    acknowledged: list[str] = []
    backups: list[tuple[Path, int]] = []
    try:
        for number in range(3):
            acknowledged += [writer.stdout.readline().strip() for _ in range(7)]
            done = back_up(store, config, tmp_path / f"{number}.backup")
            assert done.missing == []
            backups.append((done.path, len(acknowledged)))
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
    for number, (file, count) in enumerate(backups):
        other = other_home(tmp_path / str(number))
        with Archive(file) as archive:
            rows = archive.manifest.rows
        with_rows = restored(other, file)
        with with_rows.read.connect() as connection:
            there = connection.scalar(select(func.count()).select_from(schema.runs))
        assert there == rows["runs"]
        collected = Collector(with_rows, other).collect()
        assert collected.damaged == 0
        for run_id in acknowledged[:count]:
            run = runs.get(with_rows, run_id)
            assert run.status == "FINISHED"
            steps, _, values = histories.history(with_rows, run, "x")
            assert (list(steps), list(values)) == (list(range(20)), list(range(20)))
        with with_rows.read.connect() as connection:
            digests = list(connection.scalars(select(schema.artifacts.c.sha256)))
        assert len(digests) == len(set(digests)) >= count
        assert all(Blobs(other.artifact_url).is_intact(sha256) for sha256 in digests)
        with_rows.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_same_rows_and_bytes_whichever_database(
    kind: str, config: Maestro, store: Store, tmp_path: Path, postgresql: Callable[[], str]
) -> None:
    fill(store, config, "one", "two", "three")
    with audit.audited(store, audit.Anchor(config.home_path)) as connection:
        audit.record(connection, "ada", "tag run", "runs/1", None, audit.digest_of(1))
    waiting = record_run(config, "waiting")
    back_up(store, config, tmp_path / "b")
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600
    other = other_home(tmp_path, postgresql() if kind == "postgresql" else None)
    again = restored(other, tmp_path / "b")
    assert hashes(again) == hashes(store)
    assert [line.action for line in audit.lines(again)] == ["tag run", "restore"]
    assert audit.verify(again, audit.Anchor(other.home_path)).fault is None
    Collector(again, other).collect()
    Collector(store, config).collect()
    assert hashes(again) == hashes(store)
    assert runs.get(again, waiting).status == "FINISHED"
    fill(again, other, "later")  # the numbers go on after those that were restored
    for path in other.home_path.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    again.close()


def test_a_store_that_is_not_empty_is_replaced_only_by_force(
    config: Maestro, store: Store, tmp_path: Path
) -> None:
    fill(store, config, "one")
    back_up(store, config, tmp_path / "b")
    before = hashes(store)
    fill(store, config, "two")
    with audit.audited(store, audit.Anchor(config.home_path)) as connection:
        audit.record(connection, "ada", "tag run", "runs/1", None, audit.digest_of(1))
    lost, seen = audit.last_line(store), latest_change(store)
    with pytest.raises(Conflict, match="--force"):
        restore(store, config, tmp_path / "b", "ada")
    restore(store, config, tmp_path / "b", "ada", force=True)
    assert hashes(store) == before
    (line,) = audit.lines(store)
    assert lost is not None
    assert (line.action, line.before) == ("restore", lost.digest)
    assert audit.verify(store, audit.Anchor(config.home_path)).fault is None
    assert latest_change(store) > seen


def test_a_live_kernels_journal_goes_on_after_a_restore(
    config: Maestro, store: Store, tmp_path: Path
) -> None:
    fill(store, config, "one")
    back_up(store, config, tmp_path / "b")
    run = record_run(config, "since")
    restore(store, config, tmp_path / "b", "ada", force=True)
    Collector(store, config).collect()
    assert runs.get(store, run).status == "FINISHED"


def test_a_file_that_is_there_is_kept(config: Maestro, store: Store, tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")
    with pytest.raises(Conflict, match="--force"):
        back_up(store, config, tmp_path / "b")
    assert (tmp_path / "b").read_text() == "mine"
    back_up(store, config, tmp_path / "b", force=True)
    with Archive(tmp_path / "b") as archive:
        archive.verify()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_backup_that_fails_leaves_nothing(config: Maestro, store: Store, tmp_path: Path) -> None:
    fill(store, config, "one")
    with store.write.begin() as connection:
        schema.cells.drop(connection)
    with pytest.raises(Unavailable, match="cells"):
        back_up(store, config, tmp_path / "b")
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith("b") or "b." in path.name] == []


def test_bytes_that_are_gone_are_told_and_can_be_brought_back(
    config: Maestro, store: Store, tmp_path: Path
) -> None:
    fill(store, config, "one", "two", "three")
    back_up(store, config, tmp_path / "whole")
    (gone, changed, _) = sorted(Path(config.artifact_url).rglob("[0-9a-f]" * 64))
    gone.unlink()
    changed.write_bytes(b"other")
    assert sorted(back_up(store, config, tmp_path / "b").missing) == sorted([gone.name, changed.name])
    assert restore_blobs(store, config, tmp_path / "whole", "ada") == 2
    assert back_up(store, config, tmp_path / "c").missing == []
    assert restore_blobs(store, config, tmp_path / "whole", "ada") == 0
    assert [line.action for line in audit.lines(store)] == ["restore artifacts"]


def refused(file: Path) -> str | None:
    """Give what is said of a file that is no intact backup."""
    try:
        with Archive(file) as archive:
            archive.verify()
    except Invalid as error:
        return str(error)
    return None


def test_a_damaged_backup_changes_nothing(tmp_path: Path) -> None:
    config = other_home(tmp_path / "from")
    store = open_store(config.database_url)
    fill(store, config, "one", "two")
    record_run(config, "waiting")
    back_up(store, config, tmp_path / "b")
    before, data, chance = hashes(store), (tmp_path / "b").read_bytes(), random.Random(0)
    refusals = 0
    for number in range(300):
        broken = bytearray(data)
        if number % 3:
            broken[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        else:
            del broken[chance.randrange(len(data)) :]
        (tmp_path / "broken").write_bytes(broken)
        if refusal := refused(tmp_path / "broken"):
            assert "Nothing was changed" in refusal
            with pytest.raises(Invalid):
                restore(store, config, tmp_path / "broken", "ada", force=True)
            assert hashes(store) == before
            refusals += 1
    assert refusals > 240  # the rest hit what says nothing, such as a time or a file's mode
    assert audit.lines(store) == []
    store.close()


def crafted(path: Path, names: list[str], **changes: object) -> Path:
    with path.open("wb") as file, ArchiveWriter(file) as writer:
        for name in names:
            writer.add(name, [b"evil"])
        manifest = Manifest(format=1, maestro="0", revision="0002", time="now")
        for name, value in changes.items():
            setattr(manifest, name, value)
        writer.finish(manifest)
    return path


EVIL = [
    "../evil",
    "/tmp/evil",
    "blobs/../../evil",
    "blobs/" + "a" * 64,
    "blobs/" + "A" * 64,
    "spool/../evil",
    "spool/" + "b" * 64,
    "journals/../../evil.000001.journal",
    "journals/..%2fevil.000001.journal",
    "journals/a/b.000001.journal",
    "journals/.000001.journal",
    "journals\\evil.000001.journal",
    "tables/../runs",
    "tables/RUNS",
    "C:\\evil",
    "other/evil",
    "evil\n",
]


@pytest.mark.parametrize("name", EVIL)
def test_members_outside_of_their_places_are_refused(name: str, tmp_path: Path) -> None:
    config = other_home(tmp_path)
    file = crafted(tmp_path / "b", [name])
    store = open_store(config.database_url)
    with pytest.raises(Invalid):
        restore(store, config, file, "ada")
    store.close()
    assert not list(tmp_path.parent.rglob("*evil*"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "other"]


@pytest.mark.parametrize(
    ("names", "changes"),
    [
        ([], {"format": 2}),
        ([], {"revision": "head"}),
        ([], {"revision": "9999"}),
        (["tables/runs"], {}),
        (["journals/a.000001.journal", "journals/a.000001.journal"], {}),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_backups_that_cannot_be_read_change_nothing(
    names: list[str], changes: dict[str, object], tmp_path: Path
) -> None:
    config = other_home(tmp_path / "from")
    store = open_store(config.database_url)
    fill(store, config, "one")
    before = hashes(store, leaving_out=())
    with pytest.raises(MaestroError):
        restore(store, config, crafted(tmp_path / "b", names, **changes), "ada", force=True)
    assert hashes(store, leaving_out=()) == before
    Collector(store, config).collect()
    assert sorted(path.name for path in config.journals.iterdir()) == []
    store.close()


def test_what_is_no_backup_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Archive(tmp_path / "nothing")
    (tmp_path / "text").write_text("text")
    with zipfile.ZipFile(tmp_path / "zip", "w") as file:
        file.writestr("manifest.json", json.dumps({"format": "x"}))
    for name in ("text", "zip"):
        with pytest.raises(Invalid, match="not a backup"):
            Archive(tmp_path / name)


def test_a_backup_of_the_first_tables_is_brought_up_to_date(config: Maestro, tmp_path: Path) -> None:
    columns = [
        "id",
        "host",
        "pid",
        "user",
        "origin",
        "notebook",
        "parent",
        "opened",
        "closed",
        "close_reason",
    ]
    columns += ["segment", "position", "damaged", "unknown"]
    row = ["j", "h", 1, "ada", "kernel", None, None, 1, 2, "", 1, 10, 0, 0]
    with (tmp_path / "b").open("wb") as file, ArchiveWriter(file) as writer:
        writer.add("tables/journals", [row_bytes(columns), row_bytes(row)])
        writer.add("tables/projects", [row_bytes(["id", "name"]), row_bytes([7, "p"])])
        writer.finish(Manifest(format=1, maestro="0", revision="0001", time="then"))
    store = restored(config, tmp_path / "b")
    with store.read.connect() as connection:
        journal = connection.execute(select(schema.journals)).one()
    assert (journal.user, journal.position, journal.kernel) == ("ada", 10, None)
    assert [project.name for project in runs.list_projects(store)] == ["p"]
    store.close()


@pytest.fixture
def replaced(config: Maestro, tmp_path: Path) -> tuple[Path, dict[str, str], dict[str, str]]:
    """Make a backup of another store, and a store to replace by it; give the hashes of both once collected."""
    other = other_home(tmp_path)
    source = open_store(other.database_url)
    fill(source, other, "one", "two")
    record_run(other, "waiting")
    back_up(source, other, tmp_path / "b")
    Collector(source, other).collect()
    new = hashes(source)
    source.close()
    store = open_store(config.database_url)
    fill(store, config, "old")
    old = hashes(store)
    back_up(store, config, tmp_path / "old")
    store.close()
    return tmp_path / "b", old, new


def check_old_or_new(config: Maestro, old: dict[str, str], new: dict[str, str]) -> bool:
    """Tell whether what is there is the new, after checking that it is the old or the new."""
    store = open_store(config.database_url)
    Collector(store, config).collect()
    found = hashes(store)
    assert found in (old, new)
    assert audit.verify(store, audit.Anchor(config.home_path)).fault is None
    assert list(config.journals.iterdir()) == []
    store.close()
    return found == new


def test_a_restore_that_is_killed_leaves_the_old_or_the_new(
    config: Maestro, replaced: tuple[Path, dict[str, str], dict[str, str]], tmp_path: Path
) -> None:
    file, old, new = replaced

    def work() -> None:
        restored(config, file, force=True)

    def put_back_the_old() -> None:
        store = open_store(config.database_url)
        Collector(store, config).collect()  # what waits here would be collected into the old
        restore(store, config, tmp_path / "old", "ada", force=True)
        store.close()

    # Every 23rd place, then every other of the last, where the commit and what follows it are.
    number = 0
    while run_and_die_at(number, work):
        if check_old_or_new(config, old, new):
            put_back_the_old()
        number += 23
    assert number > 100
    outcomes = set()
    for place in range(number - 34, number - 1, 2):
        put_back_the_old()
        run_and_die_at(place, work)
        outcomes.add(check_old_or_new(config, old, new))
    assert outcomes == {False, True}


@pytest.mark.slow
def test_a_restore_that_is_killed_at_any_moment_leaves_the_old_or_the_new(
    config: Maestro, replaced: tuple[Path, dict[str, str], dict[str, str]]
) -> None:
    file, old, new = replaced
    chance, outcomes = random.Random(0), set()
    for _ in range(30):
        child = os.fork()
        if child == 0:
            try:
                restored(config, file, force=True)
            finally:
                os._exit(0)
        time.sleep(chance.random() * 0.8)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        outcomes.add(check_old_or_new(config, old, new))
        if True in outcomes:
            old = new
