"""The question what to try on data: what has to be known of them, and nothing of what is in them."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_jupyter.errors import Invalid
from maestro_jupyter.models import ModelQuestion
from maestro_jupyter.recommend.columns import as_frame, check_sizes, is_sparse, schema_of
from maestro_jupyter.recommend.doubts import doubts
from maestro_jupyter.recommend.metafeatures import metafeatures
from maestro_jupyter.recommend.metafeatures_sample import one_column, sample_of
from maestro_jupyter.recommend.pipelines import FOLDS, SCORING
from maestro_jupyter.recording.datasets import describe

if TYPE_CHECKING:
    from maestro_jupyter.recommend.columns import Schema

LEAST_ROWS = 10
"""With fewer rows there is nothing to cross-validate."""


_TIMES = "Make them numbers, such as the days since the first, if these are to be predicted."
_KINDS_OF_TIME = {"datetime64", "datetime", "date", "time", "timedelta64", "timedelta", "period"}

_ROUNDING = 4
"""So many times the distance of two floats."""

MOST = 100
"""So many may be asked for at once."""


class Wanted(NamedTuple):
    """How somebody asks.

    Attributes
    ----------
    task, metric : str or None
        Told from the data if None.
    n : int
        How many at most.
    seconds : float or None
        How long trying all of them may take.
    """

    task: str | None = None
    metric: str | None = None
    n: int = 5
    seconds: float | None = None


class Asked(NamedTuple):
    """A question about data.

    Attributes
    ----------
    question : ModelQuestion
    schema : Schema
    plain : bool
        Whether models take the target as it is.
    column : bool
        Whether that is a table of one column.
    doubts : list of str
        Sentences on what may be wrong with it.
    """

    question: ModelQuestion
    schema: Schema
    plain: bool
    column: bool
    doubts: list[str]

    @property
    def known(self) -> dict[str, float]:
        """The meta-features that are known."""
        return {name: value for name, value in self.question.metafeatures.items() if value is not None}


def ask_about(X: Any, y: Any, wanted: Wanted, without: list[str]) -> Asked:
    """Make the question what to try on data.

    Parameters
    ----------
    X, y
        As of `maestro_jupyter.suggest`.
    wanted : Wanted
    without : list of str
        Packages that are not installed.

    Raises
    ------
    Invalid
        If nothing can be tried on them, in one sentence.
    """
    _check_wanted(wanted)
    _check_lengths(X, y)
    _check_target_sizes(y)
    if wanted.task == "regression":
        _check_no_times(y)
    schema = schema_of(X)
    table = as_frame(X) if hasattr(X, "to_pandas") else X  # once, not by each who looks at it
    sample = sample_of(table, y, wanted.task, 0)
    _check_rows(sample.rows, sample.target.size, y)
    if sample.task == "classification":
        _check_classes(sample.counts, y)
    else:
        _check_numbers(y)
    _check_metric(wanted.metric, sample.task)
    measured = metafeatures(table, y, task=sample.task)
    question = ModelQuestion(
        task=sample.task,  # type: ignore[arg-type]  # one of the two
        metafeatures={name: None if math.isnan(value) else value for name, value in measured.items()},
        data=fingerprints(X, y, sample.task, schema),
        n=int(wanted.n),
        seconds=None if wanted.seconds is None else float(wanted.seconds),
        without=without,
    )
    said = doubts(X, y, sample.task, measured, is_told=wanted.task is not None)
    return Asked(question, schema, is_plain(y), is_column(y), said)


def fingerprints(X: Any, y: Any, task: str, schema: Schema) -> list[str]:
    """Give how runs know the data: as they are, as arrays, and as the cells of suggestions prepare them.

    Examples
    --------
    >>> import numpy as np
    >>> X, y = np.eye(3), np.array(["b", "a", "b"])
    >>> len(fingerprints(X, y, "classification", schema_of(X)))
    2
    """
    import pandas as pd

    tables, targets = [X], [y]
    if schema.by_place:
        tables.append(by_place(X))
    if is_column(y):
        targets.append(out_of_table(y))
    if isinstance(X, pd.DataFrame) and all(dtype.kind in "iuf" for dtype in X.dtypes):
        tables.append(X.to_numpy())
    if hasattr(y, "iloc"):
        targets.append(y.to_numpy().ravel())
    if task == "classification":
        targets.append(whole_labels(y))
    elif not is_plain(y):
        targets.append(numbers_of(y))
    known = [
        f"{x}:{t}"
        for x in (describe(table).fingerprint for table in tables)
        for t in (describe(target).fingerprint for target in targets)
        if x and t
    ]
    return list(dict.fromkeys(known))


def by_place(X: Any) -> Any:
    """Name columns by their places."""
    frame = as_frame(X)
    return frame.set_axis(range(frame.shape[1]), axis=1)


def whole_labels(y: Any) -> Any:
    """Make classes the numbers from 0.

    Raises
    ------
    Invalid
        If they have no order.
    """
    import numpy as np
    from sklearn.preprocessing import LabelEncoder

    try:
        return LabelEncoder().fit_transform(np.ravel(y))
    except TypeError:
        msg = "y holds values of several types, which have no order."
        raise Invalid(msg, hint="Make all of them texts.") from None


def numbers_of(y: Any) -> Any:
    """Make what is to be predicted plain numbers."""
    import numpy as np

    return np.asarray(y, dtype=float).ravel()


def out_of_table(y: Any) -> Any:
    """Give what is to be predicted as one column, out of a table of one."""
    import pandas as pd

    return pd.DataFrame(y).iloc[:, 0]


def is_column(y: Any) -> bool:
    """Tell whether a target is a table of one column: scikit-learn warns of it in each fit.

    Examples
    --------
    >>> is_column([1, 2]), is_column([[1], [2]])
    (False, True)
    """
    if isinstance(y, list | tuple):
        return isinstance(y[0], list | tuple)
    return getattr(y, "ndim", 1) == 2


def is_plain(y: Any) -> bool:
    """Tell whether scikit-learn takes a target as it is: numbers that are objects, and bytes, it does not.

    Of texts that are whole numbers its forests take some for the number, and miss it among the classes.

    Examples
    --------
    >>> from decimal import Decimal
    >>> is_plain([1, 2]), is_plain(["a", "b"]), is_plain([Decimal(1), Decimal(2)]), is_plain(["1", "b"])
    (True, True, False, False)
    """
    from pandas.api.types import infer_dtype

    if not hasattr(y, "iloc") and hasattr(y, "to_pandas"):
        return False
    values = one_column(y)
    if values.dtype.kind not in "OS":
        return True
    return infer_dtype(values) == "string" and not any(map(_is_whole, values.unique()))


def _is_whole(text: Any) -> bool:
    try:
        int(text)
    except (TypeError, ValueError):  # also where there is no value
        return False
    return True


def _check_wanted(wanted: Wanted) -> None:
    n: Any = wanted.n  # whatever the user gave
    seconds: Any = wanted.seconds
    if isinstance(n, bool) or not isinstance(n, Integral) or not 1 <= int(n) <= MOST:
        msg = f"n is {n!r:.40}; expected a number from 1 to {MOST}."
        raise Invalid(msg)
    timed = isinstance(seconds, Real) and not isinstance(seconds, bool)
    if seconds is not None and not (timed and 0 < seconds < math.inf):
        msg = f"seconds is {seconds!r:.40}; expected a number above 0."
        raise Invalid(msg)


def _check_lengths(X: Any, y: Any) -> None:
    if is_sparse(y):
        msg = "y is a sparse matrix."
        raise Invalid(msg, hint="Give y.toarray().ravel().")
    if isinstance(y, str):
        msg = f"y is the text {y!r:.80}, and no column."
        raise Invalid(msg, hint="Give the column itself, such as df['target'], and X without it.")
    for name, data in (("X", X), ("y", y)):
        _check_no_matrix(name, data)
    rows = _rows(X)
    answers = _length(y, "y")
    if rows != answers:
        msg = f"X has {rows} rows and y has {answers} values."
        raise Invalid(msg, hint="Give one target for each row.")
    if rows < LEAST_ROWS:
        msg = f"There are {rows} rows; at least {LEAST_ROWS} are needed to try anything."
        raise Invalid(msg)


def _check_target_sizes(y: Any) -> None:
    values = one_column(y).to_numpy()
    if values.dtype.kind == "f":
        check_sizes(values, "y")


def _check_no_matrix(name: str, data: Any) -> None:
    """Refuse what scikit-learn does: of a numpy.matrix each row is a matrix again."""
    import numpy as np

    if isinstance(data, np.matrix):
        msg = f"{name} is a numpy.matrix, which models do not take."
        raise Invalid(msg, hint=f"Give numpy.asarray({name}); of a sparse table .toarray() makes an array.")


def _rows(X: Any) -> int:
    if isinstance(X, dict):
        return len(as_frame(X))
    return X.shape[0] if hasattr(X, "shape") and len(X.shape) else _length(X, "X")


def _length(data: Any, name: str) -> int:
    try:
        return len(data)
    except TypeError:
        msg = f"{name} is None." if data is None else f"{name} is a {type(data).__name__}, which has no rows."
        hint = f"Give {name}.collect()." if hasattr(data, "collect") else "Give a table and its target."
        raise Invalid(msg, hint=hint) from None


def _check_rows(rows: int, sampled: int, y: Any) -> None:
    import pandas as pd

    if not sampled:
        msg = "y has no value that a model could learn."
        raise Invalid(msg, hint="A regression needs numbers.")
    missing = int(pd.isna(as_frame(y)).to_numpy().any(axis=1).sum())
    if missing:
        msg = f"y is missing in {missing} of {rows} rows."
        raise Invalid(msg, hint="Leave these rows out.")


def _check_no_times(y: Any) -> None:
    if _holds_times(y):
        msg = "y holds dates or times, and a regression needs numbers."
        raise Invalid(msg, hint=_TIMES)


def _holds_times(y: Any) -> bool:
    from pandas.api.types import infer_dtype

    return infer_dtype(one_column(y), skipna=True) in _KINDS_OF_TIME


def _check_classes(counts: Any, y: Any) -> None:
    if len(counts) < 2:
        msg = "y has one class only; there is nothing to tell apart."
        raise Invalid(msg)
    if counts.max() < FOLDS and _holds_times(y):
        msg = f"y holds dates or times, and no class has {FOLDS} rows."
        raise Invalid(msg, hint=_TIMES)
    if counts.max() < FOLDS:
        msg = f"No class has {FOLDS} rows, as many as the cross-validation has folds."
        raise Invalid(msg, hint="If y are numbers to predict, say task='regression'.")


def _check_numbers(y: Any) -> None:
    import numpy as np

    numbers = numbers_of(y)
    infinite = int(np.isinf(numbers).sum())
    if infinite:
        msg = f"y is infinite in {infinite} of {numbers.size} rows."
        raise Invalid(msg, hint="Leave these rows out.")
    # What differs by rounding only is the same: R² of it says nothing.
    if np.ptp(numbers) <= _ROUNDING * np.spacing(np.abs(numbers).max()):
        msg = f"y is {numbers[0]:g} in each of {numbers.size} rows; there is nothing to learn."
        raise Invalid(msg)


def _check_metric(metric: str | None, task: str) -> None:
    if metric is not None and metric != SCORING[task]:
        msg = f"Nothing is known of {metric!r:.80}: the history of {task} has {SCORING[task]}."
        raise Invalid(msg, hint=f"Leave metric out, or give {SCORING[task]!r}.")
