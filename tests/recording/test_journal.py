"""The journal: nothing that it took is lost, whatever happens to the disk, the file or the process."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journals import read_events, read_kind

from maestro_jupyter.events import JournalClosed, JournalOpened, NoteAdded
from maestro_jupyter.journal_format import frame, is_live, scan
from maestro_jupyter.recording import journal as writer
from maestro_jupyter.recording.guard import Problems
from maestro_jupyter.recording.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[int, bytes], int]


def make(folder: Path, **limits: int) -> Journal:
    return Journal(
        folder, "j1", lambda n: JournalOpened("j1", n, 1.0, "host", 1, "me", "script"), Problems(), **limits
    )


def note(text: str) -> NoteAdded:
    return NoteAdded("r" * 32, 1.0, text)


def texts(folder: Path) -> list[str]:
    return [event.text for event in read_kind(folder, NoteAdded)]


def test_an_event_can_be_read_back_at_once(tmp_path: Path) -> None:
    journal = make(tmp_path / "j")
    journal.append(note("über\n\x1e🎯"))
    assert texts(tmp_path / "j") == ["über\n\x1e🎯"]
    journal.close(JournalClosed(2.0))
    assert isinstance(read_events(tmp_path / "j")[-1], JournalClosed)


def test_without_an_event_there_is_no_file(tmp_path: Path) -> None:
    journal = make(tmp_path / "j")
    assert journal.retry()
    journal.sync()
    assert not journal.begun
    assert not (tmp_path / "j").exists()


def test_only_the_user_may_read(tmp_path: Path) -> None:
    make(tmp_path / "j").append(note("x"))
    path = next((tmp_path / "j").iterdir())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_lock_lasts_as_long_as_the_writer(tmp_path: Path) -> None:
    journal = make(tmp_path)
    journal.append(note("x"))
    path = next(tmp_path.iterdir())
    assert is_live(path)
    journal.abandon()
    assert not is_live(path)
    assert not is_live(tmp_path / "absent")


def test_rotation_keeps_every_line_and_the_lock(tmp_path: Path) -> None:
    journal = make(tmp_path, segment_bytes=4096)
    for number in range(200):
        journal.append(note(str(number)))
    segments = sorted(tmp_path.iterdir())
    assert len(segments) > 2
    assert [is_live(path) for path in segments] == [False] * (len(segments) - 1) + [True]
    assert texts(tmp_path) == [str(number) for number in range(200)]
    opened = read_kind(tmp_path, JournalOpened)
    assert [event.segment for event in opened] == list(range(1, len(segments) + 1))


class FailingDisk:
    """Writes as the disk does, but refuses or cuts short the n-th call."""

    def __init__(self, fail_at: int, error: int | None) -> None:
        self.calls = 0
        self.fail_at = fail_at
        self.error = error
        self.write = os.write

    def __call__(self, fd: int, data: bytes) -> int:
        self.calls += 1
        if self.calls != self.fail_at:
            return self.write(fd, data)
        if self.error is None:
            return self.write(fd, data[: len(data) // 2])
        raise OSError(self.error, os.strerror(self.error))


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, None])
@pytest.mark.parametrize("fail_at", range(1, 12))
def test_each_write_failing_in_turn_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fail_at: int, error: int | None
) -> None:
    disk = FailingDisk(fail_at, error)
    monkeypatch.setattr(writer.os, "write", disk)
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.0)
    journal = make(tmp_path)
    expected = [str(number) for number in range(10)]
    for text in expected:
        journal.append(note(text))
    assert journal.retry()
    journal.abandon()
    assert disk.calls >= fail_at
    assert texts(tmp_path) == expected


def test_a_disk_that_stays_full_keeps_the_newest_and_counts_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = make(tmp_path, pending_bytes=600)
    journal.append(note("before"))

    def full(fd: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(writer.os, "write", full)
        for number in range(50):
            journal.append(note(f"{number:04}"))
    assert journal.waiting
    assert journal.dropped == 50 - journal.waiting
    assert journal.retry()
    kept = texts(tmp_path)
    assert kept[0] == "before"
    assert kept[-1] == "0049"
    assert len(kept) == 51 - journal.dropped


def test_a_folder_that_cannot_be_made_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.0)
    blocker = tmp_path / "j"
    blocker.write_text("a file where the folder should be")
    journal = make(blocker)
    journal.append(note("kept"))
    assert journal.waiting == 1
    blocker.unlink()
    journal.append(note("too"))
    assert texts(blocker) == ["kept", "too"]


LINES = [f'["note",{number},"text {number}"]'.encode() for number in range(6)]
WHOLE = b"".join(map(frame, LINES))


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
@settings(max_examples=500)
def test_a_flipped_byte_costs_one_line(position: int, mask: int) -> None:
    data = bytearray(WHOLE)
    data[position] ^= mask
    found = scan(bytes(data), final=True)
    hit = next(n for n in range(6) if position < sum(len(frame(line)) for line in LINES[: n + 1]))
    intact = [line for number, line in enumerate(LINES) if number != hit]
    assert [line for line in found.payloads if line in intact] == intact
    assert set(found.payloads) <= set(LINES)
    assert found.damaged >= (len(found.payloads) < 6)


@given(st.binary(max_size=300), st.integers(0, len(LINES)))
def test_foreign_bytes_between_lines_cost_nothing_else(junk: bytes, after: int) -> None:
    data = b"".join(map(frame, LINES[:after])) + junk + b"\n" + b"".join(map(frame, LINES[after:]))
    assert [line for line in scan(data).payloads if line in LINES] == LINES


@given(st.lists(st.integers(0, len(WHOLE)), max_size=8))
def test_reading_piece_by_piece_gives_the_same(cuts: list[int]) -> None:
    found: list[bytes] = []
    position = 0
    for end in [*sorted(cuts), len(WHOLE)]:
        piece = scan(WHOLE[position:end])
        found += piece.payloads
        position += piece.consumed
        assert not piece.damaged
    assert found == LINES


def test_an_unfinished_line_waits_until_its_writer_is_gone() -> None:
    torn = WHOLE + frame(b"[7]")[:-3]
    assert scan(torn).consumed == len(WHOLE)
    assert scan(torn, final=True) == (LINES, len(torn), 1)
