"""What the browser tests look at: very many runs, and runs whose every text attacks."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from hostile import PAYLOADS
from store_of_runs import a_run, fill_with

from maestro_jupyter.config import Maestro
from maestro_jupyter.models import Status
from maestro_jupyter.store.engine import open_store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from maestro_jupyter.models import Run

MANY = 100_000


def fill_with_many(home: Path) -> None:
    chance = random.Random(0)
    _fill(home, (_one_of_many(number, chance) for number in range(MANY)))


def _one_of_many(number: int, chance: random.Random) -> Run:
    return a_run(
        number,
        run_id=f"{number:08x}" * 4,
        project="default",
        metrics={"accuracy": number / MANY, "loss": chance.random()},
        params={"depth": number % 17, "estimator": "sklearn.svm.SVC"},
    )


def attacks() -> list[str]:
    """Give texts that would call `alert` if they came to be markup or script anywhere."""
    wrapped = [f"x{payload}y" for payload in PAYLOADS] + [f"\"'>{payload}" for payload in PAYLOADS]
    images = [f"<img src=x onerror=alert({number})>" for number in range(20)]
    return [*PAYLOADS, *wrapped, *images]


def fill_with_attacks(home: Path) -> None:
    _fill(
        home,
        (
            a_run(
                number,
                name=attack,
                project="default",
                metrics={attack: number / 7, "accuracy": float(number)}
                if number < 3
                else {"accuracy": 1.0 * number},
                params={f"param {number % 5}": attack, "estimator": attack},
                tags={"tag": attack},
                status=Status.FAILED,
                status_reason=attack,
            )
            for number, attack in enumerate(attacks(), 1)
        ),
    )


def _fill(home: Path, runs: Iterable[Run]) -> None:
    opened = open_store(Maestro(environ={"MAESTRO_HOME": str(home)}).database_url)
    fill_with(opened.write, runs)
    opened.close()
