"""The one table: each figure to reach, Maestro's, and the peers' with how many times better Maestro is."""

from __future__ import annotations

import datetime as dt
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.contest import Result
from benchmarks.environments import MAESTRO, PEERS, ROOT, Environment

if TYPE_CHECKING:
    from benchmarks.row import Figure, Row

Results = Mapping[str, Mapping[str, Result]]


def table(rows: Sequence[Row], results: Results) -> str:
    """Return the Markdown table of `rows`, aligned for a terminal too."""
    lines = [["what", "to reach", "Maestro", "reached", *PEERS]]
    for row in rows:
        lines += [_line(row, figure, results[row.key]) for figure in row.figures]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def page(
    rows: Sequence[Row], results: Results, environments: Mapping[str, Environment], minutes: float
) -> str:
    """Return the whole of RESULTS.md."""
    timed = "\n".join(f"- **{row.key}**: {row.what}" for row in rows)
    contenders = "\n".join(
        f"- {name}: {environment.version or f'not installable: {environment.reason}'}"
        for name, environment in environments.items()
    )
    return f"""# Figures, beside the peers

Written by `python -m benchmarks`; not by hand. Medians of rounds in which the contenders take turns.
In brackets: how many times better Maestro's figure is than the peer's. `-`: the reason stands below.

{table(rows, results)}

## What was timed
{timed}

## Why a place is empty
{_absences(rows, results)}

## Versions
{contenders}

## Machine
{machine()}

{measured(minutes)}
"""


def measured(minutes: float) -> str:
    """Say when, of what and how long it was measured."""
    took = f"{minutes:.0f} minutes" if minutes >= 1.5 else f"{60 * minutes:.0f} seconds"
    return f"Measured on {dt.datetime.now(dt.UTC):%Y-%m-%d} at {_commit()}, in {took}."


def machine() -> str:
    """Describe the processor, memory, system and Python, without naming the host."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line
        ]
        cpu = names[0] if names else cpu
    return (
        f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GiB; {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}"
    )


def _line(row: Row, figure: Figure, results: Mapping[str, Result]) -> list[str]:
    own = results.get(MAESTRO, Result(failure="not measured"))
    value = own.median(figure.name)
    reached = "" if value is None else ("yes" if figure.reached(value) else "NO")
    sign = "≥" if figure.more_is_better else "≤"
    peers = [_peer(row, figure, name, value, results) for name in PEERS]
    goal = f"{sign} {_number(figure.goal)} {figure.unit}"
    return [figure.title, goal, _show(own, figure), reached, *peers]


def _peer(row: Row, figure: Figure, name: str, own: float | None, results: Mapping[str, Result]) -> str:
    shown = []
    for entry in row.entries:
        if entry.peer != name:
            continue
        result = results[entry.name]
        value = result.median(figure.name)
        text = _show(result, figure)
        if own and value:
            text += f" [{_number(_times(figure, own, value))}×]"
        shown.append(f"{entry.label}: {text}" if entry.label else text)
    return "; ".join(shown) or "-"


def _times(figure: Figure, own: float, value: float) -> float:
    return own / value if figure.more_is_better else value / own


def _show(result: Result, figure: Figure) -> str:
    value = result.median(figure.name)
    if value is None:
        return "failed" if result.failure else "-"
    note = f" ({result.note})" if result.note else ""
    return f"{_number(value)} {figure.unit}{note}"


def _number(value: float) -> str:
    if value and abs(value) < 10:
        return f"{value:.2g}"
    return f"{value:,.0f}"


def _absences(rows: Sequence[Row], results: Results) -> str:
    lines = [f"- {row.key}, {peer}: {why}" for row in rows for peer, why in row.absent.items()]
    lines += [
        f"- {row.key}, {name}: {result.failure}"
        for row in rows
        for name, result in results[row.key].items()
        if result.failure
    ]
    return "\n".join(lines) or "No place is."


def _commit() -> str:
    """Name the commit, and whether more than the page itself was changed since."""
    commit = _git("describe", "--always")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!benchmarks/RESULTS.md")
    return f"commit {commit}{'-dirty' if changed else ''}" if commit else "an unknown commit"


def _git(*command: str) -> str:
    done = subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()
