"""Model cards over REST: filled in when they are asked for, and written on section by section."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta

from maestro_jupyter.library.card import TEXT_LIMIT, CardDocument
from maestro_jupyter.server.artifacts import reference
from maestro_jupyter.server.files import UNKNOWN, to_be_saved
from maestro_jupyter.server.handler import Answer, Handler
from maestro_jupyter.server.operation import operation
from maestro_jupyter.store.library_cards import CardEdit

if TYPE_CHECKING:
    from maestro_jupyter.server.handler import Request


class CardQuery(msgspec.Struct, forbid_unknown_fields=True):
    """In which form to give a card."""

    format: Annotated[
        Literal["json", "markdown", "html"], Meta(description="What is not JSON is given to be saved.")
    ] = "json"


class NewText(msgspec.Struct, forbid_unknown_fields=True):
    """A text for a section."""

    text: Annotated[str, Meta(max_length=TEXT_LIMIT)]
    """In Markdown; empty takes away what is there."""
    expected: Annotated[str, Meta(max_length=64)]
    """The section's `digest`, as it was read: if it is another by now, nothing is changed."""


class CardChange(msgspec.Struct, forbid_unknown_fields=True):
    """What to write on a card."""

    sections: Annotated[
        dict[Annotated[str, Meta(min_length=1, max_length=32)], NewText], Meta(min_length=1, max_length=32)
    ]
    """By the key of a section; all or none of them are written."""


class Card(Handler):
    """The model card of a version."""

    @operation("read library", query=CardQuery, answer=CardDocument, other_media_type=UNKNOWN, kept=True)
    def get(self, request: Request, name: str, version: str) -> CardDocument | Answer:
        """Give the model card of a version."""
        document = request.api.library.card(reference(name, version))
        if request.query.format == "json":
            return document
        return _saved(document, request.query.format)

    @operation("change library", body=CardChange, answer=CardDocument)
    def patch(self, request: Request, name: str, version: str) -> CardDocument:
        """Write in sections of a card, from a version on, if nobody else has since they were read."""
        edits = {key: CardEdit(said.text, said.expected) for key, said in request.body.sections.items()}
        return request.api.library.edit_card(reference(name, version), edits)


def _saved(document: CardDocument, form: str) -> Answer:
    """Give a card as a file to be saved: what people wrote in it is never shown in this origin."""
    from maestro_jupyter.library.card_markdown import to_markdown
    from maestro_jupyter.views.card import card_page

    artifact = document.artifact
    stem = f"{artifact.name}-{artifact.version}-card"
    if form == "markdown":
        headers, text = to_be_saved(f"{stem}.md", "text/markdown"), to_markdown(document)
    else:
        headers, text = to_be_saved(f"{stem}.html", "text/html"), card_page(document)
    return Answer(text.encode(), headers | {"Content-Type": UNKNOWN})
