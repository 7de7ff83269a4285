"""Measures the rows of RESULTS.md, and writes their table after a full run; or measures its sections."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import report
from benchmarks.contest import Contest, Result
from benchmarks.environments import MAESTRO, PEERS, ROOT, prepare
from benchmarks.rows import ROWS
from benchmarks.sections import SECTIONS, kept, replaced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.sections import Section

RESULTS = ROOT / "benchmarks" / "RESULTS.md"


def main() -> None:
    """Parse the command line and run."""
    options = _arguments()
    chosen = [section for section in SECTIONS if section.key in (options.only or ())]
    if chosen:
        _write_sections(chosen, options.tables)
    if not options.only or any(row.key in options.only for row in ROWS):
        _measure_rows(options)


def _write_sections(chosen: Sequence[Section], tables: Path | None) -> None:
    """Measure sections, and write each as soon as it is there."""
    for section in chosen:
        print(f"{section.key} …", flush=True)
        start = time.perf_counter()
        text = section.measure(tables)
        text += f"\n\n{report.measured((time.perf_counter() - start) / 60)}"
        print(f"\n{text}\n", flush=True)
        RESULTS.write_text(replaced(RESULTS.read_text(), section.title, text))


def _measure_rows(options: argparse.Namespace) -> None:
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
        print("The table of RESULTS.md is left as it is: only a full run of every row writes it.")
        return
    RESULTS.write_text(kept(RESULTS.read_text(), page, [section.title for section in SECTIONS]))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes and one round: a smoke test")
    rows, sections = [row.key for row in ROWS], [section.key for section in SECTIONS]
    parser.add_argument(
        "--only",
        action="append",
        choices=rows + sections,
        metavar="PART",
        help=f"a row, one of {', '.join(rows)}; or a section, which is written: {', '.join(sections)}",
    )
    parser.add_argument("--tables", type=Path, help="folder of tables of scores, for the section recommend")
    return parser.parse_args()


if __name__ == "__main__":
    main()
