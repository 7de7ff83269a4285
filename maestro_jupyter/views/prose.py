"""What people have written in Markdown, as markup that can do nothing but be read.

Headings, lists, code, emphasis and links to ``http``, ``https`` and ``mailto`` are shown as such; whatever
else there is, HTML above all, is shown as it was written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from maestro_jupyter.views.html import Html, code, element, join

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(.*)")
_ITEM = re.compile(r"[ \t]*(?:([-*+])|\d{1,9}[.)])[ \t]+(.*)")
_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<strong>[^*\n]+)\*\*"
    r"|\*(?P<em>[^*\s](?:[^*\n]*[^*\s])?)\*"
    r"|\[(?P<label>[^\[\]\n]{1,500})\]\((?P<target>(?:https?://|mailto:)[^\s()<>]{1,2000})\)"
    r"|(?P<url>https?://[^\s<>()\[\]\"'`*]{1,2000})",
    re.IGNORECASE,
)


def prose(text: str) -> Html:
    """Show a text.

    Parameters
    ----------
    text : str

    Returns
    -------
    Html

    Examples
    --------
    >>> prose("Not for **loans**: <b>[see](https://example.org)")
    '<p>Not for <strong>loans</strong>: &lt;b&gt;<a href="https://example.org" rel="noopener noreferrer">see</a></p>'
    >>> prose("[x](javascript:alert(1))")
    '<p>[x](javascript:alert(1))</p>'
    """  # noqa: E501 - the doctest shows the whole markup
    return join(_blocks(text.split("\n")))


def _blocks(lines: Sequence[str]) -> Iterator[Html]:
    place = 0
    while place < len(lines):
        line = lines[place]
        fence = _FENCE.match(line)
        heading = _HEADING.fullmatch(line)
        if not line.strip():
            place += 1
        elif fence is not None:
            end = _closing(lines, place + 1, fence[1])
            yield code("\n".join(lines[place + 1 : end]))
            place = end + 1
        elif heading is not None:
            yield element(
                "div",
                *_inline(heading[1].rstrip(" \t#")),
                class_="maestro-heading",
                role="heading",
                aria_level="4",
            )
            place += 1
        else:
            end = _end(lines, place)
            yield _list(lines[place:end]) if _ITEM.fullmatch(line) else _paragraph(lines[place:end])
            place = end


def _closing(lines: Sequence[str], begin: int, fence: str) -> int:
    """Give the line that closes a fence; where none does, the end."""
    for place in range(begin, len(lines)):
        said = lines[place].strip()
        if len(said) >= len(fence) and set(said) == {fence[0]}:
            return place
    return len(lines)


def _end(lines: Sequence[str], begin: int) -> int:
    """Give where a paragraph or a list ends."""
    is_list = _ITEM.fullmatch(lines[begin]) is not None
    for place in range(begin + 1, len(lines)):
        line = lines[place]
        begins_list = not is_list and _ITEM.fullmatch(line) is not None
        if not line.strip() or begins_list or _FENCE.match(line) or _HEADING.fullmatch(line):
            return place
    return len(lines)


def _paragraph(lines: Sequence[str]) -> Html:
    return element("p", *_inline("\n".join(lines)))


def _list(lines: Sequence[str]) -> Html:
    items: list[str] = []
    ordered = (_ITEM.fullmatch(lines[0]) or [None, "-"])[1] is None
    for line in lines:
        found = _ITEM.fullmatch(line)
        if found is None:
            items[-1] += f"\n{line.strip()}"
        else:
            items.append(found[2])
    kind = "ol" if ordered else "ul"
    return element(kind, *(element("li", *_inline(item)) for item in items), class_="maestro-list")


def _inline(text: str) -> Iterator[object]:
    """Give the text and the marked-up parts of it, in order."""
    place = 0
    for found in _INLINE.finditer(text):
        yield text[place : found.start()]
        yield _marked(found)
        place = found.end()
    yield text[place:]


def _marked(found: re.Match[str]) -> Html:
    said = found.groupdict()
    for tag in ("code", "strong", "em"):
        if said[tag] is not None:
            return element(tag, said[tag])
    address = said["target"] or said["url"]
    return element("a", said["label"] or address, href=address, rel="noopener noreferrer")
