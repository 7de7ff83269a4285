"""Runs that tried configs on data, and a small prior, for tests of what is learnt from them."""

from __future__ import annotations

import math

import msgspec
import numpy as np
from sqlalchemy import insert, select
from store_of_runs import a_run

from maestro_jupyter.models import Dataset
from maestro_jupyter.recommend.knowledge import Configuration, Knowledge
from maestro_jupyter.recommend.metafeatures import NAMES
from maestro_jupyter.recommend.portfolio import configs_for
from maestro_jupyter.store import schema

SVC = {"estimator": "sklearn.svm._classes.SVC", "kernel": "rbf"}
FOREST = {"estimator": "sklearn.ensemble._forest.RandomForestClassifier"}


def put_data(store, runs, number: int, rows: int = 300, columns: int = 8, **about) -> None:
    """Say that runs were on the dataset of a number."""
    X = Dataset(
        role="X", name=f"X{number}", kind="ndarray", fingerprint=f"x{number}", sampled=False, shape=[rows, columns],
        missing=0.0, **about,
    )  # fmt: skip
    y = Dataset(
        role="y", name="y", kind="ndarray", fingerprint=f"y{number}", sampled=False, shape=[rows],
        target={"task": "classification", "classes": 2, "count_a": rows // 3, "count_b": rows - rows // 3},
    )  # fmt: skip
    with store.write.begin() as connection:
        for run in runs:
            at = connection.scalar(select(schema.runs.c.id).where(schema.runs.c.run_id == run.run_id))
            for one in (X, y):
                values = {"run": at, "role": one.role, "fingerprint": one.fingerprint}
                profile = msgspec.msgpack.encode(one)
                connection.execute(insert(schema.datasets).values(profile=profile, **values))


def svm_run(number: int, strength: float, score: float, **fields):
    """Give a run that tried a support vector machine, with a held-out score."""
    known = {
        "name": "SVC",
        "source": "fit",
        "params": {**SVC, "C": strength},
        "metrics": {"balanced_accuracy_score_y_test": score},
    }
    return a_run(number, **(known | fields))


def small_prior(task: str = "classification", datasets: int = 40, configs: int = 12) -> Knowledge:
    """Make a prior in which half of the datasets like one half of the configs, and half the other.

    The first meta-feature, the number of rows, tells which half a dataset is of.
    """
    rng = np.random.default_rng(0)
    every = configs_for(task)
    chosen = every[:: len(every) // configs][:configs]
    likes = np.arange(datasets) % 2
    side = np.arange(configs) % 2
    scores = np.where(likes[:, None] == side, 0.9, 0.7) + rng.normal(0, 0.02, (datasets, configs))
    known = np.full((datasets, len(NAMES)), math.nan)
    rows = np.where(likes == 1, 2000.0, 200.0) + rng.integers(0, 50, datasets)
    known[:, NAMES.index("nr_inst")] = rows
    known[:, NAMES.index("nr_attr")] = 10.0
    known[:, NAMES.index("log_nr_inst")] = np.log10(rows)
    return Knowledge(
        task=task,
        score={"classification": "balanced_accuracy", "regression": "r2"}[task],
        datasets=tuple(dataset(number, int(size)) for number, size in enumerate(rows)),
        configs=tuple(
            Configuration(one.name, one.family, one.about.estimator, {**one.about.params, **one.params})
            for one in chosen
        ),
        scores=scores,
        spreads=np.full(scores.shape, 0.02),
        seconds=np.tile(np.linspace(0.01, 1.0, configs), (datasets, 1)) * rows[:, None] / 1000,
        statuses=np.ones(scores.shape, dtype=np.uint8),
        metafeatures=known,
        metafeature_names=NAMES,
    )


def dataset(number: int, rows: int):
    from maestro_jupyter.recommend import knowledge

    return knowledge.Dataset(f"past {number}", f"group {number}", rows=rows, columns=10)
