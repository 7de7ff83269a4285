"""What the library's search filters and counts by, of every artifact, in memory.

It is read once, and brought up to date by the numbered changes, as columns of runs are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sqlalchemy import func, select

from maestro_jupyter.store.rows import pieces
from maestro_jupyter.store.schema import library_artifacts, library_tags, library_versions, projects

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

FACETS = ("type", "project", "owner")
"""What an artifact has one of; besides, it has tags."""

_SPACE = "space"
_COLUMNS = (*FACETS, _SPACE)


class Catalogue(NamedTuple):
    """Every artifact that is not archived, and has a version that is not.

    Attributes
    ----------
    ids : array of int, shape (artifacts,)
        The artifacts' numbers, ascending.
    newest : array of int, shape (artifacts,)
        The number of the newest version.
    codes : dict of str to array of int, shape (artifacts,)
        The type, project, owner and space of each, as a place in `texts`.
    tagged, tags : array of int, shape (tags of all,)
        Which artifact, by its place, has which tag, as a place in `texts`.
    texts : dict of str to int
        All the texts by their places, in order. It only grows, and later catalogues share it.
    """

    ids: NDArray[np.int64]
    newest: NDArray[np.int64]
    codes: dict[str, NDArray[np.int32]]
    tagged: NDArray[np.intp]
    tags: NDArray[np.int32]
    texts: dict[str, int]

    def places(self, ids: NDArray[np.int64]) -> NDArray[np.intp]:
        """Give where artifacts stand; -1 for those that are not in the catalogue."""
        return places_in(self.ids, ids)

    def selected(
        self,
        *,
        types: Iterable[str] = (),
        tags_any: Iterable[str] = (),
        tags_all: Iterable[str] = (),
        project: str | None = None,
        owner: str | None = None,
        user: str | None = None,
    ) -> NDArray[np.bool_]:
        """Tell which artifacts pass the filters, and may be seen by a user."""
        chosen = np.ones(len(self.ids), np.bool_)
        if user is not None:
            chosen &= self._is(_SPACE, ["", user])
        for column, wanted in (("type", list(types)), ("project", _one(project)), ("owner", _one(owner))):
            if wanted:
                chosen &= self._is(column, wanted)
        if some := list(tags_any):
            chosen &= self._has(some)
        for tag in dict.fromkeys(tags_all):
            chosen &= self._has([tag])
        return chosen

    def counts(self, chosen: NDArray[np.bool_], most: int) -> dict[str, dict[str, int]]:
        """Count types, projects, owners and tags of some artifacts, the most frequent first."""
        names = list(self.texts)
        found = {name: _counted(self.codes[name][chosen], names, most) for name in FACETS}
        return found | {"tag": _counted(self.tags[chosen[self.tagged]], names, most)}

    def _is(self, column: str, wanted: Iterable[str]) -> NDArray[np.bool_]:
        return np.isin(self.codes[column], self._codes(wanted))

    def _has(self, wanted: Iterable[str]) -> NDArray[np.bool_]:
        chosen = np.zeros(len(self.ids), np.bool_)
        chosen[self.tagged[np.isin(self.tags, self._codes(wanted))]] = True
        return chosen

    def _codes(self, wanted: Iterable[str]) -> list[int]:
        return [self.texts[one] for one in wanted if one in self.texts]


def read(connection: Connection) -> Catalogue:
    """Read the whole catalogue."""
    empty = np.empty(0, np.int64)
    codes = {name: np.empty(0, np.int32) for name in _COLUMNS}
    nothing = Catalogue(empty, empty, codes, np.empty(0, np.intp), np.empty(0, np.int32), {})
    return _with(nothing, connection, None)


def updated(known: Catalogue, connection: Connection, artifacts: Sequence[int]) -> Catalogue:
    """Give a catalogue in which some artifacts are as they are now."""
    stay = ~np.isin(known.ids, np.asarray(artifacts, np.int64))
    tags_stay = stay[known.tagged]
    kept = known._replace(
        ids=known.ids[stay],
        newest=known.newest[stay],
        codes={name: codes[stay] for name, codes in known.codes.items()},
        tagged=(np.cumsum(stay) - 1)[known.tagged[tags_stay]],
        tags=known.tags[tags_stay],
    )
    for some in pieces(artifacts):
        kept = _with(kept, connection, some)
    return kept


def places_in(ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.intp]:
    """Give where numbers stand among ascending ones; -1 where they do not."""
    if not len(ids):
        return np.full(len(wanted), -1, np.intp)
    places = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return np.where(ids[places] == wanted, places, -1)


def _one(wanted: str | None) -> list[str]:
    return [] if wanted is None else [wanted]


def _counted(codes: NDArray[np.int32], names: Sequence[str], most: int) -> dict[str, int]:
    counts = np.bincount(codes, minlength=len(names))
    there = np.flatnonzero(counts)
    ranked = sorted(there.tolist(), key=lambda code: (-counts[code], names[code]))
    return {names[code]: int(counts[code]) for code in ranked[:most]}


def _with(known: Catalogue, connection: Connection, among: Sequence[int] | None) -> Catalogue:
    """Add artifacts to a catalogue that has none of them; all if none are named."""
    rows, texts = _rows(connection, among), known.texts
    unordered = np.concatenate([known.ids, np.asarray([row[0] for row in rows], np.int64)])
    order = np.argsort(unordered)
    ids = unordered[order]
    newest = np.concatenate([known.newest, np.asarray([row[1] for row in rows], np.int64)])[order]
    codes = {
        name: np.concatenate(
            [known.codes[name], np.asarray([_code(texts, row[place]) for row in rows], np.int32)]
        )[order]
        for place, name in enumerate(_COLUMNS, 2)
    }
    tag_rows = _tag_rows(connection, among)
    places = places_in(ids, np.asarray([row[0] for row in tag_rows], np.int64))
    tags = np.asarray([_code(texts, row[1]) for row in tag_rows], np.int32)
    shown = places >= 0  # those of archived artifacts are not
    return Catalogue(
        ids,
        newest,
        codes,
        np.concatenate([places_in(ids, known.ids[known.tagged]), places[shown]]),
        np.concatenate([known.tags, tags[shown]]),
        texts,
    )


def _code(texts: dict[str, int], text: str) -> int:
    return texts.setdefault(text, len(texts))


def _rows(connection: Connection, among: Sequence[int] | None) -> Sequence[Any]:
    artifact, version = library_artifacts.c, library_versions.c
    latest = select(version.artifact, func.max(version.version).label("version")).where(
        version.archived.is_(False)
    )
    if among is not None:
        latest = latest.where(version.artifact.in_(among))
    newest = latest.group_by(version.artifact).subquery()
    statement = (
        select(artifact.id, version.id, version.type, projects.c.name, artifact.owner, artifact.space)
        .join(newest, newest.c.artifact == artifact.id)
        .join(
            library_versions,
            (version.artifact == newest.c.artifact) & (version.version == newest.c.version),
        )
        .join(projects, projects.c.id == artifact.project)
        .where(artifact.archived.is_(False))
    )
    return connection.execute(statement).all()


def _tag_rows(connection: Connection, among: Sequence[int] | None) -> Sequence[Any]:
    statement = select(library_tags.c.artifact, library_tags.c.tag)
    if among is not None:
        statement = statement.where(library_tags.c.artifact.in_(among))
    return connection.execute(statement).all()
