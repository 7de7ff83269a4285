"""Journals as tests write them and read them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from maestro_jupyter.events import AnyEvent, Event, JournalOpened, RunStarted
from maestro_jupyter.journal_format import parse_segment_name, scan
from maestro_jupyter.recording.guard import Problems
from maestro_jupyter.recording.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

    from maestro_jupyter.config import Maestro

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


def journal_of(config: Maestro, name: str, kernel: str | None = None, **options: int) -> Journal:
    """Give a journal that is written as a kernel does."""

    def opened(segment: int) -> JournalOpened:
        return JournalOpened(name, segment, 100.0, "host", 7, "ada", "kernel", kernel=kernel)

    return Journal(config.journals, name, opened, Problems(), **options)


def started(run: str) -> RunStarted:
    """Say that a run has begun."""
    return RunStarted(run, "n", 101.0, "p", "ada", "api")
