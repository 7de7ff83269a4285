"""The journals' files in a home: which there are, in which order they are read, and what becomes of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from maestro_jupyter.events import JournalOpened
from maestro_jupyter.journal_format import SUFFIX, parse_segment_name, scan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_FIRST_LINE = 16_384

_decode = msgspec.json.Decoder(JournalOpened).decode


class Segment(NamedTuple):
    """One file of a journal."""

    number: int
    path: Path

    def size(self) -> int:
        """Give its size in bytes; -1 if it is gone."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return -1

    def modified(self) -> int:
        """Give when it was last written, in microseconds since the epoch."""
        return self.path.stat().st_mtime_ns // 1000


def find_segments(folder: Path, journal: str | None = None) -> dict[str, list[Segment]]:
    """Give the files of one journal, or of all, in the order they were written.

    Parameters
    ----------
    folder : Path
        It need not exist.
    journal : str, optional

    Returns
    -------
    dict of str to list of Segment
        By the journal's id. A file whose name begins with a dot is not ready yet.
    """
    found: dict[str, list[Segment]] = {}
    for path in folder.glob(f"{journal or '*'}.*{SUFFIX}"):
        parsed = None if path.name.startswith(".") else parse_segment_name(path.name)
        if parsed is not None and journal in {None, parsed[0]}:
            found.setdefault(parsed[0], []).append(Segment(parsed[1], path))
    for segments in found.values():
        segments.sort()
    return found


def parents_first(found: Mapping[str, Sequence[Segment]]) -> list[str]:
    """Order journals so that a process comes before those that it forked.

    What a forked process says of its parent's run then finds the run there.
    """
    parents = {journal: _parent(segments[0].path) for journal, segments in found.items()}
    ordered: dict[str, None] = {}
    for journal in sorted(found):
        line = [journal]
        while (parent := parents.get(line[-1])) and parent in found and parent not in line:
            line.append(parent)
        ordered.update(dict.fromkeys(reversed(line)))
    return list(ordered)


def forget(path: Path, folder: Path, *, damaged: bool) -> None:
    """Remove a file that is collected; keep one that is damaged in a folder, under another name."""
    try:
        if damaged:
            folder.mkdir(mode=0o700, exist_ok=True)
            os.replace(path, folder / f"{path.name}.damaged")  # noqa: PTH105
        else:
            path.unlink()
    except FileNotFoundError:
        return


def _parent(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            lines = scan(file.read(_FIRST_LINE)).payloads
        return _decode(lines[0]).parent if lines else None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
