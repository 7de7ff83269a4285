"""What in the library is like several texts at once: by meaning, and by the words that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sqlalchemy import select, true

from maestro_jupyter.store import library, vector_index, word_index
from maestro_jupyter.store.library_memory import memory_of
from maestro_jupyter.store.library_search import (
    ENCODED,
    make_ready,
    meanings_of,
    nearest,
    no_full_text,
    not_indexed,
)
from maestro_jupyter.store.rows import text_of
from maestro_jupyter.store.schema import (
    cells,
    journals,
    library_artifacts,
    library_uses,
    library_versions,
    runs,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from maestro_jupyter.models import ArtifactVersion
    from maestro_jupyter.store.catalogue import Catalogue
    from maestro_jupyter.store.engine import Store
    from maestro_jupyter.store.library_memory import LibraryMemory
    from maestro_jupyter.store.library_search import Meaning
    from maestro_jupyter.store.vector_index import Encoder
    from maestro_jupyter.store.word_index import Document

CLOSE = 20
"""How many of the artifacts that are the nearest to a text are looked at closely."""

POOL = 50
"""How many of those that have the most of the words are looked at closely."""


class Likeness(NamedTuple):
    """The artifacts that may be like the texts, at hand for whoever judges them.

    Attributes
    ----------
    artifacts : list of ArtifactVersion
        The newest version of each.
    documents : list of Document
        What each says.
    cosines : array of float, shape (texts, artifacts)
        NaN where an artifact has no vector; of no texts without an encoder.
    heads, contents : dict of str to array of bool, shape (artifacts,)
        Which of them have a word in their name, type, tags and description, or in their content. Words that
        none has, or very many have, are missing.
    spread : dict of str to int
        How many of all that were looked among have a word; of a word that very many have, all.
    looked : int
        How many that were.
    semantic : bool
        Whether it went by meaning, too.
    note : str
        What kept it from finding more; empty if nothing did.
    """

    artifacts: list[ArtifactVersion]
    documents: list[Document]
    cosines: NDArray[np.float32]
    heads: dict[str, NDArray[np.bool_]]
    contents: dict[str, NDArray[np.bool_]]
    spread: dict[str, int]
    looked: int
    semantic: bool
    note: str


class _Words(NamedTuple):
    """Which artifacts of the catalogue have which words, by place, and how many of the chosen ones do."""

    heads: dict[str, NDArray[np.bool_]]
    contents: dict[str, NDArray[np.bool_]]
    spread: dict[str, int]


def likeness(
    store: Store,
    texts: Sequence[str],
    words: Mapping[str, float],
    *,
    without: Collection[int] = (),
    user: str | None = None,
    encoder: Encoder | None = None,
    encoded: int = ENCODED,
) -> Likeness:
    """Find the artifacts that may be like some texts.

    Parameters
    ----------
    store : Store
    texts : sequence of str
        What is compared by meaning: short ones, each about one thing.
    words : mapping of str to float
        What is compared by words, as `words_of` gives them, and how much each counts.
    without : collection of int
        The numbers of artifacts that are left out; see `left_out`.
    user : str, optional
        Who asks: what is private to others does not exist. None sees everything.
    encoder : Encoder, optional
        Compares by meaning, too.
    encoded : int
        How many artifacts that have no vector yet get one first.

    Returns
    -------
    Likeness

    Raises
    ------
    Unavailable
        If there is neither a full-text index nor an encoder.
    """
    memory = memory_of(store)
    full_text = make_ready(store, memory)
    meanings, left, note = meanings_of(store, memory, texts, encoder, encoded)
    if not full_text:
        note = no_full_text(semantic=bool(meanings))
    with store.read.connect() as connection:
        catalogue, _ = memory.catalogue(connection)
        chosen = catalogue.selected(user=user)
        chosen &= ~np.isin(catalogue.ids, np.asarray([*without], np.int64))
        found = _words(connection, catalogue, chosen, list(words)) if full_text else _Words({}, {}, {})
        places = _pool(connection, catalogue, chosen, memory, meanings, found, words)
        ids = catalogue.ids[places]
        documents = word_index.documents(connection, ids.tolist())
        artifacts = library.by_numbers(connection, catalogue.newest[places].tolist(), user=user)
        cosines = _cosines(connection, memory, meanings, ids)
        if left and meanings:
            note = note or not_indexed(connection, catalogue.ids[chosen], meanings[0])
    pairs = zip(ids.tolist(), catalogue.newest[places].tolist(), strict=True)
    known = [(documents.get(number), artifacts.get(newest)) for number, newest in pairs]
    there = np.asarray([None not in both for both in known], np.bool_)  # others were purged since
    return Likeness(
        [artifact for document, artifact in known if document is not None and artifact is not None],
        [document for document, artifact in known if document is not None and artifact is not None],
        cosines[:, there],
        {word: has[places][there] for word, has in found.heads.items()},
        {word: has[places][there] for word, has in found.contents.items()},
        found.spread,
        int(np.count_nonzero(chosen)),
        bool(meanings),
        note,
    )


def left_out(store: Store, names: Collection[str], notebook: str, *, user: str | None = None) -> set[int]:
    """Give the numbers of artifacts that a notebook has no need to be told of.

    Parameters
    ----------
    store : Store
    names : collection of str
    notebook : str
        Its path: what its cells and runs have used is given, too. Empty for none.
    user : str, optional
        Who asks: what others used in a notebook does not count. None counts everybody's.
    """
    named = library_artifacts.c.name.in_([text_of(name, 128) for name in names])
    used = select(library_versions.c.artifact).join(
        library_uses, library_uses.c.version == library_versions.c.id
    )
    used = used.join(journals, journals.c.notebook == text_of(notebook))
    used = used.where(true() if user is None else library_uses.c.user == user)
    by_run = used.join(runs, (runs.c.run_id == library_uses.c.run) & (runs.c.journal == journals.c.id))
    by_cell = used.join(
        cells, (cells.c.execution == library_uses.c.execution) & (cells.c.journal == journals.c.id)
    )
    asked = [select(library_artifacts.c.id).where(named), *([by_run, by_cell] if notebook else [])]
    with store.read.connect() as connection:
        return {number for statement in asked for number in connection.scalars(statement)}


def _words(
    connection: Connection, catalogue: Catalogue, chosen: NDArray[np.bool_], words: Sequence[str]
) -> _Words:
    known = word_index.holders(connection, words)
    found = _Words({}, {}, dict.fromkeys(set(words) - known.keys(), int(np.count_nonzero(chosen))))
    for word, holders in known.items():
        head, content = (_has(catalogue, chosen, ids) for ids in holders)
        spread = int(np.count_nonzero(head | content))
        if spread:
            found.heads[word], found.contents[word], found.spread[word] = head, content, spread
    return found


def _has(catalogue: Catalogue, chosen: NDArray[np.bool_], ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    places = catalogue.places(ids)
    has = np.zeros(len(chosen), np.bool_)
    has[places[places >= 0]] = True
    return has & chosen


def _pool(
    connection: Connection,
    catalogue: Catalogue,
    chosen: NDArray[np.bool_],
    memory: LibraryMemory,
    meanings: Sequence[Meaning],
    found: _Words,
    words: Mapping[str, float],
) -> NDArray[np.intp]:
    """Give the places of those that are near any of the texts, or have the most of the rare words."""
    pooled = np.zeros(len(chosen), np.bool_)
    for meaning in meanings:
        ids, _ = nearest(connection, catalogue, chosen, memory, meaning)
        pooled[catalogue.places(ids[:CLOSE])] = True
    shared = np.zeros(len(chosen))
    for word, head in found.heads.items():
        shared += words[word] / found.spread[word] * (2.0 * head + found.contents[word])
    most = np.argsort(-shared, kind="stable")[:POOL]
    pooled[most[shared[most] > 0]] = True
    return np.flatnonzero(pooled)


def _cosines(
    connection: Connection, memory: LibraryMemory, meanings: Sequence[Meaning], ids: NDArray[np.int64]
) -> NDArray[np.float32]:
    if not meanings:
        return np.empty((0, len(ids)), np.float32)
    encoder, vectors = meanings[0].encoder, np.stack([meaning.vector for meaning in meanings])
    if vector_index.is_in_database(connection, encoder):
        return vector_index.cosines_in_database(connection, encoder, vectors, ids)
    return vector_index.cosines_in_memory(memory.meanings(connection, encoder), vectors, ids)
