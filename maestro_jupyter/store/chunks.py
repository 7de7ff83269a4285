"""Metric points as bytes: steps, times and values of one chunk, each in the form that costs least to read."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any, TypeAlias

from maestro_jupyter.errors import Unavailable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Points: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]

CHUNK_POINTS = 262_144
"""The most points that merging puts into one chunk."""

_VERSION = 1
# version, whether the body is compressed, bytes a value, count; form, start and stride of steps; of times
_HEADER = struct.Struct("<BBBQ BqqBqq")
_ARITHMETIC = 0
_WIDTHS = (1, 2, 4, 8)
_PROBE = 16_384
_WORTHWHILE = 0.8


def pack(steps: ArrayLike, times: ArrayLike, values: ArrayLike) -> bytes:
    """Put points into bytes.

    Steps and times that grow evenly cost nothing; otherwise their differences are kept in the smallest
    integers that hold them. Values are kept bit by bit, in half the space where they came from 32-bit floats.
    All is compressed only where that saves a fifth.

    Parameters
    ----------
    steps : array_like of int64, shape (n,)
        In the order they were logged.
    times : array_like of int64, shape (n,)
        Microseconds since the epoch, UTC.
    values : array_like of float64, shape (n,)

    Returns
    -------
    bytes

    Examples
    --------
    >>> steps, times, values = unpack(pack([1, 2, 4], [10, 10, 30], [0.5, float("nan"), 2.0]))
    >>> steps.tolist(), times.tolist(), values.tolist()
    ([1, 2, 4], [10, 10, 30], [0.5, nan, 2.0])
    """
    import numpy as np

    exact = _narrowest(np.ascontiguousarray(values, dtype="<f8"))
    step_head, step_body = _pack_integers(np.asarray(steps, dtype=np.int64))
    time_head, time_body = _pack_integers(np.asarray(times, dtype=np.int64))
    body = step_body + time_body + exact.tobytes()
    compressed = _worth_compressing(body, exact)
    if compressed:
        body = zlib.compress(body, 1)
    return _HEADER.pack(_VERSION, compressed, exact.itemsize, len(exact), *step_head, *time_head) + body


def unpack(data: bytes) -> Points:
    """Give the points that `pack` put into bytes.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    steps : numpy.ndarray of int64, shape (n,)
    times : numpy.ndarray of int64, shape (n,)
        Microseconds since the epoch, UTC.
    values : numpy.ndarray of float64, shape (n,)

    Raises
    ------
    Unavailable
        If a newer version of Maestro wrote them.
    """
    import numpy as np

    if data[0] != _VERSION:
        msg = f"These points are in form {data[0]}, which this version of Maestro cannot read."
        raise Unavailable(msg, hint="Upgrade maestro-jupyter.")
    _, compressed, width, count, *heads = _HEADER.unpack_from(data)
    body = memoryview(zlib.decompress(data[_HEADER.size :]) if compressed else data)
    offset = 0 if compressed else _HEADER.size
    steps, offset = _unpack_integers(body, offset, count, *heads[:3])
    times, offset = _unpack_integers(body, offset, count, *heads[3:])
    return steps, times, np.frombuffer(body, f"<f{width}", count, offset).astype(np.float64)


def _pack_integers(numbers: NDArray[np.int64]) -> tuple[tuple[int, int, int], bytes]:
    """Give form, start and stride, and the differences unless they are all alike.

    Differences wrap around at 64 bits, and summing them up wraps back.
    """
    import numpy as np

    if len(numbers) == 0:
        return (_ARITHMETIC, 0, 0), b""
    start = int(numbers[0])
    if len(numbers) == 1:
        return (_ARITHMETIC, start, 0), b""
    gaps = np.diff(numbers)
    low, high = int(gaps.min()), int(gaps.max())
    if low == high:
        return (_ARITHMETIC, start, low), b""
    width = next(width for width in _WIDTHS if -(1 << 8 * width - 1) <= low and high < 1 << 8 * width - 1)
    return (width, start, 0), gaps.astype(f"<i{width}").tobytes()


def _unpack_integers(
    body: memoryview, offset: int, count: int, form: int, start: int, stride: int
) -> tuple[NDArray[np.int64], int]:
    import numpy as np

    numbers = np.empty(count, np.int64)
    if not count:
        return numbers, offset
    numbers[0] = start
    if form == _ARITHMETIC:
        numbers[1:] = stride
        end = offset
    else:
        numbers[1:] = np.frombuffer(body, f"<i{form}", count - 1, offset)
        end = offset + (count - 1) * form
    return np.cumsum(numbers, out=numbers), end


def _narrowest(values: NDArray[np.float64]) -> NDArray[np.floating[Any]]:
    """Give the values as 32-bit floats if that keeps every bit, as it does for what torch and Keras log."""
    import numpy as np

    with np.errstate(all="ignore"):
        narrow = values.astype("<f4")
        back = narrow.astype("<f8")
    return narrow if np.array_equal(back.view(np.uint64), values.view(np.uint64)) else values


def _worth_compressing(body: bytes, values: NDArray[np.floating[Any]]) -> bool:
    """Tell by a piece from the middle of the values, which are most of the bytes."""
    count = _PROBE // values.itemsize
    middle = max(0, (len(values) - count) // 2)
    probe = values[middle : middle + count].tobytes()
    return len(body) > 64 and len(zlib.compress(probe, 1)) <= _WORTHWHILE * len(probe)
