"""Shells that tests make, and how each is let go of when its test ends."""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def let_go(shell: InteractiveShell) -> None:
    """Do what IPython does when Python ends, now, and not once more for each of hundreds of shells then.

    Left out is the collection of garbage, which takes seconds beside the large libraries that tests load.
    """
    atexit.unregister(shell.atexit_operations)
    shell.displayhook.flush = lambda: None
    shell.atexit_operations()
    type(shell).clear_instance()
