"""A small file that would take much memory is refused in a sentence, before it does."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.sparse
import skops.io as skops
from sklearn.linear_model import LogisticRegression

from maestro_jupyter.errors import TooLarge
from maestro_jupyter.library import bombs
from maestro_jupyter.library.loading import load
from maestro_jupyter.library.sources import content_of

ROWS = 400_000
LONG = "x" * 1_000_000


def parquet(table: pa.Table, **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd", **options)
    return out.getvalue()


def repeated(values: list[Any], count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, "i4")), pa.array(values))


def numbers(columns: int) -> bytes:
    zeros = pa.array(np.zeros(ROWS))
    return parquet(pa.table({f"c{number}": zeros for number in range(columns)}))


def texts() -> bytes:
    return parquet(pa.table({"text": repeated([LONG], ROWS)}), store_schema=False)


def texts_in_lists() -> bytes:
    lists = pa.ListArray.from_arrays(pa.array([0, ROWS // 2, ROWS], "i4"), repeated([LONG], ROWS))
    return parquet(pa.table({"lists": lists}), store_schema=False)


def texts_in_structs() -> bytes:
    inside = pa.StructArray.from_arrays([repeated([LONG], ROWS)], ["inner"])
    return parquet(pa.table({"outer": inside}), store_schema=False)


def texts_in_maps() -> bytes:
    keys = pa.array([str(number) for number in range(ROWS)])
    maps = pa.MapArray.from_arrays(pa.array([0, ROWS], "i4"), keys, repeated([LONG], ROWS))
    return parquet(pa.table({"maps": maps}), store_schema=False)


@pytest.mark.parametrize("made", [texts, texts_in_lists, texts_in_structs, texts_in_maps])
def test_texts_that_would_fill_the_memory_are_refused_before_they_do(made: Any) -> None:
    data = made()
    assert len(data) < 8 << 20
    before = pa.total_allocated_bytes()
    with pytest.raises(TooLarge, match=r"bytes, and would take at least [\d.]+ GiB of memory\. .*trust=True"):
        load("parquet", io.BytesIO(data), {})
    assert pa.default_memory_pool().max_memory() < bombs.ALWAYS
    assert pa.total_allocated_bytes() - before < 64 << 20


def test_many_equal_numbers_are_refused_by_what_is_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bombs, "ALWAYS", 32 << 20)
    data = numbers(20)
    assert len(data) * bombs.RATIO < ROWS * 20 * 8
    tracemalloc.start()
    with pytest.raises(TooLarge):
        load("parquet", io.BytesIO(data), {})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 32 << 20


def test_with_trust_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bombs, "ALWAYS", 1 << 20)
    data = numbers(3)
    assert load("parquet", io.BytesIO(data), {}, trust=True).shape == (ROWS, 3)


def test_a_large_table_that_says_something_is_no_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bombs, "ALWAYS", 1 << 20)
    table = pd.DataFrame({"x": np.random.default_rng(0).normal(size=ROWS)})
    table["word"] = [f"word {number}" for number in range(ROWS)]
    content = content_of(table)
    pd.testing.assert_frame_equal(load("parquet", io.BytesIO(content.data), content.about), table)


def test_the_type_of_an_array_cannot_make_it_large() -> None:
    content = content_of(np.array(["a", "b"] * 1000))
    about = {**content.about, "dtype": "<U10000000"}
    with pytest.raises(TooLarge, match="The array has"):
        load("parquet", io.BytesIO(content.data), about)


def with_a_sparse_matrix() -> bytes:
    """Give a model that skops has written, whose sparse matrix claims a type that needs no trust."""
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    model.more_ = scipy.sparse.csr_matrix(np.ones((2000, 2000)))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(skops.dumps(model))) as archive, zipfile.ZipFile(out, "w") as made:
        for name in archive.namelist():
            data = archive.read(name)
            for true, claimed in ((b"csr_matrix", b"dtype"), (b"scipy.sparse._csr", b"numpy")):
                data = data.replace(true, claimed) if name == "schema.json" else data
            made.writestr(name, data)
    return out.getvalue()


def test_a_compressed_matrix_in_a_model_cannot_be_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    data = with_a_sparse_matrix()
    assert load("skops", io.BytesIO(data), {}).more_.shape == (2000, 2000)
    monkeypatch.setattr(bombs, "ALWAYS", 1 << 20)
    with pytest.raises(TooLarge, match="The model has"):
        load("skops", io.BytesIO(data), {})
    assert load("skops", io.BytesIO(data), {}, trust=True).more_.shape == (2000, 2000)
