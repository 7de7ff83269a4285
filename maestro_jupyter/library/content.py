"""What the library keeps of something: its bytes, the text to find it by, and what is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

TEXT_LIMIT = 64 << 10
"""How many bytes of text are indexed."""
_SAID = 10_000


class Content(NamedTuple):
    """What is registered.

    Attributes
    ----------
    type : str
        What it is, such as ``feature_pipeline``.
    format : str
        How its bytes are read: ``source``, ``skops``, ``onnx``, ``cloudpickle``, ``parquet``, ``pandera``,
        ``json``, ``file``, ``folder`` or ``notebook``.
    media_type, suffix : str
        Of a file that holds the bytes.
    data : bytes or Path
        The bytes, or the file that holds them, to be streamed.
    text : str
        What search looks at, at most 64 KiB.
    about : dict
        What is known of the content, as plain data.
    trusted_only : bool
        Whether loading it runs code from the bytes, or might crash on bytes that are made to.
    temporary : bool
        Whether `data` is a file to be deleted once its bytes are kept.
    """

    type: str
    format: str
    media_type: str
    suffix: str
    data: bytes | Path
    text: str
    about: dict[str, Any]
    trusted_only: bool = False
    temporary: bool = False


def indexed(parts: Iterable[str]) -> str:
    r"""Give the text that search looks at, cut to what it takes.

    Examples
    --------
    >>> indexed(["clean", "", "Drop empty rows."])
    'clean\nDrop empty rows.'
    """
    text = "\n".join(part for part in parts if part)
    return text.encode("utf-8", "replace")[:TEXT_LIMIT].decode("utf-8", "ignore")


def said(text: str) -> str:
    """Cut a text that stands in `about`, such as a docstring."""
    return text if len(text) <= _SAID else text[: _SAID - 1] + "…"


def redacted(content: Content, redact: Callable[[str], str]) -> Content:
    """Take secrets out of the text, of what is known, and of the bytes where they are source.

    Parameters
    ----------
    content : Content
    redact : callable
        Gives a text without its secrets.

    Returns
    -------
    Content
        Its `about` has ``redacted`` if the source held a secret.
    """
    about: dict[str, Any] = clean(content.about, redact)
    data = content.data
    if content.format == "source" and isinstance(data, bytes):
        shown = redact(data.decode()).encode()
        if shown != data:
            about["redacted"] = True
        data = shown
    return content._replace(data=data, text=redact(content.text), about=about)


def clean(value: Any, redact: Callable[[str], str]) -> Any:
    """Take secrets out of every text in plain data; a key may tell that its value is one.

    Examples
    --------
    >>> clean({"token": "abc", "n": [1]}, lambda text: text.replace("token=abc", "token=?"))
    {'token': '?', 'n': [1]}
    """
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [clean(each, redact) for each in value]
    if isinstance(value, dict):
        return {redact(key): _clean_item(key, each, redact) for key, each in value.items()}
    return value


def _clean_item(key: str, value: Any, redact: Callable[[str], str]) -> Any:
    if not isinstance(value, str):
        return clean(value, redact)
    before = f"{key}="
    shown = redact(before + value)
    return shown.removeprefix(before) if shown.startswith(before) else redact(value)
