"""Capture of loops and estimators that is on, and what it recorded."""

from __future__ import annotations

import re
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from recorded import Recorded, RecordedRun

from maestro_jupyter.config import Maestro
from maestro_jupyter.recording.estimators import EstimatorCapture
from maestro_jupyter.recording.loops import LoopCapture
from maestro_jupyter.recording.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Looping:
    """Capture, on until `stop`."""

    def __init__(self) -> None:
        self.recorder = Recorder(Maestro())
        self._estimators = EstimatorCapture(self.recorder)
        self._loops = LoopCapture(self.recorder)
        self.on = False

    def start(self, namespace: dict[str, Any] | None = None) -> None:
        self._estimators.install(namespace)
        self._loops.install(namespace)
        self.on = True

    def stop(self) -> None:
        if self.on:
            self._loops.uninstall()
            self._estimators.uninstall()
        self.on = False

    def runs(self) -> list[RecordedRun]:
        assert [(each.where, each.error, each.traceback) for each in self.recorder.problems.latest()] == []
        return Recorded(self.recorder).runs

    def run(self) -> RecordedRun:
        (run,) = self.runs()
        return run

    def break_logging(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Make every attempt to log a metric fail."""

        def fail(*args: Any, **kwargs: Any) -> None:
            msg = "planted"
            raise RuntimeError(msg)

        monkeypatch.setattr(self.recorder, "log_metrics", fail)


@pytest.fixture
def looping(home: Path) -> Iterator[Looping]:
    looping = Looping()
    looping.start()
    yield looping
    looping.stop()
    looping.recorder.uninstall()


@pytest.fixture
def seen(
    looping: Looping, capfd: pytest.CaptureFixture[str]
) -> Callable[[Callable[[], Any]], tuple[str, ...]]:
    """Give what a user sees of a call: output, errors and the traceback, without times and addresses."""

    def look(act: Callable[[], Any]) -> tuple[str, ...]:
        capfd.readouterr()
        trace = ""
        try:
            act()
        except (Exception, KeyboardInterrupt, SystemExit):  # noqa: BLE001 - what the user sees of it
            trace = traceback.format_exc()
        output = capfd.readouterr()
        return tuple(_TIMES.sub("#", text) for text in (output.out, output.err, trace))

    return look


_TIMES = re.compile(r"\d+m?s\b|\d+m?s/step|\b0x[0-9a-f]+|'\w+_(runtime|per_second)': '[^']*'")
