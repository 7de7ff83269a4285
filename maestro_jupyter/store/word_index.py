"""The library's index of words: FTS5 in SQLite, tsvector in PostgreSQL, made from what the tables say.

The index is not one of the schema's tables. It is made when it is first needed, kept in step by whoever
changes an artifact, in the same transaction, and made anew where it is missing, as after a restore.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import sqlite3
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sqlalchemy import bindparam, select, text

from maestro_jupyter.store.engine import lock_for_migration
from maestro_jupyter.store.library import tags_of
from maestro_jupyter.store.rows import pieces, text_of, update, upsert
from maestro_jupyter.store.schema import library_artifacts, library_texts, library_versions
from maestro_jupyter.store.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import BindParameter, Connection, CursorResult

    from maestro_jupyter.store.words import Query

NAME_WEIGHT, ABOUT_WEIGHT, TEXT_WEIGHT = 8.0, 4.0, 1.0
"""What a word counts in the name, in the tags, type and description, and in the content."""

TEXT_LENGTH = 1 << 16
"""How many characters of a content are kept for the search."""

MOST_MATCHES = 5_000
"""So many artifacts are ranked by words, about: words that more have, which tell the least, are left out of a
query that has rarer ones."""

_TABLE = "library_words"
_VOCABULARY = "library_vocabulary"
_MOST_POSITIONS = 255  # of one word in a tsvector
_LAST_POSITION = 16_383
_LONG = 1.5  # how soon the same word again tells nothing new

# Made once: to make a statement takes SQLAlchemy longer than to execute it.
_ARE_THESE: BindParameter[Any] = bindparam("artifacts", expanding=True)
_NEWEST_TYPE = (
    select(library_versions.c.type)
    .where(library_versions.c.artifact == library_artifacts.c.id)
    .order_by(library_versions.c.version.desc())
    .limit(1)
    .scalar_subquery()
)
_SAID = (
    select(
        library_artifacts.c.id,
        library_artifacts.c.name,
        library_artifacts.c.description,
        _NEWEST_TYPE,
        library_texts.c.text,
    )
    .outerjoin(library_texts, library_texts.c.artifact == library_artifacts.c.id)
    .where(library_artifacts.c.id.in_(_ARE_THESE))
)
_HAS_TABLE = {
    "sqlite": text("SELECT 1 FROM sqlite_master WHERE name = :name"),
    "postgresql": text("SELECT to_regclass(:name)"),
}
_TAKE_OUT = text(f"DELETE FROM {_TABLE} WHERE rowid = :artifact")  # noqa: S608
_PUT_IN = {
    "sqlite": text(
        f"INSERT INTO {_TABLE} (rowid, name, about, text) VALUES (:artifact, :name, :about, :text)"  # noqa: S608
    ),
    "postgresql": text(
        f"INSERT INTO {_TABLE} (artifact, words) VALUES (:artifact, CAST(:words AS tsvector)) "  # noqa: S608
        "ON CONFLICT (artifact) DO UPDATE SET words = excluded.words"
    ),
}


class Matches(NamedTuple):
    """The artifacts that a query's words are in.

    Attributes
    ----------
    ids : array of int, shape (matches,)
    scores : array of float, shape (matches,)
        The higher, the better.
    """

    ids: NDArray[np.int64]
    scores: NDArray[np.float64]


class Holders(NamedTuple):
    """The artifacts that have a word, in their name, type, tags and description, and in their content.

    Attributes
    ----------
    heads, contents : array of int
        The artifacts' numbers, in no order.
    """

    heads: NDArray[np.int64]
    contents: NDArray[np.int64]


class Document(NamedTuple):
    """What an artifact is found by."""

    name: str
    type: str
    description: str
    tags: list[str]
    text: str

    @property
    def digest(self) -> str:
        """A sha256 of all of it."""
        said = "\0".join([self.name, self.type, self.description, *self.tags, "", self.text])
        return hashlib.sha256(said.encode(errors="replace")).hexdigest()


def index_text(connection: Connection, artifact: int, content: str | None = None) -> None:
    """Bring the index up to date with one artifact, in the transaction that changes it.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        Of the writing engine.
    artifact : int
        The artifact's number.
    content : str, optional
        What its newest version says; None if that has not changed.
    """
    if content is None:
        found = _note_digests(connection, [artifact])
    else:
        known = documents(connection, [artifact])[artifact]
        document = known._replace(text=text_of(content, TEXT_LENGTH))
        found = {artifact: document}
        row = {"artifact": artifact, "text": document.text, "digest": document.digest}
        upsert(connection, library_texts, ("artifact",), [row])
    if not has_table(connection, _TABLE):
        make(connection)
    elif has_full_text(connection):
        _put(connection, found)


def make(connection: Connection) -> bool:
    """Make the index anew, of everything that the tables say; False where SQLite cannot.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        Of the writing engine.
    """
    lock_for_migration(connection)
    drop(connection)
    able = has_full_text(connection)
    if able:
        _make_table(connection)
    for some in pieces(connection.scalars(select(library_texts.c.artifact)).all()):
        found = _note_digests(connection, some)
        if able:
            _put(connection, found)
    return able


def drop(connection: Connection) -> None:
    """Take the index away: what the tables say is about to be another."""
    if connection.dialect.name == "sqlite" and has_table(connection, _TABLE):
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {_VOCABULARY}")
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {_TABLE}")


def is_made(connection: Connection) -> bool:
    """Tell whether the index is there."""
    return has_table(connection, _TABLE)


def is_behind(connection: Connection) -> bool:
    """Tell whether an artifact is missing in the index."""
    key = "rowid" if connection.dialect.name == "sqlite" else "artifact"
    missing = text(
        f"SELECT 1 FROM library_texts AS t WHERE NOT EXISTS (SELECT 1 FROM {_TABLE} AS w "  # noqa: S608
        f"WHERE w.{key} = t.artifact) LIMIT 1"
    )
    return connection.scalar(missing) is not None


def has_table(connection: Connection, name: str) -> bool:
    """Tell whether there is a table; sooner than SQLAlchemy's inspector, as every search asks."""
    return connection.scalar(_HAS_TABLE[connection.dialect.name], {"name": name}) is not None


def has_full_text(connection: Connection) -> bool:
    """Tell whether there is a full-text search: SQLite can be built without one."""
    return connection.dialect.name != "sqlite" or _sqlite_has_fts5()


def matches(connection: Connection, query: Query) -> Matches:
    """Find the artifacts that have a query's phrases, or else any of its words.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    query : Query

    Returns
    -------
    Matches
        In no order.
    """
    if not query:
        return Matches(np.empty(0, np.int64), np.empty(0))
    if connection.dialect.name == "sqlite":
        return _matches_in_sqlite(connection, query)
    return _matches_in_postgresql(connection, query)


def holders(connection: Connection, words: Sequence[str]) -> dict[str, Holders]:
    """Find the artifacts that have each of some words; words that very many have are left out.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    words : sequence of str
        As `words_of` gives them.

    Returns
    -------
    dict of str to Holders
        By word.
    """
    if connection.dialect.name == "sqlite":
        counts = _counts_in_sqlite(connection, words)
        statement = f"SELECT rowid FROM {_TABLE} WHERE {_TABLE} MATCH :query"  # noqa: S608
        queries = ('{{name about}} : "{}"', 'text : "{}"')
    else:
        counts = _counts_in_postgresql(connection, words, _number_in_postgresql(connection))
        statement = f"SELECT artifact FROM {_TABLE} WHERE words @@ CAST(:query AS tsquery)"  # noqa: S608
        queries = ("'{}':AB", "'{}':D")
    found = {}
    for word in dict.fromkeys(words):
        if counts[word] <= MOST_MATCHES:
            rows = [connection.execute(text(statement), {"query": query.format(word)}) for query in queries]
            found[word] = Holders(*(_table(each, 1)[:, 0].astype(np.int64) for each in rows))
    return found


def documents(connection: Connection, artifacts: Iterable[int]) -> dict[int, Document]:
    """Give what some artifacts are found by."""
    found: dict[int, Document] = {}
    for some in pieces(sorted(set(artifacts))):
        tags = tags_of(connection, some)
        for number, name, description, kind, content in connection.execute(_SAID, {"artifacts": some}):
            found[number] = Document(name, kind or "", description, tags.get(number, []), content or "")
    return found


def _make_table(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            f"CREATE VIRTUAL TABLE {_TABLE} USING fts5(name, about, text, tokenize = 'unicode61')"
        )
        connection.exec_driver_sql(f"CREATE VIRTUAL TABLE {_VOCABULARY} USING fts5vocab({_TABLE}, 'row')")
    else:
        connection.exec_driver_sql(
            f"CREATE TABLE {_TABLE} (artifact BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)"
        )
        connection.exec_driver_sql(f"CREATE INDEX ix_{_TABLE}_words ON {_TABLE} USING gin (words)")


@functools.cache
def _sqlite_has_fts5() -> bool:
    try:
        with contextlib.closing(sqlite3.connect(":memory:")) as memory:
            memory.execute("CREATE VIRTUAL TABLE one USING fts5(word)")
    except sqlite3.OperationalError:
        return False
    return True


def _note_digests(connection: Connection, artifacts: Sequence[int]) -> dict[int, Document]:
    found = documents(connection, artifacts)
    rows = [{"artifact": number, "digest": document.digest} for number, document in found.items()]
    update(connection, library_texts, "artifact", rows)
    return found


def _put(connection: Connection, found: dict[int, Document]) -> None:
    """Write artifacts into the index, whether or not they are there already."""
    if not found:
        return
    fields = {number: _fields(document) for number, document in found.items()}
    if connection.dialect.name == "sqlite":
        connection.execute(_TAKE_OUT, [{"artifact": number} for number in fields])
        rows: list[dict[str, Any]] = [
            {"artifact": number, "name": " ".join(name), "about": " ".join(about), "text": " ".join(said)}
            for number, (name, about, said) in fields.items()
        ]
    else:
        rows = [{"artifact": number, "words": _vector(each)} for number, each in fields.items()]
    connection.execute(_PUT_IN[connection.dialect.name], rows)


def _fields(document: Document) -> tuple[list[str], list[str], list[str]]:
    about = [word for tag in (document.type, *document.tags) for word in words_of(tag)]
    return words_of(document.name), about + words_of(document.description), words_of(document.text)


def _vector(fields: Sequence[list[str]]) -> str:
    """Give the words of the fields as PostgreSQL reads a tsvector: each with its places and their weights."""
    places: dict[str, list[str]] = {}
    place = 0
    for words, weight in zip(fields, "ABD", strict=True):
        place += 2  # so that no phrase goes from one field into the next
        for word in words:
            place += 1
            known = places.setdefault(word, [])
            if place <= _LAST_POSITION and len(known) < _MOST_POSITIONS:
                known.append(f"{place}{weight}")
    return " ".join(f"'{word}':{','.join(known)}" if known else f"'{word}'" for word, known in places.items())


def _matches_in_sqlite(connection: Connection, query: Query) -> Matches:
    counts = _counts_in_sqlite(connection, query.words)
    any_of = [f'"{word}"' for word in _telling(counts)]
    required = [f'"{" ".join(phrase)}"' for phrase in query.phrases]
    looked_for = " OR ".join(any_of)
    if required:
        looked_for = f"{' AND '.join(required)} AND ({' OR '.join([required[0], *any_of])})"
    found = connection.execute(
        text(
            f"SELECT rowid, -bm25({_TABLE}, {NAME_WEIGHT}, {ABOUT_WEIGHT}, {TEXT_WEIGHT}) "  # noqa: S608
            f"FROM {_TABLE} WHERE {_TABLE} MATCH :query"
        ),
        {"query": looked_for},
    )
    table = _table(found, 2)
    return Matches(table[:, 0].astype(np.int64), table[:, 1])


def _counts_in_sqlite(connection: Connection, words: Iterable[str]) -> dict[str, int]:
    """Give how many artifacts have each word."""
    named = text(f"SELECT doc FROM {_VOCABULARY} WHERE term = :word")  # noqa: S608
    return {word: connection.scalar(named, {"word": word}) or 0 for word in words}


def _matches_in_postgresql(connection: Connection, query: Query) -> Matches:
    """Find and rank in PostgreSQL, which ranks by how often and where a word is, not by how rare it is."""
    number = _number_in_postgresql(connection)
    words = _telling(_counts_in_postgresql(connection, query.words, number))
    quoted = [f"'{word}'" for word in words]
    required = [f"({' <-> '.join(repr(word) for word in phrase)})" for phrase in query.phrases]
    least_first = (TEXT_WEIGHT, TEXT_WEIGHT, ABOUT_WEIGHT, NAME_WEIGHT)
    weights = f"{{{','.join(str(weight / NAME_WEIGHT) for weight in least_first)}}}"  # none may be above 1
    ranks = "".join(
        f", ts_rank_cd(CAST(:weights AS real[]), words, CAST(:word{place} AS tsquery), 1)"
        for place in range(len(quoted))
    )
    found = connection.execute(
        text(f"SELECT artifact{ranks} FROM {_TABLE} WHERE words @@ CAST(:query AS tsquery)"),  # noqa: S608
        {
            "query": " & ".join(required) or " | ".join(quoted),
            "weights": weights,
            **{f"word{place}": word for place, word in enumerate(quoted)},
        },
    )
    table = _table(found, 1 + len(words))
    often = NAME_WEIGHT * table[:, 1:]
    number = max(number, len(table))
    with_it = np.count_nonzero(often, axis=0)
    rare = np.log1p((number - with_it + 0.5) / (with_it + 0.5))
    return Matches(table[:, 0].astype(np.int64), (often / (often + _LONG)) @ rare)


def _number_in_postgresql(connection: Connection) -> int:
    """Give about how many artifacts there are; exactly, while PostgreSQL has not looked."""
    statement = text("SELECT reltuples FROM pg_class WHERE oid = CAST(:name AS regclass)")
    known = int(connection.scalar(statement, {"name": _TABLE}) or 0)
    return known if known > 0 else connection.scalar(text(f"SELECT count(*) FROM {_TABLE}")) or 0  # noqa: S608


def _counts_in_postgresql(connection: Connection, words: Iterable[str], number: int) -> dict[str, int]:
    """Give about how many artifacts have each word, by the statistics that PostgreSQL keeps for its plans."""
    row = connection.execute(
        text(
            "SELECT CAST(CAST(most_common_elems AS text) AS text[]), most_common_elem_freqs FROM pg_stats "
            "WHERE schemaname = current_schema() AND tablename = :name AND attname = 'words'"
        ),
        {"name": _TABLE},
    ).first()
    share = {} if row is None or row[0] is None else dict(zip(row[0], row[1], strict=False))
    return {word: int(share.get(word, 0.0) * number) for word in words}


def _telling(counts: dict[str, int]) -> list[str]:
    """Give the words that few artifacts have, as many of them as can be ranked; the rarest in any case."""
    chosen: list[str] = []
    matches = 0
    for word in sorted(counts, key=lambda word: counts[word]):
        matches += counts[word]
        if chosen and matches > MOST_MATCHES:
            break
        chosen.append(word)
    return chosen


def _table(found: CursorResult[Any], width: int) -> NDArray[np.float64]:
    """Give rows of numbers as an array: straight from the driver, as making a `Row` of each takes longer."""
    rows = itertools.chain.from_iterable(found.cursor.fetchall())
    return np.fromiter(rows, np.float64).reshape(-1, width)
