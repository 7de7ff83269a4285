"""What a search of the library has found, and why; what else there is, and how to come to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maestro_jupyter.views import html, text
from maestro_jupyter.views.artifacts import few
from maestro_jupyter.views.html import element
from maestro_jupyter.views.numbers import many
from maestro_jupyter.views.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from maestro_jupyter.store.found import Found

_COLUMNS = ["artifact", "type", "description", "tags", "why it was found"]
_VALUES = 8
_WIDE = 100


def found_view(found: Found, *, offset: int = 0, further: str = "") -> View:
    """Show a page of what was found, the best first, and the counts of all that was.

    Parameters
    ----------
    found : Found
    offset : int
        How many hits are on the pages before.
    further : str
        The command that shows the next page.

    Returns
    -------
    View
    """
    rows = [
        [
            hit.artifact.reference,
            hit.artifact.type,
            text.one_line(hit.artifact.description, 80),
            few(hit.artifact.tags),
            "; ".join(hit.why),
        ]
        for hit in found.hits
    ]
    columns = list(_COLUMNS)
    if not any(hit.why for hit in found.hits):  # nothing was asked but filters
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    facets = _facets(found)
    said = [_counted(found, offset), *_next(found, offset, further), *([found.note] if found.note else [])]
    if not rows:
        return View(element("div", " ".join(said)), text.visible(" ".join(said)))
    table = html.table(columns, rows, caption="In the library")
    return View(
        html.join([table, html.quiet(" ".join(said)), html.bullets(facets) if facets else ""]),
        "\n".join([text.table(columns, rows, limit=_WIDE), text.visible(" ".join(said)), *facets]),
    )


def _counted(found: Found, offset: int) -> str:
    shown = len(found.hits)
    if not found.total:
        return "The library has nothing like that."
    if shown == found.total:
        return f"{many(found.total, 'artifact')}."
    if not shown:
        return f"There are no further ones: {many(found.total, 'artifact')} in all."
    return f"{offset + 1} to {offset + shown} of {many(found.total, 'artifact')}."


def _next(found: Found, offset: int, further: str) -> list[str]:
    more = further and found.hits and offset + len(found.hits) < found.total
    return [f"More: `{further}`."] if more else []


def _facets(found: Found) -> list[str]:
    """Say how many have each value, where not all have the same."""
    return [
        text.one_line(f"{name}: {_values(counts)}", 400)
        for name, counts in found.facets.items()
        if set(counts.values()) - {found.total}
    ]


def _values(counts: Mapping[str, int]) -> str:
    shown = [f"{value} {count:,}" for value, count in list(counts.items())[:_VALUES]]
    return ", ".join([*shown, "…"]) if len(counts) > _VALUES else ", ".join(shown)
