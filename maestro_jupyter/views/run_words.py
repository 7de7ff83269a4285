"""How a run is named and how it stands, in every view alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from maestro_jupyter.models import Run, Status, UnwellRun
from maestro_jupyter.views.html import Html, element
from maestro_jupyter.views.numbers import DIGITS, ago, many, number
from maestro_jupyter.views.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

SHORT = 8
"""How many digits of a run's id are shown."""

_SIGNS = {
    Status.RUNNING: ("●", "running", "maestro-busy"),
    Status.FINISHED: ("✓", "finished", "maestro-good"),
    Status.FAILED: ("✗", "failed", "maestro-bad"),
    Status.KILLED: ("■", "killed", "maestro-warn"),
}


def short_id(run: Run | UnwellRun) -> str:
    """Give the beginning of a run's id."""
    return run.run_id[:SHORT]


def status_text(run: Run | UnwellRun) -> str:
    """Say how a run stands, with a sign."""
    sign, word, _ = _SIGNS[run.status]
    return f"{sign} {word}"


def status_html(run: Run | UnwellRun) -> Html:
    """Say how a run stands, with a sign and a colour."""
    _, _, colour = _SIGNS[run.status]
    return element("span", status_text(run), class_=colour, title=run.status_reason or None)


def id_html(run: Run | UnwellRun) -> Html:
    """Show the beginning of a run's id."""
    return element("code", short_id(run), title=run.run_id)


def param(value: Any, digits: int = DIGITS) -> str:
    """Show a parameter; a qualified class name by its last part.

    Examples
    --------
    >>> param("sklearn.svm._classes.SVC"), param("v1.2"), param(None)
    ('SVC', 'v1.2', 'None')
    """
    if isinstance(value, str):
        head, _, last = value.rpartition(".")
        qualified = head and last[:1].isupper() and all(part.isidentifier() for part in value.split("."))
        return last if qualified else value
    return number(value, digits)


def archived_said(runs: Sequence[Run], *, archived: bool) -> str:
    """Say which runs were put away, or taken back, and how to find or undo that."""
    named = ", ".join(f"{one_line(run.name, 60)} ({short_id(run)})" for run in runs)
    if not archived:
        return f"Back in the lists: {named}."
    ids = " ".join(short_id(run) for run in runs)
    return (
        f"Put away: {named}. `runs 'archived is not null'` lists them; `archive --restore {ids}` takes back."
    )


def ended_said(runs: Sequence[Run]) -> str:
    """Say how runs were ended, and when they were last heard of."""
    return "\n".join(
        f"Ended as {run.status}: {one_line(run.name, 60)} ({short_id(run)}), last heard of "
        f"{ago(run.end_time)}."
        for run in runs
        if run.end_time is not None
    )


def children_said(run: Run, count: int) -> str:
    """Say how many runs a run has under it."""
    if not count:
        return ""
    return many(count, "candidate" if run.source == "search" else "nested run")
