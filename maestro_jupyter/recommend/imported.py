"""Tables of scores that others made, checked and brought into the form of knowledge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from maestro_jupyter.errors import Invalid, NotFound
from maestro_jupyter.recommend.knowledge import STATUSES, Configuration, Dataset, Knowledge
from maestro_jupyter.recommend.metafeatures import NAMES
from maestro_jupyter.recommend.portfolio import TASKS, config_of

if TYPE_CHECKING:
    import pandas as pd

_NEEDED = ("dataset", "config", "score")
_TRIED = STATUSES[1:]


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
            return pd.read_csv(path)
        if name.endswith(".parquet"):
            return pd.read_parquet(path)
    except (OSError, ValueError, ImportError) as error:
        reason = str(error).strip().splitlines()
        msg = f"{path} cannot be read as a table: {reason[0] if reason else type(error).__name__}."
        raise Invalid(msg) from error
    msg = f"{path} is neither .csv, .csv.gz nor .parquet."
    raise Invalid(msg)


def imported(
    scores: pd.DataFrame, task: str, *, score: str = "score", metafeatures: pd.DataFrame | None = None
) -> Knowledge:
    """Bring a table of scores into the form of knowledge.

    Parameters
    ----------
    scores : DataFrame
        One row for each trial, with the columns `dataset`, `config` and `score` (higher is better; comparable
        within a dataset) and, if known, `seconds`, `status` (one of `knowledge.STATUSES`), `group` (of the
        dataset), `family` and `params` (JSON; of the configuration). A trial without a score has failed.
    task : str
        ``"classification"`` or ``"regression"``.
    score : str
        What the score is called.
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
    groups = _firsts(frame, "dataset", "group")
    return Knowledge(
        task=task,
        score=score,
        datasets=tuple(Dataset(name, str(groups.get(name, name)), "imported") for name in datasets),
        configs=_configurations(frame, task, configs),
        metafeatures=_measured(metafeatures, datasets),
        metafeature_names=NAMES,
        **found,
    )


def _checked(scores: pd.DataFrame) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

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
        frame[name] = frame[name].astype(str)
    for name in ("score", "seconds"):
        if name in frame.columns:
            numbers = pd.to_numeric(frame[name], errors="coerce").astype(float)
            wrong = (numbers.isna() & frame[name].notna()) | np.isinf(numbers)
            _refuse(wrong, f"has a {name} that is no finite number")
            frame[name] = numbers
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


def _refuse(wrong: pd.Series[bool], what: str) -> None:
    """Refuse a table for its first row of which something is true."""
    if bool(wrong.any()):
        msg = f"Row {int(wrong.to_numpy().argmax()) + 1} of the table {what}."
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


def _firsts(frame: pd.DataFrame, by: str, what: str) -> dict[str, Any]:
    """Give the first value of a column that is known for each name of another."""
    if what not in frame.columns:
        return {}
    known = frame[frame[what].notna()].drop_duplicates(by)
    return dict(zip(known[by], known[what], strict=True))


def _configurations(frame: pd.DataFrame, task: str, names: list[str]) -> tuple[Configuration, ...]:
    families, params = _firsts(frame, "config", "family"), _firsts(frame, "config", "params")
    return tuple(
        _of_portfolio(task, name)
        or Configuration(
            name, str(families.get(name, name.partition("(")[0])), "", _params(params.get(name), name)
        )
        for name in names
    )


def _of_portfolio(task: str, name: str) -> Configuration | None:
    try:
        config = config_of(task, name)
    except NotFound:
        return None
    return Configuration(
        name, config.family, config.about.estimator, {**config.about.params, **config.params}
    )


def _params(told: Any, name: str) -> dict[str, Any]:
    if told is None:
        return {}
    try:
        return msgspec.json.decode(told, type=dict[str, Any])
    except (msgspec.DecodeError, TypeError) as error:
        msg = f"The params of the configuration {name!r} are no JSON object."
        raise Invalid(msg) from error


def _measured(metafeatures: pd.DataFrame | None, datasets: list[str]) -> Any:
    import numpy as np
    import pandas as pd

    if metafeatures is None:
        return np.full((len(datasets), len(NAMES)), np.nan)
    if "dataset" not in metafeatures.columns:
        msg = "The table of meta-features has no column 'dataset'."
        raise Invalid(msg)
    if metafeatures["dataset"].duplicated().any():
        msg = "The table of meta-features has a dataset twice."
        raise Invalid(msg)
    frame = metafeatures.set_index(metafeatures["dataset"].astype(str))
    numbers = frame.reindex(index=datasets, columns=list(NAMES)).apply(pd.to_numeric, errors="coerce")
    return numbers.to_numpy(dtype=float)
