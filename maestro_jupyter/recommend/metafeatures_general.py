"""General meta-features: how large a dataset is, of what kinds its columns are, and what is missing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from maestro_jupyter.recommend.summaries import names_of, summarised

if TYPE_CHECKING:
    from maestro_jupyter.recommend.metafeatures_sample import Sample

GENERAL: tuple[str, ...] = (
    "nr_inst",
    "nr_attr",
    "nr_num",
    "nr_cat",
    "nr_bin",
    "nr_text",
    "nr_date",
    "nr_class",
    "log_nr_inst",
    "log_nr_attr",
    "attr_to_inst",
    "inst_to_attr",
    "cat_to_num",
    "num_to_cat",
    *names_of("freq_class"),
    "missing",
    "missing_attr",
    "missing_inst",
    "constant_attr",
    "levels.mean",
    "levels.max",
    "words.mean",
    "vocabulary",
)


def general(sample: Sample) -> dict[str, float]:
    """Measure the general group.

    Parameters
    ----------
    sample : Sample

    Returns
    -------
    dict of str to float
        Some of `GENERAL`; what is absent is unknown.
    """
    rows, columns, kinds = sample.rows, sample.columns, sample.kinds
    numbers = kinds["number"]
    categories = kinds["category"] + kinds["mixed"]
    found = {
        "nr_inst": float(rows),
        "nr_attr": float(columns),
        "nr_num": numbers,
        "nr_cat": categories,
        "nr_text": kinds["text"],
        "nr_date": kinds["date"],
        "log_nr_inst": math.log10(rows) if rows else math.nan,
        "log_nr_attr": math.log10(columns) if columns else math.nan,
        "attr_to_inst": columns / rows if rows else math.nan,
        "inst_to_attr": rows / columns if columns else math.nan,
        "cat_to_num": categories / numbers if numbers else math.nan,
        "num_to_cat": numbers / categories if categories else math.nan,
    }
    return found | _classes(sample) | _missing(sample) | _distinct(sample) | _texts(sample)


def _classes(sample: Sample) -> dict[str, float]:
    if sample.counts.size == 0:
        return {}
    return {"nr_class": float(sample.counts.size)} | summarised(
        "freq_class", sample.counts / sample.counts.sum()
    )


def _missing(sample: Sample) -> dict[str, float]:
    if sample.missing.size == 0:
        return {}
    return {
        "missing": float(sample.missing.mean()),
        "missing_attr": float(sample.missing.any(axis=0).mean()),
        "missing_inst": float(sample.missing.any(axis=1).mean()),
    }


def _distinct(sample: Sample) -> dict[str, float]:
    """Count the levels of categories, and what has two values or one."""
    import numpy as np

    levels = sample.codes.max(axis=0) + 1.0 if sample.codes.size else np.empty(0)
    if sample.numbers.size == 0 and levels.size == 0:
        return {}
    low, high = (
        np.nanmin(sample.numbers, axis=0, initial=np.inf),
        np.nanmax(sample.numbers, axis=0, initial=-np.inf),
    )
    between = ((sample.numbers > low) & (sample.numbers < high)).any(axis=0)
    whole = sample.columns / max(sample.missing.shape[1], 1)
    constant = float((low >= high).sum() + (levels <= 1).sum()) + sample.kinds["empty"] / whole
    found = {
        "nr_bin": whole * float(((low < high) & ~between).sum() + (levels == 2).sum()),
        "constant_attr": constant / max(sample.missing.shape[1], 1),
    }
    if levels.size:
        found |= {"levels.mean": float(levels.mean()), "levels.max": float(levels.max())}
    return found


def _texts(sample: Sample) -> dict[str, float]:
    """Count words, and how many of them are different ones."""
    if not sample.texts:
        return {}
    words = [word for texts in sample.texts for text in texts[:1000].tolist() for word in text.split()]
    documents = sum(len(texts[:1000]) for texts in sample.texts)
    if not words:
        return {}
    return {"words.mean": len(words) / documents, "vocabulary": len(set(words)) / len(words)}
