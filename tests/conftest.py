"""Fixtures that every test may use."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from maestro_jupyter.app import forget

pytest_plugins = ["pytest_jupyter.jupyter_server", "buckets", "databases"]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# How fast a machine is, is no property of the code; pytest's own time limit is enough.
settings.register_profile("maestro", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# With the same examples each time a change is judged by itself; everybody else looks for new ones.
settings.register_profile("repeatable", settings.get_profile("maestro"), derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "maestro"))

# A shell without job control starts what is in its background with interrupts ignored, and so would be
# every process that a test interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give each test a data folder of its own, so that none touches the user's."""
    folder = tmp_path / "maestro"
    for variable in ("DATABASE_URL", "ARTIFACT_URL", "PROJECT", "MODE", "KNOWLEDGE"):
        monkeypatch.delenv(f"MAESTRO_{variable}", raising=False)
    # IPython puts its own namespace there; multiprocessing then cannot start a process any more.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.setenv("MAESTRO_HOME", str(folder))
    yield folder
    forget()
