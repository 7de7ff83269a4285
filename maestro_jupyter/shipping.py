"""Ships this home's journals, and the files that they speak of, to a Maestro server on another host."""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeVar

import msgspec

from maestro_jupyter.errors import (
    Conflict,
    Forbidden,
    Garbled,
    MaestroError,
    Misplaced,
    NotFound,
    TooLarge,
    TooMany,
    Unavailable,
)
from maestro_jupyter.events import ArtifactLogged, ArtifactRegistered
from maestro_jupyter.journal_format import scan
from maestro_jupyter.models import JournalPlace
from maestro_jupyter.store.segments import parents_first
from maestro_jupyter.store.sources import Recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from maestro_jupyter.api import Api
    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.segments import Segment

PIECE = 1 << 20
"""How many bytes are shipped at once; more than a line that speaks of a file has."""

FIRST_PAUSE, LAST_PAUSE = 0.5, 30.0
"""Seconds until the next try after a failure; twice as long after each."""

TRIES = 6
"""How many failures in a row end an attempt to ship."""

LONGEST_WAIT = 600.0
"""Seconds in a row that a server may tell one to wait."""

_DETOURS = 10
_FILE_TRIES = 3
_WITH_FILES = (b'["artifact"', b'["register"')

Content = TypeVar("Content")

_decode = msgspec.json.Decoder(ArtifactLogged | ArtifactRegistered).decode


@dataclass
class Shipped:
    """What shipping has come to.

    Attributes
    ----------
    journals : int
        How many journals there was something to ship of.
    bytes : int
        How many of their bytes were shipped.
    files, missing : int
        How many files went with them, and how many did not: bytes that are lost, or that are too many.
    live : int
        How many journals are still being written; the rest of them is for another time.
    refused : dict of str to str
        By journal, why the server does not take it.
    """

    journals: int = 0
    bytes: int = 0
    files: int = 0
    missing: int = 0
    live: int = 0
    refused: dict[str, str] = field(default_factory=dict)


class _Piece(NamedTuple):
    """A piece of a journal."""

    segment: int
    offset: int
    data: bytes
    before: int | None
    """Where a further segment begins, the size of the one before."""
    final: bool


class Shipper:
    """Ships a home's journals: each byte once, however often it is killed and begins again.

    What the server says it has is the truth; nothing of it is written down here, and nothing here is changed.

    Parameters
    ----------
    config : Maestro
        For the home.
    api : Api
        The server's.
    open_artifact : callable
        Opens the bytes of an artifact that are in the spool no more; raises `NotFound` if there are none.
    pause : callable
        Waits for some seconds.
    """

    def __init__(
        self,
        config: Maestro,
        api: Api,
        open_artifact: Callable[[str], BinaryIO],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._config = config
        self._api = api
        self._open = open_artifact
        self._pause = pause
        self._journals = Recorded(config)
        self._places: dict[str, JournalPlace] = {}

    def ship(self) -> Shipped:
        """Ship what is there now, parents before the processes they forked.

        Of a journal that is being written this is all up to the last whole line.

        Returns
        -------
        Shipped

        Raises
        ------
        Unavailable
            If the server cannot be reached, or is at its end, after several tries.
        Forbidden
            If the server does not let one ship.
        """
        done = Shipped()
        for journal in parents_first(self._journals.find()):
            try:
                self._ship(journal, done)
            except (Unavailable, Forbidden, TooMany):
                raise
            except MaestroError as error:
                done.refused[journal] = error.message
        return done

    def _ship(self, journal: str, done: Shipped) -> None:
        for _ in range(_DETOURS):
            segments = self._journals.find(journal).get(journal, [])
            if not segments:
                return  # collected on this host meanwhile
            # The lock is looked at before the last bytes are read: nothing is added to a dead journal.
            live = self._journals.is_live(journal, segments[-1])
            if not live and self._journals.find(journal).get(journal, []) != segments:
                continue
            try:
                self._ship_pieces(journal, segments, done, live=live)
            except Misplaced:
                self._places.pop(journal, None)
                continue
            except FileNotFoundError:
                return
            done.live += live
            return
        msg = f"The server and this host do not agree how far journal {journal[:8]} is."
        raise Conflict(msg)

    def _ship_pieces(self, journal: str, segments: list[Segment], done: Shipped, *, live: bool) -> None:
        place = self._place(journal)
        if place.final:
            return
        last = segments[-1]
        if segments[0].number > place.segment:
            msg = f"What the server lacks of journal {journal[:8]} is not on this host any more."
            raise Conflict(msg)
        if (last.number, last.size()) < (place.segment, place.offset):
            msg = f"The server has more of journal {journal[:8]} than there is on this host."
            raise Conflict(msg)
        new = True
        for piece in _pieces(segments, place, live=live):
            self._ship_files(journal, piece.data, done)
            ship = functools.partial(
                self._api.ship,
                journal,
                piece.segment,
                piece.offset,
                piece.data,
                before=piece.before,
                final=piece.final,
            )
            self._places[journal] = self._patiently(ship)
            done.bytes += len(piece.data)
            done.journals, new = done.journals + new, False

    def _place(self, journal: str) -> JournalPlace:
        if journal not in self._places:
            try:
                self._places[journal] = self._patiently(functools.partial(self._api.journal, journal))
            except NotFound:
                self._places[journal] = JournalPlace(1, 0, final=False)
        return self._places[journal]

    def _ship_files(self, journal: str, data: bytes, done: Shipped) -> None:
        """Ship the files that a piece of a journal speaks of, so that they are there before it."""
        for sha256, size in _files_named(data).items():
            if self._ship_file(journal, sha256, size):
                done.files += 1
            else:
                done.missing += 1

    def _ship_file(self, journal: str, sha256: str, size: int) -> bool:
        """Ship a file from its beginning; tell whether the server has it."""
        for _ in range(_FILE_TRIES):
            try:
                with self._file(journal, sha256) as file:
                    return self._ship_bytes(journal, sha256, size, file)
            except (Misplaced, Garbled):
                continue
            except (NotFound, TooLarge):
                return False
        return False

    def _file(self, journal: str, sha256: str) -> BinaryIO:
        try:
            return self._journals.file(journal, sha256).open("rb")
        except FileNotFoundError:
            return self._open(sha256)

    def _ship_bytes(self, journal: str, sha256: str, size: int, file: BinaryIO) -> bool:
        offset = 0
        while True:
            data = file.read(PIECE)
            ship = functools.partial(self._api.ship_file, journal, sha256, offset, size, data)
            if self._patiently(ship).kept:
                return True
            if not data:
                return False
            offset += len(data)

    def _patiently(self, ask: Callable[[], Content]) -> Content:
        """Ask until there is an answer; what is asked here may be asked twice."""
        failures, waited = 0, 0.0
        while True:
            try:
                return ask()
            except TooMany as error:
                waited += error.seconds
                if waited > LONGEST_WAIT:
                    raise
                self._pause(error.seconds)
            except (Unavailable, Garbled):
                failures += 1
                if failures == TRIES:
                    raise
                self._pause(min(LAST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1)))


def _pieces(segments: Sequence[Segment], place: JournalPlace, *, live: bool) -> Iterator[_Piece]:
    """Cut what the server lacks into pieces, after whole lines where there are any."""
    last = segments[-1]
    before: int | None = None
    for segment in segments:
        if segment.number < place.segment:
            continue
        begun = segment.number == place.segment
        offset = place.offset if begun else 0
        grows = live and segment is last
        with segment.path.open("rb") as file:
            at_end = False
            while not at_end:
                file.seek(offset)
                data = file.read(PIECE)
                at_end = len(data) < PIECE
                if grows or not at_end:
                    data = data[: data.rfind(b"\n") + 1] or (b"" if at_end else data)
                final = at_end and segment is last and not live
                if data or final or not begun:
                    yield _Piece(segment.number, offset, data, before, final)
                begun, before = True, None
                offset += len(data)
        before = offset


def _files_named(data: bytes) -> dict[str, int]:
    """Give the files that the lines of a piece speak of, with their sizes."""
    found = {}
    for payload in scan(data).payloads:
        if payload.startswith(_WITH_FILES):
            try:
                artifact = _decode(payload)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                continue  # the server counts it as damaged
            found[artifact.sha256] = artifact.size
    return found
