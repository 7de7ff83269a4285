"""Redaction: what takes secrets out of everything before it is written to the journal."""

from __future__ import annotations

import functools
import numbers
import os
import re
from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.secret_assignments import hide_assigned
from maestro_jupyter.recording.secret_formats import REDACTED, hide_formats
from maestro_jupyter.recording.secret_names import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["REDACTED", "Redactor"]

_SHORTEST_TEXT = 5  # pw=ab
_SHORTEST_LIVE = 8
_DEEPEST = 40
_PASSES = 4
_NOT_SECRET = frozenset({"disabled", "enabled", "required", "optional", "undefined", "password", "anonymous"})
_WORKING_DIRECTORIES = frozenset({"PWD", "OLDPWD"})


class Redactor:
    """Takes secrets out of texts and values.

    Parameters
    ----------
    environ : mapping of str to str, optional
        Where live secrets stand; `os.environ` by default. It is looked at anew at every call.

    Examples
    --------
    >>> redactor = Redactor({"DB_PASSWORD": "correct horse"})
    >>> redactor.text("it is the correct horse")
    'it is the [redacted]'
    >>> redactor.value("num_tokens", 512), redactor.value("api_key", "abc")
    (512, '[redacted]')
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._seen: object = {}
        self._live: re.Pattern[str] | None = None

    def is_secret_key(self, key: str) -> bool:
        """Tell whether a name announces a secret.

        Parameters
        ----------
        key : str
            A parameter's, tag's, column's or variable's name, in any spelling.

        Returns
        -------
        bool
            True for `db_password`, False for `num_tokens`.
        """
        return is_secret_name(key)

    def text(self, text: str) -> str:
        """Replace the secrets in a text and nothing else; it keeps its number of lines.

        Parameters
        ----------
        text : str
            Source code, output, a traceback (colours included), a diff, a value.

        Returns
        -------
        str
            The text itself if it holds no secret. A coloured text that holds one loses its colours.

        Examples
        --------
        >>> Redactor({}).text("login(user='ana', password='hunter2')")
        "login(user='ana', password='[redacted]')"
        """
        if len(text) < _SHORTEST_TEXT:
            return text
        live = self._live_values()
        if "\x1b" in text:
            plain = _escape_sequence().sub("", text)
            clean = _settled(plain, live)
            if clean != plain:
                return clean
        return _settled(text, live)

    def whole_lines(self, text: str) -> int:
        r"""Tell how much of a text that still grows can be redacted now.

        That is up to the last end of a line, and not into a secret of several lines from the environment.

        Parameters
        ----------
        text : str
            The text so far.

        Returns
        -------
        int
            The number of characters.

        Examples
        --------
        >>> Redactor({}).whole_lines("epoch 1\nepoch 2: 0.")
        8
        >>> Redactor({"PIN_SECRET": "a1b2\nc3d4"}).whole_lines("a1b2\n")
        0
        """
        end = max(text.rfind("\n"), text.rfind("\r")) + 1
        for name, value in list(self._environ.items()):
            if "\n" not in value or not is_secret_name(name):
                continue
            lines = value.splitlines(keepends=True)
            for count in range(1, len(lines)):
                begun = "".join(lines[:count])
                if text.endswith(begun, 0, end):
                    end -= len(begun)
                    break
        return end

    def value(self, key: str, value: object) -> object:
        """Replace the secrets in a value, or the value itself if its key names a secret.

        Parameters
        ----------
        key : str
            The value's name.
        value : object
            Plain data. Dicts, lists, tuples and sets are walked; other objects are returned as they are.

        Returns
        -------
        object
            The value, with secrets replaced; the given containers are not changed.

        Examples
        --------
        >>> Redactor({}).value("db", {"user": "ana", "password": "hunter2", "ports": [1, 2]})
        {'user': 'ana', 'password': '[redacted]', 'ports': [1, 2]}
        """
        return self._walk(value, is_secret_name(key), 0)

    def _walk(self, value: object, secret: bool, depth: int) -> object:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str | bytes | bytearray):
            return self._leaf(value, secret)
        if isinstance(value, numbers.Number):
            return REDACTED if secret else value
        if not isinstance(value, dict | list | tuple | set | frozenset):
            return value
        if depth > _DEEPEST:
            return REDACTED
        return self._collection(value, secret, depth + 1)

    def _leaf(self, value: str | bytes | bytearray, secret: bool) -> object:
        if secret:
            return REDACTED if value else value
        if isinstance(value, str):
            return self.text(value)
        text = bytes(value).decode("utf-8", "surrogateescape")
        clean = self.text(text)
        return value if clean == text else clean.encode("utf-8", "surrogateescape")

    def _collection(
        self,
        value: dict[object, object] | list[object] | tuple[object, ...] | set[object] | frozenset[object],
        secret: bool,
        depth: int,
    ) -> object:
        if isinstance(value, dict):
            return self._mapping(value, secret, depth)
        if isinstance(value, tuple) and len(value) == 2 and _is_secret(value[0]):
            return (value[0], self._walk(value[1], True, depth))
        items = [self._walk(item, secret, depth) for item in value]
        if isinstance(value, list):
            return items
        if isinstance(value, tuple):
            return tuple(items)
        return frozenset(items) if isinstance(value, frozenset) else set(items)

    def _mapping(self, value: dict[object, object], secret: bool, depth: int) -> dict[object, object]:
        named = _is_secret(value.get("name", value.get("key")))  # {"name": "API_KEY", "value": "…"}
        clean: dict[object, object] = {}
        for key, item in value.items():
            hidden = secret or _is_secret(key) or (named and key == "value")
            clean[self.text(key) if isinstance(key, str) else key] = self._walk(item, hidden, depth)
        return clean

    def _live_values(self) -> re.Pattern[str] | None:
        # os.environ decodes every entry when it is read; its inner dict compares in a microsecond or two.
        entries: Mapping[Any, Any] = getattr(self._environ, "_data", self._environ)
        now = dict(entries)
        if now != self._seen:
            self._live = _live_pattern(self._environ)
            self._seen = now
        return self._live


def _is_secret(key: object) -> bool:
    return isinstance(key, str) and is_secret_name(key)


def _settled(text: str, live: re.Pattern[str] | None) -> str:
    """Redact until nothing changes, so that redacting twice is the same as once."""
    for _ in range(_PASSES):
        clean = live.sub(REDACTED, text) if live else text
        clean = hide_formats(hide_assigned(clean))
        if clean == text:
            break
        text = clean
    return text


@functools.cache
def _escape_sequence() -> re.Pattern[str]:
    return re.compile(r"\x1b(?:\[[0-9;:?]{0,40}+[A-Za-z]|\][^\x07\x1b]{0,200}+(?:\x07|\x1b\\))")


def _live_pattern(environ: Mapping[str, str]) -> re.Pattern[str] | None:
    forms: set[str] = set()
    for name, value in list(environ.items()):
        if is_secret_name(name) and name not in _WORKING_DIRECTORIES and _is_live_secret(value):
            forms |= _forms(value)
    if not forms:
        return None
    return re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))


def _is_live_secret(value: str) -> bool:
    if len(value) < _SHORTEST_LIVE or value.lower() in _NOT_SECRET or REDACTED in value:
        return False
    return not os.path.exists(value)  # noqa: PTH110 - Path refuses what may stand in a variable


def _forms(value: str) -> set[str]:
    """Give the spellings in which a value may show: plain, escaped, in a URL, in base64."""
    import json
    from urllib.parse import quote, quote_plus

    raw = value.encode("utf-8", "surrogateescape")
    forms = {value, repr(value)[1:-1], json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    forms |= {quote(raw), quote(raw, safe=""), quote_plus(raw)}
    forms |= {line for line in value.splitlines() if len(line) >= 2 * _SHORTEST_LIVE}
    return forms | {form for shift in range(3) for form in _base64(raw, shift)}


def _base64(raw: bytes, shift: int) -> tuple[str, str]:
    """Give the characters that depend on these bytes alone, wherever they stand in what was encoded."""
    import base64

    start, stop = (shift * 8 + 5) // 6, (shift + len(raw)) * 8 // 6
    padded = b"\0" * shift + raw
    return (
        base64.b64encode(padded).decode()[start:stop],
        base64.urlsafe_b64encode(padded).decode()[start:stop],
    )
