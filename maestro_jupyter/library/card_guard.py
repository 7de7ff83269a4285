r"""People's Markdown made harmless wherever it is rendered, in a way that can be taken back.

Markup in it becomes text, and what would be a link to anything but ``http``, ``https`` or ``mailto`` is none.
"""

from __future__ import annotations

import re

_MARKUP = re.compile(r"<(?=[A-Za-z/!?])|&(?:amp;)*lt;")
_MARKUP_BACK = re.compile(r"&((?:amp;)*)lt;")
_LINK = re.compile(r"\](\\*)([(:])")
"""What stands between a link's text and its address, or a label and its own; backslashes keep them apart."""

_ADDRESS = re.compile(r"[ \t]*(?:\n[ \t]*)?(?:https?://|mailto:)", re.IGNORECASE)


def guarded(text: str) -> str:
    r"""Give a text that runs nothing and leads nowhere else when it is rendered as Markdown.

    Examples
    --------
    >>> print(guarded("<script>alert(1)</script> if a < b"))
    &lt;script>alert(1)&lt;/script> if a < b
    >>> print(guarded("[a](javascript:alert(1)) [b](https://example.org)"))
    [a]\(javascript:alert(1)) [b](https://example.org)
    """
    return _LINK.sub(_kept_apart, _MARKUP.sub(_shown, text))


def unguarded(text: str) -> str:
    r"""Give the text that `guarded` was given.

    Examples
    --------
    >>> text = "<b> &lt;b> &amp;lt; [a](x) [a]\\(x) [b]: file:///etc/passwd"
    >>> unguarded(guarded(text)) == text
    True
    """
    opened = _LINK.sub(lambda found: f"]{found[1][1:]}{found[2]}", text)
    return _MARKUP_BACK.sub(lambda found: f"&{found[1][4:]}lt;" if found[1] else "<", opened)


def _shown(found: re.Match[str]) -> str:
    return "&lt;" if found[0] == "<" else f"&amp;{found[0][1:]}"


def _kept_apart(found: re.Match[str]) -> str:
    if not found[1] and _ADDRESS.match(found.string, found.end()):
        return found[0]
    return f"]\\{found[1]}{found[2]}"
