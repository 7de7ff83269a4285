"""What may be logged: keys, metric values, steps and parameter values, checked and made plain."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any

from maestro_jupyter.errors import Invalid

if TYPE_CHECKING:
    from maestro_jupyter.events import ParamValue

KEY_LENGTH = 250
PARAM_BYTES = 64 << 10
_INT64 = 1 << 63
_PLAIN = (str, int, float)


def check_key(key: Any, what: str) -> str:
    """Give a key that can be stored.

    Parameters
    ----------
    key : object
        What the caller gave.
    what : str
        ``metric``, ``param`` or ``tag``, for the message.

    Returns
    -------
    str
        The key as it is: quotes, slashes and emoji are kept.

    Raises
    ------
    Invalid
        If it is no string, empty, too long, or holds a lone surrogate or a NUL.

    Examples
    --------
    >>> check_key("val/loss 🎯", "metric")
    'val/loss 🎯'
    """
    if not isinstance(key, str):
        msg = f"The {what} key {key!r:.100} is a {type(key).__name__}, not a string."
        raise Invalid(msg, hint="Use str(key).")
    if not key.strip():
        msg = f"The {what} key {key!r} is empty."
        raise Invalid(msg)
    if len(key) > KEY_LENGTH:
        msg = f"The {what} key {key[:40]!r}… has {len(key)} characters; at most {KEY_LENGTH} are kept."
        raise Invalid(msg)
    if "\0" in key or not _is_encodable(key):
        msg = f"The {what} key {key!r} holds a character that is no Unicode text."
        raise Invalid(msg)
    return key


def to_number(key: str, value: Any) -> float:
    """Give a metric's value as a float that says the same.

    Parameters
    ----------
    key : str
        The metric's key, for the message.
    value : object
        A real number: Python's, or a scalar or one-element array of numpy, torch and the like.

    Returns
    -------
    float
        NaN and infinities are kept.

    Raises
    ------
    Invalid
        If it is no real number, or an integer that a 64-bit float cannot hold exactly.

    Examples
    --------
    >>> to_number("n", 3)
    3.0
    >>> to_number("n", 2**53 + 1)
    Traceback (most recent call last):
    ...
    maestro_jupyter.errors.Invalid: The metric 'n' is 9007199254740993, which a 64-bit float cannot hold exactly. Log it as a param.
    """  # noqa: E501 - the doctest shows the whole sentence
    if isinstance(value, bool):
        return float(value)
    if not isinstance(value, int | float) and callable(getattr(value, "item", None)):
        value = _item(key, value)
    if isinstance(value, int):
        return _exact(key, value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str | bytes | complex) or not hasattr(value, "__float__"):
        msg = f"The metric {key!r} is {value!r:.60} ({type(value).__name__}), not a real number."
        raise Invalid(msg)
    try:
        return float(value)
    except Exception as error:
        msg = f"The metric {key!r} ({type(value).__name__}) gives no number: {error}."
        raise Invalid(msg) from error


def to_step(value: Any) -> int:
    """Give a step as an integer of 64 bits.

    Raises
    ------
    Invalid
        If it is none.

    Examples
    --------
    >>> to_step(3.0)
    3
    """
    try:
        step = int(value) if isinstance(value, float) and value.is_integer() else operator.index(value)
    except TypeError:
        msg = f"The step {value!r:.60} is not an integer."
        raise Invalid(msg) from None
    if not -_INT64 <= step < _INT64:
        msg = f"The step {step} does not fit into 64 bits."
        raise Invalid(msg)
    return step


def to_param(key: str, value: Any) -> ParamValue:
    """Give a parameter's value as JSON can hold it.

    Parameters
    ----------
    key : str
        The parameter's key, for the message.
    value : object
        Numbers, strings, booleans and None are kept as they are; of anything else its ``str``.

    Returns
    -------
    str, int, float, bool or None

    Raises
    ------
    Invalid
        If it is longer than 64 KiB, or has no text form.

    Examples
    --------
    >>> to_param("lr", 0.1), to_param("layers", (64, 32)), to_param("x", float("nan"))
    (0.1, '(64, 32)', 'nan')
    """
    if value is None or isinstance(value, bool):
        return value
    if type(value) not in _PLAIN and getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = value.item()
        if value is None or isinstance(value, bool):
            return value
    if type(value) is int and -_INT64 <= value < _INT64:
        return value
    if type(value) is float and math.isfinite(value):
        return value
    return _text(key, value)


def to_text(key: str, value: Any, what: str = "tag") -> str:
    """Give a tag's value as text; see `to_param` for the limits.

    Raises
    ------
    Invalid
        If it is too long or has no text form.
    """
    return _text(key, value, what)


def _item(key: str, value: Any) -> Any:
    try:
        return value.item()
    except Exception as error:
        shape = getattr(value, "shape", "?")
        msg = f"The metric {key!r} is not one number: {type(value).__name__} of shape {shape}."
        raise Invalid(msg) from error


def _exact(key: str, value: int) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if number != value:
        msg = f"The metric {key!r} is {value!r:.40}, which a 64-bit float cannot hold exactly."
        raise Invalid(msg, hint="Log it as a param.")
    return number


def _text(key: str, value: Any, what: str = "param") -> str:
    try:
        text = str(value)
    except Exception as error:
        msg = (
            f"The {what} {key!r} ({type(value).__name__}) has no text form: {type(error).__name__}: {error}."
        )
        raise Invalid(msg) from error
    if not _is_encodable(text):
        text = text.encode("utf-8", "backslashreplace").decode()
    if len(text.encode()) > PARAM_BYTES:
        msg = f"The {what} {key!r} is {len(text.encode()):,} bytes long; at most {PARAM_BYTES:,} are kept."
        raise Invalid(msg, hint="Use log_artifact() for what is large.")
    return text.replace("\0", "\\0")


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
