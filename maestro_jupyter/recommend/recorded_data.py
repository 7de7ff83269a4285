"""Meta-features of data that a run was on, as far as its recorded profile tells them."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from maestro_jupyter.recommend.summaries import summarised

if TYPE_CHECKING:
    from maestro_jupyter.store.attempts import Data

# As pandas, Polars and Arrow call them.
_NUMBER = re.compile(r"u?int\d+|(half)?float\d*|double|decimal.*", re.IGNORECASE)
_CATEGORY = re.compile(r"bool|boolean|category|categorical|enum|dictionary<.*", re.IGNORECASE)
_DATE = re.compile(r"datetime64.*|datetime|date|date\d+.*|timestamp.*|period.*", re.IGNORECASE)


def recorded_metafeatures(data: Data, task: str) -> dict[str, float]:
    """Give what is known.

    Parameters
    ----------
    data : Data
    task : str

    Returns
    -------
    dict of str to float
        Some of `metafeatures.NAMES`; all of them if suggestions were asked for when the data was at hand.

    Examples
    --------
    >>> from maestro_jupyter.events import Column
    >>> from maestro_jupyter.store.attempts import Data
    >>> data = Data("x:y", "y", "X", (100, 2), (Column("a", "float64"), Column("b", "bool")), 0.0, {}, {})
    >>> found = recorded_metafeatures(data, "regression")
    >>> found["nr_inst"], found["nr_num"], found["nr_cat"]
    (100.0, 1.0, 1.0)
    """
    if data.metafeatures:
        return dict(data.metafeatures)
    if not data.shape or min(data.shape) < 1:
        return {}
    rows, columns = data.shape[0], data.shape[1] if len(data.shape) > 1 else 1
    found = {
        "nr_inst": float(rows),
        "nr_attr": float(columns),
        "log_nr_inst": math.log10(rows),
        "log_nr_attr": math.log10(columns),
        "attr_to_inst": columns / rows,
        "inst_to_attr": rows / columns,
    }
    if data.missing is not None:
        found["missing"] = data.missing
    return found | _kinds(data, columns) | (_classes(data) if task == "classification" else {})


def _kinds(data: Data, columns: int) -> dict[str, float]:
    """Count columns by their types: of objects nobody knows whether they are texts."""
    dtypes = [column.dtype for column in data.columns]
    if len(dtypes) == 1:  # an array says it once
        dtypes *= columns
    if len(dtypes) != columns:
        return {}
    numbers, categories, dates = (
        float(sum(bool(kind.fullmatch(dtype)) for dtype in dtypes)) for kind in (_NUMBER, _CATEGORY, _DATE)
    )
    found = {"nr_num": numbers, "nr_date": dates}
    if numbers + categories + dates == columns:
        found |= {"nr_cat": categories, "nr_text": 0.0}
        found |= {"cat_to_num": categories / numbers} if numbers else {}
        found |= {"num_to_cat": numbers / categories} if categories else {}
    return found


def _classes(data: Data) -> dict[str, float]:
    import numpy as np

    classes = data.answers.get("classes")
    if not isinstance(classes, int):
        return {}
    found = {"nr_class": float(classes)}
    counts = np.array([value for key, value in data.answers.items() if key.startswith("count_")], dtype=float)
    if len(counts) != classes:
        return found
    return found | summarised("freq_class", counts / counts.sum())
