"""The doorbell of a home: who wants its journals collected now rings, and the server answers when they are.

No data goes either way: a ring only saves waiting for the server's next look, and whether a store has what
was recorded, it says itself. Who waits is told by the operating system when the server dies.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "server.sock"
"""In the home: what the server listens to that holds the home's lock."""

_DONE = b"."
_CALLERS = 128


class Doorbell:
    """Wakes the thread that collects: its own process pokes it, others ring.

    Parameters
    ----------
    home : Path
        Only who may enter this folder can ring.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._button, self._poked = socket.socketpair()
        self._door = socket.socket(socket.AF_UNIX)
        self._callers: list[socket.socket] = []
        self._waits = selectors.DefaultSelector()
        for end in (self._button, self._poked, self._door):
            end.setblocking(False)
        self._waits.register(self._poked, selectors.EVENT_READ)

    def hang(self) -> None:
        """Let others ring from now on; only for the process that holds the home's lock, and once.

        Raises
        ------
        OSError
            If the file system takes no sockets.
        """
        path = self._home / NAME
        path.unlink(missing_ok=True)  # of a server that was killed
        with _address(self._home) as address:
            self._door.bind(address)
        path.chmod(0o600)
        self._door.listen(_CALLERS)
        self._waits.register(self._door, selectors.EVENT_READ)

    def poke(self) -> None:
        """End the wait, of now or else the next one."""
        with contextlib.suppress(OSError):  # it was poked so often that no more is taken, or is closed
            self._button.send(_DONE)

    def wait(self, seconds: float) -> None:
        """Wait until somebody pokes or rings, or the time is up."""
        self._waits.select(seconds)
        with contextlib.suppress(OSError):
            while self._poked.recv(1024):
                pass
        with contextlib.suppress(OSError):
            while True:
                self._callers.append(self._door.accept()[0])

    def answer(self, *, done: bool) -> None:
        """Send those away who rang before the last wait was over.

        Parameters
        ----------
        done : bool
            Whether everything was collected that was there when they rang.
        """
        callers, self._callers = self._callers, []
        for caller in callers:
            with caller, contextlib.suppress(OSError):  # one that has not waited for it
                if done:
                    caller.send(_DONE)

    def close(self) -> None:
        """Listen no more; while the home's lock is still held."""
        self.answer(done=False)
        if self._door in self._waits.get_map():
            (self._home / NAME).unlink(missing_ok=True)
        self._waits.close()
        for end in (self._button, self._poked, self._door):
            end.close()


def ring(home: Path, timeout: float) -> bool:
    """Ask the server that collects a home to do so now, and wait until it has.

    Parameters
    ----------
    home : Path
    timeout : float
        Seconds to wait at most.

    Returns
    -------
    bool
        False if there is no such server, if it fails or ends, or if the time is up.
    """
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(timeout)
        try:
            with _address(home) as address:
                caller.connect(address)
            return caller.recv(1) == _DONE
        except OSError:
            return False


@contextlib.contextmanager
def _address(home: Path) -> Iterator[str]:
    """Give the socket's path, short where the system has a way: one of above a hundred bytes is refused."""
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        short = Path(f"/proc/self/fd/{folder}")
        yield str((short if short.exists() else home) / NAME)
    finally:
        os.close(folder)
