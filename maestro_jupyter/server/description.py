"""The OpenAPI document over REST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from maestro_jupyter.server.handler import Handler
from maestro_jupyter.server.operation import operation

if TYPE_CHECKING:
    from maestro_jupyter.server.handler import Request


class Description(Handler):
    """The description of this interface."""

    @operation("read description", answer=dict[str, Any])
    def get(self, _request: Request) -> dict[str, Any]:
        """Give this interface's OpenAPI document."""
        return self.services.description
