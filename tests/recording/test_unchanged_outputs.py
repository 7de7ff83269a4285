"""What notebooks print does not depend on whether they are recorded: shown with real kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from journals import read_kind

import notebooks
from maestro_jupyter.events import CellEnded, CellStarted

if TYPE_CHECKING:
    from pathlib import Path

# The kernel's own libraries are at fault, in the process that runs the notebooks.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default::DeprecationWarning"),
    pytest.mark.filterwarnings("default::ResourceWarning"),
    pytest.mark.filterwarnings("default::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.mark.parametrize("name", list(notebooks.ALL))
def test_outputs_are_the_same_with_recording_on_off_and_unloaded(
    home: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "MAESTRO_MODE", "offline"
    )  # so that the kernel's exit leaves the journal for us to read
    cells = notebooks.ALL[name]
    off = notebooks.run(cells, [])
    assert not home.exists()

    *on, problems = notebooks.run([*cells, notebooks.PROBLEMS], [notebooks.LOAD])
    assert problems[0]["data"]["text/plain"] == "{}"
    assert on == off
    started = [event.source for event in read_kind(home / "journals", CellStarted)]
    assert [source for source in started if source in cells] == cells
    assert len(read_kind(home / "journals", CellEnded)) == len(started)

    assert notebooks.run(cells, [notebooks.LOAD, notebooks.UNLOAD]) == off
