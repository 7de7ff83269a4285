"""Lists of the library's artifacts: all of them, what contributed most, what is used more, what no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maestro_jupyter.views import html, text
from maestro_jupyter.views.html import element
from maestro_jupyter.views.numbers import ago, many, number, size
from maestro_jupyter.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from maestro_jupyter.models import ArtifactVersion, Impact, Standing, Trend, Usage

_SHOWN = 5
_WIDE = 160


def artifacts_view(
    versions: Sequence[ArtifactVersion],
    *,
    total: int | None = None,
    nothing: str = "There are none.",
    now: datetime | None = None,
) -> View:
    """Show artifacts, each as its newest version.

    Parameters
    ----------
    versions : sequence of ArtifactVersion
    total : int, optional
        How many there are, if more than are shown.
    nothing : str
        What is said where there are none.
    now : datetime, optional
        The time that "2 min ago" counts from.

    Returns
    -------
    View
    """
    rows = [
        [
            one.reference,
            one.type,
            text.one_line(one.description, 60),
            few(one.tags),
            few(f"@{alias}" for alias in one.aliases),
            one.project,
            one.owner,
            ago(one.created, now),
            size(one.size),
        ]
        for one in versions
    ]
    columns = [
        "artifact", "type", "description", "tags", "aliases", "project", "owner", "registered", "size",
    ]  # fmt: skip
    shown = len(versions)
    cut = total is not None and total > shown
    said = f"{shown} of {many(total or 0, 'artifact')}." if cut else f"{many(shown, 'artifact')}."
    return _listed(columns, rows, said, nothing, caption="Artifacts")


def top_view(standings: Sequence[Standing], *, now: datetime | None = None) -> View:
    """Show what contributed most; what is unknown by how much it is used.

    Parameters
    ----------
    standings : sequence of Standing
    now : datetime, optional
        The time that "2 min ago" counts from.
    """
    rows = [
        [
            one.usage.name,
            one.usage.type,
            _effect(one.impact),
            f"{one.usage.projects:,}",
            f"{one.usage.runs:,}",
            "" if one.usage.last is None else ago(one.usage.last, now),
            one.impact.reason,
        ]
        for one in standings
    ]
    columns = ["artifact", "type", "contributed", "projects", "runs", "last used", "what is known"]
    said = "By the lower end of the interval, then by use. An association, not a cause."
    nothing = "Nobody has used anything of the library yet."
    return _listed(columns, rows, said, nothing, numeric=[3, 4], caption="What contributed most")


def trending_view(trends: Sequence[Trend]) -> View:
    """Show what is used more in these days than in the weeks before."""
    rows = [[one.name, f"{one.recent:,}", f"{one.before:,}", one.reason] for one in trends]
    columns = ["artifact", "last 7 days", "28 days before", "what is known"]
    said = "A project counts once a day. By the lower end of the ratio's interval; what is unknown last."
    nothing = "Nothing of the library was used in the last 5 weeks."
    return _listed(columns, rows, said, nothing, numeric=[1, 2], caption="Trending")


def unused_view(usages: Sequence[Usage], days: int, *, now: datetime | None = None) -> View:
    """Show what nobody has used for so many days.

    Parameters
    ----------
    usages : sequence of Usage
    days : int
    now : datetime, optional
        The time that "2 min ago" counts from.
    """
    rows = [
        [
            one.name,
            one.type,
            ago(one.created, now),
            "never" if one.last is None else ago(one.last, now),
            f"{one.projects:,}",
            f"{one.runs:,}",
        ]
        for one in usages
    ]
    columns = ["artifact", "type", "registered", "last used", "projects", "runs"]
    said = f"Not used for {many(days, 'day')}."
    nothing = f"Nothing has been unused for {many(days, 'day')}."
    return _listed(columns, rows, said, nothing, numeric=[4, 5], caption="Unused")


def few(texts: Iterable[str]) -> str:
    """Give the first of some texts, and how many more there are.

    Examples
    --------
    >>> few("abcdefg")
    'a, b, c, d, e, and 2 more'
    """
    given = list(texts)
    more = len(given) - _SHOWN
    return ", ".join([*given[:_SHOWN], *([f"and {more} more"] if more > 0 else [])])


def _effect(impact: Impact) -> str:
    if impact.effect is None or impact.low is None or impact.high is None:
        return "unknown"
    low, high = (number(end, 2) for end in (impact.low, impact.high))
    return f"{impact.effect:+.2g} ({low} to {high})"


def _listed(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    said: str,
    nothing: str,
    *,
    numeric: Sequence[int] = (),
    caption: str,
) -> View:
    if not rows:
        return View(element("div", nothing), text.visible(nothing))
    table = html.table(columns, rows, numeric=numeric, caption=caption)
    shown = text.table(columns, rows, numeric=numeric, limit=_WIDE)
    return View(html.join([table, html.quiet(said)]), f"{shown}\n{said}")
