"""Chunks give back every bit that was put in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from maestro_jupyter.errors import Unavailable
from maestro_jupyter.store.chunks import pack, unpack

_int64 = st.integers(-(2**63), 2**63 - 1)
_lengths = st.integers(0, 60)


@given(st.data(), _lengths)
def test_every_bit_comes_back(data: st.DataObject, length: int) -> None:
    integers = arrays(np.int64, length, elements=_int64 | st.integers(-200, 200))
    steps, times = data.draw(integers), data.draw(integers)
    bits = data.draw(arrays(np.uint64, length))  # every pattern: payloads of NaN, infinities, -0.0
    unpacked = unpack(pack(steps, times, bits.view(np.float64)))
    assert [column.dtype for column in unpacked] == [np.int64, np.int64, np.float64]
    np.testing.assert_array_equal(unpacked[0], steps)
    np.testing.assert_array_equal(unpacked[1], times)
    np.testing.assert_array_equal(unpacked[2].view(np.uint64), bits)


@given(st.lists(st.floats(width=32), min_size=1))
def test_values_of_32_bits_take_half_the_space(values: list[float]) -> None:
    count = len(values)
    data = pack(np.arange(count), np.arange(count), values)
    assert len(data) < 4 * count + 64
    np.testing.assert_array_equal(unpack(data)[2], values)


@given(_int64, st.integers(-(2**40), 2**40), st.integers(1, 500))
def test_even_steps_cost_nothing(start: int, stride: int, length: int) -> None:
    values = np.random.default_rng(0).random(length)
    steps = np.int64(start) + np.arange(length) * np.int64(stride)
    data = pack(steps, np.arange(length), values)
    assert len(data) < 8 * length + 64
    np.testing.assert_array_equal(unpack(data)[0], steps)


def test_what_repeats_is_compressed() -> None:
    data = pack(np.arange(100_000), np.arange(100_000), np.full(100_000, 0.5))
    assert len(data) < 10_000
    assert unpack(data)[2].tolist() == [0.5] * 100_000


def test_points_can_be_changed_by_their_reader() -> None:
    assert all(column.flags.writeable for column in unpack(pack([1, 3, 2], [1, 2, 4], [0.1, 0.2, 0.3])))


def test_a_newer_form_is_refused_in_a_sentence() -> None:
    with pytest.raises(Unavailable, match="form 9"):
        unpack(b"\x09" + pack([1], [1], [1.0])[1:])
