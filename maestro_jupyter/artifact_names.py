"""What artifacts, their aliases and their tags may be called."""

from __future__ import annotations

import re
from typing import Any

from maestro_jupyter.errors import Invalid

NAME_LENGTH = 128
TAG_LENGTH = 128
ALIAS_LENGTH = 64

_NAME = re.compile(r"\w(?:[\w .+-]*[\w+])?")
_ROUTES = {"archived", "search", "top", "trending", "unused", "used"}
"""Names that mean something else in addresses. Whoever has one from before reaches it by its versions."""

_ALIAS = re.compile(r"[A-Za-z_][\w.-]*")


def checked_name(name: Any) -> str:
    """Give an artifact's name, if it is one.

    Raises
    ------
    Invalid
        If it is not 1 to 128 letters, digits, blanks, ``_``, ``.``, ``+`` or ``-``, or begins or ends with
        another than a letter or digit: a name stands in references, addresses and file names.

    Examples
    --------
    >>> checked_name("standard scaler-2")
    'standard scaler-2'
    >>> checked_name("../scaler")
    Traceback (most recent call last):
        ...
    maestro_jupyter.errors.Invalid: The artifact name '../scaler' cannot be used. Use 1 to 128 letters, digits, blanks, '_', '.', '+' and '-'; begin and end with a letter or digit.
    """  # noqa: E501 - the doctest shows the whole sentence
    msg = f"The artifact name {name!r:.140} cannot be used."
    if isinstance(name, str) and name in _ROUTES:
        raise Invalid(msg, hint="It stands for something else in addresses; put a word beside it.")
    if isinstance(name, str) and len(name) <= NAME_LENGTH and _NAME.fullmatch(name):
        return name
    raise Invalid(
        msg,
        hint=f"Use 1 to {NAME_LENGTH} letters, digits, blanks, '_', '.', '+' and '-'; "
        "begin and end with a letter or digit.",
    )


def checked_alias(alias: Any) -> str:
    """Give an alias, if it is one.

    Raises
    ------
    Invalid
        If it is not 1 to 64 letters, digits, ``_``, ``.`` and ``-`` that begin with a letter.

    Examples
    --------
    >>> checked_alias("champion")
    'champion'
    """
    if isinstance(alias, str) and len(alias) <= ALIAS_LENGTH and _ALIAS.fullmatch(alias):
        return alias
    msg = f"The alias {alias!r:.80} cannot be used."
    raise Invalid(
        msg, hint=f"Use 1 to {ALIAS_LENGTH} letters, digits, '_', '.' and '-'; begin with a letter."
    )


def checked_tag(tag: Any) -> str:
    """Give a tag, if it is one.

    Raises
    ------
    Invalid
        If it is not 1 to 128 printable characters.

    Examples
    --------
    >>> checked_tag("time series")
    'time series'
    """
    if isinstance(tag, str) and tag.strip() and len(tag) <= TAG_LENGTH and tag.isprintable():
        return tag.strip()
    msg = f"The tag {tag!r:.140} cannot be used."
    raise Invalid(msg, hint=f"Use 1 to {TAG_LENGTH} printable characters.")
