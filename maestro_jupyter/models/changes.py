"""What happens: to runs, as live views are told, and who changed what."""

from __future__ import annotations

from datetime import datetime

import msgspec


class RunEvent(msgspec.Struct, kw_only=True):
    """Something that happened to a run, or a warning.

    Attributes
    ----------
    number : int
        Later changes have higher numbers.
    kinds : list of str
        Of ``started``, ``changed``, ``metrics``, ``ended`` and ``warning``.
    """

    number: int
    time: datetime
    kinds: list[str]
    run_id: str | None = None
    text: str | None = None


class LiveEvent(RunEvent, kw_only=True):
    """All that has happened to a run since somebody looked, and how the run is now.

    Attributes
    ----------
    number : int
        Of the latest of the events that are put together.
    name, project, status, status_reason : str or None
        The run's; None for a warning that is about no run.
    metrics : dict of str to float
        The latest values, of at most a hundred metrics.
    archived : datetime or None
        When it was put away, if it was.
    """

    name: str | None = None
    project: str | None = None
    status: str | None = None
    status_reason: str | None = None
    metrics: dict[str, float] = {}
    archived: datetime | None = None


class EventsPage(msgspec.Struct, kw_only=True):
    """What has happened since a number, one by one.

    Attributes
    ----------
    last : int
        The number to go on from, also where the items are none, or somebody else's.
    reset : bool
        Whether more has happened than is kept: then what was shown has to be read anew.
    """

    items: list[RunEvent]
    last: int
    reset: bool = False


class Changes(msgspec.Struct, kw_only=True):
    """What has happened since a number, put together.

    Attributes
    ----------
    items : list of LiveEvent
        One for each run, the one that changed last at the end.
    last : int
        The number to go on from.
    reset : bool
        Whether more has happened than is kept: then what was shown has to be read anew.
    """

    items: list[LiveEvent]
    last: int
    reset: bool = False


class AuditLine(msgspec.Struct, kw_only=True, frozen=True):
    """One change that somebody made.

    Attributes
    ----------
    before, after : str or None
        The sha256 of what was changed, as it was and as it is; None where there was or is nothing.
    previous : str
        The digest of the line before.
    digest : str
        The sha256 over this line and `previous`.
    """

    number: int
    time: datetime
    actor: str
    action: str
    resource: str
    before: str | None
    after: str | None
    previous: str
    digest: str
