"""The server's threads: nobody's questions take all of them, and what one of them raises is told."""

from __future__ import annotations

import asyncio
import threading

import pytest

from maestro_jupyter.errors import Unavailable
from maestro_jupyter.server.threads import NUMBER, SHARE, Threads


async def test_whoever_asks_much_at_once_keeps_nobody_else_waiting() -> None:
    threads, go_on, at_work = Threads(), threading.Event(), threading.Semaphore(0)

    def slow() -> str:
        at_work.release()
        go_on.wait()
        return "slow"

    asked = [asyncio.create_task(threads.run("ada", slow)) for _ in range(3 * NUMBER)]
    for _ in range(SHARE):
        assert await asyncio.to_thread(at_work.acquire, timeout=60)
    assert await threads.run("bob", lambda: "quick") == "quick"
    assert not at_work.acquire(blocking=False), "no more than the share is at work"
    go_on.set()
    assert await asyncio.gather(*asked) == ["slow"] * (3 * NUMBER)
    threads.close()


async def test_whoever_goes_away_leaves_their_turn_to_the_next() -> None:
    threads, go_on = Threads(number=1, share=1), threading.Event()
    first = asyncio.create_task(threads.run("ada", go_on.wait))
    second = asyncio.create_task(threads.run("ada", lambda: "second"))
    third = asyncio.create_task(threads.run("ada", lambda: "third"))
    await asyncio.sleep(0)
    second.cancel()
    go_on.set()
    assert await third == "third"
    assert await first
    assert second.cancelled()
    threads.close()


async def test_a_server_that_stops_ends_what_has_begun_and_begins_nothing_more() -> None:
    threads, go_on, at_work = Threads(number=1, share=1), threading.Event(), threading.Event()

    def slow() -> str:
        at_work.set()
        go_on.wait()
        return "slow"

    first, second = (asyncio.create_task(threads.run("ada", slow)) for _ in range(2))
    assert await asyncio.to_thread(at_work.wait, 60)
    threads.close()
    go_on.set()
    assert await first == "slow"
    with pytest.raises(Unavailable, match="stopping"):
        await second


async def test_what_is_raised_is_told() -> None:
    threads = Threads()
    for _ in range(2 * SHARE):
        with pytest.raises(ZeroDivisionError):
            await threads.run("ada", lambda: 1 // 0)
    threads.close()
