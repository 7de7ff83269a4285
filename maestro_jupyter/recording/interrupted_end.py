"""The end of a script that was interrupted: it is told as that, whatever Maestro does at exit."""

from __future__ import annotations

import contextlib
import sys


def keep_interrupted() -> None:
    """Have Python end by the signal still, if an interrupt ended the script.

    So shells learn of it, and stop a loop of scripts. Python notes that the last source that it ran raised
    ``KeyboardInterrupt``, and forgets it when another is run, also at exit and by an import: then it ends
    with status 1. See ``unhandled_keyboard_interrupt`` in CPython's ``pythonrun.c``.
    """
    if getattr(sys, "last_type", None) is KeyboardInterrupt and not hasattr(sys, "ps1"):
        with contextlib.suppress(KeyboardInterrupt):
            exec("raise KeyboardInterrupt", {})  # noqa: S102 - a text of ours
