"""How long a suggestion takes, warm, with a history of 10,000 runs, once the meta-features are there.

The runs are made up, and recorded and collected as real ones are. Measured is the whole question: collecting
what is recorded, reading what has changed, the answer, its evidence and the code of each suggestion.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import statistics
import tempfile
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from maestro_jupyter.app import App
    from maestro_jupyter.models import ModelQuestion

GOAL = 100.0
"""Milliseconds."""

RUNS, DATASETS, ROUNDS = 10_000, 200, 30
METRIC = "cv_balanced_accuracy_mean"


def main() -> None:
    print(measured(_arguments().runs))


def measured(runs: int = RUNS) -> str:
    """Give a table in Markdown: how long answers take with a history of so many runs."""
    with tempfile.TemporaryDirectory(prefix="bench-suggest-") as home:
        os.environ["MAESTRO_HOME"] = home
        from maestro_jupyter.app import current, forget

        app = current()
        chance = random.Random(0)
        for number in range(runs):
            record(app, number % DATASETS, chance)
        app.flush()
        question = a_question()
        first = _milliseconds(lambda: ask(app, question))
        lines = [
            f"{runs:,} runs on {DATASETS} datasets, {ROUNDS} answers each; the goal is {GOAL:.0f} ms.",
            f"The first answer of the process, with the fit of the engine, took {first:,.0f} ms.",
            "",
            "| asked again | median | slowest |",
            "| --- | --- | --- |",
        ]
        for title, number in (
            ("nothing new", None),
            ("after a run on other data", 1),
            ("after a run on the same data", 0),
        ):
            took = _took(app, question, number, chance)
            lines.append(f"| {title} | {statistics.median(took):.0f} ms | {max(took):.0f} ms |")
        forget()
    return "\n".join(lines)


def _took(app: App, question: ModelQuestion, number: int | None, chance: random.Random) -> list[float]:
    took = []
    for _ in range(ROUNDS):
        if number is not None:
            record(app, number, chance)
        took.append(_milliseconds(lambda: ask(app, question)))
    return took


def ask(app: App, question: ModelQuestion) -> None:
    """Ask, and write the code of all that is suggested."""
    from maestro_jupyter.recommend.columns import Schema
    from maestro_jupyter.recommend.pipelines import recipe
    from maestro_jupyter.recommend.recorded_configs import config_from

    found = app.api().recommendations.models(question)
    schema = Schema(numbers=tuple(range(20)), columns=20, form="array")
    assert len(found.models) == question.n
    for one in found.models:
        config = config_from(found.task, one.config, one.estimator, one.params)
        assert recipe(config, schema).cell()


def a_question() -> ModelQuestion:
    """Ask about the data of number 0, of which everything is known that can be measured."""
    from sklearn.datasets import make_classification

    from maestro_jupyter.models import ModelQuestion
    from maestro_jupyter.recommend.metafeatures import metafeatures

    X, y = make_classification(500, 20, random_state=0)
    known = metafeatures(X, y).items()
    measured = {name: None if math.isnan(value) else value for name, value in known}
    return ModelQuestion(task="classification", metafeatures=measured, data=["x0:y0"])


def record(app: App, number: int, chance: random.Random) -> None:
    """Record a run that cross-validated some config of the portfolio on the data of a number."""
    from maestro_jupyter.events import Column, DatasetSeen
    from maestro_jupyter.recommend.portfolio import configs_for

    config = chance.choice(configs_for("classification"))
    params = {"estimator": config.about.estimator, **config.about.params, **config.params}
    recorder = app.recorder
    with recorder.start_run(config.name, params=params, source="cross_validation", current=False) as run:
        rows, columns = 100 + 20 * number, 5 + number % 40
        names = [Column(f"c{place}", "float64", 0.0) for place in range(columns)]
        recorder.emit(
            DatasetSeen(run.run_id, "X", "X", "DataFrame", f"x{number}", False, [rows, columns], names, 0.0)
        )
        target = {"task": "classification", "classes": 2, "count_0": rows // 2, "count_1": rows - rows // 2}
        recorder.emit(
            DatasetSeen(run.run_id, "y", "y", "Series", f"y{number}", False, [rows], [], 0.0, target)
        )
        run.log({METRIC: chance.uniform(0.5, 1.0)})


def _milliseconds(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begun)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suggest", description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
