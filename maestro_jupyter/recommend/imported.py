"""Tables of scores that others made, checked and brought into the form of knowledge."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from maestro_jupyter.errors import Invalid
from maestro_jupyter.recommend.knowledge import STATUSES, Configuration, Dataset, Knowledge
from maestro_jupyter.recommend.metafeatures import NAMES
from maestro_jupyter.recommend.pipelines import SCORING
from maestro_jupyter.recommend.portfolio import TASKS
from maestro_jupyter.recommend.recorded_configs import of_portfolio, tried_config
from maestro_jupyter.recording.estimator_params import plain_params

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

_NEEDED = ("dataset", "config", "score")
_TRIED = STATUSES[1:]
_NAMES = ("dataset", "config", "group", "family")
"""Columns whose values are texts, also where they look like numbers: 007 is not 7."""

_MOST = 1e15
"""Rows or columns; what is said to have more, has not. Floats up to it hold whole numbers exactly."""

_LARGEST = 3.4e38
"""A file of knowledge can hold no larger number."""


def read_scores(path: Path | str) -> pd.DataFrame:
    """Read a table of scores.

    Parameters
    ----------
    path : Path or str
        Of a `.csv` (also `.csv.gz`) or `.parquet` file.

    Raises
    ------
    Invalid
        If it cannot be read.
    """
    import pandas as pd

    name = Path(path).name.lower()
    try:
        if name.endswith((".csv", ".csv.gz")):
            return _read_csv(path)
        if name.endswith(".parquet"):
            return pd.read_parquet(path)
    except (OSError, ValueError, ImportError) as error:
        reason = str(error).strip().splitlines()
        msg = f"{path} cannot be read as a table: {reason[0] if reason else type(error).__name__}."
        raise Invalid(msg) from error
    msg = f"{path} is neither .csv, .csv.gz nor .parquet."
    raise Invalid(msg)


def _read_csv(path: Path | str) -> pd.DataFrame:
    """Read what has as many fields in each row as in the first one; pandas would shift or drop others.

    It would also give a column that is there twice another name, which nobody asks for.
    """
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        head = pd.read_csv(path, header=None, nrows=1, dtype=str, keep_default_na=False)
        _refuse_doubled(head.iloc[0].tolist(), str(path))
        try:
            return pd.read_csv(path, index_col=False, dtype=dict.fromkeys(_NAMES, str))
        except pd.errors.ParserWarning as error:
            msg = "rows have more fields than there are columns; what holds a comma needs quotes"
            raise ValueError(msg) from error


def imported(
    scores: pd.DataFrame, task: str, *, score: str | None = None, metafeatures: pd.DataFrame | None = None
) -> Knowledge:
    """Bring a table of scores into the form of knowledge.

    Parameters
    ----------
    scores : DataFrame
        One row for each trial, with the columns `dataset`, `config` and `score` (higher is better; comparable
        within a dataset) and, if known, `seconds`, `status` (one of `knowledge.STATUSES`), `group` (of the
        dataset), `family`, `estimator` (the name of its class) and `params` (JSON; of the configuration). A
        trial without a score has failed.
    task : str
        ``"classification"`` or ``"regression"``.
    score : str, optional
        What the score is called: by default what suggestions learn from, balanced_accuracy or r2.
    metafeatures : DataFrame, optional
        One row for each dataset: `dataset`, and columns named as `metafeatures.NAMES`.

    Returns
    -------
    Knowledge

    Raises
    ------
    Invalid
        If something is missing, doubled or no number; says where.

    Examples
    --------
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"dataset": ["a", "b"], "config": "lda()", "score": [0.8, 0.6]})
    >>> table = imported(scores, "classification")
    >>> table.scores.tolist(), table.configs[0].family
    ([[0.8], [0.6]], 'lda')
    """
    if task not in TASKS:
        msg = f"The task {task!r} is neither classification nor regression."
        raise Invalid(msg)
    frame = _checked(scores)
    datasets = list(dict.fromkeys(frame["dataset"]))
    configs = list(dict.fromkeys(frame["config"]))
    rows = frame["dataset"].map({name: place for place, name in enumerate(datasets)}).to_numpy()
    columns = frame["config"].map({name: place for place, name in enumerate(configs)}).to_numpy()
    found = _arrays(frame, rows, columns, (len(datasets), len(configs)))
    groups = _known(frame, "dataset", "group")
    measured = _measured(metafeatures, datasets)
    return Knowledge(
        task=task,
        score=score or SCORING[task],
        datasets=tuple(
            Dataset(name, groups.get(name, name), "imported", "", *_size(row))
            for name, row in zip(datasets, measured, strict=True)
        ),
        configs=_configurations(frame, task, configs),
        metafeatures=measured,
        metafeature_names=NAMES,
        **found,
    )


def _checked(scores: pd.DataFrame) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    _refuse_doubled(scores.columns, "The table")
    missing = [name for name in _NEEDED if name not in scores.columns]
    if missing:
        msg = f"The table has no column {missing[0]!r}."
        raise Invalid(msg, hint=f"It needs {', '.join(_NEEDED)}.")
    if len(scores) == 0:
        msg = "The table has no rows."
        raise Invalid(msg)
    frame = scores.reset_index(drop=True)
    for name in ("dataset", "config"):
        _refuse(frame[name].isna(), f"has no {name}")
    for name in _NAMES:
        if name in frame.columns:
            frame[name] = _texts(frame[name])
    for name in ("score", "seconds"):
        if name in frame.columns:
            numbers = pd.to_numeric(frame[name], errors="coerce").astype(float)
            wrong = (numbers.isna() & frame[name].notna()) | np.isinf(numbers)
            _refuse(wrong, f"has a {name} that is no finite number")
            _refuse(numbers > _LARGEST, f"has a {name} above {_LARGEST:g}")
            frame[name] = numbers.clip(lower=-_LARGEST)
    if "seconds" in frame.columns:
        _refuse(frame["seconds"] < 0, "has negative seconds")
    if "status" in frame.columns:
        _refuse(
            frame["status"].notna() & ~frame["status"].isin(_TRIED),
            f"has a status that is none of {', '.join(_TRIED)}",
        )
        _refuse((frame["status"] == "ok") & frame["score"].isna(), "is ok but has no score")
    _refuse(frame.duplicated(["dataset", "config"]), "repeats a dataset and configuration")
    return frame


def _refuse_doubled(names: Iterable[object], table: str) -> None:
    """Refuse a table with two columns of one name; any number of them may have none."""
    seen = set()
    for name in names:
        if name in seen:
            msg = f"{table} has two columns named {str(name)!r:.80}."
            raise Invalid(msg, hint="Leave one of them out, or give it another name.")
        if name != "":
            seen.add(name)


def _texts(names: pd.Series[Any]) -> pd.Series[Any]:
    """Give names as texts; whole numbers that missing ones made floats are whole ones again."""
    from pandas.api.types import is_float_dtype

    known = names.dropna()
    if is_float_dtype(known) and (known % 1 == 0).all() and (known.abs() < _MOST).all():
        known = known.astype("int64")
    return known.astype(str).reindex(names.index)


def _refuse(wrong: pd.Series[bool], what: str, table: str = "table") -> None:
    """Refuse a table for its first row of which something is true."""
    if bool(wrong.any()):
        msg = f"Row {int(wrong.to_numpy().argmax()) + 1} of the {table} {what}."
        raise Invalid(msg)


def _arrays(frame: pd.DataFrame, rows: Any, columns: Any, shape: tuple[int, int]) -> dict[str, Any]:
    import numpy as np

    scored = frame["score"].notna().to_numpy()
    told = np.where(scored, "ok", "failed")
    if "status" in frame.columns:
        told = np.where(frame["status"].isna(), told, frame["status"].to_numpy(dtype=object))
    scores, seconds = np.full(shape, np.nan), np.full(shape, np.nan)
    statuses = np.zeros(shape, dtype=np.uint8)
    scores[rows, columns] = np.where(told == "ok", frame["score"], np.nan)
    statuses[rows, columns] = [STATUSES.index(status) for status in told]
    if "seconds" in frame.columns:
        seconds[rows, columns] = frame["seconds"]
    return {
        "scores": scores,
        "spreads": np.full(shape, np.nan),
        "seconds": seconds,
        "statuses": statuses,
    }


def _known(frame: pd.DataFrame, by: str, what: str) -> dict[str, Any]:
    """Give the value of a column that is known for each name of another.

    Raises
    ------
    Invalid
        If there are several.
    """
    if what not in frame.columns:
        return {}
    known = frame.loc[frame[what].notna(), [by, what]].drop_duplicates()
    twice = known[by][known[by].duplicated()]
    if len(twice):
        first, second = known[what][known[by] == twice.iloc[0]].iloc[:2]
        msg = f"The {by} {twice.iloc[0]!r:.80} of the table has the {what} {first!r:.80} and {second!r:.80}."
        raise Invalid(msg)
    return dict(zip(known[by], known[what], strict=True))


def _configurations(frame: pd.DataFrame, task: str, names: list[str]) -> tuple[Configuration, ...]:
    told = {what: _known(frame, "config", what) for what in ("family", "estimator", "params")}
    found: dict[str, str] = {}
    configs = []
    for name in names:
        config = of_portfolio(task, name) or _told(
            task, name, {what: of.get(name) for what, of in told.items()}
        )
        same = found.setdefault(config.name, name)
        if same != name:
            msg = f"The configurations {same!r} and {name!r} of the table are the same: {config.name}."
            raise Invalid(msg, hint="Give them one name.")
        configs.append(config)
    return tuple(configs)


def _told(task: str, name: str, told: dict[str, Any]) -> Configuration:
    """Give what a table says of a configuration, by the name that runs of it have, if it is known."""
    estimator, params = str(told["estimator"] or ""), _params(told["params"], name)
    known = tried_config(task, {**plain_params(params), "estimator": estimator}, {}) if estimator else None
    family = str(told["family"] or name.partition("(")[0])
    return known or Configuration(name, family, estimator, params)


def _params(told: Any, name: str) -> dict[str, Any]:
    if told is None:
        return {}
    try:
        found = msgspec.json.decode(told, type=dict[str, Any])
        msgspec.msgpack.encode(found)  # as a file of knowledge keeps it
    except (msgspec.DecodeError, TypeError) as error:
        msg = f"The params of the configuration {name!r} are no JSON object."
        raise Invalid(msg) from error
    except OverflowError as error:
        msg = f"The params of the configuration {name!r} have a number of more than 64 bits."
        raise Invalid(msg) from error
    return {key: tuple(value) if isinstance(value, list) else value for key, value in found.items()}


def _size(measured: Any) -> tuple[int | None, int | None]:
    """Give the rows and columns of a dataset, if its meta-features tell both."""
    told = [measured[NAMES.index(name)] for name in ("nr_inst", "nr_attr")]
    if not all(1 <= size < _MOST for size in told):
        return None, None
    rows, columns = map(int, told)
    return rows, columns


def _measured(metafeatures: pd.DataFrame | None, datasets: list[str]) -> Any:
    import numpy as np
    import pandas as pd

    if metafeatures is None:
        return np.full((len(datasets), len(NAMES)), np.nan)
    _refuse_doubled(metafeatures.columns, "The table of meta-features")
    if "dataset" not in metafeatures.columns:
        msg = "The table of meta-features has no column 'dataset'."
        raise Invalid(msg)
    names = _texts(metafeatures["dataset"])
    if names.duplicated().any():
        msg = "The table of meta-features has a dataset twice."
        raise Invalid(msg)
    told = metafeatures.reindex(columns=list(NAMES)).reset_index(drop=True)
    numbers = told.apply(pd.to_numeric, errors="coerce").astype(float)
    for name in NAMES:
        wrong = numbers[name].isna() & told[name].notna()
        _refuse(wrong, f"has a {name} that is no number", "table of meta-features")
    found = numbers.clip(-_LARGEST, _LARGEST).set_axis(names).reindex(datasets).to_numpy(dtype=float)
    if np.isnan(found).all():
        msg = "The table of meta-features tells nothing of these datasets."
        raise Invalid(msg, hint="Name datasets as the scores do, and columns as docs/knowledge.md does.")
    return found
