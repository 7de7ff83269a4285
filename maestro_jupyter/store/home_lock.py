"""The locks of a home: one process at a time collects it or changes it whole, one server cares for it."""

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


class HomeLock:
    """A lock that one process holds; the operating system lets go of it if that process dies.

    Parameters
    ----------
    path : Path
        The lock's file, which names the process that holds it. It is made on first use.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = -1
        self.held = False

    def take(self) -> bool:
        """Take the lock if nobody else holds it.

        Returns
        -------
        bool
            Whether it is held now.

        Raises
        ------
        Unavailable
            If the file cannot be written.
        """
        if self.held:
            return True
        try:
            if self._fd < 0:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            msg = f"The data folder cannot be written: {error}."
            raise Unavailable(msg, hint="Set MAESTRO_HOME to a folder that can be.") from error
        own = str(os.getpid()).encode()
        if os.pread(self._fd, 32, 0) != own:  # to read costs a hundredth of what it costs to write
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, own, 0)
        self.held = True
        return True

    def holder(self) -> str:
        """Give the process id that the file names: of whoever holds the lock, or held it last."""
        said = b"" if self._fd < 0 else os.pread(self._fd, 32, 0)
        return said.decode("ascii", "replace") or "unknown"

    def release(self) -> None:
        """Let go of the lock and its file."""
        fd, self._fd, self.held = self._fd, -1, False
        if fd >= 0:
            os.close(fd)


@contextlib.contextmanager
def home_lock(path: Path, timeout: float | None, *, doing: str = "collecting") -> Iterator[None]:
    """Hold the lock for as long as the block runs.

    Parameters
    ----------
    path : Path
        The lock's file.
    timeout : float or None
        How many seconds to wait for it; None waits for as long as it takes.
    doing : str
        What a process that holds it does with the data folder, for the message.

    Raises
    ------
    Unavailable
        If another process still holds it, or the file cannot be written.
    """
    lock = HomeLock(path)
    until = None if timeout is None else time.monotonic() + timeout
    try:
        while not lock.take():
            if until is not None and time.monotonic() >= until:
                msg = f"Another process (pid {lock.holder()}) is {doing} this data folder."
                raise Unavailable(msg, hint="Try again when it has finished.")
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        lock.release()


def holder_of(path: Path) -> int | None:
    """Give the process that holds a lock now; None if none does.

    Parameters
    ----------
    path : Path
        The lock's file.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        said = os.pread(fd, 32, 0)
        return int(said) if said.isdigit() else None
    except OSError:
        return None
    finally:
        os.close(fd)
    return None
