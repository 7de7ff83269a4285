"""Histories of projects in which the true effect of every artifact is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from maestro_jupyter.models import Observation

if TYPE_CHECKING:
    from collections.abc import Callable


def normal(rng: np.random.Generator, count: int) -> np.ndarray:
    return rng.normal(0, 1, count)


def heavy(rng: np.random.Generator, count: int) -> np.ndarray:
    """Give Student's t with three degrees of freedom, of variance 1."""
    return rng.standard_t(3, count) / np.sqrt(3)


def skewed(rng: np.random.Generator, count: int) -> np.ndarray:
    return rng.exponential(1, count) - 1


@dataclass(frozen=True)
class World:
    """How projects come about; effects are in the unit of the noise between projects."""

    projects: int = 120
    datasets: int = 12
    teams: int = 8
    artifacts: int = 20
    width: float = 0.5
    """The standard deviation of the true effects."""
    null: float = 0.0
    """The share of artifacts without any."""
    usage: float = 0.3
    imbalance: float = 0.0
    by_dataset: float = 0.0
    """How much more easy datasets and good teams use artifacts."""
    by_team: float = 0.0
    together: float = 0.0
    """How often the next artifact is used because the one before is."""
    combinations: int = 3
    """A project tries one to so many."""
    kept: float = 0.5
    """How much of its choice a project keeps from one combination to the next."""
    decided_by_dataset: bool = False
    """Whether all projects of a dataset use the same."""
    skill: float = 0.7
    noise: Callable[[np.random.Generator, int], np.ndarray] = normal


def history(world: World, seed: int) -> tuple[list[Observation], dict[str, float]]:
    """Give the runs of a world, and the true effect of each artifact."""
    rng = np.random.default_rng(seed)
    names = [f"artifact {number}" for number in range(world.artifacts)]
    effects = rng.normal(0, world.width, world.artifacts) * (rng.random(world.artifacts) >= world.null)
    ease, merit = rng.normal(0, 3, world.datasets), rng.normal(0, 1.5, world.teams)
    base = np.log(world.usage / (1 - world.usage)) + world.imbalance * rng.normal(0, 1, world.artifacts)
    seen: list[Observation] = []
    for project in range(world.projects):
        dataset, team = rng.integers(world.datasets), rng.integers(world.teams)
        pull = world.by_dataset * ease[dataset] / 3 + world.by_team * merit[team] / 1.5
        chance = 1 / (1 + np.exp(-(base + pull)))
        skill = world.skill * world.noise(rng, 1)[0]
        if world.decided_by_dataset:
            chance = (np.random.default_rng(dataset).random(world.artifacts) < world.usage).astype(float)
        used = chosen(rng, chance, world.together)
        for _ in range(rng.integers(1, world.combinations + 1)):
            anew = chosen(rng, chance, world.together)
            used = np.where(rng.random(world.artifacts) < world.kept, used, anew)
            level = ease[dataset] + merit[team] + skill + effects @ used
            level += np.sqrt(1 - world.skill**2) * world.noise(rng, 1)[0]
            for value in level + 0.2 * world.noise(rng, int(rng.integers(1, 6))):
                seen.append(
                    Observation(
                        run=str(len(seen)), project=f"project {project}", team=f"team {team}",
                        task="classification", metric="accuracy", dataset=f"dataset {dataset}",
                        artifacts=frozenset(name for name, use in zip(names, used, strict=True) if use),
                        value=float(value),
                    )
                )  # fmt: skip
    return seen, dict(zip(names, effects.tolist(), strict=True))


def chosen(rng: np.random.Generator, chance: np.ndarray, together: float) -> np.ndarray:
    used = rng.random(len(chance)) < chance
    for number in range(1, len(used), 2):
        if rng.random() < together:
            used[number] = used[number - 1]
    return used
