"""Bytes that others send, added to a file: on the disk when that is said, or not there at all."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from maestro_jupyter.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def append(path: Path, data: bytes) -> None:
    """Add bytes to a file and bring them to the disk; what it refuses is not there afterwards."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        before = os.fstat(fd).st_size
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(fd, rest) :]
            os.fsync(fd)
        except OSError:
            # Also where it is the sync that failed: what the disk has then, nobody knows.
            os.ftruncate(fd, before)
            raise
    finally:
        os.close(fd)
    sync(path.parent)


def sync(folder: Path | str) -> None:
    """Bring the names in a folder to the disk."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextlib.contextmanager
def refusals(done: str, hint: str) -> Iterator[None]:
    """Say in a sentence that the disk or the database refuses; whoever sends keeps what they have.

    Parameters
    ----------
    done : str
        What is done with the bytes, such as ``shipped``.
    hint : str
    """
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except OSError as error:
        msg = f"The server cannot keep what is {done}: {error.strerror or error}."
        raise Unavailable(msg, hint=hint) from error
    except DBAPIError as error:
        msg = f"The server's database cannot take in what is {done} now."
        raise Unavailable(msg, hint=hint) from error
