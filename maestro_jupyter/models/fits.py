"""What of the library fits a notebook at hand."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from maestro_jupyter.models.library import ArtifactVersion, Impact, Usage


class TableAtHand(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The schema of a table in a notebook: never what is in it."""

    name: Annotated[str, Meta(max_length=200, description="What the notebook calls it.")]
    columns: Annotated[
        dict[Annotated[str, Meta(max_length=200)], Annotated[str, Meta(max_length=100)]],
        Meta(max_length=1000, description="The type of each column."),
    ]


class NotebookAtHand(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is known of a notebook for which something of the library is looked for: never its data."""

    imports: Annotated[
        list[Annotated[str, Meta(max_length=200)]],
        Meta(max_length=1000, description="In full, such as sklearn.cluster.KMeans."),
    ] = []
    cells: Annotated[
        list[Annotated[str, Meta(max_length=4000)]],
        Meta(max_length=50, description="The latest cells' sources, the last one at the end."),
    ] = []
    tables: Annotated[list[TableAtHand], Meta(max_length=50, description="Their schemas.")] = []
    project: Annotated[str, Meta(max_length=255, description="The project's name.")] = ""
    description: Annotated[str, Meta(max_length=4000, description="What the project is about.")] = ""
    notebook: Annotated[
        str, Meta(max_length=4000, description="Its path: what its runs have used is left out.")
    ] = ""
    used: Annotated[
        list[Annotated[str, Meta(max_length=128)]],
        Meta(max_length=1000, description="Names that it has used or registered: they are left out."),
    ] = []
    n: Annotated[int, Meta(ge=1, le=100, description="How many at most.")] = 5


class ArtifactFit(msgspec.Struct, kw_only=True):
    """Something of the library that fits a notebook, and why.

    Attributes
    ----------
    artifact : ArtifactVersion
        Its newest version that is not archived.
    score : float
        From 0 to 1: how well it fits, as if nothing were known of its impact.
    reasons : list of str
        What of the notebook it goes with.
    columns : list of str
        Those of the notebook's tables that it names.
    impact : Impact
        What it contributed, if that is known.
    usage : Usage
        How much it is used.
    how : list of str
        How to use it: lines of code or magics.
    """

    artifact: ArtifactVersion
    score: float
    reasons: list[str]
    columns: list[str]
    impact: Impact
    usage: Usage
    how: list[str]


class ArtifactFits(msgspec.Struct, kw_only=True):
    """What of the library fits a notebook.

    Attributes
    ----------
    fits : list of ArtifactFit
        The best first, as far as they fit and have contributed; empty where nothing fits.
    looked : int
        Among how many artifacts it was looked.
    semantic : bool
        Whether by meaning, too.
    note : str
        Why there is none, or what kept it from finding more; empty if all is well.
    """

    fits: list[ArtifactFit] = []
    looked: int = 0
    semantic: bool = False
    note: str = ""
