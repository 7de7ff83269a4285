"""Sections of RESULTS.md beside the table of peers: each is measured by itself, and the others are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks import held_out, suggest
from benchmarks.recommend import section as recommend

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path


@dataclass(frozen=True)
class Section:
    """A heading of RESULTS.md, and what measures that which stands below it.

    Attributes
    ----------
    key : str
        By which the command line knows it.
    title : str
    measure : callable
        Takes the folder of tables of scores, if one was given, and gives Markdown.
    """

    key: str
    title: str
    measure: Callable[[Path | None], str]


SECTIONS = (
    Section("held_out", "Suggestions on data that the prior has not seen", lambda _: held_out.measured()),
    Section("suggest", "How long a suggestion takes", lambda _: suggest.measured()),
    Section("recommend", "The engine beside its baselines", recommend.measured),
    Section(
        "recommend_prior",
        "The engine beside its baselines, on the prior's own tables",
        lambda _: recommend.measured_on_prior(),
    ),
)


def replaced(page: str, title: str, text: str) -> str:
    r"""Put a text below a heading, at the end if there is no such heading yet, and keep the rest.

    Examples
    --------
    >>> replaced("# All\n\n## A\n\nold\n\n## B\n\nkept\n", "A", "new")
    '# All\n\n## A\n\nnew\n\n## B\n\nkept\n'
    >>> replaced("# All\n", "A", "new")
    '# All\n\n## A\n\nnew\n'
    """
    parts = _parts(page)
    found = f"## {title}\n\n{text.strip()}\n"
    place = next((place for place, part in enumerate(parts) if _title(part) == title), None)
    if place is None:
        return "\n".join([*parts, found])
    return "\n".join([*parts[:place], found, *parts[place + 1 :]])


def kept(old: str, new: str, titles: Collection[str]) -> str:
    """Take sections of some titles over from the old page to a new one."""
    for part in _parts(old):
        if _title(part) in titles:
            new = replaced(new, _title(part), part.partition("\n")[2])
    return new


def _parts(page: str) -> list[str]:
    """Cut a page before each heading of the second level; each part ends with one line's end."""
    return [f"{part.strip()}\n" for part in re.split(r"^(?=## )", page, flags=re.MULTILINE)]


def _title(part: str) -> str:
    return part.partition("\n")[0].removeprefix("## ") if part.startswith("## ") else ""
