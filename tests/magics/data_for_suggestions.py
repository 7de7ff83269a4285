"""Data that suggestions are asked for in the tests, and what estimators say of so few."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

FEW_ROWS = [
    pytest.mark.filterwarnings(f"ignore::{warning}")
    for warning in ("UserWarning", "RuntimeWarning", "FutureWarning")
]
"""Data of a few dozen rows make estimators warn, in cells as anywhere."""

WINE = "from sklearn.datasets import load_wine\nfeatures, kinds = load_wine(return_X_y=True, as_frame=True)"


def mixed_frame(rows=120):
    """Give a table with numbers, categories, texts, dates and holes, and classes that follow from it."""
    rng = np.random.default_rng(0)
    size = rng.normal(size=rows)
    kind = rng.choice(["red", "green", "blue"], rows)
    words = [
        "fine weather on the coast",
        "heavy rain in the hills",
        "snow and ice up north",
        "fog over the bay",
    ]
    frame = pd.DataFrame(
        {
            "size": np.where(rng.random(rows) < 0.1, np.nan, size),
            "kind": pd.Series(kind).where(rng.random(rows) > 0.1, None),
            "text": [f"{words[n % 4]} number {n}" for n in range(rows)],
            "day": pd.date_range("2024-01-01", periods=rows),
        }
    )
    return frame, np.where(size + (kind == "red") > 0.3, "yes", "no")


def polars_frame(frame):
    """Give the same as Polars has it, and kinds of columns that only Polars has."""
    count = np.arange(len(frame))
    return pl.from_pandas(frame).with_columns(
        pl.col("kind").cast(pl.Categorical).alias("categorical"),
        pl.col("kind").cast(pl.Enum(["red", "green", "blue"])).alias("enum"),
        pl.col("day").dt.date().alias("date"),
        pl.col("day").dt.replace_time_zone("UTC").alias("zoned"),
        pl.Series("whole", [None if number % 7 == 0 else number for number in count]),
        pl.Series("flag", count % 3 == 0),
        pl.Series("decimal", count / 4).cast(pl.Decimal(10, 2)),
        pl.lit(None).alias("nothing"),
    )
