"""What runs and artifacts came from and what came of them, as far as somebody may see it.

From the root, ties are followed against their direction to what it comes from, and along it to what came of
it. What is hidden from whoever asks is left out where the rows are read, so that it changes no count, no
order and no id.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import msgspec
from sqlalchemy import func, select, true

from maestro_jupyter.store.library import by_numbers, seen_by
from maestro_jupyter.store.lineage_graph import USUAL, Extent, Lineage, LineageEdge, LineageNode
from maestro_jupyter.store.rows import pieces
from maestro_jupyter.store.runs import to_time
from maestro_jupyter.store.schema import (
    datasets,
    library_artifacts,
    library_uses,
    library_versions,
    projects,
    runs,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection, Select

    from maestro_jupyter.models import ArtifactVersion
    from maestro_jupyter.store.engine import Store

Key: TypeAlias = str | int
"""Of a run its number, of an artifact's version its number, of data its fingerprint."""

_DATA, _ARTIFACT, _RUN = "data", "artifact", "run"


class _Node(NamedTuple):
    """A node while the graph is followed."""

    kind: str
    key: Key


class _Pair(NamedTuple):
    """Two nodes that are tied, and how many neighbours of the kind the first one has in all."""

    near: Key
    far: Key
    total: int


class _Profile(msgspec.Struct):
    """What is read of a dataset's profile."""

    name: str | None = None
    kind: str = ""
    shape: list[int] = []


class _Tie(NamedTuple):
    """One kind of edge: how the pairs of it are found.

    Attributes
    ----------
    pairs : callable
        Takes who asks; gives a statement of all pairs, with the columns ``source`` and ``target``.
    """

    kind: Any
    source: str
    target: str
    pairs: Callable[[str | None], Select[Any]]


def _read(user: str | None) -> Select[Any]:
    found = select(datasets.c.fingerprint.label("source"), runs.c.id.label("target"))
    return found.join(runs, runs.c.id == datasets.c.run).where(datasets.c.fingerprint != "", _own(user))


def _used(user: str | None) -> Select[Any]:
    return (
        select(library_uses.c.version.label("source"), runs.c.id.label("target"))
        .join(runs, runs.c.run_id == library_uses.c.run)
        .join(library_versions, library_versions.c.id == library_uses.c.version)
        .join(library_artifacts, library_artifacts.c.id == library_versions.c.artifact)
        .where(_own(user), seen_by(user))
    )


def _made(user: str | None) -> Select[Any]:
    return (
        select(runs.c.id.label("source"), library_versions.c.id.label("target"))
        .join(library_versions, library_versions.c.run == runs.c.run_id)
        .join(library_artifacts, library_artifacts.c.id == library_versions.c.artifact)
        .where(_own(user), seen_by(user))
    )


def _part(user: str | None) -> Select[Any]:
    whole = runs.alias("whole")
    found = select(whole.c.id.label("source"), runs.c.id.label("target"))
    mine = true() if user is None else whole.c.user == user
    return found.join(whole, whole.c.run_id == runs.c.parent).where(_own(user), mine)


_TIES = (
    _Tie("read", _DATA, _RUN, _read),
    _Tie("used", _ARTIFACT, _RUN, _used),
    _Tie("made", _RUN, _ARTIFACT, _made),
    _Tie("part", _RUN, _RUN, _part),
)


def lineage_of_run(store: Store, run_id: str, extent: Extent = USUAL, *, user: str | None = None) -> Lineage:
    """Give what a run came from and what came of it.

    Parameters
    ----------
    store : Store
    run_id : str
        The whole id of a run that the user may see.
    extent : Extent
    user : str, optional
        Who asks: runs of others, and what is private to others, do not exist. None sees everything.

    Returns
    -------
    Lineage
    """
    with store.read.connect() as connection:
        number = connection.scalar(select(runs.c.id).where(runs.c.run_id == run_id))
        return _lineage(connection, _Node(_RUN, number or 0), extent, user)


def lineage_of_version(
    store: Store, registration: str, extent: Extent = USUAL, *, user: str | None = None
) -> Lineage:
    """Give what a version of an artifact came from and what came of it; see `lineage_of_run`.

    Parameters
    ----------
    store : Store
    registration : str
        Of a version that the user may see.
    extent : Extent
    user : str, optional
    """
    with store.read.connect() as connection:
        here = library_versions.c.registration == registration
        number = connection.scalar(select(library_versions.c.id).where(here))
        return _lineage(connection, _Node(_ARTIFACT, number or 0), extent, user)


def _lineage(connection: Connection, root: _Node, extent: Extent, user: str | None) -> Lineage:
    before, after = (_Side(root, back=back) for back in (True, False))
    found = {root: None}
    for level in range(extent.depth + 1):
        # Level by level on both sides, so that neither takes all of the room.
        for side in (before, after):
            at_border = level == extent.depth
            side.step(connection, found, extent, user, closed=at_border)
    return _told(connection, root, list(found), (before, after), user)


class _Side:
    """One direction from the root: what was reached last, and how many neighbours each node has in all."""

    def __init__(self, root: _Node, *, back: bool) -> None:
        self.back = back
        self.reached = {root}
        self.totals: Counter[_Node] = Counter()
        self._latest = [root]

    def step(
        self,
        connection: Connection,
        found: dict[_Node, None],
        extent: Extent,
        user: str | None,
        *,
        closed: bool,
    ) -> None:
        """Go one tie further, to the newest neighbours that there is room for; only count if it is closed."""
        latest: list[_Node] = []
        for tie in _TIES:
            near, far = (tie.target, tie.source) if self.back else (tie.source, tie.target)
            keys = [node.key for node in self._latest if node.kind == near]
            counted: set[Key] = set()
            for pair in _pairs(connection, tie.pairs(user), keys, extent.width, back=self.back):
                if pair.near not in counted:
                    self.totals[_Node(near, pair.near)] += pair.total
                    counted.add(pair.near)
                other = _Node(far, pair.far)
                if closed or other in self.reached or (other not in found and len(found) >= extent.limit):
                    continue
                found.setdefault(other)
                self.reached.add(other)
                latest.append(other)
        self._latest = latest


def _pairs(
    connection: Connection, pairs: Select[Any], keys: Sequence[Key], width: int, *, back: bool
) -> Iterable[_Pair]:
    """Give the newest neighbours of each node, and how many it has."""
    names = ("target", "source") if back else ("source", "target")
    for some in pieces(keys):
        distinct = pairs.where(pairs.selected_columns[names[0]].in_(some)).distinct().subquery()
        near, far = (distinct.c[name] for name in names)
        ranked = select(
            near.label("near"),
            far.label("far"),
            func.row_number().over(partition_by=near, order_by=far.desc()).label("place"),
            func.count().over(partition_by=near).label("total"),
        )
        newest = ranked.subquery()
        first: Select[Any] = select(newest.c.near, newest.c.far, newest.c.total)
        for row in connection.execute(
            first.where(newest.c.place <= width).order_by(newest.c.near, newest.c.place)
        ):
            yield _Pair(row.near, row.far, row.total)


# What is told


def _told(
    connection: Connection,
    root: _Node,
    found: Sequence[_Node],
    sides: tuple[_Side, _Side],
    user: str | None,
) -> Lineage:
    """Tell the graph: the nodes, and every tie between them."""
    ids = _ids(connection, found)
    edges: set[LineageEdge] = set()
    neighbours: dict[bool, dict[_Node, set[_Node]]] = {True: defaultdict(set), False: defaultdict(set)}
    for tie in _TIES:
        for source, target, role in _between(connection, tie, found, user):
            edges.add(LineageEdge(ids[source], ids[target], tie.kind, role))
            neighbours[True][target].add(source)
            neighbours[False][source].add(target)
    known = _described(connection, found, ids)
    nodes = [known[node] for node in found if node in known]
    for side in sides:
        for node in side.reached & known.keys():
            more = side.totals[node] - len(neighbours[side.back][node])
            if side.back:
                known[node].more_before = more
            else:
                known[node].more_after = more
    place = {node.id: number for number, node in enumerate(nodes)}
    ordered = sorted(edges, key=lambda edge: (place[edge.source], place[edge.target], edge.kind, edge.role))
    return Lineage(ids[root], nodes, ordered)


def _between(
    connection: Connection, tie: _Tie, found: Collection[_Node], user: str | None
) -> Iterable[tuple[_Node, _Node, str]]:
    """Give the ties of a kind between the nodes.

    They are read by their targets, of which each has few sources, while a source may have any number of
    targets.
    """
    pairs = tie.pairs(user)
    if tie.kind == "read":
        pairs = pairs.add_columns(datasets.c.role)
    sources = {node.key for node in found if node.kind == tie.source}
    targets = [node.key for node in found if node.kind == tie.target]
    here = pairs.where(pairs.selected_columns.target.in_(targets)).distinct()
    for row in connection.execute(here):
        if row.source in sources:
            role = row.role if tie.kind == "read" else ""
            yield _Node(tie.source, row.source), _Node(tie.target, row.target), role


def _ids(connection: Connection, found: Iterable[_Node]) -> dict[_Node, str]:
    """Give what names the nodes outside of this store."""
    ids = {node: f"data:{node.key}" for node in found if node.kind == _DATA}
    for kind, number, name in (
        (_RUN, runs.c.id, runs.c.run_id),
        (_ARTIFACT, library_versions.c.id, library_versions.c.registration),
    ):
        keys = [node.key for node in found if node.kind == kind]
        for row in connection.execute(select(number, name).where(number.in_(keys))):
            ids[_Node(kind, row[0])] = f"{kind}:{row[1]}"
    return ids


def _described(
    connection: Connection, found: Collection[_Node], ids: dict[_Node, str]
) -> dict[_Node, LineageNode]:
    return {
        **_runs(connection, [node for node in found if node.kind == _RUN], ids),
        **_artifacts(connection, [node for node in found if node.kind == _ARTIFACT], ids),
        **_data(connection, found, ids),
    }


def _runs(connection: Connection, nodes: Sequence[_Node], ids: dict[_Node, str]) -> dict[_Node, LineageNode]:
    statement = (
        select(runs.c.id, runs.c.run_id, runs.c.name, runs.c.source, runs.c.status, runs.c.start_time)
        .add_columns(projects.c.name.label("project"))
        .join(projects, projects.c.id == runs.c.project)
        .where(runs.c.id.in_([node.key for node in nodes]))
    )
    told = {}
    for row in connection.execute(statement):
        node = _Node(_RUN, row.id)
        told[node] = LineageNode(
            id=ids[node],
            kind="run",
            name=row.name,
            about=f"{row.source.replace('_', ' ')}, {row.status.lower()}",
            reference=row.run_id,
            project=row.project,
            time=to_time(row.start_time),
        )
    return told


def _artifacts(
    connection: Connection, nodes: Sequence[_Node], ids: dict[_Node, str]
) -> dict[_Node, LineageNode]:
    told = {}
    for number, version in by_numbers(connection, [int(node.key) for node in nodes]).items():
        node = _Node(_ARTIFACT, number)
        told[node] = LineageNode(
            id=ids[node],
            kind="artifact",
            name=version.reference,
            about=_type(version),
            reference=version.reference,
            project=version.project,
            time=version.created,
        )
    return told


def _type(version: ArtifactVersion) -> str:
    said = version.type.replace("_", " ")
    return f"{said}, archived" if version.archived else said


def _data(
    connection: Connection, found: Collection[_Node], ids: dict[_Node, str]
) -> dict[_Node, LineageNode]:
    """Describe data by what the newest of the runs in the graph says of it."""
    readers = [node.key for node in found if node.kind == _RUN]
    statement = (
        select(datasets.c.fingerprint, datasets.c.role, datasets.c.profile)
        .where(datasets.c.run.in_(readers))
        .order_by(datasets.c.run, datasets.c.role)
    )
    told = {}
    for row in connection.execute(statement):
        node = _Node(_DATA, row.fingerprint)
        if node not in ids:
            continue
        profile = msgspec.msgpack.decode(row.profile, type=_Profile)
        told[node] = LineageNode(
            id=ids[node],
            kind="data",
            name=profile.name or row.role,
            about=" × ".join(f"{size:,}" for size in profile.shape) or profile.kind,
            reference=row.fingerprint,
        )
    return told


def _own(user: str | None) -> ColumnElement[bool]:
    return true() if user is None else runs.c.user == user
