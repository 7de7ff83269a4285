"""Each example of the docstrings gets a data folder of its own, so that none touches the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from _pytest.doctest import DoctestItem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def home_of_an_example(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Set the folder, and let go of what was opened in it."""
    if not isinstance(request.node, DoctestItem):
        yield
        return
    from maestro_jupyter.app import forget

    forget()
    monkeypatch.setenv("MAESTRO_HOME", str(tmp_path / "maestro"))
    yield
    forget()
