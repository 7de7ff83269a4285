"""Whoever waits in a notebook is told what for, and nothing of it stays."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_client.manager import start_new_kernel

from maestro_jupyter.magics import progress
from maestro_jupyter.store.home_lock import HomeLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jupyter_client.blocking.client import BlockingKernelClient

SAID = "Collecting what was recorded…"


@pytest.fixture
def kernel(home: Path) -> Iterator[BlockingKernelClient]:
    manager, client = start_new_kernel(kernel_name="python3")
    assert shown(client, "%load_ext maestro_jupyter") == []
    be_patient(client, 60.0)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


def be_patient(client: BlockingKernelClient, seconds: float) -> None:
    """Say after how long a wait is said in the kernel: a loaded machine must not make a short one long."""
    assert shown(client, f"from maestro_jupyter.magics import progress\nprogress.PATIENCE = {seconds}") == []


def shown(
    client: BlockingKernelClient, source: str, then: Callable[[str], object] = lambda text: None
) -> list[tuple[str, str, str]]:
    """Run a cell; give what is displayed: the kind of message, the text, and the display it belongs to."""
    found = []

    def keep(message: dict[str, Any]) -> None:
        content = message["content"]
        assert message["msg_type"] != "error", content
        if "data" in content:
            text = content["data"]["text/plain"]
            found.append((message["msg_type"], text, content["transient"].get("display_id", "")))
            then(text)

    reply = client.execute_interactive(source, timeout=60, output_hook=keep)
    assert reply["content"]["status"] == "ok"
    return found


def test_a_long_wait_is_said_and_cleared(kernel: BlockingKernelClient, home: Path) -> None:
    assert shown(kernel, "%%maestro run first\n1;") == []
    be_patient(kernel, 0.5)
    lock = HomeLock(home / "collector.lock")
    assert lock.take()
    try:
        said, cleared, table = shown(
            kernel, "%maestro runs", then=lambda text: text == SAID and lock.release()
        )
    finally:
        lock.release()
    assert said[:2] == ("display_data", SAID)
    assert cleared == ("update_display_data", "", said[2])
    assert "first" in table[1]


def test_a_short_wait_is_not(kernel: BlockingKernelClient) -> None:
    assert shown(kernel, "%%maestro run first\n1;") == []
    assert [kind for kind, *_ in shown(kernel, "%maestro runs")] == ["display_data"]


def test_an_interrupted_wait_is_cleared(kernel: BlockingKernelClient) -> None:
    be_patient(kernel, 0.0)
    source = """
    try:
        with progress.progress(get_ipython(), "working"):
            import time
            time.sleep(0.5)
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    """
    kinds = [(kind, text) for kind, text, _ in shown(kernel, source)]
    assert kinds == [("display_data", "working"), ("update_display_data", "")]


def test_a_plain_shell_is_told_nothing(
    shell: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    with progress.progress(shell, "working"):
        time.sleep(0.1)
    assert capsys.readouterr().out == ""
