"""Where journals lie: those of this host's processes, and those that other hosts have shipped."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from typing import TYPE_CHECKING, Protocol

from maestro_jupyter.journal_format import is_live
from maestro_jupyter.store.segments import find_segments, forget

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.segments import Segment

FINAL = "final"
"""The file that says of a shipped journal that its writer is gone and that all of it is there."""


class Source(Protocol):
    """What the collector has to know of where a journal lies."""

    shipped: bool
    """Whether somebody else's word is all that there is for what the journals say."""

    def find(self, journal: str | None = None) -> dict[str, list[Segment]]:
        """Give the files of one journal, or of all, in the order they were written."""

    def is_live(self, journal: str, last: Segment) -> bool:
        """Tell whether more may be added to the journal, whose last file is given."""

    def file(self, journal: str, sha256: str) -> Path:
        """Give where the bytes of an artifact that the journal speaks of wait to be collected."""

    def finish(self, journal: str, segments: Sequence[Segment], *, damaged: bool) -> None:
        """Take away the files of a journal that is collected to its end."""


class Recorded:
    """The journals of this host's processes, which hold a lock for as long as they live."""

    shipped = False

    def __init__(self, config: Maestro) -> None:
        self._config = config

    def find(self, journal: str | None = None) -> dict[str, list[Segment]]:
        """Give the files of one journal, or of all, in the order they were written."""
        return find_segments(self._config.journals, journal)

    def is_live(self, journal: str, last: Segment) -> bool:  # noqa: ARG002 - as `Source` has it
        """Tell whether the writer holds its lock."""
        try:
            return is_live(last.path)
        except OSError:
            return True  # a file system without locks: nobody can tell, so nobody is declared dead

    def file(self, journal: str, sha256: str) -> Path:  # noqa: ARG002 - as `Source` has it
        """Give where the bytes of an artifact wait to be collected."""
        return self._config.spool / sha256

    def finish(self, journal: str, segments: Sequence[Segment], *, damaged: bool) -> None:  # noqa: ARG002
        """Take away the files of a journal that is collected to its end."""
        for segment in segments:
            forget(segment.path, self._config.journals, damaged=damaged)


class Received:
    """The journals that other hosts have shipped.

    Each has a folder of its own, with its artifacts' bytes. It lives until whoever ships it has said that
    its writer is gone: this host cannot tell, and neither a restart of the server nor a broken connection
    means anything.
    """

    shipped = True

    def __init__(self, config: Maestro) -> None:
        self._config = config

    def find(self, journal: str | None = None) -> dict[str, list[Segment]]:
        """Give the files of one journal, or of all, in the order they were written."""
        found = {}
        for folder in self._folders(journal):
            segments = find_segments(folder, folder.name).get(folder.name)
            if segments:
                found[folder.name] = segments
            elif (folder / FINAL).exists():
                _remove(folder)  # whoever was to do it was killed
        return found

    def is_live(self, journal: str, last: Segment) -> bool:  # noqa: ARG002 - as `Source` has it
        """Tell whether more may come."""
        return not (self._config.received / journal / FINAL).exists()

    def file(self, journal: str, sha256: str) -> Path:
        """Give where the bytes of an artifact wait to be collected: only those that came with the journal."""
        return self._config.received / journal / sha256

    def finish(self, journal: str, segments: Sequence[Segment], *, damaged: bool) -> None:
        """Take away the folder of a journal that is collected to its end."""
        for segment in segments:
            forget(segment.path, self._config.journals, damaged=damaged)
        _remove(self._config.received / journal)

    def _folders(self, journal: str | None) -> list[Path]:
        received = self._config.received
        if journal is not None:
            return [received / journal]
        if not received.is_dir():
            return []
        return [folder for folder in received.iterdir() if is_journal_id(folder.name)]


def is_journal_id(name: str) -> bool:
    """Tell whether a name is that of a journal, as recorders make them.

    Examples
    --------
    >>> is_journal_id("5f0c" * 8), is_journal_id("../" + "5" * 29)
    (True, False)
    """
    return re.fullmatch(r"[0-9a-f]{32}", name) is not None


@contextlib.contextmanager
def alone_in(folder: Path, *, wait: bool) -> Iterator[None]:
    """Hold the lock of a shipped journal's folder, which is made if it is missing.

    Raises
    ------
    BlockingIOError
        If somebody else holds it, and one is not to wait.
    OSError
        If the folder cannot be made.
    """
    fd = -1
    try:
        while not _is_open(fd, folder):
            if fd >= 0:
                os.close(fd)
                fd = -1
            for one in (folder.parent.parent, folder.parent, folder):  # each, as only the last gets the mode
                one.mkdir(mode=0o700, parents=True, exist_ok=True)
            fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        if fd >= 0:
            os.close(fd)


def _is_open(fd: int, folder: Path) -> bool:
    """Tell whether what is open is still the folder of that name."""
    try:
        return fd >= 0 and os.path.samestat(os.fstat(fd), folder.stat())
    except FileNotFoundError:
        return False


def _remove(folder: Path) -> None:
    """Remove a folder; the word that it is final goes last, so that whoever is killed here is made up for."""
    with alone_in(folder, wait=True):
        for path in folder.iterdir():
            if path.name != FINAL:
                path.unlink()
        (folder / FINAL).unlink(missing_ok=True)
        folder.rmdir()
