"""Real kernels of a real server: however one ends, its runs say so at once; notebooks are followed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from typing import TYPE_CHECKING

import pytest

from maestro_jupyter.server import kernels
from maestro_jupyter.store.filters import EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOAD = "%load_ext maestro_jupyter\nimport maestro_jupyter as maestro\n"
LONG_RUN = LOAD + (
    "import time\n"
    "with maestro.start_run('long'):\n"
    "    maestro.log({'loss': 0.5})\n"
    "    while True:\n"
    "        time.sleep(0.01)\n"
)
OPEN_RUN = LOAD + "run = maestro.start_run('open')\nmaestro.log({'loss': 0.5})\n"
STUBBORN = LONG_RUN.replace(
    "        time.sleep(0.01)\n",
    "        try:\n            time.sleep(0.01)\n        except KeyboardInterrupt:\n            pass\n",
)

pytestmark = pytest.mark.timeout(20)


class Kernel:
    """A kernel that the server has started."""

    def __init__(self, jp_serverapp, ask, api, kernel):
        self.id, self._app, self._ask, self._api = kernel, jp_serverapp, ask, api
        self.client = None

    async def run(self, code: str) -> None:
        """Send a cell, and do not wait for its end."""
        if self.client is None:
            self.client = self._app.kernel_manager.get_kernel(self.id).client()
            self.client.start_channels()
            await self.client.wait_for_ready(timeout=60)
        # A failed cell would otherwise abort the one that follows it at once.
        self.client.execute(code, stop_on_error=False)

    async def do(self, action: str) -> None:
        await self._api(f"api/kernels/{self.id}/{action}", method="POST", body={})

    async def shut_down(self) -> None:
        await self._api(f"api/kernels/{self.id}", method="DELETE")

    @property
    def pid(self) -> int:
        return self._app.kernel_manager.get_kernel(self.id).provisioner.pid

    async def becomes(self, name: str, true: Callable[[dict], bool]) -> dict:
        """Give the run with this name once it is as told; what the test's time-out does not let wait for ever."""
        while True:
            _, _, body = await self._ask("runs", filter=f"name = '{name}'")
            for run in body["items"]:
                if true(run):
                    return run
            await asyncio.sleep(0.05)

    async def cell_ends(self, run: dict) -> None:
        """Wait until the cell that started a run has ended."""
        while (await self._ask(f"runs/{run['run_id']}"))[2]["cell"]["end_time"] is None:
            await asyncio.sleep(0.05)

    def close(self) -> None:
        if self.client is not None:
            self.client.stop_channels()


@pytest.fixture
def api(jp_fetch) -> Callable[..., object]:
    """Give a function that asks the Jupyter server's own routes."""

    async def asked(path, *, method="GET", body=None):
        response = await jp_fetch(
            *path.split("/"),
            method=method,
            headers={"Authorization": "token ada"},
            body=None if body is None else json.dumps(body),
            request_timeout=60,
        )
        return json.loads(response.body) if response.body else None

    return asked


@pytest.fixture
def start(jp_serverapp, ask, api, store) -> Iterator[Callable[..., object]]:
    """Give a function that starts a kernel, with a notebook if a path is given."""
    started = []

    async def begin(path: str | None = None) -> Kernel:
        if path is None:
            kernel = (await api("api/kernels", method="POST", body={"name": "python3"}))["id"]
        else:
            asked = {"path": path, "name": "", "type": "notebook", "kernel": {"name": "python3"}}
            session = await api("api/sessions", method="POST", body=asked)
            kernel = session["kernel"]["id"]
        started.append(Kernel(jp_serverapp, ask, api, kernel))
        started[-1].session = None if path is None else session["id"]
        return started[-1]

    yield begin
    for kernel in started:
        kernel.close()


def running(run: dict) -> bool:
    return run["status"] == "RUNNING" and "loss" in run["metrics"]


def ended(run: dict) -> bool:
    return run["status"] != "RUNNING"


async def test_what_a_kernel_records_is_there_while_it_runs(start) -> None:
    kernel = await start()
    await kernel.run(LONG_RUN)
    run = await kernel.becomes("long", running)
    assert run["metrics"] == {"loss": 0.5}


async def test_a_restart(start) -> None:
    kernel = await start()
    await kernel.run(LONG_RUN)
    await kernel.becomes("long", running)
    await kernel.do("restart")
    run = await kernel.becomes("long", lambda run: run["status_reason"] == kernels.RESTARTED)
    assert run["status"] == "KILLED"


async def test_an_interrupt_leaves_the_kernel_alive(start) -> None:
    kernel = await start()
    await kernel.run(LONG_RUN)
    await kernel.becomes("long", running)
    await kernel.do("interrupt")
    run = await kernel.becomes("long", ended)
    assert (run["status"], run["status_reason"]) == ("KILLED", "interrupted")
    await kernel.cell_ends(run)
    await kernel.run(OPEN_RUN)
    await kernel.cell_ends(await kernel.becomes("open", running))
    await kernel.shut_down()
    run = await kernel.becomes("open", lambda run: run["status_reason"] == kernels.SHUT_DOWN)
    assert run["status"] == "FINISHED"
    run = await kernel.becomes("long", ended)
    assert run["status_reason"] == "interrupted"


async def test_a_shutdown_of_a_kernel_that_does_not_listen(start) -> None:
    kernel = await start()
    await kernel.run(STUBBORN)
    await kernel.becomes("long", running)
    await kernel.shut_down()
    run = await kernel.becomes("long", lambda run: run["status_reason"] == kernels.SHUT_DOWN)
    assert run["status"] == "KILLED"


async def test_a_run_that_a_shutdown_interrupts_is_killed_though_it_was_open_at_the_end(start) -> None:
    kernel = await start()
    await kernel.run(OPEN_RUN + "import time\nwhile True:\n    time.sleep(0.01)\n")
    await kernel.becomes("open", running)
    await kernel.shut_down()
    run = await kernel.becomes("open", lambda run: run["status_reason"] == kernels.SHUT_DOWN)
    assert run["status"] == "KILLED"


async def test_a_death(start) -> None:
    kernel = await start()
    await kernel.run(LONG_RUN)
    await kernel.becomes("long", running)
    os.kill(kernel.pid, signal.SIGKILL)
    run = await kernel.becomes("long", lambda run: run["status_reason"] == kernels.DIED)
    assert run["status"] == "KILLED"
    kernel.close()
    kernel.client = None
    await kernel.run(LONG_RUN.replace("long", "second"))
    await kernel.becomes("second", running)
    run = await kernel.becomes("long", ended)
    assert run["status_reason"] == kernels.DIED


async def test_culling(start, jp_serverapp) -> None:
    manager = jp_serverapp.kernel_manager
    kernel = await start()
    await kernel.run(OPEN_RUN)
    await kernel.cell_ends(await kernel.becomes("open", running))
    kernel.close()
    kernel.client = None
    manager.cull_idle_timeout = 1
    manager.get_kernel(kernel.id).last_activity = EPOCH
    while kernel.id in manager:
        await manager.cull_kernels()
        await asyncio.sleep(0.1)
    run = await kernel.becomes("open", lambda run: run["status_reason"] == kernels.CULLED)
    assert run["status"] == "FINISHED"


async def test_a_notebook_is_followed_where_it_is_renamed(start, api, jp_root_dir) -> None:
    kernel = await start("first.ipynb")
    await kernel.run(LONG_RUN)
    first, second = str(jp_root_dir / "first.ipynb"), str(jp_root_dir / "sub" / "second.ipynb")
    await kernel.becomes("long", lambda run: run["notebook"] == first)
    await api(f"api/sessions/{kernel.session}", method="PATCH", body={"path": "sub/second.ipynb"})
    await kernel.becomes("long", lambda run: run["notebook"] == second)
