"""What of the library fits the notebook: of each why, what it contributed, who uses it, and how to use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maestro_jupyter.views import html, text
from maestro_jupyter.views.html import element
from maestro_jupyter.views.numbers import ago, many
from maestro_jupyter.views.view import View

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from maestro_jupyter.models import ArtifactFit, ArtifactFits, Impact, Usage

_TITLE = "From the library, for this notebook"
_DESCRIPTION = 200
_COLUMNS = [
    "name", "version", "type", "project", "owner", "description", "score", "impact", "impact_low",
    "impact_high", "projects", "runs", "last_used", "reasons", "how",
]  # fmt: skip


def fits_view(found: ArtifactFits, *, now: datetime | None = None) -> View:
    """Show what fits a notebook, or say that nothing does.

    Parameters
    ----------
    found : ArtifactFits
    now : datetime, optional
        The time that "2 min ago" counts from.

    Returns
    -------
    View
    """
    if not found.fits:
        return View(element("div", found.note), text.visible(found.note))
    said = [_counted(found), *([found.note] if found.note else [])]
    parts = [_one(fit, now) for fit in found.fits]
    marked = [html.title(_TITLE), *(part.html for part in parts), html.quiet(" ".join(said))]
    told = [_TITLE, *(part.text for part in parts), text.visible(" ".join(said))]
    return View(html.join(marked), "\n\n".join(told))


def fits_frame(found: ArtifactFits) -> pd.DataFrame:
    """Give the same as a table, and in its ``attrs`` what is said of all of it."""
    import pandas as pd

    rows = [
        (
            fit.artifact.name, fit.artifact.version, fit.artifact.type, fit.artifact.project,
            fit.artifact.owner, fit.artifact.description, fit.score, fit.impact.effect, fit.impact.low,
            fit.impact.high, fit.usage.projects, fit.usage.runs, fit.usage.last, " ".join(fit.reasons),
            "\n".join(fit.how),
        )
        for fit in found.fits
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=_COLUMNS)
    table.attrs = {"note": found.note, "looked": found.looked, "semantic": found.semantic}
    return table


def _one(fit: ArtifactFit, now: datetime | None) -> View:
    one = fit.artifact
    named = f"{one.reference} · {one.type}"
    description = text.one_line(one.description, _DESCRIPTION)
    facts = [*fit.reasons, _impact(fit.impact), _used(fit.usage, now)]
    use = "\n".join(fit.how)
    marked = [
        html.heading(named),
        element("div", description) if description else "",
        html.bullets(facts),
        html.code(use),
    ]
    told = [text.one_line(named, 200), *([text.indent(description)] if description else [])]
    told += [f"  - {text.one_line(fact, 400)}" for fact in facts]
    return View(html.join(marked), "\n".join([*told, text.indent(use)]))


def _impact(impact: Impact) -> str:
    known = impact.reason.removeprefix("Unknown: ")
    return known if impact.status == "estimated" else f"What it contributes is unknown: {known}"


def _used(usage: Usage, now: datetime | None) -> str:
    if usage.last is None:
        return "Nobody has used it yet."
    where = f"Used in {many(usage.projects, 'project')}, by {many(usage.runs, 'run')}"
    return f"{where}, last {ago(usage.last, now)}."


def _counted(found: ArtifactFits) -> str:
    fitting = f"{many(len(found.fits), 'artifact')} of {found.looked:,}"
    order = "by how well they fit and what they contributed: an association, not a cause."
    return f"{fitting}, {order}"
