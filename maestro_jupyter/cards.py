"""A model card in a notebook or script: shown, saved, and written on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from maestro_jupyter.errors import Conflict
from maestro_jupyter.library.card_markdown import read_markdown, to_markdown
from maestro_jupyter.store.library_cards import CardEdit
from maestro_jupyter.views.card import card_page, card_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from maestro_jupyter.library.card import CardDocument
    from maestro_jupyter.library_api import LibraryApi


class Card:
    """The card of a version, as it was read.

    Parameters
    ----------
    library : LibraryApi
    document : CardDocument

    Attributes
    ----------
    document : CardDocument
        The artifact, the sections, the metrics and the lineage.

    Examples
    --------
    >>> import maestro_jupyter as maestro
    >>> version = maestro.register("limits", {"low": 0})
    >>> card = maestro.card("limits").edit("limitations", "Only for **euros**.")
    >>> card["limitations"]
    'Only for **euros**.'
    >>> "> Only for **euros**." in card.markdown()
    True
    """

    def __init__(self, library: LibraryApi, document: CardDocument) -> None:
        self._library = library
        self.document = document

    def __getitem__(self, section: str) -> str:
        """Give what people have written in a section; empty where nobody has."""
        return self.document.section(section).text

    def edit(self, section: str, text: str) -> Card:
        """Write in a section, from this version on; an empty text takes away what is there.

        Parameters
        ----------
        section : str
            Such as ``limitations``; the error for one that is none lists them all.
        text : str
            In Markdown. It replaces what is written there; what is filled in stays.

        Returns
        -------
        Card
            As it is now.

        Raises
        ------
        MaestroError
            If the artifact is somebody else's, or the section has been changed since this card was read.
        """
        return self._write({section: text})

    def update(self, markdown: str) -> Card:
        """Take over what people have written in a Markdown card, such as `markdown` gives.

        Parameters
        ----------
        markdown : str
            What is quoted (``>``) under a heading becomes that section's text; all else is left alone.

        Returns
        -------
        Card
            As it is now.

        Raises
        ------
        MaestroError
            If it is no card, is that of something else, or was made before somebody changed what is written.
        """
        written = read_markdown(markdown)
        if written.edition is not None and written.edition != self.document.edition:
            reference = self.document.artifact.reference
            msg = f"{reference} has been written on since this Markdown was made, or it is of something else."
            raise Conflict(msg, hint="Make it again with card.markdown(), and work your changes into it.")
        return self._write(written.texts)

    def markdown(self) -> str:
        """Give it as Markdown, with Hugging Face's metadata in front."""
        return to_markdown(self.document)

    def html(self) -> str:
        """Give it as a page that stands alone, without script."""
        return card_page(self.document)

    def json(self) -> str:
        """Give it as JSON."""
        return msgspec.json.encode(self.document).decode()

    def _write(self, texts: Mapping[str, str]) -> Card:
        edits = {
            key: CardEdit(text, self.document.section(key).digest)
            for key, text in texts.items()
            if text != self[key]
        }
        if not edits:
            return self
        return Card(self._library, self._library.edit_card(self.document.artifact.reference, edits))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return card_view(self.document)._repr_mimebundle_(include, exclude)

    def _repr_html_(self) -> str:
        return card_view(self.document)._repr_html_()

    def __repr__(self) -> str:
        return card_view(self.document).text
