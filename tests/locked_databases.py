"""Another process that keeps a SQLite database to itself."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOCKING = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute(sys.argv[2])
database.execute("BEGIN EXCLUSIVE")
database.execute("CREATE TABLE IF NOT EXISTS while_locked (n INTEGER)")
print("locked", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def locked(path: Path, first: str = "SELECT 1") -> Iterator[None]:
    """Keep a database locked; `first` is what the other process says to it before.

    Others can read it still, but not after ``PRAGMA locking_mode=EXCLUSIVE``.
    """
    command = [sys.executable, "-c", _LOCKING, str(path), first]
    locker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert locker.stdout.readline() == b"locked\n"
        yield
    finally:
        locker.communicate()
