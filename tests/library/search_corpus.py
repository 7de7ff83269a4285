"""What the search is judged by: artifacts as teams keep them, and queries with what answers them.

A relevance of 3 is what was asked for, 2 a good substitute, 1 related. Queries at even places were used for
tuning, those at odd places never.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from maestro_jupyter.events import ArtifactRegistered
from maestro_jupyter.store import registering

if TYPE_CHECKING:
    from maestro_jupyter.store.engine import Store

FOLDER = Path(__file__).parent


class Listed(NamedTuple):
    name: str
    type: str
    tags: list[str]
    description: str
    text: str


class Question(NamedTuple):
    text: str
    relevance: dict[str, int]


def listed() -> list[Listed]:
    """Give the artifacts."""
    content = FOLDER.joinpath("search_corpus.txt").read_text(encoding="utf-8")
    found = []
    for entry in content.removeprefix("## ").split("\n## "):
        head, _, text = entry.partition("\n")
        name, kind, tags, description = (part.strip() for part in head.split("|", 3))
        found.append(Listed(name, kind, tags.split(), description, text))
    return found


def questions() -> list[Question]:
    """Give the queries."""
    lines = FOLDER.joinpath("search_queries.txt").read_text(encoding="utf-8").splitlines()
    found = []
    for line in lines:
        text, answers = line.rsplit("|", 1)
        pairs = (answer.split("=") for answer in answers.split())
        found.append(Question(text.strip(), {name: int(grade) for name, grade in pairs}))
    return found


def register(store: Store, artifacts: list[Listed]) -> None:
    """Put artifacts into a library."""
    with store.write.begin() as connection:
        registering.add_registered(
            connection,
            [
                ArtifactRegistered(
                    f"{number:032x}", one.name, one.type, "source", "0" * 64, 1, "text/plain", "p", "ada", 1.0,
                    description=one.description, tags=one.tags, text=one.text,
                )
                for number, one in enumerate(artifacts)
            ],
        )  # fmt: skip
