"""Which requests another site has made a browser send."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_OWN = {"same-origin", "none"}


def comes_from_elsewhere(
    headers: Mapping[str, str], *, changes: bool, allowed: str = "", pattern: str | None = None
) -> bool:
    """Tell whether a page of another origin has caused a request.

    The browser's own word (`Sec-Fetch-Site`) counts where there is one, and else `Origin` or, of what
    changes something, `Referer`; programs that are no browser send none of them. A sibling domain is
    elsewhere too: on a Hub it may be somebody else's. See https://web.dev/articles/fetch-metadata.

    Parameters
    ----------
    headers : mapping
        Of the request; names in any case.
    changes : bool
        Whether the verb may change something.
    allowed, pattern : str
        The other origin, or the pattern of those, that the server's administrator allows; ``*`` allows all.

    Examples
    --------
    >>> comes_from_elsewhere({"Sec-Fetch-Site": "cross-site"}, changes=False)
    True
    >>> comes_from_elsewhere({"Origin": "http://a:80", "Host": "a:8"}, changes=False)
    True
    >>> comes_from_elsewhere({"Origin": "http://a:8", "Host": "a:8"}, changes=True)
    False
    """
    origin = headers.get("Origin")
    if origin is not None and _is_allowed(origin, allowed, pattern):
        return False
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site.strip().lower() not in _OWN
    if origin is None and changes and headers.get("Referer"):
        origin = headers["Referer"]
    if origin is None:
        return False
    host = _host(origin)
    return not host or host != headers.get("Host", "").lower()


def _is_allowed(origin: str, allowed: str, pattern: str | None) -> bool:
    if allowed:
        return allowed == "*" or origin.lower() == allowed.lower()
    return bool(pattern) and re.fullmatch(str(pattern), origin.lower()) is not None


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
