"""Where the next page of a list begins: opaque to the client, and only good for the list it came from."""

from __future__ import annotations

import base64
import binascii
import hashlib

import msgspec

from maestro_jupyter.errors import Invalid

_Content = tuple[bytes, int, int]


def write_cursor(question: str, place: tuple[int, int]) -> str:
    """Give the cursor of a place in the answer to a question.

    Examples
    --------
    >>> read_cursor("metrics.a > 1", write_cursor("metrics.a > 1", (7, 50)))
    (7, 50)
    """
    content = msgspec.msgpack.encode((_digest(question), *place))
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def read_cursor(question: str, cursor: str) -> tuple[int, int]:
    """Give the place that a cursor stands for.

    Raises
    ------
    Invalid
        If it is none, or belongs to another question.
    """
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        digest, newest, offset = msgspec.msgpack.decode(
            base64.b64decode(padded, altchars=b"-_", validate=True), type=_Content
        )
    except (binascii.Error, msgspec.MsgspecError, UnicodeEncodeError) as error:
        msg = "The cursor cannot be understood."
        raise Invalid(msg, hint="Give back the cursor of the page before, as it was.") from error
    if digest != _digest(question) or not (0 <= newest < 1 << 63 and 0 <= offset < 1 << 63):
        msg = "The cursor belongs to another list."
        raise Invalid(msg, hint="Leave it out to begin this list.")
    return newest, offset


def _digest(question: str) -> bytes:
    return hashlib.sha256(question.encode("utf-8", "surrogatepass")).digest()[:8]
