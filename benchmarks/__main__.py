"""Measures the rows, prints the table, and writes it to `benchmarks/RESULTS.md` after a full run."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks import report
from benchmarks.contest import Contest, Result
from benchmarks.environments import MAESTRO, PEERS, ROOT, prepare
from benchmarks.rows import ROWS


def main() -> None:
    """Parse the command line and run."""
    options = _arguments()
    rows = [row for row in ROWS if not options.only or row.key in options.only]
    environments = {name: prepare(name) for name in (MAESTRO, *PEERS)}
    start = time.perf_counter()
    results: dict[str, dict[str, Result]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as scratch:
        contest = Contest(environments, Path(scratch), quick=options.quick)
        for row in rows:
            print(f"{row.key} ({time.perf_counter() - start:.0f} s so far)", flush=True)
            results[row.key] = contest.run(row)
    minutes = (time.perf_counter() - start) / 60
    page = report.page(rows, results, environments, minutes)
    print(f"\n{page}")
    if options.quick or options.only:
        print("RESULTS.md is left as it is: only a full run of every row writes it.")
        return
    (ROOT / "benchmarks" / "RESULTS.md").write_text(page)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes and one round: a smoke test")
    keys = [row.key for row in ROWS]
    parser.add_argument(
        "--only", action="append", choices=keys, metavar="ROW", help=f"one of {', '.join(keys)}"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
