"""Files on their way into the library: taken piece by piece, and there once their hash is what it must be."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import time
import uuid
from typing import TYPE_CHECKING

import msgspec

from maestro_jupyter.errors import Conflict, Garbled, Invalid, Misplaced, NotFound, TooLarge, TooMany
from maestro_jupyter.models import Upload
from maestro_jupyter.store.appending import append, refusals
from maestro_jupyter.store.blob_places import is_sha256
from maestro_jupyter.store.quota import check_room
from maestro_jupyter.store.sources import alone_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.engine import Store

EXPIRES_SECONDS = 86_400.0
"""How long an upload waits for its next piece, or to be registered."""

MOST_WAITING = 100
"""How many uploads of one user may wait at once."""

_PIECE = 1 << 20
_ABOUT, _BYTES = "about", "bytes"
_LATER = "What is there stays; go on with it later."


class _About(msgspec.Struct):
    """What an upload is to become."""

    user: str
    size: int
    sha256: str


class Uploads:
    """What a home has of files that are uploaded.

    Each has a folder with what it is to become, its bytes, and nothing else. It is its user's alone, and goes
    away when nothing has come for a day.

    Parameters
    ----------
    store : Store
    config : Maestro
        For the home, and how much is taken.
    """

    def __init__(self, store: Store, config: Maestro) -> None:
        self._store = store
        self._config = config

    def begin(self, user: str, size: int, sha256: str, *, limited: bool) -> Upload:
        """Begin an upload.

        Parameters
        ----------
        user : str
            Whose it is.
        size : int
            In bytes.
        sha256 : str
            Of all the bytes. That somebody knows it gives them nothing: the bytes have to come.
        limited : bool
            Whether `member_limit` holds for the user.

        Raises
        ------
        Invalid
            If the sha256 is none.
        TooLarge
            If the file is larger than `artifact_limit`, or the user stores too much.
        TooMany
            If too much of theirs waits to be registered.
        """
        if not is_sha256(sha256):
            msg = "A file is announced by the 64 hexadecimal digits of its sha256."
            raise Invalid(msg)
        if size > self._config.artifact_limit:
            msg = f"The file {sha256[:12]} is {size:,} bytes long; {self._config.artifact_limit:,} are taken."
            raise TooLarge(msg, hint="The server's setting artifact_limit says how much is kept.")
        remove(expired(self._config, time.time()))
        waiting = list(waiting_of(self._config, user))
        much = sum(upload.size for upload in waiting)
        if len(waiting) >= MOST_WAITING or much + size > self._config.upload_limit:
            msg = f"{len(waiting)} uploads of yours wait, of {much:,} bytes; another {size:,} are too many."
            raise TooMany(msg, hint="Register or drop some of them first.", seconds=EXPIRES_SECONDS)
        if limited:
            check_room(self._store, self._config, user, size)
        name = uuid.uuid4().hex
        folder = self._config.uploads / name
        with refusals("uploaded", _LATER), alone_in(folder, wait=True):
            (folder / _BYTES).touch(mode=0o600)
            about = msgspec.json.encode(_About(user, size, sha256))
            append(folder / f".{_ABOUT}", about)
            folder.joinpath(f".{_ABOUT}").rename(folder / _ABOUT)
        return Upload(id=name, size=size, sha256=sha256, offset=0)

    def get(self, user: str, name: str) -> Upload:
        """Say how far an upload is.

        Raises
        ------
        NotFound
            If there is none, it has expired, or it is somebody else's.
        """
        found = _read(self._config.uploads / name) if _is_id(name) else None
        if found is None or found[0] != user:
            msg = f"There is no upload {name[:8]!r}."
            raise NotFound(msg, hint="It may have expired: begin another.")
        return found[1]

    def add(self, user: str, name: str, offset: int, data: bytes) -> Upload:
        """Take the next piece.

        Raises
        ------
        NotFound
            If there is no such upload of the user's.
        Misplaced
            If the piece does not follow what is here.
        TooLarge
            If it is longer than what was announced.
        TooMany
            If another request is at it.
        """
        with self._alone(user, name) as folder:
            upload = self.get(user, name)
            if offset != upload.offset:
                msg = f"The upload is here up to offset {upload.offset}."
                raise Misplaced(msg, hint=f"Go on from offset={upload.offset}.")
            if offset + len(data) > upload.size:
                msg = f"The upload was announced with {upload.size:,} bytes, and more have come."
                raise TooLarge(msg)
            append(folder / _BYTES, data)
            return self.get(user, name)

    def drop(self, user: str, name: str) -> Upload:
        """Give an upload up; give how far it was."""
        with self._alone(user, name) as folder:
            upload = self.get(user, name)
            _remove(folder)
            return upload

    @contextlib.contextmanager
    def whole(self, user: str, name: str) -> Iterator[tuple[Upload, Path]]:
        """Give an upload that is complete, and its bytes; it is gone when the block ends well.

        Raises
        ------
        NotFound
            If there is no such upload of the user's.
        Conflict
            If it is not complete.
        Garbled
            If its bytes are not what the sha256 says; it begins again.
        """
        with self._alone(user, name) as folder:
            upload, path = self.get(user, name), folder / _BYTES
            if upload.offset < upload.size:
                msg = f"The upload has {upload.offset:,} of {upload.size:,} bytes."
                raise Conflict(msg, hint=f"Go on from offset={upload.offset}.")
            if _sha256(path) != upload.sha256:
                os.truncate(path, 0)
                msg = "The bytes that have come are not what the sha256 says."
                raise Garbled(msg, hint="Send them again from offset=0.")
            yield upload, path
            _remove(folder)

    @contextlib.contextmanager
    def _alone(self, user: str, name: str) -> Iterator[Path]:
        self.get(user, name)
        folder = self._config.uploads / name
        with refusals("uploaded", _LATER):
            try:
                with alone_in(folder, wait=False):
                    try:
                        yield folder
                    finally:
                        with contextlib.suppress(OSError):
                            folder.rmdir()  # if it went away before, and was made for the lock
            except BlockingIOError as error:
                msg = f"Another request is at upload {name[:8]}."
                raise TooMany(msg, hint="Ask again in a second.") from error


def waiting_of(config: Maestro, user: str) -> Iterator[Upload]:
    """Give the uploads of a user that have not expired."""
    for folder in _folders(config):
        found = _read(folder)
        if found is not None and found[0] == user:
            yield found[1]


def expired(config: Maestro, now: float) -> list[Path]:
    """Give the folders of uploads for which nothing has come for long."""
    return [folder for folder in _folders(config) if _modified(folder) < now - EXPIRES_SECONDS]


def remove(folders: Iterable[Path]) -> None:
    """Remove uploads that have expired, unless somebody is at them."""
    for folder in folders:
        with contextlib.suppress(BlockingIOError, FileNotFoundError), alone_in(folder, wait=False):
            if _modified(folder) < time.time() - EXPIRES_SECONDS:
                _remove(folder)


def _folders(config: Maestro) -> list[Path]:
    found = config.uploads.iterdir() if config.uploads.is_dir() else ()
    return sorted(folder for folder in found if _is_id(folder.name))


def _read(folder: Path) -> tuple[str, Upload] | None:
    """Give whose an upload is, and how far; None if there is none, or it has expired."""
    if _modified(folder) < time.time() - EXPIRES_SECONDS:
        return None
    try:
        about = msgspec.json.decode(folder.joinpath(_ABOUT).read_bytes(), type=_About)
        offset = folder.joinpath(_BYTES).stat().st_size
    except FileNotFoundError:
        return None
    return about.user, Upload(id=folder.name, size=about.size, sha256=about.sha256, offset=offset)


def _modified(folder: Path) -> float:
    """Give when something has come last."""
    for path in (folder / _BYTES, folder):
        with contextlib.suppress(FileNotFoundError):
            return path.stat().st_mtime
    return time.time()


def _remove(folder: Path) -> None:
    for part in (_ABOUT, _BYTES, f".{_ABOUT}"):  # what it is first: without that, it is no upload any more
        folder.joinpath(part).unlink(missing_ok=True)
    folder.rmdir()


def _is_id(name: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{32}", name) is not None


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
