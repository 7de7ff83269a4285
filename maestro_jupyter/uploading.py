"""Registers a file in a library piece by piece, however often the connection breaks meanwhile."""

from __future__ import annotations

import functools
import hashlib
import time
from typing import TYPE_CHECKING, TypeVar

from maestro_jupyter.errors import Garbled, Invalid, Misplaced, NotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import BinaryIO

    from maestro_jupyter.library_api import LibraryApi
    from maestro_jupyter.models import ArtifactVersion, Registration, Upload

PIECE = 4 << 20
"""How many bytes are sent at once."""

FIRST_PAUSE, LAST_PAUSE = 0.5, 30.0
"""Seconds until the next try after a failure; twice as long after each."""

TRIES = 6
"""How many failures in a row end the attempt."""

Answer = TypeVar("Answer")


def register_file(
    library: LibraryApi,
    path: Path,
    registration: Registration,
    *,
    upload: str | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> ArtifactVersion:
    """Upload a file and register a version from it.

    Parameters
    ----------
    library : LibraryApi
    path : Path
        It is read twice, and never held in memory: once for its sha256.
    registration : Registration
    upload : str, optional
        The id of an upload that was begun before and broke off.
    pause : callable
        Waits for some seconds.

    Returns
    -------
    ArtifactVersion

    Raises
    ------
    Invalid
        If the file cannot be read, or is another than the upload was begun for.
    Unavailable
        If the library cannot be reached after several tries: the hint says how to go on.
    """
    try:
        with path.open("rb") as file:
            sha256, size = _digest(file)
            begun = library.begin_upload(size, sha256) if upload is None else library.upload(upload)
            if (begun.sha256, begun.size) != (sha256, size):
                msg = f"The upload {begun.id[:8]} was begun for another file than {path.name!r}."
                raise Invalid(msg, hint="Begin another: leave upload out.")
            return _Sending(library, file, begun, registration, pause).finish()
    except OSError as error:
        msg = f"The file {str(path)[:200]!r} cannot be read: {error.strerror or error}."
        raise Invalid(msg) from error


class _Sending:
    """One file on its way; what failed is asked for again, from where the library says that it is."""

    def __init__(
        self,
        library: LibraryApi,
        file: BinaryIO,
        begun: Upload,
        registration: Registration,
        pause: Callable[[float], None],
    ) -> None:
        self._library = library
        self._file = file
        self._upload = begun
        self._registration = registration
        self._pause = pause
        self._failures = 0

    def finish(self) -> ArtifactVersion:
        """Send what is missing, then register it."""
        name = self._upload.id
        while True:
            while self._upload.offset < self._upload.size:
                self._tried(self._send)
            registered = self._tried(
                functools.partial(self._library.register_upload, name, self._registration)
            )
            if registered is not None:
                return registered

    def _send(self) -> None:
        offset = self._upload.offset
        self._file.seek(offset)
        self._upload = self._library.add_to_upload(self._upload.id, offset, self._file.read(PIECE))
        self._failures = 0

    def _tried(self, ask: Callable[[], Answer]) -> Answer | None:
        """Ask once; after a failure that may pass, look where to go on from, and give None."""
        try:
            return ask()
        except (Garbled, Misplaced, Unavailable) as error:
            self._failed(error)
        try:
            self._upload = self._library.upload(self._upload.id)
        except Unavailable as error:
            self._failed(error)
        except NotFound:  # it has been registered, and the answer was lost: it is asked for again
            pass
        return None

    def _failed(self, error: Garbled | Misplaced | Unavailable) -> None:
        self._failures += 1
        if self._failures >= TRIES:
            hint = f"Go on later with upload={self._upload.id!r}; it waits for a day."
            raise type(error)(error.message, hint=hint) from error
        self._pause(min(LAST_PAUSE, FIRST_PAUSE * 2 ** (self._failures - 1)))


def _digest(file: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while piece := file.read(PIECE):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size
