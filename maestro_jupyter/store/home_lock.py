"""The lock that lets one process at a time collect a home."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING

from maestro_jupyter.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_POLL_SECONDS = 0.01


@contextlib.contextmanager
def home_lock(path: Path, timeout: float | None) -> Iterator[None]:
    """Hold the lock for as long as the block runs; the kernel lets go of it if this process dies.

    Parameters
    ----------
    path : Path
        The lock's file, which names the process that holds it.
    timeout : float or None
        How many seconds to wait for it; None waits for as long as it takes.

    Raises
    ------
    Unavailable
        If another process still holds it, or the file cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        msg = f"The data folder cannot be written: {error}."
        raise Unavailable(msg, hint="Set MAESTRO_HOME to a folder that can be.") from error
    try:
        _wait(fd, timeout)
        os.ftruncate(fd, 0)
        os.pwrite(fd, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(fd)


def _wait(fd: int, timeout: float | None) -> None:
    until = None if timeout is None else time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if until is not None and time.monotonic() >= until:
                holder = os.pread(fd, 32, 0).decode("ascii", "replace") or "unknown"
                msg = f"Another process (pid {holder}) is collecting this data folder."
                raise Unavailable(msg, hint="Try again when it has finished.") from None
            time.sleep(_POLL_SECONDS)
        else:
            return
