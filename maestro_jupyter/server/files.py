"""The files kept with runs over REST: to be saved, and never to be shown in this origin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from maestro_jupyter.server.handler import Answer, Handler, Stream
from maestro_jupyter.server.operation import operation

if TYPE_CHECKING:
    from typing import BinaryIO

    from maestro_jupyter.server.handler import Request

UNKNOWN = "application/octet-stream"
"""The media type of whatever is given to be saved."""


class File(Handler):
    """The bytes of a file, by their sha256."""

    @operation("read files", answer=bytes, media_type=UNKNOWN)
    def get(self, request: Request, sha256: str) -> Answer:
        """Give the bytes of a file that a run or a cell has kept."""
        return send_file(request, sha256)


class RunFile(Handler):
    """The bytes of a file kept with a run."""

    @operation("read files", answer=bytes, media_type=UNKNOWN)
    def get(self, request: Request, run_id: str, sha256: str) -> Answer:
        """Give a file's bytes, to be saved and never to be shown in this origin."""
        return send_file(request, sha256, run_id)


def send_file(request: Request, sha256: str, run_id: str | None = None) -> Answer:
    """Answer with a file's bytes as an attachment."""
    artifact, file = request.api.open_artifact(sha256, run_id)
    return attachment(artifact.name, artifact.media_type, artifact.sha256, artifact.size, file)


def attachment(name: str, media_type: str, sha256: str, size: int, file: BinaryIO) -> Answer:
    """Answer with bytes, to be saved and never to be shown in this origin."""
    headers = {"Accept-Ranges": "bytes", "ETag": f'"{sha256}"'}
    return Answer(Stream(file, size), headers | to_be_saved(name, media_type))


def to_be_saved(name: str, media_type: str) -> dict[str, str]:
    """Give the headers by which a browser saves what users have made, and shows nothing of it."""
    return {
        "Content-Disposition": _disposition(name),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Maestro-Media-Type": _media_type(media_type),
    }


def _media_type(told: str) -> str:
    """Give what was recorded, if it is a media type at all and not more header lines."""
    return told if re.fullmatch(r"[\w.+-]{1,127}/[\w.+-]{1,127}", told, re.ASCII) else UNKNOWN


def _disposition(name: str) -> str:
    """Say under which name to save, as RFC 6266 writes it; nothing of the name is taken on trust."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1] or "file"
    plain_name = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "_" for letter in last
    )
    return f"attachment; filename=\"{plain_name[:100]}\"; filename*=UTF-8''{quote(last[:200], safe='')}"
