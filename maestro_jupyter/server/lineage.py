"""Lineage over REST: what runs and artifacts came from, and what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from maestro_jupyter.server.artifacts import reference
from maestro_jupyter.server.handler import Handler
from maestro_jupyter.server.operation import operation
from maestro_jupyter.store.lineage_graph import Extent, Lineage

if TYPE_CHECKING:
    from maestro_jupyter.server.handler import Request


class LineageQuery(msgspec.Struct, forbid_unknown_fields=True):
    """How far to follow it."""

    depth: Annotated[int, Meta(ge=0, le=50, description="How many ties away, each way.")] = 4
    width: Annotated[int, Meta(ge=1, le=1000, description="How many neighbours of a kind each has.")] = 8
    limit: Annotated[int, Meta(ge=1, le=1000, description="How many nodes in all.")] = 100

    def extent(self) -> Extent:
        """Give it as the store takes it."""
        return Extent(self.depth, self.width, self.limit)


class RunLineage(Handler):
    """The lineage of a run."""

    @operation("read runs", query=LineageQuery, answer=Lineage, kept=True)
    def get(self, request: Request, run_id: str) -> Lineage:
        """Give what a run came from and what came of it."""
        return request.api.lineage(run_id, request.query.extent())


class ArtifactLineage(Handler):
    """The lineage of a version of an artifact."""

    @operation("read library", query=LineageQuery, answer=Lineage, kept=True)
    def get(self, request: Request, name: str, version: str) -> Lineage:
        """Give what a version came from and what came of it."""
        return request.api.library.lineage(reference(name, version), request.query.extent())
