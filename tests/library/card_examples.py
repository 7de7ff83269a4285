"""Cards to look at: filled in from runs with every kind of content, with texts of one's choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from examples import NOW, a_detail

from maestro_jupyter.library.card_filling import Recorded, fill
from maestro_jupyter.models import ArtifactVersion, Impact
from maestro_jupyter.store.library_cards import CardText, CardUse
from maestro_jupyter.store.lineage_graph import Lineage, LineageEdge, LineageNode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from maestro_jupyter.library.card import CardDocument
    from maestro_jupyter.models import RunDetail


def a_version(said: str = "thing", **fields: object) -> ArtifactVersion:
    known = {
        "name": said, "version": 3, "type": "model", "format": "skops", "project": said, "owner": said,
        "creator": said, "created": NOW, "description": said, "tags": [said], "aliases": [said],
        "sha256": "ab" * 32, "size": 2048, "media_type": "application/zip", "run_id": "0001" * 8,
        "registration": "cd" * 16,
        "about": {
            "class": f"sklearn.{said}", "docstring": said, said: [said], "params": {said: said},
            "columns": [{"name": said, "dtype": said, "missing": 0.5}], "requirements": {said: said},
        },
    }  # fmt: skip
    return ArtifactVersion(**(known | fields))


def a_lineage(said: str = "thing") -> Lineage:
    """Data, a run and an artifact, and a run that uses it."""
    nodes = [
        LineageNode(id="artifact:a", kind="artifact", name=f"{said}:3", about="model", reference=f"{said}:3"),
        LineageNode(
            id="run:b",
            kind="run",
            name=said,
            about=said,
            reference="b" * 32,
            project=said,
            time=NOW,
            more_before=1,
        ),
        LineageNode(id="data:c", kind="data", name=said, about=said, reference="c" * 64),
        LineageNode(id="run:d", kind="run", name=said, about=said, reference="d" * 32, more_after=1_234),
    ]
    edges = [
        LineageEdge("run:b", "artifact:a", "made"),
        LineageEdge("data:c", "run:b", "read", said),
        LineageEdge("artifact:a", "run:d", "used"),
    ]
    return Lineage("artifact:a", nodes, edges)


def a_card(
    said: str = "thing",
    texts: Mapping[str, str] | None = None,
    *,
    detail: RunDetail | None = None,
    **fields: object,
) -> CardDocument:
    written = {key: CardText(text, said, NOW, 2) for key, text in (texts or {}).items() if text}
    recorded = Recorded(
        a_version(said, **fields),
        detail or a_detail(said),
        a_lineage(said),
        CardUse(3, 2),
        Impact(name=said, status="unknown", reason=f"Unknown: {said}."),
        written,
    )
    return fill(recorded)
