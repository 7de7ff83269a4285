"""What changed in a notebook's code: its cells aligned, and each changed one as a unified diff."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from maestro_jupyter.models import CellExecution

SIMILAR = 0.5
"""Two sources are versions of one cell from this share of common lines and characters on."""

PAIR_LIMIT = 2_000
"""How many pairs of sources are measured for likeness."""

SOURCE_LIMIT = 20_000
"""How many characters of a source are compared."""


class CellChange(msgspec.Struct, frozen=True):
    """One cell that differs.

    Attributes
    ----------
    kind : str
        ``added``, ``removed`` or ``changed``.
    a, b : str or None
        Its source in each run; None where it was not run.
    diff : str
        The unified diff from `a` to `b`; empty for an added or removed cell.
    number_a, number_b : int or None
        Its place among the executions of each kernel.
    """

    kind: str
    a: str | None
    b: str | None
    diff: str = ""
    number_a: int | None = None
    number_b: int | None = None


class CellChanges(NamedTuple):
    """The cells that differ, and how many are the same in both."""

    changes: list[CellChange]
    same: int


def cell_changes(a: Sequence[CellExecution], b: Sequence[CellExecution]) -> CellChanges:
    """Give the cells that differ, in the order of `b`, then those that only `a` ran, and count the others.

    A cell counts with its latest source; one that only asks Maestro does not count. Cells are the same if
    their ids are; those without a common id are the same if their sources are equal, or else alike.
    """
    before, after = _latest(a), _latest(b)
    pairs = _by_id(before, after)
    _pair_equal(before, after, pairs)
    _pair_alike(before, after, pairs)
    changes, same = [], 0
    for right, cell in enumerate(after):
        left = pairs.get(right)
        if left is None:
            changes.append(CellChange("added", None, cell.source, number_b=cell.number))
        elif before[left].source != cell.source:
            changes.append(_changed(before[left], cell))
        else:
            same += 1
    kept = set(pairs.values())
    gone = [cell for left, cell in enumerate(before) if left not in kept]
    changes += [CellChange("removed", cell.source, None, number_a=cell.number) for cell in gone]
    return CellChanges(changes, same)


def _latest(cells: Sequence[CellExecution]) -> list[CellExecution]:
    latest: dict[str, CellExecution] = {}
    for cell in cells:
        if _tells(cell.source):
            name = f"id {cell.cell_id}" if cell.cell_id is not None else f"source {cell.source}"
            latest.pop(name, None)
            latest[name] = cell
    return list(latest.values())


def _tells(source: str) -> bool:
    """Tell whether a cell does anything but ask Maestro."""
    return any(line.split()[0] != "%maestro" for line in source.splitlines() if line.strip())


def _by_id(before: list[CellExecution], after: list[CellExecution]) -> dict[int, int]:
    places = {cell.cell_id: left for left, cell in enumerate(before) if cell.cell_id is not None}
    return {right: places[cell.cell_id] for right, cell in enumerate(after) if cell.cell_id in places}


def _pair_equal(before: list[CellExecution], after: list[CellExecution], pairs: dict[int, int]) -> None:
    places: dict[str, list[int]] = {}
    for left in _left_over(before, pairs):
        places.setdefault(before[left].source, []).append(left)
    for right, cell in enumerate(after):
        if right not in pairs and places.get(cell.source):
            pairs[right] = places[cell.source].pop(0)


def _pair_alike(before: list[CellExecution], after: list[CellExecution], pairs: dict[int, int]) -> None:
    lefts = _left_over(before, pairs)
    rights = [right for right in range(len(after)) if right not in pairs]
    # Cells with ids on both sides that do not meet are different cells.
    candidates = [
        (left, right)
        for right in rights
        for left in lefts
        if before[left].cell_id is None or after[right].cell_id is None
    ]
    scored = []
    for left, right in candidates[:PAIR_LIMIT]:
        score = _likeness(before[left].source, after[right].source)
        if score >= SIMILAR:
            scored.append((-score, abs(left - right), left, right))
    used: set[int] = set()
    for _, _, left, right in sorted(scored):
        if left not in used and right not in pairs:
            used.add(left)
            pairs[right] = left


def _left_over(before: list[CellExecution], pairs: dict[int, int]) -> list[int]:
    used = set(pairs.values())
    return [left for left in range(len(before)) if left not in used]


def _likeness(a: str, b: str) -> float:
    """Measure by lines where there are many, by characters where there are few."""
    if len(a) + len(b) > 2_000:
        lines = difflib.SequenceMatcher(None, a[:SOURCE_LIMIT].splitlines(), b[:SOURCE_LIMIT].splitlines())
        return lines.ratio() if lines.quick_ratio() >= SIMILAR else 0.0
    text = difflib.SequenceMatcher(None, a, b, autojunk=False)
    return text.ratio() if text.real_quick_ratio() >= SIMILAR and text.quick_ratio() >= SIMILAR else 0.0


def _changed(a: CellExecution, b: CellExecution) -> CellChange:
    before, after = a.source[:SOURCE_LIMIT].splitlines(), b.source[:SOURCE_LIMIT].splitlines()
    lines = list(difflib.unified_diff(before, after, lineterm="", n=3))[2:]
    return CellChange("changed", a.source, b.source, "\n".join(lines), a.number, b.number)
