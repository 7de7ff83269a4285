"""Uploads over REST: a file on its way into the library, in pieces, each of which may be sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from maestro_jupyter.models import Upload
from maestro_jupyter.server.handler import Answer, Handler
from maestro_jupyter.server.journals import PIECE_LIMIT, Checksum, Offset, check_body
from maestro_jupyter.server.operation import operation

if TYPE_CHECKING:
    from maestro_jupyter.server.handler import Request


class NewUpload(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be uploaded."""

    size: Annotated[int, Meta(ge=0, le=(1 << 53) - 1, description="Of the whole file, in bytes.")]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="Of the whole file.")]


class PieceQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Where a piece belongs."""

    offset: Offset
    crc32: Checksum


class Uploads(Handler):
    """Uploads."""

    @operation("register in library", body=NewUpload, answer=Upload, status=201)
    def post(self, request: Request) -> Answer:
        """Begin an upload, which waits a day for each piece, and to be registered."""
        asked: NewUpload = request.body
        begun = request.api.library.begin_upload(asked.size, asked.sha256)
        return Answer(begun, {"Location": f"{self.request.path}/{begun.id}"})


class OneUpload(Handler):
    """One upload, by its id: its user's alone."""

    body_limit = PIECE_LIMIT

    @operation("register in library", answer=Upload)
    def get(self, request: Request, upload: str) -> Upload:
        """Say how far an upload is."""
        return request.api.library.upload(upload)

    @operation("register in library", query=PieceQuery, body=bytes, answer=Upload)
    def patch(self, request: Request, upload: str) -> Upload:
        """Send the next bytes.

        A piece that does not follow what is here is refused with 409 (`misplaced`), and the hint says where
        to go on from, as `GET` does.
        """
        query: PieceQuery = request.query
        check_body(request.body, query.crc32)
        return request.api.library.add_to_upload(upload, query.offset, request.body)

    @operation("register in library", answer=Upload)
    def delete(self, request: Request, upload: str) -> Upload:
        """Give an upload up; give how far it was."""
        return request.api.library.drop_upload(upload)
