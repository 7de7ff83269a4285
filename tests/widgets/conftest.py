"""A kernel that the tests of a module share, with a few runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from kernel import Kernel

from maestro_jupyter.widgets.bundles import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNS = """
for number in range(8):
    with maestro.start_run(f'run {number}', params={'depth': number, 'kind': 'tree'}, tags={'team': 'a'}):
        for step in range(5):
            maestro.log({'accuracy': number / 10 + step / 100, 'loss': 1 / (number + step + 1)}, step=step)
with maestro.start_run('strange'):
    maestro.log({'accuracy': float('inf'), 'loss': float('nan')})
maestro.flush()
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    if not (FOLDER / "runs.js").exists():
        pytest.fail("The widgets were not built: run `make widgets`.")
    started = Kernel(tmp_path_factory.mktemp("kernel") / "maestro")
    assert started.run(RUNS).errors == []
    yield started
    started.stop()
