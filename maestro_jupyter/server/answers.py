"""Answers that are kept: what nobody has changed since is not asked of the store again."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable

SIZE = 64 << 20
"""How many bytes are kept at most, of all answers together."""

_LARGEST_SHARE = 8
_WORTH_PACKING = 1024
_LEVEL = 1
"""Of gzip: what a higher one saves of a list is a tenth, for twice the time."""


class Kept(NamedTuple):
    """One answer, ready to be sent.

    Attributes
    ----------
    body : bytes
    packed : bytes or None
        The body as gzip; None where that is not worth it.
    etag : str
    """

    body: bytes
    packed: bytes | None
    etag: str

    @property
    def size(self) -> int:
        """The bytes that it takes."""
        return len(self.body) + len(self.packed or b"")


def keep(body: bytes) -> Kept:
    """Make an answer ready to be sent, and to be sent again.

    Parameters
    ----------
    body : bytes

    Returns
    -------
    Kept

    Examples
    --------
    >>> keep(b"[]").packed is None, len(keep(b"0" * 10_000).packed) < 100
    (True, True)
    """
    packed = gzip.compress(body, _LEVEL, mtime=0) if len(body) >= _WORTH_PACKING else None
    return Kept(body, packed, f'W/"{hashlib.sha256(body).hexdigest()[:40]}"')


class Answers:
    """The answers to what was asked last, each as of a version of the data.

    An answer is given again only for the version that it was kept under. Keep it under a version that was
    read before the answer was made: what is written in between then costs one answer more, and never
    leaves an old one.

    Parameters
    ----------
    size : int
        How many bytes are kept at most.

    Examples
    --------
    >>> answers = Answers()
    >>> answers.put("runs", 1, keep(b"[]"))
    >>> answers.get("runs", 1).body, answers.get("runs", 2)
    (b'[]', None)
    """

    def __init__(self, size: int = SIZE) -> None:
        self._limit = size
        self._size = 0
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, tuple[int, Kept]] = OrderedDict()

    @property
    def size(self) -> int:
        """The bytes that are kept."""
        return self._size

    def get(self, question: Hashable, version: int) -> Kept | None:
        """Give the answer to a question, if it is kept for this version."""
        with self._lock:
            found = self._kept.get(question)
            if found is None or found[0] != version:
                return None
            self._kept.move_to_end(question)
            return found[1]

    def put(self, question: Hashable, version: int, answer: Kept) -> None:
        """Keep an answer, and let go of those that were not asked for the longest."""
        if answer.size > self._limit // _LARGEST_SHARE:
            return
        with self._lock:
            before = self._kept.pop(question, None)
            if before is not None:
                self._size -= before[1].size
            self._kept[question] = (version, answer)
            self._size += answer.size
            while self._size > self._limit:
                self._size -= self._kept.popitem(last=False)[1][1].size
