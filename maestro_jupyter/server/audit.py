"""The audit over REST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from maestro_jupyter.models import AuditLine
from maestro_jupyter.server.handler import Handler
from maestro_jupyter.server.operation import operation

if TYPE_CHECKING:
    from maestro_jupyter.server.handler import Request


class AuditQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which lines."""

    after: Annotated[int, Meta(ge=0, le=(1 << 63) - 1)] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class Audit(Handler):
    """Who changed what."""

    @operation("read audit", query=AuditQuery, answer=list[AuditLine])
    def get(self, request: Request) -> list[AuditLine]:
        """Give the audit's lines after a number, oldest first."""
        return request.api.audit(request.query.after, request.query.limit)
