"""The threads that work answers out: some of them for one user at once, so that others have their turn."""

from __future__ import annotations

import asyncio
import contextvars
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakValueDictionary

from maestro_jupyter.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBER = 8
"""How many answers are worked out at once."""

SHARE = 4
"""How many of them for one user; what this user asks beyond that waits for these."""

T = TypeVar("T")


class Threads:
    """Threads of our own: what takes long there keeps none from the Jupyter server.

    Parameters
    ----------
    number : int
        How many there are.
    share : int
        How many one user has at once.
    """

    def __init__(self, number: int = NUMBER, share: int = SHARE) -> None:
        self._pool = ThreadPoolExecutor(number, "maestro-answer")
        self._share = share
        self._closed = False
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def run(self, user: str, work: Callable[[], T]) -> T:
        """Do something for a user in a thread, when it is their turn.

        Raises
        ------
        Unavailable
            If the server is stopping.
        """
        turn = self._turns.get(user)
        if turn is None:
            turn = self._turns[user] = asyncio.Semaphore(self._share)
        context = contextvars.copy_context()
        async with turn:
            if self._closed:
                msg = "The server is stopping."
                raise Unavailable(msg, hint="Ask again when it is there.")
            return await asyncio.get_running_loop().run_in_executor(self._pool, context.run, work)

    def close(self) -> None:
        """Take nothing more; what has begun goes on to its end."""
        self._closed = True
        self._pool.shutdown(wait=False)
