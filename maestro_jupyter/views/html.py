"""Markup that is safe by construction: every string that is not markup already is escaped."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING

from maestro_jupyter.views.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LONG = 40
_VOID = frozenset({"br", "line", "meta", "path", "polyline", "circle", "rect"})


class Html(str):
    """Markup, which goes into other markup as it is."""

    __slots__ = ()


def escape(text: object) -> Html:
    """Make text of the user's harmless.

    Examples
    --------
    >>> escape("<b>")
    '&lt;b&gt;'
    """
    return text if isinstance(text, Html) else Html(html.escape(visible(str(text)), quote=True))


def element(tag: str, *children: object, **attributes: object) -> Html:
    """Build an element; strings that are not `Html` are escaped, attributes that are None left out.

    Examples
    --------
    >>> element("td", "a < b", class_="x")
    '<td class="x">a &lt; b</td>'
    """
    said = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(visible(str(value)), quote=True)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in _VOID and not children:
        return Html(f"<{tag}{said}/>")
    return Html(f"<{tag}{said}>{''.join(escape(child) for child in children)}</{tag}>")


def join(parts: Iterable[object]) -> Html:
    """Put markup and text behind one another."""
    return Html("".join(escape(part) for part in parts))


def run_link(run_id: str, shown: str) -> Html:
    """Link to a run, which JupyterLab opens; elsewhere it is a text.

    Examples
    --------
    >>> "maestro-jupyter:open-run" in run_link("0" * 32, "0" * 8)
    True
    """
    return element(
        "a",
        shown,
        class_="maestro-run-link",
        data_commandlinker_command="maestro-jupyter:open-run",
        data_commandlinker_args=json.dumps({"run": run_id}),
    )


def quiet(text: object) -> Html:
    """Show something less strongly."""
    return element("span", text, class_="maestro-quiet")


def heading(text: object) -> Html:
    """Head a part of a view."""
    return element("div", text, class_="maestro-heading", role="heading", aria_level="3")


def title(*children: object) -> Html:
    """Head a view."""
    return element("div", *children, class_="maestro-title", role="heading", aria_level="2")


def table(
    columns: Sequence[object],
    rows: Iterable[Sequence[object]],
    *,
    numeric: Iterable[int] = (),
    caption: str = "",
) -> Html:
    """Build a table whose first column heads its rows.

    Parameters
    ----------
    columns : sequence
        The heads.
    rows : iterable of sequence
        The cells, text or `Html`.
    numeric : iterable of int
        The places of the columns of numbers.
    caption : str
        What a screen reader announces.
    """
    right = frozenset(numeric)

    def kind(place: int) -> str | None:
        return "maestro-number" if place in right else None

    head = element(
        "tr", *(element("th", text, scope="col", class_=kind(place)) for place, text in enumerate(columns))
    )
    body = (
        element("tr", *(_cell(place, value, kind(place)) for place, value in enumerate(row))) for row in rows
    )
    whole = element(
        "table",
        element("thead", head),
        element("tbody", *body),
        class_="maestro-table",
        aria_label=caption or None,
    )
    return element("div", whole, class_="maestro-scroll")


def _cell(place: int, value: object, kind: str | None) -> Html:
    full = None if isinstance(value, Html) or len(str(value)) <= _LONG else str(value)
    if place == 0:
        return element("th", value, scope="row", title=full)
    return element("td", value, class_=kind, title=full)


def code(source: str) -> Html:
    """Show source or output as it stands."""
    return element("pre", element("code", source), class_="maestro-code")


def unified_diff(diff: str) -> Html:
    """Show a unified diff, its lines marked by sign and by colour."""
    lines = [_diff_line(line) for line in diff.splitlines()]
    return element("pre", element("code", *lines), class_="maestro-code")


def _diff_line(line: str) -> Html:
    kinds = {"+": "maestro-plus", "-": "maestro-minus", "@": "maestro-hunk"}
    return element("span", f"{line}\n", class_=kinds.get(line[:1]))


def bullets(lines: Iterable[object]) -> Html:
    """Build a list."""
    return element("ul", *(element("li", line) for line in lines), class_="maestro-list")


def folded(summary: object, *children: object) -> Html:
    """Build a part that opens on a click, without script."""
    return element("details", element("summary", summary), *children)
