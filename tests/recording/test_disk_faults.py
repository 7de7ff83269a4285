"""A disk that refuses each call of a session in turn: no cell fails, and what it took before is whole."""

from __future__ import annotations

import builtins
import errno
import io
import os
import warnings
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any, Self

import pytest
from IPython.core.interactiveshell import InteractiveShell
from journals import read_kind
from shells import let_go
from traitlets.config import Config

from maestro_jupyter.config import Maestro
from maestro_jupyter.errors import MaestroWarning
from maestro_jupyter.events import ArtifactLogged, CellStarted, MetricsLogged, RunStarted
from maestro_jupyter.recording import artifacts
from maestro_jupyter.recording import journal as writer
from maestro_jupyter.recording.extension import KernelCapture
from maestro_jupyter.recording.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

CELLS = [
    "run = recorder.start_run('r')\nprint('begun')",
    "for step in range(60): run.log({'x': float(step)})",
    "log_artifact(recorder, run, b'bytes', 'bytes.bin')",
    "log_artifact(recorder, run, file)",
    "run.log({'x': 60.0})\n1 / 1",
    "run.end()",
]


class Disk:
    """Counts the calls that change something below a folder, and refuses chosen ones."""

    CALLS = ("write", "open", "mkdir", "rename", "unlink", "fsync", "close", "dup")

    def __init__(self, folder: Path, refuses: range, error: int) -> None:
        self.folder = str(folder)
        self.refuses = refuses
        self.error = error
        self.calls: list[str] = []
        self.ours: set[int] = set()
        self.real = {name: getattr(os, name) for name in self.CALLS}

    def install(self, patch: pytest.MonkeyPatch) -> None:
        for name in self.CALLS:
            patch.setattr(os, name, getattr(self, name))
        patch.setattr(artifacts, "open", self.open_file, raising=False)

    def refuse(self, name: str) -> None:
        self.calls.append(name)
        if len(self.calls) - 1 in self.refuses:
            raise OSError(self.error, os.strerror(self.error))

    def is_ours(self, path: Any) -> bool:
        return isinstance(path, str | os.PathLike) and os.fspath(path).startswith(self.folder)

    def write(self, fd: int, data: bytes) -> int:
        if fd in self.ours:
            self.refuse("write")
        return self.real["write"](fd, data)

    def open(self, path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        ours = self.is_ours(path)
        if ours:
            self.refuse("open")
        fd = self.real["open"](path, flags, *args, **kwargs)
        self.ours |= {fd} if ours else set()
        return fd

    def mkdir(self, path: Any, *args: Any, **kwargs: Any) -> None:
        if self.is_ours(path):
            self.refuse("mkdir")
        self.real["mkdir"](path, *args, **kwargs)

    def rename(self, path: Any, target: Any, **kwargs: Any) -> None:
        if self.is_ours(path):
            self.refuse("rename")
        self.real["rename"](path, target, **kwargs)

    def unlink(self, path: Any, *args: Any, **kwargs: Any) -> None:
        if self.is_ours(path):
            self.refuse("unlink")
        self.real["unlink"](path, *args, **kwargs)

    def fsync(self, fd: int) -> None:
        if fd in self.ours:
            self.refuse("fsync")
        self.real["fsync"](fd)

    def dup(self, fd: int) -> int:
        copy = self.real["dup"](fd)
        self.ours |= {copy} if fd in self.ours else set()
        return copy

    def close(self, fd: int) -> None:
        ours = fd in self.ours
        self.ours.discard(fd)
        self.real["close"](fd)  # Linux lets go of a file also when it reports an error
        if ours:
            self.refuse("close")

    def open_file(self, fd: int, mode: str) -> Any:
        disk, file = self, builtins.open(fd, mode)  # noqa: SIM115 - closed by __exit__

        class File:
            def write(self, data: bytes) -> int:
                disk.refuse("write")
                return file.write(data)

            def __getattr__(self, name: str) -> Any:
                return getattr(file, name)

            def __enter__(self) -> Self:
                return self

            def __exit__(self, *error: object) -> None:
                disk.ours.discard(fd)
                file.close()

        return File()


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.enabled = False
    made = InteractiveShell.instance(config=config, ipython_dir=str(tmp_path / "ipython"))
    yield made
    let_go(made)


class Session:
    """What a session came to: its disk, warnings and problems, and what is in its journal."""

    def __init__(self, shell: InteractiveShell, folder: Path, refuses: range, error: int) -> None:
        config = Maestro(environ={"MAESTRO_HOME": str(folder / "home")})
        config.segment_limit = 4096
        recorder = self.recorder = Recorder(config, "ipython")
        capture = KernelCapture(recorder, shell)
        (folder / "file.txt").write_text("of the user")
        shell.user_ns |= {
            "recorder": recorder,
            "log_artifact": artifacts.log_artifact,
            "file": folder / "file.txt",
        }
        self.disk = Disk(folder / "home", refuses, error)
        with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always", MaestroWarning)
            patch.setattr(writer, "RETRY_SECONDS", 0.0)
            self.disk.install(patch)
            capture.install()
            with redirect_stdout(io.StringIO()) as printed:
                self.results = [shell.run_cell(cell, store_history=True) for cell in CELLS]
            assert recorder.background.drain(20)
            self.waiting = recorder.journal.waiting
        self.printed = printed.getvalue()
        self.warned = [str(one.message) for one in warned if one.category is MaestroWarning]
        self.problems = recorder.problems.counts()
        capture.uninstall()

    def close(self) -> None:
        """End the session on a disk that is well again."""
        self.recorder.journal.retry()
        self.recorder.close()
        self.recorder.uninstall()

    def kind(self, kind: Any) -> list[Any]:
        return read_kind(self.recorder.config.journals, kind)

    def points(self) -> list[float]:
        return [event.values["x"] for event in self.kind(MetricsLogged)]


def check_cells(session: Session) -> None:
    assert [result.error_in_exec for result in session.results] == [None] * len(CELLS)
    assert "begun" in session.printed
    assert "Traceback" not in session.printed


def test_a_healthy_disk(shell: InteractiveShell, tmp_path: Path) -> None:
    session = Session(shell, tmp_path, range(0), 0)
    session.close()
    check_cells(session)
    assert (session.problems, session.warned, session.waiting) == ({}, [], 0)
    assert session.points() == [float(step) for step in range(61)]
    assert {"write", "open", "mkdir", "rename", "unlink", "fsync", "close"} <= set(session.disk.calls)


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_each_call_refused_in_turn(shell: InteractiveShell, tmp_path: Path, error: int) -> None:
    (tmp_path / "well").mkdir()
    well = Session(shell, tmp_path / "well", range(0), error)
    well.close()
    calls = len(well.disk.calls)
    assert calls > 80
    for number in range(calls):
        folder = tmp_path / str(number)
        folder.mkdir()
        session = Session(shell, folder, range(number, number + 1), error)
        session.close()
        check_cells(session)
        refused = session.disk.calls[number]
        # a folder that is there already need not be made
        assert sum(session.problems.values()) >= 1 or refused == "mkdir", (number, refused)
        assert session.points() == [float(step) for step in range(61)], (number, refused)
        assert [event.source for event in session.kind(CellStarted)] == CELLS
        assert len(session.kind(RunStarted)) == 1
        kept = {event.name: event.sha256 for event in session.kind(ArtifactLogged)}
        assert len(kept) + len(session.warned) == 2, (number, refused)
        for name, sha256 in kept.items():
            data = (session.recorder.config.spool / sha256).read_bytes()
            assert data == {"bytes.bin": b"bytes", "file.txt": b"of the user"}[name]
        for said in session.warned:
            assert any(name in said for name in ("bytes.bin", "file.txt")), said
            assert os.strerror(error) in said


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_refuses_everything_from_some_call_on(
    shell: InteractiveShell, tmp_path: Path, error: int
) -> None:
    (tmp_path / "well").mkdir()
    well = Session(shell, tmp_path / "well", range(0), error)
    well.close()
    for number in range(0, len(well.disk.calls), 5):
        folder = tmp_path / str(number)
        folder.mkdir()
        session = Session(shell, folder, range(number, 1 << 30), error)
        check_cells(session)
        assert sum(session.problems.values()) >= 1
        before = session.points() if session.recorder.config.journals.exists() else []
        assert before == [float(step) for step in range(len(before))]
        session.close()  # and it is well again
        assert session.points() == [float(step) for step in range(61)]
