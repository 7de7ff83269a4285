"""Fingerprints: equal for equal content, different for any other, whatever the container."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, scalar_dtypes

from maestro_jupyter.recording.datasets import BUDGET, describe, summarise_target

FRAME = pd.DataFrame(
    {
        "number": [1.0, None, 3.0],
        "text": ["a", None, "c"],
        "day": pd.to_datetime(["2024-01-01", None, "2024-01-03"]),
        "kind": pd.Categorical(["x", "y", "x"]),
        "nullable": pd.array([1, None, 3], dtype="Int64"),
    }
)


@given(arrays(scalar_dtypes(), array_shapes(max_dims=3)))
def test_order_in_memory_does_not_matter(values: Any) -> None:
    expected = describe(values)
    assert expected.fingerprint
    assert not expected.sampled
    assert describe(np.asfortranarray(values)).fingerprint == expected.fingerprint
    assert describe(values.copy()) == expected


@given(arrays(np.float64, (4, 3), elements=st.floats(0, 1)), st.integers(0, 11))
def test_any_change_shows(values: Any, position: int) -> None:
    other = values.copy()
    other.flat[position] += 1
    assert describe(other).fingerprint != describe(values).fingerprint


DIFFERENT = [
    np.zeros((2, 3)),
    np.zeros((3, 2)),
    np.zeros((2, 3), dtype=np.float32),
    np.zeros((2, 3), dtype=int),
    pd.DataFrame(np.zeros((2, 3))),
    pd.DataFrame(np.zeros((2, 3)), columns=list("abc")),
    pd.Series(np.zeros(6)),
    scipy.sparse.csr_matrix(np.zeros((2, 3))),
    scipy.sparse.csr_matrix(np.ones((2, 3))),
    ["some", "texts"],
    ["some", "text"],
    [{"a": 1}, {"a": 2}],
    FRAME,
    FRAME.fillna({"text": "b"}),
    FRAME[::-1],
]


def test_different_data_has_different_fingerprints() -> None:
    found = [describe(data).fingerprint for data in DIFFERENT]
    assert all(found)
    for one, two in itertools.combinations(found, 2):
        assert one != two


def test_a_list_is_what_its_array_is() -> None:
    assert describe([[1.0, 2.0]]).fingerprint == describe(np.array([[1.0, 2.0]])).fingerprint


def test_large_arrays_are_sampled_alike_in_any_order() -> None:
    values = np.random.default_rng(0).normal(size=(BUDGET // 40, 11))
    described = describe(values)
    assert described.sampled
    assert described.shape == [BUDGET // 40, 11]
    assert describe(np.asfortranarray(values)).fingerprint == described.fingerprint
    other = values.copy()
    other[-1, -1] += 1
    assert describe(other).fingerprint != described.fingerprint


def test_large_frames_are_sampled_whatever_their_blocks() -> None:
    values = np.random.default_rng(0).normal(size=(BUDGET // 16, 3))
    whole = pd.DataFrame(values, columns=list("abc"))
    parts = pd.DataFrame({name: values[:, at].copy() for at, name in enumerate("abc")})
    assert describe(whole).sampled
    assert describe(whole) == describe(parts)


def test_gigabytes_take_no_longer() -> None:
    described = describe(np.broadcast_to(np.float64(1.5), (5_000_000, 128)))
    assert described.sampled
    assert described.missing == 0.0


def test_columns_of_a_frame() -> None:
    described = describe(FRAME)
    assert described.kind == "DataFrame"
    assert [column.name for column in described.columns] == list(FRAME.columns)
    assert [column.dtype for column in described.columns] == [str(dtype) for dtype in FRAME.dtypes]
    assert [column.missing for column in described.columns] == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0, 1 / 3])


def test_wide_frames_name_a_thousand_columns() -> None:
    assert len(describe(pd.DataFrame(np.zeros((2, 1200)))).columns) == 1000


class Odd:
    def __len__(self) -> int:
        msg = "no length"
        raise RuntimeError(msg)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        msg = "no array"
        raise RuntimeError(msg)


ODD = [
    None,
    3,
    "text",
    object(),
    Odd(),
    [],
    [[]],
    [[1], [2, 3]],
    np.array(5),
    np.empty((0, 3)),
    pd.DataFrame(),
    {},
]


@pytest.mark.parametrize("data", ODD, ids=lambda data: type(data).__name__)
def test_odd_data_is_described_as_far_as_possible(data: Any) -> None:
    assert describe(data).kind == type(data).__name__
    summarise_target(data)


def test_describing_changes_nothing() -> None:
    values = np.arange(6.0).reshape(2, 3)
    values.flags.writeable = False
    before = FRAME.copy(deep=True)
    describe(values)
    describe(FRAME)
    pd.testing.assert_frame_equal(FRAME, before)


def test_targets() -> None:
    assert summarise_target(pd.Series([1, 0, 1])) == {
        "task": "classification",
        "classes": 2,
        "count_0": 1,
        "count_1": 2,
    }
    many = summarise_target([f"class {number}" for number in range(80)])
    assert many is not None
    assert many["classes"] == 80
    assert len(many) == 52
    numbers = summarise_target(np.linspace(0, 1, 101))
    assert numbers is not None
    assert numbers["task"] == "regression"
    assert (numbers["min"], numbers["median"], numbers["max"]) == (0.0, 0.5, 1.0)
    assert summarise_target(np.zeros((5, 3))) == {"task": "multi-output", "outputs": 3}
    assert summarise_target(np.full(4, np.nan)) is None
