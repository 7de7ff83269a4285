"""Linear algebra on one thread, where matrices are small.

OpenBLAS shares even these among all cores. It gains nothing, and where another process uses the cores,
its threads wait for one another: answers took several times as long.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from threadpoolctl import ThreadpoolController

# The limit is the whole process's: of two at a time, the second would take it for what was there before.
_LOCK = threading.RLock()


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Keep linear algebra on one thread in a block; then it has as many as before.

    Examples
    --------
    >>> with one_thread():
    ...     blas_threads()
    {1}
    """
    with _LOCK, _controller().limit(limits=1, user_api="blas"):
        yield


def blas_threads() -> set[int]:
    """Give how many threads linear algebra has, of each library that does it."""
    return {one["num_threads"] for one in _controller().select(user_api="blas").info()}


@functools.cache
def _controller() -> ThreadpoolController:
    # Looking for the libraries takes milliseconds; numpy's, which does the work, is loaded by now.
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
