"""Fixtures for tests of automatic capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from recorded import Recorded

from maestro_jupyter.config import Maestro
from maestro_jupyter.recording.estimators import EstimatorCapture
from maestro_jupyter.recording.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator


class Capturing:
    """Capture that is on, and what it recorded so far."""

    def __init__(self) -> None:
        self.recorder = Recorder(Maestro())
        self.capture = EstimatorCapture(self.recorder)
        self.capture.install()

    def recorded(self) -> Recorded:
        assert self.recorder.problems.latest() == []
        return Recorded(self.recorder)

    def stop(self) -> None:
        self.capture.uninstall()
        self.recorder.uninstall()


@pytest.fixture
def capturing(home: object) -> Iterator[Capturing]:
    capturing = Capturing()
    yield capturing
    capturing.stop()


def two_classes(rows: int = 80, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    data = random.normal(size=(rows, 5))
    return data, (data[:, 0] + random.normal(size=rows) > 0).astype(int)
