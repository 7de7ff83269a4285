"""The migrations make the tables of the schema, and opening a database runs them when it must."""

from __future__ import annotations

import multiprocessing
import stat
import subprocess
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from dying import run_and_die_at
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from maestro_jupyter.errors import Invalid, Unavailable
from maestro_jupyter.events import ArtifactUsed
from maestro_jupyter.store import engine, registering, runs, schema
from maestro_jupyter.store.engine import HEAD, Store, migrate, network_file_system, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def migrated(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Store]:
    """Give another database, which went through every migration."""
    if database_url.startswith("sqlite"):
        url = engine._parse(f"sqlite:///{tmp_path / 'migrated.db'}")
    else:
        url = engine._parse(request.getfixturevalue("postgresql")())
    opened = engine._open_sqlite(url) if database_url.startswith("sqlite") else engine._open_postgresql(url)
    with opened.write.begin() as connection:
        migrate(connection)
    yield opened
    opened.close()


def test_the_tables_of_a_new_database_are_those_of_the_schema(store: Store) -> None:
    assert differences(store) == []


def test_migrations_make_the_tables_of_the_schema(migrated: Store) -> None:
    assert differences(migrated) == []


def differences(store: Store) -> list[object]:
    with store.write.connect() as connection, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*expression-based index.*")
        warnings.filterwarnings("ignore", message=".*expression.*index.*")
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, schema.metadata)


def test_the_index_of_an_expression_is_there(store: Store, migrated: Store) -> None:
    for made in (store, migrated):
        assert "substr" in indexed(made)


def indexed(store: Store) -> str:
    with store.read.connect() as connection:
        if connection.dialect.name == "sqlite":
            statement = "SELECT sql FROM sqlite_master WHERE name = 'ix_run_params_key_value'"
        else:
            statement = "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_run_params_key_value'"
        return str(connection.scalar(text(statement)))


def test_head_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(engine.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_opening_again_needs_no_alembic(store: Store, database_url: str) -> None:
    code = (
        "import sys; from maestro_jupyter.store.engine import open_store; open_store(sys.argv[1]).close(); "
    )
    code += "print('alembic' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, database_url], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def _open(url: str) -> None:
    open_store(url).close()


def test_several_may_open_a_new_database_at_once(database_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_open, args=(database_url,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]


def test_the_reading_engine_cannot_write(store: Store) -> None:
    with store.read.connect() as connection, pytest.raises(DBAPIError, match=r"read-?only"):
        connection.execute(text("INSERT INTO keys (name) VALUES ('x')"))


def test_a_newer_database_is_refused(store: Store, database_url: str) -> None:
    with store.write.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Unavailable, match="upgrade maestro-jupyter"):
        open_store(database_url)


def test_sqlite_is_private_and_in_wal(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'new' / 'maestro.db'}")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    with store.write.begin() as connection:
        connection.execute(text("INSERT INTO keys (name) VALUES ('x')"))
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
    files = sorted((tmp_path / "new").iterdir())
    assert [file.name for file in files] == ["maestro.db", "maestro.db-shm", "maestro.db-wal"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    store.close()


def test_sqlite_on_a_network_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {tmp_path} nfs4 rw 0 0\n")
    monkeypatch.setattr(engine, "_MOUNTS", mounts)
    with pytest.raises(Unavailable, match=r"nfs4.*PostgreSQL.*MAESTRO_DATABASE_URL"):
        open_store(f"sqlite:///{tmp_path / 'maestro.db'}")


def test_the_nearest_mount_counts() -> None:
    mounts = "a / ext4 rw 0 0\nb /home nfs rw 0 0\nc /home/my\\040disk ext4 rw 0 0\nd /home2 9p rw 0 0\n"
    assert network_file_system(Path("/home/ada/x"), mounts) == "nfs"
    assert network_file_system(Path("/home/my disk/x"), mounts) is None
    assert network_file_system(Path("/home2/x"), mounts) == "9p"
    assert network_file_system(Path("/home3/x"), mounts) is None


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite://", "sqlite:///:memory:"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(Invalid, match="sqlite:///"):
        open_store(url)


def test_a_server_that_is_away_is_said_so_without_the_password() -> None:
    with pytest.raises(Unavailable) as caught:
        open_store("postgresql://ada:hush@127.0.0.1:9/maestro")
    assert "hush" not in str(caught.value)


def test_every_table_is_reflected(store: Store) -> None:
    assert set(inspect(store.read).get_table_names()) == {*schema.metadata.tables, "alembic_version"}


FIRST_ROWS = """
INSERT INTO journals (id, host, pid, "user", origin, segment, position, damaged, unknown)
VALUES ('j', 'h', 1, 'ada', 'kernel', 1, 10, 0, 0);
INSERT INTO projects (id, name) VALUES (1, 'p');
INSERT INTO keys (id, name) VALUES (1, 'x');
INSERT INTO runs
(id, run_id, project, journal, name, "user", source, status, status_reason, start_time, params, metrics, tags)
SELECT 1, 'abc', 1, 'j', 'n', 'ada', 'api', 'FINISHED', '', 5, x, x, x FROM (SELECT {empty} AS x) AS one;
INSERT INTO run_metrics (run, key, count, last, last_step, last_time, last_form)
VALUES (1, 1, 1, 0.5, 0, 5, 0)
"""


USED = """
INSERT INTO journals (id, host, pid, "user", origin, segment, position, damaged, unknown)
VALUES ('j', 'h', 1, 'ada', 'kernel', 1, 10, 0, 0);
INSERT INTO projects (id, name) VALUES (1, 'p');
INSERT INTO library_artifacts (id, space, name, owner, project, description, archived, created)
VALUES (1, '', 'scaler', 'ada', 1, '', {false}, 5);
INSERT INTO library_versions
(id, artifact, version, registration, type, format, sha256, size, media_type, creator, created, about, archived)
SELECT 1, 1, 1, 'r', 't', 'json', 's', 1, 'm', 'ada', 5, x, {false} FROM (SELECT {empty} AS x) AS one;
INSERT INTO library_uses (version, project, run, execution, "user", time)
VALUES (1, 1, '', NULL, 'ada', 5), (1, 1, 'abc', 'cell', 'ada', 6)
"""


def test_uses_from_before_are_kept_and_tell_cells_apart_from_then_on(database_url: str) -> None:
    store = engine.connect(database_url)
    with store.write.begin() as connection:
        engine.migrate(connection, "0004")
        sqlite = connection.dialect.name == "sqlite"
        said = {"empty": "x'80'" if sqlite else r"'\x80'::bytea", "false": "0" if sqlite else "false"}
        for statement in USED.split(";"):
            connection.exec_driver_sql(statement.format(**said))
    store.close()
    store = open_store(database_url)
    used = ArtifactUsed("r", "p", "ada", 7.0, None, "first")
    with store.write.begin() as connection:
        registering.add_used(connection, [used, ArtifactUsed("r", "p", "ada", 8.0, None, "second"), used])
        registering.add_used(connection, [ArtifactUsed("r", "p", "ada", 9.0, "abc", "second")])
        registering.add_used(connection, [ArtifactUsed("r", "p", "ada", 9.0, None)])
        rows = connection.execute(text("SELECT run, execution FROM library_uses ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [("", ""), ("abc", "cell"), ("", "first"), ("", "second")]
    store.close()


def first_store(url: str) -> None:
    """Make a database as the first release did, with rows in it."""
    store = engine.connect(url)
    with store.write.begin() as connection:
        engine.migrate(connection, "0001")
        empty = "x'80'" if connection.dialect.name == "sqlite" else r"'\x80'::bytea"
        for statement in FIRST_ROWS.split(";"):
            connection.exec_driver_sql(statement.format(empty=empty))
    store.close()


def old_or_new(url: str) -> str | None:
    """Give the revision, after checking that the tables are those of it, and the rows those there were."""
    store = engine.connect(url)
    revision = engine.revision_of(store)
    names = set(inspect(store.read).get_table_names())
    columns = {column["name"] for column in inspect(store.read).get_columns("journals")}
    new = revision == HEAD
    assert ({"audit", "changes"} <= names, not {"audit", "changes"} & names) == (new, not new)
    assert ("kernel" in columns, "end_reason" in columns) == (new, new)
    with store.read.connect() as connection:
        row = connection.execute(
            text("SELECT r.name, m.last, j.position FROM runs r JOIN run_metrics m ON m.run = r.id "
                 "JOIN journals j ON j.id = r.journal")
        ).one()  # fmt: skip
    assert tuple(row) == ("n", 0.5, 10)
    store.close()
    return revision


def test_a_migration_that_is_killed_leaves_the_old_or_the_new(database_url: str) -> None:
    first_store(database_url)
    assert old_or_new(database_url) == "0001"
    places = 0
    while run_and_die_at(places, lambda: _open(database_url)):
        assert old_or_new(database_url) == "0001"  # the commit is the last place, and killed before it
        places += 1
    assert places > 20
    assert old_or_new(database_url) == HEAD
    store = open_store(database_url)
    assert runs.get(store, "abc").metrics == {}
    store.close()


def test_a_database_of_the_first_release_gets_the_same_tables(database_url: str) -> None:
    first_store(database_url)
    store = open_store(database_url)
    with store.write.begin() as connection, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*expression.*index.*")
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    store.close()
