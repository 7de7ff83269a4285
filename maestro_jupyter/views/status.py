"""How the recording stands, and what went wrong in it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from maestro_jupyter.views import html, text
from maestro_jupyter.views.html import element
from maestro_jupyter.views.numbers import ago, many
from maestro_jupyter.views.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from maestro_jupyter.models import Problem

SAFE_SQLITE = (3, 51, 3)
"""The first release that cannot corrupt a database which several connections write to and checkpoint."""


@dataclass(frozen=True)
class Status:
    """How the recording of one process stands.

    Attributes
    ----------
    counts : mapping of str to int
        What this session has recorded: ``runs``, ``points``, ``cells``.
    waiting, dropped : int
        Journal lines that the disk has refused so far, and that were given up.
    problems : mapping of str to int
        Failures by hook.
    latest : sequence of Problem
        The latest failures, oldest first.
    database : str
        Its URL, without a password.
    server : int or None
        The process id of the Jupyter server that collects the data folder.
    """

    recording: bool
    mode: str
    project: str
    notebook: str | None
    active_run: str | None
    home: str
    database: str
    server: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    waiting: int = 0
    dropped: int = 0
    problems: Mapping[str, int] = field(default_factory=dict)
    latest: Sequence[Problem] = ()
    sqlite: tuple[int, ...] = sqlite3.sqlite_version_info


def status_view(status: Status, *, now: datetime | None = None) -> View:
    """Show how the recording stands.

    Parameters
    ----------
    status : Status
    now : datetime, optional
        The time that "2 min ago" counts from.

    Returns
    -------
    View
    """
    sign, said, colour = ("●", "Recording", "maestro-good") if status.recording else (
        "○", "Not recording", "maestro-warn")  # fmt: skip
    if status.mode != "on":
        said += f" (mode: {status.mode})"
    rows = [[name, value] for name, value in _facts(status) if value]
    problems = _problems(status, now)
    warned = html.bullets(element("span", f"⚠ {line}", class_="maestro-warn") for line in problems)
    return View(
        html.join(
            [
                html.title(element("span", f"{sign} {said}", class_=colour)),
                html.table(["what", "value"], rows, caption="Status"),
                warned if problems else "",
            ]
        ),
        "\n".join(
            [f"{sign} {said}", _aligned(rows), *(f"⚠ {text.one_line(line, 240)}" for line in problems)]
        ),
    )


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"  {name:<13}{text.one_line(value, 160)}" for name, value in rows)


def _facts(status: Status) -> list[tuple[str, str]]:
    counts = status.counts
    return [
        ("project", status.project),
        ("notebook", status.notebook or ""),
        ("active run", status.active_run or ""),
        (
            "this session",
            ", ".join(many(counts.get(f"{noun}s", 0), noun) for noun in ("run", "point", "cell")),
        ),
        ("data folder", status.home),
        ("database", status.database),
        ("collected by", "" if status.server is None else f"the Jupyter server (pid {status.server})"),
    ]


def _problems(status: Status, now: datetime | None) -> list[str]:
    found = []
    if status.waiting:
        found.append(f"{many(status.waiting, 'journal line')} waiting: the disk refuses them for now.")
    if status.dropped:
        found.append(f"{many(status.dropped, 'journal line')} lost: the disk refused them for too long.")
    latest = {problem.where: problem for problem in status.latest}
    for where, count in sorted(status.problems.items()):
        problem = latest.get(where)
        when = "" if problem is None else ago(datetime.fromtimestamp(problem.time, UTC), now)
        said = "" if problem is None else f", the latest {when}: {problem.error}"
        found.append(f"{where}: {many(count, 'problem')}{said}")
    if status.database.startswith("sqlite") and status.sqlite < SAFE_SQLITE:
        version, safe = (".".join(map(str, one)) for one in (status.sqlite, SAFE_SQLITE))
        found.append(f"SQLite {version}: releases before {safe} have a rare bug that can damage a database; "
                     "Maestro keeps to one writer, an update is better.")  # fmt: skip
    return found
