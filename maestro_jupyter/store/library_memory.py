"""What a process keeps in memory of a store's library, so that it searches without reading all of it."""

from __future__ import annotations

import threading
import time
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from maestro_jupyter.store import catalogue, vector_index
from maestro_jupyter.store.changes import Version, artifacts_changed, is_kept, version_of
from maestro_jupyter.store.vector_index import Meanings

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    import numpy as np
    from numpy.typing import NDArray
    from sqlalchemy import Connection, Engine

    from maestro_jupyter.store.catalogue import Catalogue
    from maestro_jupyter.store.engine import Store
    from maestro_jupyter.store.vector_index import Encoder

Found = TypeVar("Found")

QUERIES = 2048
"""How many queries' vectors are kept at most, about 1.5 kB each."""

WORKED_OUT = 64
"""For how many people what takes long is kept at most."""

_BEHIND_SECONDS = 5.0
_MANY_CHANGES = 2000
"""So many changed artifacts are not read one by one: everything is read again."""


class _Encoded(NamedTuple):
    """How many artifacts had no vector as of a version."""

    version: Version
    left: int


class LibraryMemory:
    """What is known of one store; its methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = Version(-1, -1)
        self._checked = 0.0
        self._catalogue: Catalogue | None = None
        self._meanings: dict[str, tuple[Encoder, Meanings]] = {}
        self._encoded: dict[str, _Encoded] = {}
        self._queries: dict[tuple[str, str], NDArray[np.float32]] = {}
        self._worked_out: dict[Hashable, tuple[Version, Any]] = {}

    def catalogue(self, connection: Connection) -> tuple[Catalogue, bool]:
        """Give the catalogue as a connection sees it, and whether all of it had to be read.

        A connection whose snapshot is older than the memory gets what the memory knows.
        """
        with self._lock:
            known, version = self._version, version_of(connection)
            if self._catalogue is None or not self._follows(connection, version):
                self._catalogue, anew = catalogue.read(connection), True
                self._meanings.clear()
            else:
                anew = False
                if version.number > known.number:
                    self._update(connection, known)
            if anew or version.number >= known.number:
                self._version, self._checked = version, time.monotonic()
            return self._catalogue, anew

    def meanings(self, connection: Connection, encoder: Encoder) -> Meanings:
        """Give the vectors of a model, which are read when they are first asked for."""
        table = vector_index.table_of(encoder)
        with self._lock:
            if table not in self._meanings:
                read = Meanings(encoder.size)
                read.put(vector_index.read(connection, encoder))
                self._meanings[table] = encoder, read
            return self._meanings[table][1]

    def query(self, encoder: Encoder, text: str) -> NDArray[np.float32]:
        """Give the vector of a query, which is kept for when it is asked again."""
        key = encoder.model, text
        vector = self._queries.get(key)
        if vector is None:
            vector = encoder.query(text)
            if len(self._queries) >= QUERIES:
                self._queries.clear()
            self._queries[key] = vector
        return vector

    def encode(self, store: Store, encoder: Encoder, most: int) -> int:
        """Encode what has no vector yet, up to a measure, and give how many are left.

        Nothing is counted again while no artifact has changed.
        """
        table = vector_index.table_of(encoder)
        known = self._encoded.get(table)
        with store.read.connect() as connection:
            version = version_of(connection)
            if (
                known is not None
                and not (known.left and most)
                and vector_index.is_made(connection, encoder)
                and (version == known.version or _is_same(connection, known.version))
            ):
                return known.left
        left = vector_index.bring_up_to_date(store, encoder, most)
        self._encoded[table] = _Encoded(version, left)
        return left

    def worked_out(self, store: Store, key: Hashable, work_out: Callable[[], Found]) -> Found:
        """Give what takes long to work out of what is recorded, anew once more is.

        Parameters
        ----------
        store : Store
        key : hashable
            What it is, and for whom.
        work_out : callable
        """
        with store.read.connect() as connection:
            version = version_of(connection)  # of before: what comes meanwhile is looked at next time
        known = self._worked_out.get(key)
        if known is None or known[0] != version:
            known = version, work_out()
            if len(self._worked_out) >= WORKED_OUT:
                self._worked_out.clear()
            self._worked_out[key] = known
        found: Found = known[1]
        return found

    def _follows(self, connection: Connection, version: Version) -> bool:
        """Tell whether the memory can be brought to a version, or is a little ahead of it."""
        known = self._version
        if version.number < known.number:  # if it stays behind, the database is another
            return time.monotonic() - self._checked < _BEHIND_SECONDS
        return is_kept(connection, known) if version.number > known.number else version == known

    def _update(self, connection: Connection, known: Version) -> None:
        changed = artifacts_changed(connection, known)
        if not changed or self._catalogue is None:
            return
        if len(changed) > _MANY_CHANGES:
            self._catalogue = catalogue.read(connection)
        else:
            self._catalogue = catalogue.updated(self._catalogue, connection, changed)
        for encoder, meanings in self._meanings.values():
            meanings.put(vector_index.read(connection, encoder, changed))


_MAKING = threading.Lock()
_MEMORIES: weakref.WeakKeyDictionary[Engine, LibraryMemory] = weakref.WeakKeyDictionary()


def _is_same(connection: Connection, known: Version) -> bool:
    """Tell whether no artifact has changed since a version."""
    return is_kept(connection, known) and not artifacts_changed(connection, known)


def memory_of(store: Store) -> LibraryMemory:
    """Give what this process keeps of a store's library, for as long as its engine is there."""
    with _MAKING:
        return _MEMORIES.setdefault(store.read, LibraryMemory())
