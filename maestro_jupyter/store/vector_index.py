"""The library's index of meanings: a vector for each artifact, in memory or, with pgvector, in PostgreSQL.

Each model has a table of its own, which is none of the schema's: it is made when the model is first used. A
vector is made again when what its artifact says has changed, wherever vectors are asked for.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from sqlalchemy import inspect, select, text

from maestro_jupyter.store.catalogue import places_in
from maestro_jupyter.store.changes import record_library_change
from maestro_jupyter.store.engine import lock_for_migration
from maestro_jupyter.store.schema import library_texts
from maestro_jupyter.store.word_index import documents, has_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from maestro_jupyter.store.engine import Store
    from maestro_jupyter.store.word_index import Document

PREFIX = "library_vectors_"
"""How the names of the tables begin."""

BATCH = 32
"""How many artifacts are encoded and written at once."""

_OVERSAMPLED = 4


class Encoder(Protocol):
    """What gives texts their vectors."""

    @property
    def model(self) -> str:
        """Its name: vectors of different models are not compared."""

    @property
    def size(self) -> int:
        """How many numbers a vector has."""

    def query(self, text: str) -> NDArray[np.float32]:
        """Give the unit vector of a query, shape (size,)."""

    def documents(self, documents: Sequence[Document]) -> NDArray[np.float32]:
        """Give the unit vectors of artifacts, shape (documents, size)."""


class Meanings:
    """The vectors of one model, in memory. What is written into them later, readers see at once."""

    def __init__(self, size: int) -> None:
        self._rows: dict[int, int] = {}
        self._ids = np.empty(0, np.int64)
        self._vectors = np.empty((0, size), np.float32)

    @property
    def ids(self) -> NDArray[np.int64]:
        """The artifacts' numbers, in no order, shape (vectors,)."""
        return self._ids[: len(self._rows)]

    @property
    def vectors(self) -> NDArray[np.float32]:
        """Their vectors, shape (vectors, size)."""
        return self._vectors[: len(self._rows)]

    def put(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Write the vectors of artifacts, new ones or not."""
        for artifact, vector in rows:
            row = self._rows.get(artifact)
            if row is None:
                row = len(self._rows)
                self._make_room(row + 1)
                self._ids[row] = artifact
            self._vectors[row] = np.frombuffer(vector, np.float32)
            self._rows[artifact] = row  # last, for it makes the row visible

    def _make_room(self, number: int) -> None:
        if number <= len(self._ids):
            return
        more = max(1024, number // 2)
        self._ids = np.concatenate([self._ids, np.zeros(more, np.int64)])
        grown = np.zeros((len(self._vectors) + more, self._vectors.shape[1]), np.float32)
        grown[: len(self._vectors)] = self._vectors
        self._vectors = grown


def table_of(encoder: Encoder) -> str:
    """Name the table of a model's vectors."""
    return PREFIX + hashlib.sha256(f"{encoder.model}\0{encoder.size}".encode()).hexdigest()[:16]


def drop(connection: Connection) -> None:
    """Take every model's vectors away: what the tables say is about to be another."""
    for name in inspect(connection).get_table_names():
        if name.startswith(PREFIX):
            connection.exec_driver_sql(f"DROP TABLE {name}")


def forget(connection: Connection, artifact: int) -> None:
    """Take an artifact's vectors away, of every model."""
    for name in inspect(connection).get_table_names():
        if name.startswith(PREFIX):
            gone = text(f"DELETE FROM {name} WHERE artifact = :artifact")  # noqa: S608
            connection.execute(gone, {"artifact": artifact})


def bring_up_to_date(store: Store, encoder: Encoder, most: int | None = None) -> int:
    """Encode the artifacts that have no vector, or one of what they said before.

    Each batch is written on its own: what is done stays done.

    Parameters
    ----------
    store : Store
    encoder : Encoder
    most : int, optional
        How many at most; None for all.

    Returns
    -------
    int
        How many are left.
    """
    with store.read.connect() as connection:
        there = is_made(connection, encoder)
    if not there:
        with store.write.begin() as connection:
            _make_table(connection, encoder)
    with store.read.connect() as connection:
        waiting = _without(connection, encoder)
    for begin in range(0, len(waiting[:most]), BATCH):
        _encode(store, encoder, waiting[:most][begin : begin + BATCH])
    return len(waiting) - len(waiting[:most])


def is_complete(connection: Connection, model: str) -> bool:
    """Tell whether every artifact has its vector of a model, without loading the model."""
    if connection.scalar(select(library_texts.c.artifact).limit(1)) is None:
        return True
    tables = [name for name in inspect(connection).get_table_names() if name.startswith(PREFIX)]
    return any(_has_all(connection, table, model) for table in tables)


def is_made(connection: Connection, encoder: Encoder) -> bool:
    """Tell whether a model's vectors have their table."""
    return has_table(connection, table_of(encoder))


def is_in_database(connection: Connection, encoder: Encoder) -> bool:
    """Tell whether the database itself compares a model's vectors: PostgreSQL with pgvector."""
    if connection.dialect.name == "sqlite":
        return False
    named = text(
        "SELECT format_type(atttypid, NULL) FROM pg_attribute "
        "WHERE attrelid = to_regclass(:table) AND attname = 'vector'"
    )
    return bool(connection.scalar(named, {"table": table_of(encoder)}) == "vector")


def read(
    connection: Connection, encoder: Encoder, among: Sequence[int] | None = None
) -> Iterable[tuple[int, bytes]]:
    """Read the vectors of some artifacts, or of all."""
    statement = f"SELECT artifact, vector FROM {table_of(encoder)}"  # noqa: S608
    if among is None:
        for artifact, vector in connection.execute(text(statement)):
            yield artifact, vector
        return
    one = text(f"{statement} WHERE artifact = :artifact")
    for artifact in among:
        for number, vector in connection.execute(one, {"artifact": artifact}):
            yield number, vector


def nearest_in_memory(
    meanings: Meanings, query: NDArray[np.float32], allowed: NDArray[np.int64], most: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Give the artifacts whose vectors are the nearest to a query's, the nearest first, with the cosines.

    Parameters
    ----------
    meanings : Meanings
    query : array of float, shape (size,)
    allowed : array of int
        The numbers of the artifacts that are asked for, ascending.
    most : int
    """
    ids = meanings.ids
    # A matrix product would wake the threads of BLAS, which costs more than the product itself.
    cosines = np.einsum("ij,j->i", meanings.vectors[: len(ids)], query)
    first = _largest(cosines, _OVERSAMPLED * most)
    kept = first[places_in(allowed, ids[first]) >= 0][:most]
    if len(kept) < min(most, len(allowed)):  # many of the first are not allowed: look at all
        cosines[places_in(allowed, ids) < 0] = -np.inf
        kept = _largest(cosines, most)
        kept = kept[np.isfinite(cosines[kept])]
    return ids[kept], cosines[kept]


def nearest_in_database(
    connection: Connection,
    encoder: Encoder,
    query: NDArray[np.float32],
    allowed: NDArray[np.int64],
    most: int,
    *,
    narrow: bool,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Give what `nearest_in_memory` does, as pgvector finds it: nearly always the same.

    Parameters
    ----------
    narrow : bool
        Whether most artifacts are not allowed: pgvector then looks among those that are, else it gives
        some more than are asked for.
    """
    looked = most if narrow else _OVERSAMPLED * most
    where = "WHERE artifact = ANY(:allowed)" if narrow else ""
    statement = text(
        f"SELECT artifact, -(vector <#> CAST(:query AS vector)) FROM {table_of(encoder)} {where} "  # noqa: S608
        "ORDER BY vector <#> CAST(:query AS vector) LIMIT :most"
    )
    connection.exec_driver_sql(f"SET LOCAL hnsw.ef_search = {min(looked, 1000)}")
    connection.exec_driver_sql("SET LOCAL hnsw.iterative_scan = strict_order")
    values = {"query": _as_text(query), "most": looked}
    rows = connection.execute(statement, values | ({"allowed": allowed.tolist()} if narrow else {})).all()
    table = np.asarray(rows, np.float64).reshape(-1, 2)
    ids = table[:, 0].astype(np.int64)
    kept = np.flatnonzero(places_in(allowed, ids) >= 0)[:most]
    return ids[kept], table[kept, 1].astype(np.float32)


def waiting(connection: Connection, encoder: Encoder, wanted: NDArray[np.int64]) -> int:
    """Count the artifacts among some that have no vector, or one of what they said before."""
    return int(np.count_nonzero(np.isin(wanted, _without(connection, encoder))))


def cosines_in_memory(
    meanings: Meanings, queries: NDArray[np.float32], wanted: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Give the cosines of queries and artifacts; NaN for those that have no vector.

    Parameters
    ----------
    meanings : Meanings
    queries : array of float, shape (queries, size)
    wanted : array of int, shape (artifacts,)
        The artifacts' numbers, ascending.

    Returns
    -------
    array of float, shape (queries, artifacts)
    """
    ids = meanings.ids
    places = places_in(wanted, ids)
    known = np.full((len(queries), len(wanted)), np.nan, np.float32)
    asked = places >= 0
    known[:, places[asked]] = queries @ meanings.vectors[np.flatnonzero(asked)].T
    return known


def cosines_in_database(
    connection: Connection, encoder: Encoder, queries: NDArray[np.float32], wanted: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Give what `cosines_in_memory` does, as pgvector reckons it."""
    known = np.full((len(queries), len(wanted)), np.nan, np.float32)
    statement = text(
        f"SELECT artifact, -(vector <#> CAST(:query AS vector)) FROM {table_of(encoder)} "  # noqa: S608
        "WHERE artifact = ANY(:wanted)"
    )
    for place, query in enumerate(queries):
        values = {"query": _as_text(query), "wanted": wanted.tolist()}
        rows = np.asarray(connection.execute(statement, values).all(), np.float64).reshape(-1, 2)
        known[place, places_in(wanted, rows[:, 0].astype(np.int64))] = rows[:, 1]
    return known


def _largest(values: NDArray[np.float32], most: int) -> NDArray[np.intp]:
    """Give the places of the largest values, the largest first."""
    places = np.argpartition(-values, most - 1)[:most] if len(values) > most else np.arange(len(values))
    return places[np.argsort(-values[places], kind="stable")]


def _make_table(connection: Connection, encoder: Encoder) -> None:
    lock_for_migration(connection)
    name = table_of(encoder)
    kind = "BLOB"
    if connection.dialect.name == "postgresql":
        kind = f"vector({encoder.size})" if _has_pgvector(connection) else "BYTEA"
    connection.exec_driver_sql(
        f"CREATE TABLE IF NOT EXISTS {name} (artifact BIGINT PRIMARY KEY REFERENCES library_artifacts (id) "
        f"ON DELETE CASCADE, model TEXT NOT NULL, digest VARCHAR(64) NOT NULL, vector {kind} NOT NULL)"
    )
    if kind.startswith("vector"):
        connection.exec_driver_sql(
            f"CREATE INDEX IF NOT EXISTS ix_{name} ON {name} USING hnsw (vector vector_ip_ops)"
        )


def _has_pgvector(connection: Connection) -> bool:
    """Turn pgvector on if PostgreSQL has it and we may."""
    from sqlalchemy.exc import DBAPIError

    try:
        with connection.begin_nested():
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS vector")
    except DBAPIError:
        return False
    return True


def _has_all(connection: Connection, table: str, model: str) -> bool:
    lacking = text(
        f"SELECT 1 FROM library_texts AS t LEFT JOIN {table} AS v ON v.artifact = t.artifact "  # noqa: S608
        "WHERE v.digest IS NULL OR v.digest <> t.digest OR v.model <> :model LIMIT 1"
    )
    return connection.scalar(lacking, {"model": model}) is None


def _without(connection: Connection, encoder: Encoder) -> list[int]:
    """Give the numbers of the artifacts to encode, the newest first."""
    statement = text(
        f"SELECT t.artifact FROM library_texts AS t LEFT JOIN {table_of(encoder)} AS v "  # noqa: S608
        "ON v.artifact = t.artifact WHERE v.digest IS NULL OR v.digest <> t.digest ORDER BY t.artifact DESC"
    )
    return list(connection.scalars(statement))


def _encode(store: Store, encoder: Encoder, artifacts: Sequence[int]) -> None:
    with store.read.connect() as connection:
        found = documents(connection, artifacts)
    numbers = list(found)
    vectors = encoder.documents([found[number] for number in numbers])
    with store.write.begin() as connection:
        inside = is_in_database(connection, encoder)
        known = select(library_texts.c.artifact).where(library_texts.c.artifact.in_(numbers))
        there = set(connection.scalars(known))
        rows: list[dict[str, Any]] = [
            {
                "artifact": number,
                "model": encoder.model,
                "digest": found[number].digest,
                "vector": _as_text(vector) if inside else vector.astype(np.float32).tobytes(),
            }
            for number, vector in zip(numbers, vectors, strict=True)
            if number in there  # it may have been purged meanwhile
        ]
        if not rows:
            return
        value = "CAST(:vector AS vector)" if inside else ":vector"
        connection.execute(
            text(
                f"INSERT INTO {table_of(encoder)} (artifact, model, digest, vector) "  # noqa: S608
                f"VALUES (:artifact, :model, :digest, {value}) ON CONFLICT (artifact) DO UPDATE "
                "SET digest = excluded.digest, vector = excluded.vector"
            ),
            rows,
        )
        record_library_change(connection, [row["artifact"] for row in rows])


def _as_text(vector: NDArray[np.float32]) -> str:
    """Give a vector as pgvector reads it."""
    return f"[{','.join(map(str, vector.tolist()))}]"
