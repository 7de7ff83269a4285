"""A lineage as a picture: static SVG, from left to right, readable on light and dark."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from maestro_jupyter.views.html import Html, element
from maestro_jupyter.views.layers import lay_out
from maestro_jupyter.views.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from maestro_jupyter.store.lineage_graph import Lineage, LineageNode
    from maestro_jupyter.views.layers import Edge, Layout

_WIDTH, _HEIGHT = 172, 42
_ACROSS, _DOWN = 48, 16
_EDGE = 10
_PORTS = 0.62
"""The share of a node's height over which the ends of its ties are spread."""
_HEAD = 7
_NAME, _SMALL = 12.5, 10.5
_TAIL = 7
_BEFORE, _AFTER = "more before ", "more after "
"""How the ids of boxes begin that say how many more there are."""

# Mid-tones that are told apart on white and on black; shapes and words tell the kinds apart, too.
_COLOURS = {"data": "#2c9a57", "artifact": "#3b82d6", "run": "#e07b39"}
_CORNERS = {"data": _HEIGHT / 2, "artifact": 3, "run": 11}
_WORDS = {"read": "was read by", "used": "was used by", "made": "made", "part": "has the part"}


class _Box(NamedTuple):
    """A node in the picture."""

    id: str
    node: LineageNode | None
    """None for how many more there are."""
    said: str


class _Path(NamedTuple):
    """A tie in the picture, and what it says."""

    ends: Edge
    said: str


def lineage_picture(lineage: Lineage) -> Html:
    """Draw a lineage.

    Parameters
    ----------
    lineage : Lineage

    Returns
    -------
    Html
        An ``svg`` element: no script, nothing from elsewhere; each node and tie has a ``title``.
    """
    boxes = _boxes(lineage)
    paths = _paths(lineage, boxes)
    layout = lay_out([box.id for box in boxes], [path.ends for path in paths])
    corners = {
        box.id: (_EDGE + layout.layers[box.id] * (_WIDTH + _ACROSS), _height(layout.heights[box.id]))
        for box in boxes
    }
    ports = _ports([path.ends for path in paths], layout)
    right = max(x for x, _ in corners.values()) + _WIDTH + _EDGE
    lowest = max([*layout.heights.values(), *(bend for bends in layout.bends.values() for bend in bends)])
    bottom = _height(lowest) + _HEIGHT + _EDGE
    name = f"What {lineage.node(lineage.root).name} came from, and what came of it"
    return element(
        "svg",
        element("title", name),
        *(_tie(path, layout, corners, ports) for path in paths),
        *(_drawn(box, corners[box.id], root=box.id == lineage.root) for box in boxes),
        viewBox=f"0 0 {right:g} {bottom:g}", width=f"{right:g}", height=f"{bottom:g}", role="img",
        aria_label=name, font_family="system-ui,sans-serif", fill="currentColor",
    )  # fmt: skip


def _boxes(lineage: Lineage) -> list[_Box]:
    boxes = [_Box(node.id, node, "") for node in lineage.nodes]
    for node in lineage.nodes:
        for side, count in ((_BEFORE, node.more_before), (_AFTER, node.more_after)):
            if count:
                boxes.append(_Box(side + node.id, None, f"{count:,} more"))
    return boxes


def _paths(lineage: Lineage, boxes: Sequence[_Box]) -> list[_Path]:
    names = {node.id: node.name for node in lineage.nodes}
    said: dict[Edge, list[str]] = defaultdict(list)
    for edge in lineage.edges:
        if edge.source == edge.target:  # a run that is said to be part of itself
            continue
        role = f" as {edge.role}" if edge.role else ""
        told = f"{names[edge.source]} {_WORDS[edge.kind]} {names[edge.target]}{role}"
        said[edge.source, edge.target].append(told)
    paths = [_Path(ends, "; ".join(told)) for ends, told in said.items()]
    for box in boxes:
        if box.node is None:
            before, after = box.id.removeprefix(_BEFORE), box.id.removeprefix(_AFTER)
            paths.append(_Path((box.id, before) if after == box.id else (after, box.id), box.said))
    return paths


def _height(place: float) -> float:
    return _EDGE + place * (_HEIGHT + _DOWN)


def _ports(ends: Sequence[Edge], layout: Layout) -> dict[tuple[Edge, str], float]:
    """Give how far below a node's top each tie ends, so that ties that end there are told apart."""
    sides: dict[tuple[str, bool], list[tuple[float, Edge]]] = defaultdict(list)
    for edge in ends:
        left, right = edge[::-1] if edge in layout.backward else edge
        passed = layout.bends[edge]
        # The other end of the first piece of the path, as seen from each end.
        sides[left, True].append((passed[0] if passed else layout.heights[right], edge))
        sides[right, False].append((passed[-1] if passed else layout.heights[left], edge))
    found = {}
    for (node, _), there in sides.items():
        room = _HEIGHT * _PORTS
        step = min(9.0, room / len(there))
        for number, (_, edge) in enumerate(sorted(there)):
            found[edge, node] = _HEIGHT / 2 + (number - (len(there) - 1) / 2) * step
    return found


def _tie(
    path: _Path,
    layout: Layout,
    corners: Mapping[str, tuple[float, float]],
    ports: Mapping[tuple[Edge, str], float],
) -> Html:
    """Draw a tie: curves between the layers, and straight through those that it passes."""
    backward = path.ends in layout.backward
    left, right = path.ends[::-1] if backward else path.ends
    x, y = corners[left][0] + _WIDTH, corners[left][1] + ports[path.ends, left]
    end, there = corners[right][0], corners[right][1] + ports[path.ends, right]
    more = any(each.startswith((_BEFORE, _AFTER)) for each in path.ends)
    begin = x + (_HEAD if backward else 0)
    drawn = [f"M{begin:.1f} {y:.1f}"]
    for bend in layout.bends[path.ends]:
        middle = _height(bend) + _HEIGHT / 2
        drawn.append(_curve(x, y, x + _ACROSS, middle))
        x, y = x + _ACROSS + _WIDTH, middle
        drawn.append(f"H{x:.1f}")
    drawn.append(_curve(x, y, end - (0 if backward else _HEAD), there))
    tip, way, height = (
        (corners[left][0] + _WIDTH, 1, corners[left][1] + ports[path.ends, left])
        if backward
        else (end, -1, there)
    )
    head = f"M{tip:.1f} {height:.1f}l{way * _HEAD} -3.6v7.2z"
    line = element(
        "path", element("title", path.said), d="".join(drawn), fill="none", stroke="currentColor",
        stroke_opacity=".3" if more else ".55", stroke_width="1.3",
        stroke_dasharray="2 4" if more else "6 3" if backward else None,
    )  # fmt: skip
    if more:
        return line
    return element("g", line, element("path", d=head, fill_opacity=".6"))


def _curve(x: float, y: float, end: float, there: float) -> str:
    middle = (x + end) / 2
    return f"C{middle:.1f} {y:.1f} {middle:.1f} {there:.1f} {end:.1f} {there:.1f}"


def _drawn(box: _Box, corner: tuple[float, float], *, root: bool) -> Html:
    x, y = corner
    middle = f"{x + _WIDTH / 2:.1f}"
    if box.node is None:
        at, anchor = (x + _WIDTH, "end") if box.id.startswith(_BEFORE) else (x, "start")
        return element("text", box.said, x=f"{at:.1f}", y=f"{y + _HEIGHT / 2:.1f}", text_anchor=anchor,
                       dominant_baseline="middle", font_size=_SMALL, fill_opacity=".75")  # fmt: skip
    node, room = box.node, _WIDTH - 20
    about = node.about if node.kind == "artifact" else f"{node.kind} · {node.about}"
    place = {"x": middle, "text_anchor": "middle"}
    return element(
        "g",
        element("title", described(node)),
        element(
            "rect", x=f"{x:.1f}", y=f"{y:.1f}", width=_WIDTH, height=_HEIGHT, rx=_CORNERS[node.kind],
            fill=_COLOURS[node.kind], fill_opacity=".12", stroke=_COLOURS[node.kind],
            stroke_width="2.6" if root else "1.2",
        ),
        element("text", fitted(node.name, room, _NAME), y=f"{y + 18:.1f}", font_size=_NAME,
                font_weight="700" if root else "600", **place),
        element("text", fitted(about, room, _SMALL), y=f"{y + 33:.1f}", font_size=_SMALL,
                fill_opacity=".8", **place),
    )  # fmt: skip


def described(node: LineageNode) -> str:
    """Say all that is known of a node."""
    parts = [
        node.name,
        node.about,
        f"project {node.project}" if node.project else "",
        f"{node.time:%Y-%m-%d %H:%M} UTC" if node.time else "",
        node.reference if node.reference != node.name else "",
    ]
    return " · ".join(part for part in parts if part)


def fitted(said: str, room: float, size: float) -> str:
    """Cut a text out of its middle so that it takes no more than some room, in pixels.

    Its end stays, as it tells versions apart.

    Examples
    --------
    >>> fitted("a_feature_pipeline_with_quite_a_long_name:12", 150, 12.5)
    'a_feature_p…name:12'
    >>> fitted("short", 150, 12.5)
    'short'
    """
    line = " ".join(visible(said).split())
    if _pixels(line, size) <= room:
        return line
    tail = line[-_TAIL:]
    left = room - _pixels(f"…{tail}", size)
    head = ""
    for letter in line[:-_TAIL]:
        left -= _pixels(letter, size)
        if left < 0:
            break
        head += letter
    return f"{head.rstrip()}…{tail}"


def _pixels(said: str, size: float) -> float:
    return sum(map(_share, said)) * size


def _share(letter: str) -> float:
    """Give how wide a letter is in a sans-serif font, in its height; rather more than less."""
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF" or letter in "mMW@%—…":
        return 1.05
    if letter in "iljI.,:;|!'()[] ft":
        return 0.36
    return 0.8 if letter.isupper() or letter == "w" else 0.62
