"""Whether the server lives, and whether it is ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from maestro_jupyter._version import __version__
from maestro_jupyter.server.handler import Answer, Handler
from maestro_jupyter.server.operation import operation

if TYPE_CHECKING:
    from maestro_jupyter.server.handler import Request


class Alive(msgspec.Struct):
    """That it lives."""

    status: str


class Ready(msgspec.Struct):
    """Whether it is ready, and what each part says."""

    ready: bool
    version: str
    parts: dict[str, str]
    """`ok`, or what is wrong."""


class Live(Handler):
    """Open to all: says nothing but that the process answers."""

    @operation(None, answer=Alive)
    async def get(self, _request: Request) -> Alive:
        """Say that the server lives."""
        return Alive("ok")


class Readiness(Handler):
    """For those who may know."""

    @operation("read health", answer=Ready)
    def get(self, _request: Request) -> Answer:
        """Say whether the server can answer, and if not, what is wrong; 503 if not."""
        parts = self.services.parts()
        ready = all(said == "ok" or said.startswith("ok:") for said in parts.values())
        return Answer(Ready(ready, __version__, parts), status=200 if ready else 503)
