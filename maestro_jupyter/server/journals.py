"""Journals over REST: shipped from the host where they were recorded, in pieces that may come twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from zlib import crc32

import msgspec
from msgspec import Meta

from maestro_jupyter.errors import Garbled
from maestro_jupyter.models import FilePlace, JournalPlace
from maestro_jupyter.server.handler import Handler
from maestro_jupyter.server.operation import operation

if TYPE_CHECKING:
    from maestro_jupyter.server.handler import Request

PIECE_LIMIT = 4 << 20
"""The longest piece that is taken at once, in bytes."""

Offset = Annotated[int, Meta(ge=0, le=(1 << 53) - 1, description="Where the piece belongs, in bytes.")]
Checksum = Annotated[str, Meta(pattern="^[0-9a-f]{8}$", description="Of the body, in hexadecimal digits.")]


class JournalQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Where a piece of a journal belongs."""

    segment: Annotated[int, Meta(ge=1, le=999_999, description="Which of the journal's files.")]
    offset: Offset
    crc32: Checksum
    before: (
        Annotated[int, Meta(ge=0, le=(1 << 53) - 1, description="How long the segment before this is.")]
        | None
    ) = None
    """Needed where a further segment begins, so that none begins before the one before it is whole."""
    final: Annotated[bool, Meta(description="The writer is gone, and nothing comes after this.")] = False


class FileQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Where a piece of a file belongs."""

    offset: Offset
    size: Annotated[int, Meta(ge=0, le=(1 << 53) - 1, description="Of the whole file, in bytes.")]
    crc32: Checksum


class OneJournal(Handler):
    """One journal, by its id."""

    body_limit = PIECE_LIMIT

    @operation("read journals", answer=JournalPlace)
    def get(self, request: Request, journal: str) -> JournalPlace:
        """Say how far a journal has been shipped."""
        return request.api.journal(journal)

    @operation("ship journals", query=JournalQuery, body=bytes, answer=JournalPlace)
    def post(self, request: Request, journal: str) -> JournalPlace:
        """Ship the next bytes of a journal; what is here already is acknowledged again.

        A piece that does not follow what is here is refused with 409 (`misplaced`), and the hint says
        where to go on from, as `GET` does.
        """
        query: JournalQuery = request.query
        check_body(request.body, query.crc32)
        place = request.api.ship(
            journal, query.segment, query.offset, request.body, before=query.before, final=query.final
        )
        self.services.collecting.poke()
        return place


class JournalFile(Handler):
    """A file that a journal speaks of."""

    body_limit = PIECE_LIMIT

    @operation("ship journals", query=FileQuery, body=bytes, answer=FilePlace)
    def put(self, request: Request, journal: str, sha256: str) -> FilePlace:
        """Ship the next bytes of a file, before the piece of the journal that speaks of it."""
        query: FileQuery = request.query
        check_body(request.body, query.crc32)
        return request.api.ship_file(journal, sha256, query.offset, query.size, request.body)


def check_body(body: bytes, checksum: str) -> None:
    """Refuse a body that was damaged on its way."""
    if f"{crc32(body):08x}" != checksum:
        msg = "The body is not what its checksum says."
        raise Garbled(msg, hint="Send it again.")
