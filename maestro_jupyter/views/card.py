"""A model card that is shown: in a notebook, as text, and as a page that stands alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maestro_jupyter.views import html, text
from maestro_jupyter.views.html import Html, element
from maestro_jupyter.views.lineage import lineage_text
from maestro_jupyter.views.lineage_picture import lineage_picture
from maestro_jupyter.views.prose import prose
from maestro_jupyter.views.view import STYLE, View

if TYPE_CHECKING:
    from maestro_jupyter.library.card import CardDocument, CardSection, CardTable

_UNWRITTEN = "Not written yet."
_PAGE_STYLE = """
:root{color-scheme:light dark}
body{max-width:64em;margin:2em auto;padding:0 1em;font-family:system-ui,sans-serif}
.maestro-view{font-size:15px}
.maestro-view .maestro-title{font-size:24px}
.maestro-view .maestro-heading{font-size:17px;margin-top:1.4em}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_FOLDED = 12


def card_view(document: CardDocument) -> View:
    """Show a card.

    Parameters
    ----------
    document : CardDocument

    Returns
    -------
    View
    """
    return View(_body(document), _text(document))


def card_page(document: CardDocument) -> str:
    """Give a card as a page that stands alone: no script, and nothing from elsewhere.

    Parameters
    ----------
    document : CardDocument

    Returns
    -------
    str
    """
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width"),
        element("title", f"{document.artifact.reference}: model card"),
        element("style", Html(STYLE + _PAGE_STYLE)),
    )
    body = element("body", element("div", _body(document), class_="maestro-view"))
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _body(document: CardDocument) -> Html:
    artifact = document.artifact
    return html.join(
        [
            html.title(artifact.reference, " ", html.quiet(artifact.type.replace("_", " "))),
            *(_section(document, section) for section in document.sections),
        ]
    )


def _section(document: CardDocument, section: CardSection) -> Html:
    parts: list[object] = [element("p", sentence) for sentence in section.said]
    parts += [_table(table) for table in section.tables]
    if section.key == "lineage" and document.lineage.edges:
        parts.append(element("div", lineage_picture(document.lineage), class_="maestro-scroll"))
    if section.text:
        said = f"Written by {section.editor} for version {section.version}."
        parts += [element("div", prose(section.text), class_="maestro-prose"), html.quiet(said)]
    elif not parts:
        parts = [html.quiet(_UNWRITTEN)]
    return html.join([html.heading(section.title), *parts])


def _table(table: CardTable) -> Html:
    shown = html.table(table.columns, table.rows)
    if len(table.rows) <= _FOLDED:
        return shown
    return html.folded(f"{table.columns[0]} ({len(table.rows):,})", shown)


def _text(document: CardDocument) -> str:
    artifact = document.artifact
    lines = [text.one_line(f"{artifact.reference}: {artifact.type.replace('_', ' ')}", 200)]
    for section in document.sections:
        said = [text.one_line(sentence, 400) for sentence in section.said]
        said += [text.table(table.columns, table.rows) for table in section.tables]
        if section.key == "lineage" and document.lineage.edges:
            said = [lineage_text(document.lineage)]
        said += [section.text] if section.text else []
        shown = "\n".join(said) if said else _UNWRITTEN
        lines += ["", section.title, text.indent(shown)]
    return "\n".join(lines)
