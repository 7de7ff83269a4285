"""Reading journals back, as tests do."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from maestro_jupyter.events import AnyEvent, Event
from maestro_jupyter.journal_format import parse_segment_name, scan

if TYPE_CHECKING:
    from pathlib import Path

E = TypeVar("E", bound=Event)


def read_events(folder: Path) -> list[Event]:
    """Give every intact event of a folder's journals, journal by journal."""
    decoder = msgspec.json.Decoder(AnyEvent)
    found: list[Event] = []
    for path in sorted(path for path in folder.iterdir() if parse_segment_name(path.name)):
        found += [decoder.decode(payload) for payload in scan(path.read_bytes(), final=True).payloads]
    return found


def read_kind(folder: Path, kind: type[E]) -> list[E]:
    """Give the events of one kind."""
    return [event for event in read_events(folder) if isinstance(event, kind)]
