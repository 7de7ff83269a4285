"""Searching the library: by words and by meaning, fused by rank, with filters, counts and reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from maestro_jupyter.errors import Invalid, MaestroError, Unavailable
from maestro_jupyter.store import library, vector_index, word_index
from maestro_jupyter.store.found import Found, Hit
from maestro_jupyter.store.library_memory import memory_of
from maestro_jupyter.store.words import parse, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from maestro_jupyter.store.catalogue import Catalogue
    from maestro_jupyter.store.engine import Store
    from maestro_jupyter.store.library_memory import LibraryMemory
    from maestro_jupyter.store.vector_index import Encoder
    from maestro_jupyter.store.word_index import Document, Matches
    from maestro_jupyter.store.words import Query

WORDS_WEIGHT, MEANING_WEIGHT, RANK_OFFSET = 0.25, 1.0, 15
"""How the two rankings are fused: each adds its weight / (offset + rank).

Chosen on half of the labelled queries in the tests, as the other numbers here are."""

NEAREST = 100
"""How many artifacts are found by meaning alone."""

SIMILAR = 0.2
"""Below this cosine, a meaning is another."""

_NAMED = 10
"""Among so many of the first by words, the one whose name was asked for is looked for."""

MOST_HITS = 1000
MOST_COUNTED = 100
"""How many values of a facet are counted: the most frequent."""

QUERY_LENGTH = 2000
"""How many characters of a query are read."""

ENCODED = 64
"""How many artifacts without a vector a search encodes first, unless told otherwise."""

_BY_WORDS = "Searched by words alone:"


class Meaning(NamedTuple):
    """What a query means.

    Attributes
    ----------
    encoder : Encoder
    vector : array of float, shape (size,)
    """

    encoder: Encoder
    vector: NDArray[np.float32]


class _Ranking(NamedTuple):
    """What was found, the best first: places in the catalogue, scores, and cosines by place."""

    places: NDArray[np.intp]
    scores: NDArray[np.float64]
    cosines: dict[int, float]


def search(
    store: Store,
    query: str = "",
    *,
    types: Iterable[str] = (),
    tags_any: Iterable[str] = (),
    tags_all: Iterable[str] = (),
    project: str | None = None,
    owner: str | None = None,
    limit: int = 20,
    offset: int = 0,
    user: str | None = None,
    encoder: Encoder | None = None,
    encoded: int = ENCODED,
) -> Found:
    """Find artifacts that are not archived.

    Parameters
    ----------
    store : Store
    query : str
        Plain words; those in quotation marks have to be there in their order. Without any, every artifact is
        found, the newest first.
    types, tags_any, tags_all : iterable of str
        Only artifacts of one of these types, with any of these tags, with all of those.
    project, owner : str, optional
        Only those of a project, or of somebody.
    limit, offset : int
        How many hits, and after how many.
    user : str, optional
        Who asks: what is private to others does not exist. None sees everything.
    encoder : Encoder, optional
        Searches by meaning, too.
    encoded : int
        How many artifacts that have no vector yet get one first; of what is left, the notes tell.

    Returns
    -------
    Found

    Raises
    ------
    Invalid
        If `limit` or `offset` is out of bounds.
    Unavailable
        If there is neither a full-text index nor an encoder.

    References
    ----------
    G. V. Cormack, C. L. A. Clarke, S. Büttcher, Reciprocal Rank Fusion outperforms Condorcet and individual
    Rank Learning Methods, SIGIR 2009.
    """
    if not 1 <= limit <= MOST_HITS or offset < 0:
        msg = f"The limit must be 1 to {MOST_HITS}, and the offset not below 0."
        raise Invalid(msg)
    asked = query[:QUERY_LENGTH]
    parsed, memory = parse(asked), memory_of(store)
    full_text = make_ready(store, memory)
    meanings, left, note = meanings_of(store, memory, [asked], encoder, encoded) if parsed else ([], 0, "")
    meaning = meanings[0] if meanings else None
    if parsed and not full_text:
        note = no_full_text(semantic=meaning is not None)
    tags_any, tags_all = list(tags_any), list(tags_all)
    with store.read.connect() as connection:
        catalogue, _ = memory.catalogue(connection)
        chosen = catalogue.selected(
            types=types, tags_any=tags_any, tags_all=tags_all, project=project, owner=owner, user=user
        )
        if parsed:
            matches = word_index.matches(connection, parsed) if full_text else None
            ranking = _ranked(connection, catalogue, chosen, memory, matches, meaning, parsed)
        else:
            ranking = _newest(catalogue, chosen)
        if left and meaning is not None:
            note = note or not_indexed(connection, catalogue.ids[catalogue.selected(user=user)], meaning)
        page = slice(offset, offset + limit)
        hits = _hits(connection, catalogue, ranking, page, parsed, {*tags_any, *tags_all}, user)
    found = np.zeros(len(catalogue.ids), np.bool_)
    found[ranking.places] = True
    facets = catalogue.counts(found, MOST_COUNTED)
    return Found(hits, len(ranking.places), facets, meaning is not None, note)


def make_ready(store: Store, memory: LibraryMemory) -> bool:
    """Make the index of words if it is missing or behind; tell whether it can be asked."""
    with store.read.connect() as connection:
        full_text = word_index.has_full_text(connection)
        _, anew = memory.catalogue(connection)
        ready = word_index.is_made(connection) and not (anew and word_index.is_behind(connection))
    if not ready:
        with store.write.begin() as connection:
            word_index.make(connection)
    return full_text


def meanings_of(
    store: Store, memory: LibraryMemory, queries: Sequence[str], encoder: Encoder | None, encoded: int
) -> tuple[list[Meaning], int, str]:
    """Give what queries mean, how many artifacts have no vector yet, and why nothing is compared, if so."""
    if encoder is None:
        return [], 0, f"{_BY_WORDS} install maestro-jupyter[semantic] for search by meaning."
    try:
        left = memory.encode(store, encoder, encoded)
        meanings = [Meaning(encoder, memory.query(encoder, query)) for query in queries]
    except MaestroError as error:
        return [], 0, f"{_BY_WORDS} {error}"
    return meanings, left, ""


def not_indexed(connection: Connection, seen: NDArray[np.int64], meaning: Meaning) -> str:
    """Say how many of the artifacts that somebody may see have no vector yet; nothing of the others."""
    left = vector_index.waiting(connection, meaning.encoder, seen)
    return f"{left:,} artifacts are not indexed by meaning yet." if left else ""


def no_full_text(*, semantic: bool) -> str:
    """Say that there is no index of words; refuse where meanings cannot be searched either."""
    msg = "This Python's SQLite has no full-text search (FTS5)."
    if not semantic:
        raise Unavailable(msg, hint="Use another build of Python, or PostgreSQL.")
    return f"Searched by meaning alone: {msg}"


def _newest(catalogue: Catalogue, chosen: NDArray[np.bool_]) -> _Ranking:
    places = np.flatnonzero(chosen)
    return _Ranking(places[np.argsort(-catalogue.newest[places])], np.zeros(len(places)), {})


def _ranked(
    connection: Connection,
    catalogue: Catalogue,
    chosen: NDArray[np.bool_],
    memory: LibraryMemory,
    matches: Matches | None,
    meaning: Meaning | None,
    query: Query,
) -> _Ranking:
    """Fuse the ranking by words with the one by meaning."""
    scores = np.zeros(len(catalogue.ids))
    best, named = 0.0, np.empty(0, np.int64)
    if matches is not None:
        places = catalogue.places(matches.ids)
        kept = np.flatnonzero(places >= 0)  # what is archived is in the index, but not in the catalogue
        kept = kept[chosen[places[kept]]]
        kept = kept[np.lexsort((-catalogue.newest[places[kept]], -matches.scores[kept]))]
        scores[places[kept]] += WORDS_WEIGHT / (RANK_OFFSET + 1 + np.arange(len(kept)))
        best += WORDS_WEIGHT / (RANK_OFFSET + 1)
        named = _named(connection, matches.ids[kept[:_NAMED]].tolist(), query)
        if query.phrases:  # a phrase has to be there, whatever else is meant
            chosen = scores > 0
    cosines: dict[int, float] = {}
    if meaning is not None:
        ids, near = nearest(connection, catalogue, chosen, memory, meaning)
        ids, near = ids[near >= SIMILAR], near[near >= SIMILAR]
        places = catalogue.places(ids)
        scores[places] += MEANING_WEIGHT / (RANK_OFFSET + 1 + np.arange(len(places)))
        best += MEANING_WEIGHT / (RANK_OFFSET + 1)
        cosines = dict(zip(places.tolist(), near.tolist(), strict=True))
    scores[catalogue.places(named)] = best
    found = np.flatnonzero(scores)
    found = found[np.lexsort((-catalogue.newest[found], -scores[found]))]
    return _Ranking(found, scores[found] / best, cosines)


def _named(connection: Connection, artifacts: list[int], query: Query) -> NDArray[np.int64]:
    """Give those artifacts whose name is the query."""
    asked = list(query.words)
    found = word_index.documents(connection, artifacts).items()
    named = [number for number, document in found if list(parse(document.name).words) == asked]
    return np.asarray(named, np.int64)


def nearest(
    connection: Connection,
    catalogue: Catalogue,
    chosen: NDArray[np.bool_],
    memory: LibraryMemory,
    meaning: Meaning,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Give the artifacts among the chosen ones that are the nearest, with their cosines."""
    allowed = catalogue.ids[chosen]
    if vector_index.is_in_database(connection, meaning.encoder):
        narrow = 2 * len(allowed) < len(chosen)
        return vector_index.nearest_in_database(
            connection, meaning.encoder, meaning.vector, allowed, NEAREST, narrow=narrow
        )
    meanings = memory.meanings(connection, meaning.encoder)
    return vector_index.nearest_in_memory(meanings, meaning.vector, allowed, NEAREST)


def _hits(
    connection: Connection,
    catalogue: Catalogue,
    ranking: _Ranking,
    page: slice,
    query: Query,
    tags: set[str],
    user: str | None,
) -> list[Hit]:
    places = ranking.places[page].tolist()
    numbers = {place: int(catalogue.ids[place]) for place in places}
    documents = word_index.documents(connection, numbers.values()) if query else {}
    artifacts = library.by_numbers(connection, catalogue.newest[places].tolist(), user=user)
    hits = []
    for place, score in zip(places, ranking.scores[page].tolist(), strict=True):
        artifact = artifacts.get(int(catalogue.newest[place]))
        if artifact is None:  # purged since, or no longer to be seen
            continue
        document = documents.get(numbers[place])
        why = [] if document is None else _matching(document, query)
        why += [f"tag {tag}" for tag in artifact.tags if tag in tags and f"tag {tag}" not in why]
        if place in ranking.cosines:
            why.append(f"similar in meaning ({ranking.cosines[place]:.2f})")
        hits.append(Hit(artifact, round(score, 4), why))
    return hits


def _matching(document: Document, query: Query) -> list[str]:
    """Say what of an artifact has words of the query."""
    why = []
    for verb, said in (
        ("its name matches", document.name),
        ("its description mentions", document.description),
        ("its content mentions", document.text),
    ):
        there = set(words_of(said))
        words = [repr(written) for word, written in query.words.items() if word in there]
        if words:
            why.append(f"{verb} {', '.join(words)}")
    why += [f"tag {tag}" for tag in document.tags if not query.words.keys().isdisjoint(words_of(tag))]
    if not query.words.keys().isdisjoint(words_of(document.type)):
        why.append(f"its type is {document.type}")
    return why
