"""What a search of the library has found, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maestro_jupyter.views import html, text
from maestro_jupyter.views.html import element
from maestro_jupyter.views.numbers import many
from maestro_jupyter.views.view import View

if TYPE_CHECKING:
    from maestro_jupyter.store.found import Found

_COLUMNS = ["artifact", "type", "description", "tags", "why it was found"]
_TAGS = 5


def found_view(found: Found) -> View:
    """Show what was found, the best first.

    Parameters
    ----------
    found : Found

    Returns
    -------
    View
    """
    rows = [
        [
            hit.artifact.reference,
            hit.artifact.type,
            text.one_line(hit.artifact.description, 80),
            _tags(hit.artifact.tags),
            "; ".join(hit.why),
        ]
        for hit in found.hits
    ]
    said = " ".join(part for part in (_counted(found), found.note) if part)
    if not rows:
        return View(element("div", said), text.visible(said))
    table = html.table(_COLUMNS, rows, caption="In the library")
    return View(html.join([table, html.quiet(said)]), f"{text.table(_COLUMNS, rows)}\n{said}")


def _counted(found: Found) -> str:
    shown = len(found.hits)
    if not found.total:
        return "The library has nothing like that."
    return f"{many(found.total, 'artifact')}." if shown == found.total else f"{shown} of {found.total:,}."


def _tags(tags: list[str]) -> str:
    more = len(tags) - _TAGS
    return ", ".join([*tags[:_TAGS], *([f"and {more} more"] if more > 0 else [])])
