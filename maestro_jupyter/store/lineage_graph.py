"""What something came from and what came of it: data, artifacts and runs, and what ties them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from maestro_jupyter.errors import Invalid


class LineageNode(msgspec.Struct, kw_only=True):
    """A piece of data, a version of an artifact, or a run.

    Attributes
    ----------
    id : str
        Names it in this graph.
    name : str
        Of data, the variable that held it; of an artifact, its reference.
    about : str
        What it is, in a few words.
    reference : str
        What to ask for it: the run's id, ``scaler:3``, or the data's fingerprint.
    project : str or None
        Of a run or artifact.
    time : datetime or None
        When a run began, or an artifact was registered.
    more_before, more_after : int
        How many more it comes from, and how many more came of it, than the graph has.
    """

    id: str
    kind: Literal["data", "artifact", "run"]
    name: str
    about: str
    reference: str
    project: str | None = None
    time: datetime | None = None
    more_before: int = 0
    more_after: int = 0


class LineageEdge(msgspec.Struct, frozen=True, order=True):
    """A tie: what is at its target came later.

    Attributes
    ----------
    source, target : str
        Ids of nodes.
    kind : str
        ``read`` (data, by a run), ``used`` (an artifact, by a run), ``made`` (an artifact, by a run) or
        ``part`` (a run of another, such as a search's candidate).
    role : str
        What data was to a run, such as ``X``.
    """

    source: str
    target: str
    kind: Literal["read", "used", "made", "part"]
    role: str = ""


class Lineage(msgspec.Struct):
    """The graph around a run or a version of an artifact.

    Attributes
    ----------
    root : str
        The id of what was asked about.
    nodes : list of LineageNode
        The root first, then by how far they are from it.
    edges : list of LineageEdge
        All that are known between the nodes.
    """

    root: str
    nodes: list[LineageNode]
    edges: list[LineageEdge]

    def node(self, id: str) -> LineageNode:  # noqa: A002 - as the field is called
        """Give the node of an id."""
        return next(node for node in self.nodes if node.id == id)

    def before(self, id: str) -> list[LineageNode]:  # noqa: A002
        """Give what something directly comes from."""
        found = dict.fromkeys(edge.source for edge in self.edges if edge.target == id)
        return [self.node(source) for source in found]

    def after(self, id: str) -> list[LineageNode]:  # noqa: A002
        """Give what directly came of something."""
        found = dict.fromkeys(edge.target for edge in self.edges if edge.source == id)
        return [self.node(target) for target in found]


BOUNDS = {"depth": (0, 50), "width": (1, 1000), "limit": (1, 1000)}
"""The least and the greatest of what an `Extent` has."""


class Extent(msgspec.Struct, frozen=True):
    """How far a graph reaches.

    Attributes
    ----------
    depth : int
        How many ties away from the root, in each direction.
    width : int
        How many neighbours of a kind each node has in it, the newest first.
    limit : int
        How many nodes it has at most.

    Raises
    ------
    Invalid
        If one of them is out of its bounds.

    Examples
    --------
    >>> Extent(width=0)
    Traceback (most recent call last):
        ...
    maestro_jupyter.errors.Invalid: width is 0; expected a whole number from 1 to 1000.
    """

    depth: int = 4
    width: int = 8
    limit: int = 100

    def __post_init__(self) -> None:
        for name, (least, most) in BOUNDS.items():
            value = getattr(self, name)
            if not (isinstance(value, int) and least <= value <= most):
                msg = f"{name} is {value!r:.40}; expected a whole number from {least} to {most}."
                raise Invalid(msg)


USUAL = Extent()
"""How far a graph reaches unless told."""
