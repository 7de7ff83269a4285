"""Say that something takes long, in a notebook only, and clear it afterwards."""

from __future__ import annotations

import contextvars
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 1.0
"""Seconds before anything is said."""


@contextmanager
def progress(shell: Any, said: str) -> Iterator[None]:
    """Show one line while the block takes longer than `PATIENCE`."""
    if getattr(shell, "kernel", None) is None:
        yield
        return
    line = _Line(said)
    # The context carries which cell's output the line belongs to.
    timer = threading.Timer(PATIENCE, contextvars.copy_context().run, [line.show])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        line.clear()


class _Line:
    def __init__(self, said: str) -> None:
        self._said = said
        self._lock = threading.Lock()
        self._handle: Any = None
        self._over = False

    def show(self) -> None:
        from IPython.display import DisplayHandle

        with self._lock:
            if not self._over:
                self._handle = DisplayHandle()  # type: ignore[no-untyped-call]  # IPython has no types here
                self._handle.display({"text/plain": self._said}, raw=True)

    def clear(self) -> None:
        with self._lock:
            self._over = True
            if self._handle is not None:
                self._handle.update({"text/plain": "", "text/html": ""}, raw=True)
