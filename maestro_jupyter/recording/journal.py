"""The journal's writer: one append-only file per process, which survives anything but the disk."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from typing import TYPE_CHECKING
from zlib import crc32

import msgspec

from maestro_jupyter.journal_format import frame, lock_for_writing, segment_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from maestro_jupyter.events import Event
    from maestro_jupyter.recording.guard import Problems

_encode = msgspec.json.Encoder().encode

RETRY_SECONDS = 1.0
_CUT_SHORT = "the disk took only a part of a line"


class Journal:
    """Appends events to this process's journal.

    A line is in the kernel's page cache when `append` returns, so it survives ``kill -9`` of the process;
    `sync` makes it survive the machine. Lines that the disk refuses wait in memory, up to a limit, and are
    written once it takes them again.

    Parameters
    ----------
    folder : Path
        Where the segments go; made with mode 0700 if missing.
    journal : str
        This journal's id.
    opened : callable
        Gives the first event of a segment, from the segment's number.
    problems : Problems
        Where failures are counted.
    lock : threading.RLock, optional
        Held around each change, where the journal shares it with its owner.
    segment_bytes : int
        The size at which a new segment is begun.
    pending_bytes : int
        How much may wait in memory while the disk refuses it; beyond that the oldest is dropped, and counted.
    """

    def __init__(
        self,
        folder: Path,
        journal: str,
        opened: Callable[[int], Event],
        problems: Problems,
        *,
        lock: threading.RLock | None = None,
        segment_bytes: int = 64 << 20,
        pending_bytes: int = 64 << 20,
    ) -> None:
        self.id = journal
        self._folder = folder
        self._opened = opened
        self._problems = problems
        self._segment_bytes = segment_bytes
        self._pending_bytes = pending_bytes
        self.lock = threading.RLock() if lock is None else lock
        self._fd = -1
        self._segment = 0
        self._size = 0
        self._torn = False
        self._pending: deque[bytes] = deque()
        self._pending_size = 0
        self._retry_at = 0.0
        self.dropped = 0

    def append(self, event: Event) -> None:
        """Add one event; never raises for a disk that is full or broken."""
        payload = _encode(event)
        with self.lock:
            self.append_payload(payload)

    def append_payload(self, payload: bytes) -> None:
        """Add one encoded event; for callers that hold `lock`.

        Never raises for a disk that is full or broken.
        """
        line = b"\x1e%08x %b\n" % (
            crc32(payload),
            payload,
        )  # as `frame` does: a call less on each point's path
        if self._pending or self._torn or self._fd < 0:
            self._append_with_care(line)
            return
        try:
            written = os.write(self._fd, line)
        except OSError as error:
            self._refused(line, error)
            return
        size = self._size = self._size + written
        if written != len(line):
            self._torn = True
            self._refused(line, _CUT_SHORT)
        elif size >= self._segment_bytes:
            self._begin_segment()

    @property
    def waiting(self) -> int:
        """How many lines wait in memory for the disk."""
        return len(self._pending)

    @property
    def begun(self) -> bool:
        """Whether anything was written yet."""
        return self._segment > 0

    @property
    def position(self) -> tuple[int, int]:
        """The segment being written, and its size in bytes."""
        with self.lock:
            return self._segment, self._size

    def retry(self) -> bool:
        """Write what waits in memory, if the disk takes it.

        Returns
        -------
        bool
            True if nothing waits any more.
        """
        with self.lock:
            return self._write_pending()

    def sync(self) -> None:
        """Bring the journal to the disk itself; meant for a background thread.

        Raises
        ------
        OSError
            If the disk refuses.
        """
        with self.lock:
            if self._fd < 0:
                return
            fd = os.dup(self._fd)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def close(self, last: Event) -> None:
        """Write the last event and let go of the file and its lock."""
        with self.lock:
            self.append(last)
            self.retry()
            self.abandon()

    def abandon(self) -> None:
        """Let go of the file without a word, as a forked child does with its parent's."""
        fd, self._fd = self._fd, -1
        self._let_go(fd)

    def _let_go(self, fd: int) -> None:
        """Close a file; a disk may refuse even then what it seemed to have taken."""
        try:
            if fd >= 0:
                os.close(fd)
        except OSError as error:
            self._problems.add("journal", error)

    def _append_with_care(self, line: bytes) -> None:
        """Append a line after those that wait, unless the disk refused one a moment ago."""
        self._keep(line)
        if time.monotonic() >= self._retry_at:
            self._write_pending()

    def _keep(self, line: bytes) -> None:
        self._pending.append(line)
        self._pending_size += len(line)
        while self._pending_size > self._pending_bytes and len(self._pending) > 1:
            self._pending_size -= len(self._pending.popleft())
            self.dropped += 1

    def _write_pending(self) -> bool:
        if not self._pending:
            return True  # a process that only asks begins no journal
        if self._fd < 0 and not self._begin_segment():
            return False
        while self._pending and self._write(self._pending[0]):
            self._pending_size -= len(self._pending.popleft())
        return not self._pending

    def _write(self, line: bytes) -> bool:
        """Write one line whole, on a line of its own even after one that was cut short."""
        data = b"\n" + line if self._torn else line
        try:
            written = os.write(self._fd, data)
        except OSError as error:
            self._wait(error)
            return False
        self._size += written
        self._torn = written != len(data)
        if self._torn:
            self._wait(_CUT_SHORT)
        return not self._torn

    def _refused(self, line: bytes, error: OSError | str) -> None:
        self._keep(line)
        self._wait(error)

    def _wait(self, error: OSError | str) -> None:
        self._retry_at = time.monotonic() + RETRY_SECONDS
        self._problems.add("journal", error)

    def _begin_segment(self) -> bool:
        """Open the next segment, already locked when its name appears, and close the one before."""
        name = segment_name(self.id, self._segment + 1)
        hidden = self._folder / f".{name}"
        fd = -1
        try:
            for folder in (self._folder.parent, self._folder):  # each, as only the last gets the mode
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            hidden.unlink(missing_ok=True)  # of an attempt that failed
            fd = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
            lock_for_writing(fd)
            first = frame(_encode(self._opened(self._segment + 1)))
            if os.write(fd, first) != len(first):
                msg = "the disk took only a part of the first line"
                raise OSError(msg)  # noqa: TRY301 - handled like any refusal of the disk
            hidden.rename(self._folder / name)
        except OSError as error:
            self._let_go(fd)
            self._wait(error)
            return False
        before, self._fd = self._fd, fd
        self._segment += 1
        self._size = len(first)
        self._torn = False
        self._let_go(before)
        return True
