"""Which earlier cells a cell builds on, by the names that cells read and write."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Flow(NamedTuple):
    """One execution of a cell.

    Attributes
    ----------
    execution : str
    reads, writes : frozenset of str
        Global names; one that is changed in its place, such as ``df["a"] = 1``, is in both.
    """

    execution: str
    reads: frozenset[str]
    writes: frozenset[str]


def contributing(flows: Sequence[Flow], last: int) -> list[int]:
    """Give the executions that one builds on, by a backward slice over names.

    What a cell calls a method of counts as read, not as written: ``model.fit(X)`` does not make ``model``.
    So an execution that is given did contribute, if its names say what it did; one may be missing.

    Parameters
    ----------
    flows : sequence of Flow
        In the order in which they ran.
    last : int
        Whose sources are asked for.

    Returns
    -------
    list of int
        Places in `flows`, ascending, with `last` as the last of them.

    References
    ----------
    M. Weiser, Program Slicing, IEEE Transactions on Software Engineering SE-10 (4), 1984.

    Examples
    --------
    >>> flows = [
    ...     Flow("a", frozenset(), frozenset({"x"})),
    ...     Flow("b", frozenset(), frozenset({"unrelated"})),
    ...     Flow("c", frozenset({"x"}), frozenset({"y"})),
    ...     Flow("d", frozenset({"y"}), frozenset()),
    ... ]
    >>> contributing(flows, 3)
    [0, 2, 3]
    """
    wanted = set(flows[last].reads)
    found = [last]
    for place in range(last - 1, -1, -1):
        flow = flows[place]
        if wanted.isdisjoint(flow.writes):
            continue
        found.append(place)
        wanted -= flow.writes - flow.reads
        wanted |= flow.reads
    return found[::-1]
