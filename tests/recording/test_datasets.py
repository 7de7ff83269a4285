"""Fingerprints: equal for equal content, different for any other, whatever the container."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
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
    pl.DataFrame(np.zeros((2, 3))),
    pl.DataFrame(np.zeros((2, 3)), schema=list("abc")),
    pl.Series([1.0, None]),
    pl.Series([1.0, 2.0]),
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


POLARS = pl.from_pandas(FRAME).with_columns(
    pl.Series("enum", ["private", None, "other"], dtype=pl.Enum(["private", "other"])),
    pl.Series("list", [[1], None, [2, 3]]),
    pl.lit(None).alias("nothing"),
)


@pytest.mark.parametrize("table", [POLARS, POLARS.to_arrow(), POLARS.to_arrow().to_batches()[0]], ids=type)
def test_columns_of_tables_that_are_not_of_pandas(table: Any) -> None:
    described = describe(table)
    assert described.kind == type(table).__name__
    assert described.shape == [3, 8]
    assert [column.name for column in described.columns] == POLARS.columns
    shares = [column.missing for column in described.columns]
    assert shares == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0, 1 / 3, 1 / 3, 1 / 3, 1])
    assert described.missing == pytest.approx(sum(shares) / 8)
    dtypes = [column.dtype for column in described.columns]
    assert dtypes[0] == ("Float64" if table is POLARS else "double")
    assert "private" not in repr(dtypes), "an enumeration has values"
    assert describe(table) == described
    assert describe(table[:2]).fingerprint != described.fingerprint


@pytest.mark.parametrize(
    "make", [pl.Series, pa.array, lambda values: pa.chunked_array([values])], ids=range(3)
)
def test_a_column_of_polars_or_arrow_is_what_its_array_is(make: Any) -> None:
    for values in (np.arange(4), np.array([1.5, np.nan]), np.array(["a", None, "b"], dtype=object)):
        described = describe(make(values))
        assert described.fingerprint == describe(values).fingerprint
        assert described.missing == describe(values).missing
    (column,) = describe(pl.Series("answer", [1, 2])).columns
    assert (column.name, column.dtype) == ("answer", "Int64")


def test_billions_of_rows_of_polars_or_arrow_take_no_longer() -> None:
    part = pl.DataFrame({"text": ["a", "b"] * 500_000, "number": range(1_000_000)})
    many = pl.concat([part] * 2000, rechunk=False)
    arrow = pa.concat_tables([part.to_arrow()] * 2000)
    for table in (many, arrow, arrow[:1_000_000].to_batches()[0]):
        described = describe(table)
        assert described.sampled
        assert described.shape == [len(table), 2]
        assert described.fingerprint
    for target in (many["text"], arrow["text"], arrow["text"].chunk(0)):
        assert describe(target).sampled
        summary = summarise_target(target)
        assert summary is not None
        assert (summary["classes"], summary["count_a"]) == (2, summary["count_b"])


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
    pl.DataFrame(),
    pl.DataFrame({"a": [1]}).lazy(),
    pa.table({}),
    pa.array([]),
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
