"""A card as Markdown, and what people have written taken out of such Markdown again.

What people have written stands in quotations (``>``), one in a section: a quotation ends with its lines, so
that neither headings nor fences nor front matter in a text reach beyond it. Nothing else in the Markdown is
one, for everything that is filled in is escaped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from maestro_jupyter.errors import Invalid
from maestro_jupyter.library.card import SECTIONS, visible
from maestro_jupyter.library.card_guard import guarded, unguarded
from maestro_jupyter.library.card_metadata import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from maestro_jupyter.library.card import CardDocument, CardSection, CardTable

_FENCE = "---"
_SPECIAL = re.compile(r"[\\`*_\[\]#|~$]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_BULLET = re.compile(r"^(\d{0,9})([-+=:.)])")
_UNWRITTEN = "*Not written yet.*"
_KEYS = {title: key for key, title in SECTIONS.items()}


class Written(NamedTuple):
    """What people have written in a Markdown card.

    Attributes
    ----------
    texts : dict of str to str
        By section, of those that the card has; an empty one has no quotation.
    edition : str or None
        The edition of the card that it was made from; None where the front matter does not say.
    """

    texts: dict[str, str]
    edition: str | None


def to_markdown(document: CardDocument) -> str:
    """Write a card as Markdown, with Hugging Face's metadata in front.

    Parameters
    ----------
    document : CardDocument

    Returns
    -------
    str
    """
    front = msgspec.yaml.encode(metadata(document)).decode()
    blocks = [f"# {_plain(document.artifact.reference)}"]
    for section in document.sections:
        blocks += [f"## {section.title}", *_blocks(section)]
    return f"{_FENCE}\n{front}{_FENCE}\n\n" + "\n\n".join(blocks) + "\n"


def read_markdown(text: str) -> Written:
    """Take out what people have written.

    Parameters
    ----------
    text : str
        What `to_markdown` has given, with quotations that may have been changed, added or taken away.

    Returns
    -------
    Written

    Raises
    ------
    Invalid
        If it has none of a card's headings, or one twice, or its front matter is none.
    """
    front, body = _parted(text.replace("\r\n", "\n"))
    lines: dict[str, list[str]] = {}
    section: list[str] | None = None
    for line in body.split("\n"):
        if line.startswith("## "):
            key = _KEYS.get(line[3:].strip())
            if key in lines:
                msg = f"The card has the heading {line!r:.80} twice."
                raise Invalid(msg, hint="Keep one of them.")
            section = None if key is None else lines.setdefault(key, [])
        elif section is not None:
            section.append(line)
    if not lines:
        msg = "The text has no heading of a model card."
        raise Invalid(
            msg, hint=f"Such as '## {SECTIONS['limitations']}'; what people write stands behind '>'."
        )
    return Written({key: _quoted(said) for key, said in lines.items()}, _edition(front))


def _blocks(section: CardSection) -> Iterator[str]:
    for sentence in section.said:
        yield _paragraph(sentence)
    for table in section.tables:
        yield _table(table)
    if section.text:
        yield "\n".join(f"> {line}" if line else ">" for line in guarded(section.text).split("\n"))
        yield f"*Written by {_plain(section.editor or '')} for version {section.version}.*"
    elif not (section.said or section.tables):
        yield _UNWRITTEN


def _quoted(lines: Sequence[str]) -> str:
    """Give the text of a section's quotation, also of one in parts; what else stands there is filled in."""
    places = [place for place, line in enumerate(lines) if line.startswith(">")]
    said = lines[places[0] : places[-1] + 1] if places else []
    quoted = [line.removeprefix(">").removeprefix(" ") for line in said if line.startswith(">") or not line]
    return unguarded("\n".join(quoted))


def _table(table: CardTable) -> str:
    rows = [table.columns, ["---"] * len(table.columns), *table.rows]
    return "\n".join(
        f"| {' | '.join(row if number == 1 else map(_plain, row))} |" for number, row in enumerate(rows)
    )


def _paragraph(sentence: str) -> str:
    return _BULLET.sub(r"\1\\\2", _plain(sentence))


def _plain(said: str) -> str:
    r"""Write a text in one line, in which nothing means anything to Markdown.

    Examples
    --------
    >>> print(_plain("a_b\n> **<c>**"))
    a\_b &gt; \*\*&lt;c&gt;\*\*
    """
    line = visible(" ".join(said.split()))
    marked = "".join(_ENTITIES.get(letter, letter) for letter in line)
    return _SPECIAL.sub(r"\\\g<0>", marked)


def _parted(text: str) -> tuple[str, str]:
    """Give the front matter and the rest."""
    if not text.startswith(f"{_FENCE}\n"):
        return "", text
    front, fence, body = text[len(_FENCE) + 1 :].partition(f"\n{_FENCE}\n")
    if not fence:
        msg = "The front matter of the card has no end."
        raise Invalid(msg, hint=f"Close it with a line {_FENCE}.")
    return front, body


def _edition(front: str) -> str | None:
    try:
        said = msgspec.yaml.decode(front) if front else {}
    except (msgspec.DecodeError, RecursionError) as error:
        msg = f"The front matter of the card is no YAML: {str(error).splitlines()[0]:.200}."
        raise Invalid(msg) from error
    own = said.get("maestro") if isinstance(said, dict) else None
    edition = own.get("edition") if isinstance(own, dict) else None
    return edition if isinstance(edition, str) else None
