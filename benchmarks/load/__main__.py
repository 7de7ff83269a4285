"""Puts a server under load and prints what it bore: ``python -m benchmarks.load``."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.load.readers import read
from benchmarks.load.server import running
from benchmarks.load.store import RUNS, fill
from benchmarks.load.writers import write

QUICK_RUNS = 2_000
KNOWN, NEW = 20, 400
"""How varied the questions are: five lists times so many, and 20 runs times so many."""


def main() -> None:
    """Fill, read, write, and print."""
    options = _arguments()
    with tempfile.TemporaryDirectory(prefix="load-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch)
        home = options.home or folder / "home"
        fill(home, QUICK_RUNS if options.quick else RUNS)
        with running(home, folder) as server:
            ids = _ids(home, 20 * NEW)
            for variety in (KNOWN, NEW):
                told = read(server, ids, folder, seconds=5 if options.quick else 30, variety=variety)
                _say(f"reads, variety {variety}", told)
        written = folder / "written"
        with running(written, folder):
            _say("writes", write(written, seconds=20 if options.quick else options.minutes * 60))


def _ids(home: Path, count: int) -> list[str]:
    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.engine import open_store
    from maestro_jupyter.store.runs import search

    store = open_store(Maestro(environ={"MAESTRO_HOME": str(home)}).database_url)
    try:
        return [run.run_id for run in search(store, max_results=count)]
    finally:
        store.close()


def _say(what: str, told: dict[str, Any]) -> None:
    print(f"{what}: {', '.join(f'{name} {value:,}' for name, value in told.items())}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small store and half a minute")
    parser.add_argument("--minutes", type=int, default=10, help="how long to write")
    parser.add_argument("--home", type=Path, help="a folder whose filled store is kept for the next time")
    return parser.parse_args()


if __name__ == "__main__":
    main()
