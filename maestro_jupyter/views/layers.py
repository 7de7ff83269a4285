"""Where to put the nodes of a directed graph: in layers from left to right, with few crossings.

The steps are those of K. Sugiyama, S. Tagawa and M. Toda, Methods for Visual Understanding of Hierarchical
System Structures, IEEE Transactions on Systems, Man, and Cybernetics 11 (2), 1981: ties that close a cycle
are turned around, each node gets a layer, ties over several layers get a place in each, layers are ordered
by the barycentres of their neighbours, and nodes are then moved as close to their neighbours as they fit.
"""

from __future__ import annotations

import itertools
import statistics
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

Edge: TypeAlias = tuple[str, str]
Place: TypeAlias = str | tuple[str, str, int]
"""A node, or what holds a place for a tie in a layer that it passes."""

_SWEEPS = 8


class Layout(NamedTuple):
    """Where everything is.

    Attributes
    ----------
    layers : dict of str to int
        By node, from 0 at the left.
    heights : dict of str to float
        By node, from the top; in the unit of the distance of two nodes.
    bends : dict of edge to list of float
        The heights at which a tie passes the layers in between, from its left end to its right end.
    backward : set of edge
        The ties that go from right to left, as they close a cycle.
    """

    layers: dict[str, int]
    heights: dict[str, float]
    bends: dict[Edge, list[float]]
    backward: set[Edge]


def lay_out(nodes: Sequence[str], edges: Collection[Edge]) -> Layout:
    """Lay a graph out.

    Parameters
    ----------
    nodes : sequence of str
        Where a cycle has to be broken, it is at the tie that leads back to what comes first here.
    edges : collection of pairs of str
        From source to target, both of them nodes.

    Returns
    -------
    Layout
        The same for the same graph.

    Examples
    --------
    >>> diamond = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]
    >>> lay_out("abcd", diamond).heights
    {'a': 0.5, 'b': 0.0, 'c': 1.0, 'd': 0.5}
    >>> found = lay_out("abcd", [*diamond, ("d", "a")])
    >>> found.layers, found.backward
    ({'a': 0, 'b': 1, 'c': 1, 'd': 2}, {('d', 'a')})
    """
    ties = list(dict.fromkeys(edge for edge in edges if edge[0] != edge[1]))
    backward = _backward(nodes, ties)
    forward = [(b, a) if (a, b) in backward else (a, b) for a, b in ties]
    layers = _layers(nodes, forward)
    columns, links = _columns(nodes, forward, layers)
    _order(columns, links)
    heights = _heights(columns, links)
    top = min(heights.values(), default=0.0)
    bends = {
        tie: [round(heights[a, b, layer] - top, 4) for layer in range(layers[a] + 1, layers[b])]
        for tie, (a, b) in zip(ties, forward, strict=True)
    }
    return Layout(layers, {node: round(heights[node] - top, 4) for node in nodes}, bends, backward)


def _backward(nodes: Sequence[str], edges: Sequence[Edge]) -> set[Edge]:
    """Find the ties that lead back into the path by which they are reached."""
    after = _targets(edges)
    entered, left = set(), set()
    found: set[Edge] = set()
    into = {target for _, target in edges}
    for start in sorted(nodes, key=lambda node: node in into):
        if start in entered:
            continue
        path = [(start, iter(after[start]))]
        entered.add(start)
        while path:
            node, rest = path[-1]
            following = next(rest, None)
            if following is None:
                left.add(node)
                path.pop()
            elif following not in entered:
                entered.add(following)
                path.append((following, iter(after[following])))
            elif following not in left:
                found.add((node, following))
    return found


def _layers(nodes: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Give each node the first layer after all of its sources, and pull what has none to its targets."""
    before, after = _targets([(b, a) for a, b in edges]), _targets(edges)
    layers: dict[str, int] = {}
    for node in _sorted(nodes, before):
        layers[node] = max((layers[source] + 1 for source in before[node]), default=0)
    for node in nodes:
        if not before[node] and after[node]:
            layers[node] = min(layers[target] for target in after[node]) - 1
    return layers


def _sorted(nodes: Sequence[str], before: Mapping[str, Sequence[str]]) -> list[str]:
    """Give the nodes of a graph without cycles, each after its sources."""
    import graphlib

    return list(graphlib.TopologicalSorter({node: before[node] for node in nodes}).static_order())


def _columns(
    nodes: Sequence[str], edges: Sequence[Edge], layers: Mapping[str, int]
) -> tuple[list[list[Place]], list[tuple[Place, Place]]]:
    """Give what is in each layer, and what is linked in neighbouring ones."""
    columns: list[list[Place]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for node in nodes:
        columns[layers[node]].append(node)
    links: list[tuple[Place, Place]] = []
    for a, b in dict.fromkeys(edges):
        between: list[Place] = [(a, b, layer) for layer in range(layers[a] + 1, layers[b])]
        for place in between:
            columns[place[2]].append(place)  # type: ignore[index]  # places between are tuples
        links += itertools.pairwise([a, *between, b])
    return columns, links


def _order(columns: list[list[Place]], links: Sequence[tuple[Place, Place]]) -> None:
    """Order each layer by its neighbours, to and fro; keep the order with the fewest crossings."""
    left, right = _neighbours(links)
    best, fewest = [list(column) for column in columns], _crossings(columns, links)
    for sweep in range(_SWEEPS):
        backwards = bool(sweep % 2)
        neighbours = right if backwards else left
        ordered = columns[::-1] if backwards else columns
        for fixed, column in itertools.pairwise(ordered):
            _sort(column, {place: number for number, place in enumerate(fixed)}, neighbours)
        crossings = _crossings(columns, links)
        if crossings < fewest:
            best, fewest = [list(column) for column in columns], crossings
    columns[:] = best


def _sort(
    column: list[Place], fixed: Mapping[Place, int], neighbours: Mapping[Place, Sequence[Place]]
) -> None:
    """Sort a layer by the barycentres of neighbours; what has none keeps its place."""
    own = {place: float(number) for number, place in enumerate(column)}
    for place in column:
        linked = [fixed[other] for other in neighbours[place] if other in fixed]
        if linked:
            own[place] = statistics.fmean(linked)
    column.sort(key=own.__getitem__)


def _crossings(columns: Sequence[Sequence[Place]], links: Sequence[tuple[Place, Place]]) -> int:
    place = {each: number for column in columns for number, each in enumerate(column)}
    layer = {each: number for number, column in enumerate(columns) for each in column}
    between: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for a, b in links:
        between[layer[a]].append((place[a], place[b]))
    return sum(_inversions(sorted(pairs)) for pairs in between.values())


def _inversions(pairs: Sequence[tuple[int, int]]) -> int:
    """Count the pairs that cross: those whose right ends are in the other order than their left ends."""
    import bisect

    seen: list[int] = []
    count = 0
    for _, group in itertools.groupby(pairs, key=lambda pair: pair[0]):
        ends = [end for _, end in group]
        count += sum(len(seen) - bisect.bisect_right(seen, end) for end in ends)
        for end in ends:
            bisect.insort(seen, end)
    return count


def _heights(columns: Sequence[Sequence[Place]], links: Sequence[tuple[Place, Place]]) -> dict[Place, float]:
    """Move each layer's places as close to their neighbours as they fit beside each other."""
    left, right = _neighbours(links)
    tallest = max(map(len, columns), default=0)
    heights = {
        place: number + (tallest - len(column)) / 2
        for column in columns
        for number, place in enumerate(column)
    }

    def move(order: Sequence[Sequence[Place]], near: Callable[[Place], Sequence[Place]]) -> None:
        for column in order:
            wanted = [statistics.fmean([heights[other] for other in near(place)] or [heights[place]])
                      for place in column]  # fmt: skip
            heights.update(zip(column, spaced(wanted), strict=True))

    for _ in range(_SWEEPS):
        move(columns, lambda place: left[place] or right[place])
        move(columns[::-1], lambda place: right[place] or left[place])
    move(columns, lambda place: [*left[place], *right[place]])
    return heights


def spaced(wanted: Sequence[float], gap: float = 1.0) -> list[float]:
    """Give the heights nearest to those that are wanted, by least squares, in order and a gap apart.

    Without the gaps this is isotonic regression, by pooling what violates the order.

    Examples
    --------
    >>> spaced([0, 5, 5, 20])
    [0.0, 4.5, 5.5, 20.0]
    """
    pools: list[tuple[float, int]] = []
    for number, height in enumerate(wanted):
        mean, size = height - number * gap, 1
        while pools and pools[-1][0] > mean:
            other, count = pools.pop()
            mean, size = (mean * size + other * count) / (size + count), size + count
        pools.append((mean, size))
    flat = [mean for mean, size in pools for _ in range(size)]
    return [float(height + number * gap) for number, height in enumerate(flat)]


def _neighbours(
    links: Sequence[tuple[Place, Place]],
) -> tuple[Mapping[Place, list[Place]], Mapping[Place, list[Place]]]:
    """Give what is linked to each place on the left, and on the right."""
    left: dict[Place, list[Place]] = defaultdict(list)
    right: dict[Place, list[Place]] = defaultdict(list)
    for a, b in links:
        left[b].append(a)
        right[a].append(b)
    return left, right


def _targets(edges: Sequence[Edge]) -> Mapping[str, list[str]]:
    after: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        after[source].append(target)
    return after
