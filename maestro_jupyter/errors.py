"""The errors that Maestro raises: a status, a message and a hint, translated once at each surface."""

from __future__ import annotations

from typing import Any, ClassVar


class MaestroError(Exception):
    """Something that the caller can mend.

    Parameters
    ----------
    message : str
        One sentence: what was wrong, and where.
    hint : str, optional
        What to do about it.

    Attributes
    ----------
    status : int
        The HTTP status of this kind of error, used by REST surfaces.
    reason : str
        A short machine-readable name of the kind.

    Examples
    --------
    >>> str(NotFound("There is no run 'ab12'.", hint="See `%maestro runs`."))
    "There is no run 'ab12'. See `%maestro runs`."
    """

    status: ClassVar[int] = 500
    reason: ClassVar[str] = "error"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.hint)


class Invalid(MaestroError):  # noqa: N818 - named by what happened, as in HTTP
    """The request cannot be understood."""

    status = 400
    reason = "invalid"


class Garbled(Invalid):
    """The body is not what its checksum says: it was damaged on its way."""

    reason = "garbled"


class Forbidden(MaestroError):  # noqa: N818
    """The user may not do that."""

    status = 403
    reason = "forbidden"


class NotFound(MaestroError):  # noqa: N818
    """What was asked for is absent, or hidden from this user."""

    status = 404
    reason = "not_found"


class Conflict(MaestroError):  # noqa: N818
    """The request contradicts the present state."""

    status = 409
    reason = "conflict"


class Misplaced(Conflict):
    """What is shipped does not follow what is there; the hint says where to go on from."""

    reason = "misplaced"


class TooLarge(MaestroError):  # noqa: N818
    """The request, or its answer, is longer than what is taken or given at once."""

    status = 413
    reason = "too_large"


class TooSlow(MaestroError):  # noqa: N818
    """The answer would take longer than a question may."""

    status = 422
    reason = "too_slow"


class TooMany(MaestroError):  # noqa: N818
    """The user asks for more than their share.

    Attributes
    ----------
    seconds : float
        When to come again.
    """

    status = 429
    reason = "too_many"

    def __init__(self, message: str, hint: str = "", seconds: float = 1.0) -> None:
        super().__init__(message, hint)
        self.seconds = seconds

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.hint, self.seconds)


class Unavailable(MaestroError):  # noqa: N818
    """The store or another part cannot serve the request now."""

    status = 503
    reason = "unavailable"


class MaestroWarning(UserWarning):
    """Something was refused or left out; the run goes on."""
