"""The picture of a lineage: everything has its place, and nothing lies on anything else."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from card_examples import a_lineage
from hypothesis import example, given
from hypothesis import strategies as st

from maestro_jupyter.store.lineage_graph import Lineage, LineageEdge, LineageNode
from maestro_jupyter.views.layers import lay_out
from maestro_jupyter.views.lineage import lineage_view
from maestro_jupyter.views.lineage_picture import fitted

NAMES = "abcdefghijkl"
GRAPHS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=40)


def boxes(lineage):
    """Give where each node's box is in the picture: left, top, right and bottom."""
    found = []
    for rect in ET.fromstring(lineage_view(lineage).svg).iter("rect"):
        x, y, width, height = (float(rect.get(name)) for name in ("x", "y", "width", "height"))
        found.append((x, y, x + width, y + height))
    return found


def graph(edges, root="a"):
    nodes = [
        LineageNode(id=name, kind="run", name=name * 40, about="fit", reference=name, more_after=name == "b")
        for name in NAMES
    ]
    return Lineage(root, nodes, [LineageEdge(a, b, "part") for a, b in dict.fromkeys(edges)])


@given(GRAPHS)
def test_ties_go_from_left_to_right_but_for_those_that_close_a_cycle(edges):
    found = lay_out(NAMES, edges)
    assert found.layers.keys() == found.heights.keys() == set(NAMES)
    for a, b in edges:
        if a != b:
            left, right = (b, a) if (a, b) in found.backward else (a, b)
            assert found.layers[left] < found.layers[right]
            assert len(found.bends[a, b]) == found.layers[right] - found.layers[left] - 1
    assert lay_out(NAMES, edges) == found


@given(GRAPHS)
def test_without_a_cycle_nothing_goes_back(edges):
    assert lay_out(NAMES, [(a, b) for a, b in edges if a < b]).backward == set()


@given(GRAPHS)
@example([("a", "b"), ("a", "c"), ("b", "a"), ("c", "b")])
def test_places_in_a_layer_are_apart(edges):
    found = lay_out(NAMES, edges)
    places = [(found.layers[name], found.heights[name]) for name in NAMES]
    # Two ties to and fro take the same way, and are drawn side by side.
    ways = {frozenset((a, b)): bends for (a, b), bends in found.bends.items() if a != b}
    for ends, bends in ways.items():
        left = min(found.layers[end] for end in ends)
        places += [(left + 1 + number, bend) for number, bend in enumerate(bends)]
    for (layer, height), (following, next_height) in pairwise(sorted(places)):
        assert layer != following or next_height - height >= 1 - 1e-3
    assert min(height for _, height in places) >= -1e-3


@given(GRAPHS)
def test_no_two_boxes_overlap_and_all_are_in_the_picture(edges):
    lineage = graph(edges)
    drawn = boxes(lineage)
    assert len(drawn) == len(NAMES)
    for number, (left, top, right, bottom) in enumerate(drawn):
        for other in drawn[:number]:
            assert right < other[0] or other[2] < left or bottom < other[1] or other[3] < top
    svg = ET.fromstring(lineage_view(lineage).svg)
    _, _, width, height = map(float, svg.get("viewBox").split())
    assert max(right for _, _, right, _ in drawn) < width
    assert max(bottom for _, _, _, bottom in drawn) < height
    for path in svg.iter("path"):
        numbers = [float(one) for one in re.findall(r"(?<=[MHC ])-?[\d.]+", path.get("d").split("l")[0])]
        assert all(-1 <= one <= max(width, height) for one in numbers)


def test_a_line_of_ties_is_drawn_straight_and_a_diamond_evenly():
    straight = lay_out("abc", [("a", "b"), ("b", "c")])
    assert set(straight.heights.values()) == {0.0}
    diamond = lay_out("abcd", [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")])
    assert diamond.heights["a"] == diamond.heights["d"] == 0.5


def test_crossings_are_avoided():
    found = lay_out("abcxyz", [("a", "z"), ("b", "y"), ("c", "x")])
    order = sorted("xyz", key=found.heights.__getitem__)
    assert order == [
        dict(zip("abc", "zyx", strict=True))[name] for name in sorted("abc", key=found.heights.__getitem__)
    ]


def test_every_node_and_tie_has_a_title():
    lineage = a_lineage("thing")
    svg = ET.fromstring(lineage_view(lineage).svg)
    titles = [title.text for title in svg.iter("title")]
    assert titles[0] == "What thing:3 came from, and what came of it"
    for said in ("thing was read by thing as thing", "thing made thing:3", "thing:3 was used by thing"):
        assert said in titles
    assert any("project thing" in title and "2025-05-01 12:00 UTC" in title for title in titles)
    shown = [text.text for text in svg.iter("text")]
    assert "1 more" in shown
    assert "1,234 more" in shown
    assert not set(svg.attrib) & {"onload", "style"}


@pytest.mark.parametrize(
    "name", ["x" * 500, "W" * 500, "模" * 500, "i" * 500, "a b " * 99, "a_scaler_with_a_long_name:12"]
)
def test_long_names_are_cut_in_the_middle_and_kept_in_the_title(name):
    lineage = a_lineage()
    lineage.nodes[0].name = name
    view = lineage_view(lineage)
    assert " ".join(name.split()) in " ".join(view.svg.split())
    shown = fitted(name, 150, 12.5)
    assert len(shown) < 60
    assert shown.endswith(name.strip()[-7:].strip())


def test_text():
    said = lineage_view(a_lineage("thing")).text.splitlines()
    assert said == [
        "thing:3: model",
        "Comes from",
        "  ← run thing (bbbbbbbb): thing",
        "    ← data thing (cccccccc): thing",
        "    ← 1 more",
        "Led to",
        "  → run thing (dddddddd): thing",
        "    → 1,234 more",
    ]
    alone = Lineage("a", [LineageNode(id="a", kind="run", name="alone", about="fit", reference="a" * 32)], [])
    assert "Nothing is known of what it comes from." in lineage_view(alone).text
    assert lineage_view(alone).svg.count("<rect") == 1


def test_text_of_a_cycle_ends():
    cycle = graph([("a", "b"), ("b", "a"), ("b", "c"), ("c", "b")])
    assert lineage_view(cycle).text.count("(see above)") == 4
