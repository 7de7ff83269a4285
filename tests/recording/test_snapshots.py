"""Real kernels that are shut down in good order in the midst of a cell: what it has printed is kept."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from journals import read_kind
from jupyter_client.manager import start_new_kernel

from maestro_jupyter.events import CellOutput, JournalClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jupyter_client.blocking.client import BlockingKernelClient
    from jupyter_client.manager import KernelManager

SLOWLY = "from maestro_jupyter.recording import snapshots\nsnapshots.SECONDS = 3600"
"""So that the cell is looked at once only, at the end."""

PRINTS = (
    "import asyncio\n"
    "print('one')\n"
    "print('q7w8e9r0t1y2')\n"
    "print('begun', end='', flush=True)\n"
    "await asyncio.sleep(3600)\n"
)


@pytest.fixture
def kernel(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    """Give a kernel that records, with a secret in its environment, and leaves its journal where it is."""
    monkeypatch.setenv("MAESTRO_MODE", "offline")
    monkeypatch.setenv("DEPLOY_SECRET", "q7w8e9r0t1y2")
    manager, client = start_new_kernel(kernel_name="python3")
    client.execute_interactive(SLOWLY, timeout=60)
    client.execute_interactive("%load_ext maestro_jupyter", timeout=60)
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


def begin(client: BlockingKernelClient, source: str) -> None:
    """Run a cell until it says that it has begun."""
    client.execute(source)
    while True:
        message = client.get_iopub_msg(timeout=60)
        if message["msg_type"] == "stream" and "begun" in message["content"]["text"]:
            return


def ask_to_end(manager: KernelManager, client: BlockingKernelClient) -> None:
    client.shutdown()
    while manager.is_alive():
        time.sleep(0.05)


@pytest.mark.parametrize(
    "end", [lambda manager, _: manager.shutdown_kernel(), ask_to_end], ids=["by its manager", "by a client"]
)
def test_a_cell_that_a_shutdown_ends(
    kernel: tuple[KernelManager, BlockingKernelClient],
    home: Path,
    end: Callable[[KernelManager, BlockingKernelClient], object],
) -> None:
    begin(kernel[1], PRINTS)
    end(*kernel)
    assert [event.text for event in read_kind(home / "journals", CellOutput)] == ["one\n[redacted]\nbegun"]
    assert len(read_kind(home / "journals", JournalClosed)) == len(list((home / "journals").iterdir())) == 1


def test_a_cell_that_is_skipped_stays_so(
    kernel: tuple[KernelManager, BlockingKernelClient], home: Path
) -> None:
    begin(kernel[1], f"%%maestro skip\n{PRINTS}")
    ask_to_end(*kernel)
    assert read_kind(home / "journals", CellOutput) == []
    assert read_kind(home / "journals", JournalClosed)


def test_a_forked_child_that_ends_says_nothing_of_its_parents_cell(
    kernel: tuple[KernelManager, BlockingKernelClient], home: Path
) -> None:
    forks = (
        "import os, warnings\n"
        "warnings.simplefilter('ignore')  # newer Pythons warn of forks beside threads\n"
        "from maestro_jupyter.app import current\n"
        "print('one')\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    current().shutdown()\n"
        "    os._exit(0)\n"
        "os.waitpid(child, 0);\n"
    )
    kernel[1].execute_interactive(forks, timeout=60)
    assert len(list((home / "journals").iterdir())) == 1
    ask_to_end(*kernel)
    assert [event.text for event in read_kind(home / "journals", CellOutput)] == ["one\n"]
