"""A build's outcomes compiled into a file of knowledge."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

from maestro_jupyter.recommend.datasets import problem
from maestro_jupyter.recommend.knowledge import STATUSES, Configuration, Dataset, Knowledge, Provenance
from maestro_jupyter.recommend.metafeatures import NAMES, metafeatures
from maestro_jupyter.recommend.pipelines import FOLDS, SCORING
from maestro_jupyter.recommend.portfolio import config_of
from maestro_jupyter.recommend.trials import FEW_ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from maestro_jupyter.recommend.building import Begun
    from maestro_jupyter.recommend.trial_process import Outcome

RESAMPLING = (
    f"{FOLDS}-fold cross-validation (stratified for classes), twice below {FEW_ROWS} rows; "
    "the same folds for every configuration"
)


def tables_of(outcomes: Sequence[Outcome], seed: int = 0) -> list[Knowledge]:
    """Compile outcomes into one table for each task, in the order in which they are given.

    Parameters
    ----------
    outcomes : sequence of Outcome
    seed : int
        Of the meta-features.

    Returns
    -------
    list of Knowledge
    """
    tasks = dict.fromkeys(outcome.task for outcome in outcomes)
    return [_table(task, [one for one in outcomes if one.task == task], seed) for task in tasks]


def provenance_of(begun: Begun, command: str) -> Provenance:
    """Say how a file of knowledge was made, today."""
    return Provenance(_today(), command, begun.machine, begun.versions, begun.seed, begun.limit, RESAMPLING)


def provenance_of_import(name: str) -> Provenance:
    """Say of which table a file of knowledge was made, today; how that was made, its makers know."""
    return Provenance(_today(), f"maestro knowledge import {name}", "", {}, 0, 0.0, "")


def _today() -> str:
    return dt.datetime.now(dt.UTC).date().isoformat()


def _table(task: str, outcomes: Sequence[Outcome], seed: int) -> Knowledge:
    import numpy as np

    names = list(dict.fromkeys(outcome.dataset for outcome in outcomes))
    configs = list(dict.fromkeys(outcome.config for outcome in outcomes))
    rows, columns = ({name: place for place, name in enumerate(found)} for found in (names, configs))
    shape = (len(names), len(configs))
    scores, spreads, seconds = (np.full(shape, math.nan) for _ in range(3))
    statuses = np.zeros(shape, dtype=np.uint8)
    for outcome in outcomes:
        cell = rows[outcome.dataset], columns[outcome.config]
        statuses[cell] = STATUSES.index(outcome.status)
        if outcome.seconds:
            seconds[cell] = np.mean(outcome.seconds)
        if outcome.status == "ok":
            scores[cell], spreads[cell] = np.mean(outcome.scores), np.std(outcome.scores)
    described = [_described(name, seed) for name in names]
    return Knowledge(
        task=task,
        score=SCORING[task],
        datasets=tuple(dataset for dataset, _ in described),
        configs=tuple(_configuration(task, name) for name in configs),
        scores=scores,
        spreads=spreads,
        seconds=seconds,
        statuses=statuses,
        metafeatures=np.array([measured for _, measured in described]),
        metafeature_names=NAMES,
    )


def _described(name: str, seed: int) -> tuple[Dataset, list[float]]:
    found = problem(name)
    X, y = found.sample()
    measured = metafeatures(X, y, task=found.task, seed=seed)
    dataset = Dataset(name, found.group, found.origin, found.licence, *X.shape)
    return dataset, list(measured.values())


def _configuration(task: str, name: str) -> Configuration:
    config = config_of(task, name)
    params: dict[str, Any] = {**config.about.params, **config.params}
    return Configuration(name, config.family, config.about.estimator, params)
