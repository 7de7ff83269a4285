"""Real datasets that scikit-learn carries, with those among its tests, and tasks derived from them."""

from __future__ import annotations

import csv
import functools
import gzip
import io
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeAlias

from maestro_jupyter.recommend.datasets import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

_ORIGIN = "scikit-learn"
_UCI = "CC BY 4.0 (UCI Machine Learning Repository)"
_TESTS = "scikit-learn, among its tests, from OpenML"


def _whole(name: str) -> tuple[pd.DataFrame, pd.Series[Any]]:
    from sklearn import datasets

    found = getattr(datasets, f"load_{name}")(as_frame=True)
    return found.data, found.target


def _target(name: str, column: str) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Predict one column of a table from the other columns."""
    X, _ = _whole(name)
    return X.drop(columns=column), X[column]


def _digits(classes: Callable[[Any], Any], kept: Sequence[int] = tuple(range(10))) -> Any:
    X, y = _whole("digits")
    rows = y.isin(list(kept))
    return X[rows], classes(y[rows])


def _high_diabetes() -> tuple[pd.DataFrame, pd.Series[Any]]:
    X, y = _whole("diabetes")
    return X, y > y.quantile(2 / 3)


def _first_columns(name: str, count: int) -> tuple[pd.DataFrame, pd.Series[Any]]:
    X, y = _whole(name)
    return X.iloc[:, :count], y


def _photograph(name: str) -> Any:
    import numpy as np
    from sklearn.datasets import load_sample_image

    return np.asarray(load_sample_image(f"{name}.jpg"), dtype=float) / 255


def _patches(name: str, size: int = 5, count: int = 500) -> Any:
    """Cut random patches out of a photograph's brightness."""
    import numpy as np

    grey = _photograph(name).mean(axis=2)
    rng = np.random.default_rng(0)
    tops, lefts = (rng.integers(0, side - size, size=count) for side in grey.shape)
    return np.array([grey[t : t + size, u : u + size].ravel() for t, u in zip(tops, lefts, strict=True)])


def _which_photograph() -> tuple[pd.DataFrame, pd.Series[Any]]:
    import numpy as np
    import pandas as pd

    both = [_patches(name) for name in ("china", "flower")]
    return pd.DataFrame(np.vstack(both)).add_prefix("p"), pd.Series(np.repeat(["china", "flower"], 500))


def _middle_of_patch(name: str) -> tuple[pd.DataFrame, pd.Series[Any]]:
    import numpy as np
    import pandas as pd

    patches = _patches(name)
    noisy = patches + np.random.default_rng(1).normal(0, 0.05, patches.shape)
    around = np.delete(noisy, 12, axis=1)
    return pd.DataFrame(around).add_prefix("p"), pd.Series(patches[:, 12])


def _brightness_by_place(name: str) -> tuple[pd.DataFrame, pd.Series[Any]]:
    import numpy as np
    import pandas as pd

    grey = _photograph(name).mean(axis=2)
    rng = np.random.default_rng(2)
    rows, columns = (rng.integers(0, side, size=800) for side in grey.shape)
    return pd.DataFrame({"row": rows, "column": columns}), pd.Series(grey[rows, columns])


@functools.cache
def _arff(number: int) -> pd.DataFrame:
    """Read a table of OpenML from scikit-learn's tests: names of columns, then lines of values."""
    import pandas as pd

    folder = resources.files("sklearn.datasets.tests.data.openml") / f"id_{number}"
    file = next(one for one in folder.iterdir() if one.name.startswith("data-"))
    lines = gzip.decompress(file.read_bytes()).decode().splitlines()
    begun = next(place for place, line in enumerate(lines) if line.strip().lower() == "@data")
    names = [line.split()[1].strip("'\"") for line in lines[:begun] if line.lower().startswith("@attribute")]
    kept = [line for line in lines[begun + 1 :] if line.strip() and not line.startswith("%")]
    quote = "'" if any(line.lstrip().startswith("'") or ",'" in line for line in kept) else '"'
    rows = list(
        csv.reader(io.StringIO("\n".join(kept)), quotechar=quote, escapechar="\\", skipinitialspace=True)
    )
    frame = pd.DataFrame(rows, columns=names).replace({"?": None, "_": None})
    return frame.apply(_as_numbers)


def _as_numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    try:
        return pd.to_numeric(column)
    except ValueError:
        return column.astype(object)


def _carried(number: int, target: str, drop: Sequence[str] = ()) -> tuple[pd.DataFrame, pd.Series[Any]]:
    frame = _arff(number)
    return frame.drop(columns=[target, *drop]), frame[target]


_PUBLIC, _CC0, _PHOTO = "public domain", "CC0", "CC BY 2.0 (by their photographers)"
_ANSWERS = ("boat", "body")
_KEYS = (*_ANSWERS, "ticket", "cabin")
_TITANIC, _PENGUINS, _CHESS, _ZOO, _GLASS, _CPU = 40945, 42585, 3, 62, 40675, 561


def _same(digits: Any) -> Any:
    return digits


def _even(digits: Any) -> Any:
    return digits % 2


def _is_eight(digits: Any) -> Any:
    return digits == 8


_Row: TypeAlias = "tuple[str, str, str, Callable[..., Any], tuple[Any, ...]]"

_CLASSES: list[_Row] = [
    ("iris", "iris", _UCI, _whole, ("iris",)),
    ("iris_sepals", "iris", _UCI, _first_columns, ("iris", 2)),
    ("wine", "wine", _UCI, _whole, ("wine",)),
    ("wine_four", "wine", _UCI, _first_columns, ("wine", 4)),
    ("breast_cancer", "breast cancer", _UCI, _whole, ("breast_cancer",)),
    ("breast_cancer_five", "breast cancer", _UCI, _first_columns, ("breast_cancer", 5)),
    ("digits", "digits", _UCI, _digits, (_same,)),
    ("digits_even", "digits", _UCI, _digits, (_even,)),
    ("digits_3_8_9", "digits", _UCI, _digits, (_same, (3, 8, 9))),
    ("digits_is_8", "digits", _UCI, _digits, (_is_eight,)),
    ("diabetes_high", "diabetes", _PUBLIC, _high_diabetes, ()),
    ("photographs", "photographs", _PHOTO, _which_photograph, ()),
    ("titanic", "titanic", _PUBLIC, _carried, (_TITANIC, "survived", (*_KEYS, "name"))),
    ("titanic_names", "titanic", _PUBLIC, _carried, (_TITANIC, "survived", (*_KEYS, "sex"))),
    ("penguins_species", "penguins", _CC0, _carried, (_PENGUINS, "species", ("island",))),
    ("penguins_sex", "penguins", _CC0, _carried, (_PENGUINS, "sex")),
    ("chess_endgame", "chess endgame", _UCI, _carried, (_CHESS, "class")),
    ("zoo", "zoo", _UCI, _carried, (_ZOO, "type", ("animal",))),
    ("glass", "glass", _UCI, _carried, (_GLASS, "class")),
]

_NUMBERS: list[_Row] = [
    ("diabetes", "diabetes", _PUBLIC, _whole, ("diabetes",)),
    ("diabetes_bmi", "diabetes", _PUBLIC, _target, ("diabetes", "bmi")),
    ("digit_value", "digits", _UCI, _digits, (_same,)),
    ("iris_petal_width", "iris", _UCI, _target, ("iris", "petal width (cm)")),
    ("wine_alcohol", "wine", _UCI, _target, ("wine", "alcohol")),
    ("wine_proline", "wine", _UCI, _target, ("wine", "proline")),
    ("breast_cancer_texture", "breast cancer", _UCI, _target, ("breast_cancer", "mean texture")),
    ("breast_cancer_symmetry", "breast cancer", _UCI, _target, ("breast_cancer", "worst symmetry")),
    ("china_middle", "photographs", _PHOTO, _middle_of_patch, ("china",)),
    ("flower_middle", "photographs", _PHOTO, _middle_of_patch, ("flower",)),
    ("china_places", "photographs", _PHOTO, _brightness_by_place, ("china",)),
    ("flower_places", "photographs", _PHOTO, _brightness_by_place, ("flower",)),
    ("titanic_fare", "titanic", _PUBLIC, _carried, (_TITANIC, "fare", (*_KEYS, "name"))),
    ("titanic_age", "titanic", _PUBLIC, _carried, (_TITANIC, "age", _KEYS)),
    ("penguins_mass", "penguins", _CC0, _carried, (_PENGUINS, "body_mass_g")),
    ("cpu", "cpu", _PUBLIC, _carried, (_CPU, "class")),
]

PROBLEMS = [
    Problem(
        name=name,
        task=task,
        group=group,
        origin=_TESTS if load is _carried else _ORIGIN,
        licence=licence,
        load=functools.partial(load, *given),
        needs="PIL" if licence == _PHOTO else "sklearn",
    )
    for task, rows in (("classification", _CLASSES), ("regression", _NUMBERS))
    for name, group, licence, load, given in rows
]
