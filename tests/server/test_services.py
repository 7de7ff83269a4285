"""What the handlers share is let go of as a whole, whatever a part of it does."""

from __future__ import annotations

import asyncio
import threading

import pytest

from maestro_jupyter.app import App
from maestro_jupyter.config import Maestro
from maestro_jupyter.errors import Unavailable
from maestro_jupyter.server.services import Services


def a_server(home) -> Services:
    services = Services(App(Maestro(environ={"MAESTRO_HOME": str(home)}), "server"))
    services.requests.start()
    services.collecting.start()
    services.indexing.start()
    return services


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("maestro")}


async def test_a_part_that_fails_keeps_none_of_the_others(home, monkeypatch) -> None:
    before = threads()
    services = a_server(home)
    assert await services.version() == 0

    def fails() -> None:
        raise RuntimeError

    stop = services.indexing.stop
    monkeypatch.setattr(services.indexing, "stop", lambda: (stop(), fails()))
    services.stop_answering()
    with pytest.raises(RuntimeError):
        services.close()
    while threads() - before:  # not all of them are waited for; the test's time-out ends this
        await asyncio.sleep(0.01)


async def test_whoever_asks_while_it_stops_is_told(home) -> None:
    services = a_server(home)
    assert await services.version() == 0
    services.stop_answering()
    assert await services.version() is None
    with pytest.raises(Unavailable, match="stopping"):
        await services.threads.run("ada", lambda: "never")
    services.close()
