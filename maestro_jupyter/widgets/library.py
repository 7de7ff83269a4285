"""The library, searched as one types: what was found and why, its card, and the code that uses it."""

from __future__ import annotations

import re
from keyword import iskeyword
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from maestro_jupyter import questions
from maestro_jupyter.widgets.exchange import Answer, Question
from maestro_jupyter.widgets.widget import LiveWidget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from maestro_jupyter.store.found import Found, Hit

PAGE = 100
"""How many artifacts one question may ask for."""

Text = Annotated[str, Meta(max_length=1000)]


class Given(msgspec.Struct, forbid_unknown_fields=True):
    """What is looked for at first.

    Attributes
    ----------
    query : str
    type : str or None
        Only this type.
    tags : list of str
        Only what has all of these.
    """

    query: Text = ""
    type: Text | None = None
    tags: Annotated[list[Text], Meta(max_length=50)] = []


class AskedSearch(msgspec.Struct, forbid_unknown_fields=True):
    """Asks for what is like a text."""

    query: Text
    limit: Annotated[int, Meta(ge=1, le=PAGE)]
    type: Text | None = None


class AskedCard(msgspec.Struct, forbid_unknown_fields=True):
    """Asks for an artifact's card."""

    reference: Text


class LibraryBrowser(LiveWidget):
    """A search of the library.

    Parameters
    ----------
    app : App
    query, type, tags
        See `Given`.
    """

    kind: ClassVar[str] = "library"
    Given: ClassVar[type[msgspec.Struct]] = Given

    def questions(self) -> Mapping[str, Question]:
        """Give what it answers, by kind."""
        return {
            "search": Question(AskedSearch, self._search),
            "card": Question(AskedCard, self._card),
        }

    def _search(self, asked: AskedSearch) -> Answer:
        library = self.fresh.library
        kinds = () if asked.type is None else (asked.type,)
        found: Found = library.search(asked.query, types=kinds, tags_all=self.asked.tags, limit=asked.limit)
        types = found.facets.get("type", {})
        return Answer(
            {
                "hits": [_hit(hit) for hit in found.hits],
                "total": found.total,
                "types": [{"name": name, "count": count} for name, count in types.items()],
                "note": found.note,
            }
        )

    def _card(self, asked: AskedCard) -> Answer:
        return Answer({"html": questions.card(self.fresh, asked.reference).html})


def code_using(name: str) -> str:
    """Give a cell that uses something of the library's.

    Examples
    --------
    >>> print(code_using("income limits"))
    import maestro_jupyter as maestro
    <BLANKLINE>
    income_limits = maestro.use('income limits')
    """
    variable = re.sub(r"\W+", "_", name).strip("_").lower()
    if not variable.isidentifier() or iskeyword(variable):
        variable = "found"
    return f"import maestro_jupyter as maestro\n\n{variable} = maestro.use({name!r})"


def _hit(hit: Hit) -> dict[str, Any]:
    artifact = hit.artifact
    return {
        "reference": artifact.reference,
        "type": artifact.type,
        "description": artifact.description,
        "tags": artifact.tags,
        "owner": artifact.owner,
        "why": hit.why,
        "code": code_using(artifact.name),
    }
