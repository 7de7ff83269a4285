"""How long it takes to estimate the impact of 300 artifacts from 10,000 runs of 1,000 projects.

The history is made up: its outcomes take no longer or shorter to explain than real ones.
"""

from __future__ import annotations

import statistics
import time

import numpy as np

from maestro_jupyter.library.impact import estimate
from maestro_jupyter.models import Observation

RUNS, PROJECTS, ARTIFACTS, DATASETS, USERS = 10_000, 1_000, 300, 150, 50
ROUNDS = 5


def history(seed: int) -> list[Observation]:
    """Give runs of which each used a few artifacts."""
    rng = np.random.default_rng(seed)
    dataset, user = rng.integers(DATASETS, size=PROJECTS), rng.integers(USERS, size=PROJECTS)
    sets = [
        [frozenset(f"a{name}" for name in rng.integers(ARTIFACTS, size=rng.poisson(4))) for _ in range(3)]
        for _ in range(PROJECTS)
    ]
    found = []
    for number in range(RUNS):
        project = number % PROJECTS
        found.append(
            Observation(
                run=str(number),
                project=str(project),
                team=str(user[project]),
                task="classification",
                metric="accuracy",
                dataset=str(dataset[project]),
                artifacts=sets[project][rng.integers(3)],
                value=float(rng.normal()),
            )
        )
    return found


def main() -> None:
    """Print the median of some rounds."""
    times = []
    for seed in range(ROUNDS):
        seen = history(seed)
        begun = time.perf_counter()
        estimated = estimate(seen)
        times.append(time.perf_counter() - begun)
    known = sum(impact.status == "estimated" for impact in estimated.values())
    print(
        f"{RUNS:,} runs, {PROJECTS:,} projects, {len(estimated)} artifacts ({known} estimated): "
        f"{statistics.median(times):.2f} s"
    )


if __name__ == "__main__":
    main()
