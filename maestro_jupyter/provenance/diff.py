"""What changed between two runs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec

from maestro_jupyter.models import Run
from maestro_jupyter.provenance.cell_diff import CellChange, cell_changes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from maestro_jupyter.models import Code, Dataset, Environment, RunDetail


class Change(msgspec.Struct, frozen=True):
    """One named value that differs.

    Attributes
    ----------
    kind : str
        ``added`` (only `b` has it), ``removed`` (only `a` has it) or ``changed``.
    a, b : str, int, float, bool or None
        The value in each run; None too where it is missing: `kind` tells the two apart.
    """

    name: str
    kind: str
    a: str | int | float | bool | None = None
    b: str | int | float | bool | None = None


class MetricChange(msgspec.Struct, frozen=True):
    """One metric, whether or not it differs.

    Attributes
    ----------
    kind : str
        ``added``, ``removed``, ``changed`` or ``same``; NaN is the same as NaN.
    a, b : float or None
        The latest value in each run; None where it is missing.
    difference : float or None
        ``b - a``; None where a value is missing or not finite.
    relative : float or None
        ``difference / |a|``; None also where `a` is zero.
    """

    name: str
    kind: str
    a: float | None = None
    b: float | None = None
    difference: float | None = None
    relative: float | None = None


class DatasetChange(msgspec.Struct, frozen=True):
    """The data in one role that differs.

    Attributes
    ----------
    kind : str
        ``added``, ``removed`` or ``changed``.
    fingerprint_changed : bool
    shape_a, shape_b : list of int or None
    columns_added, columns_removed : list of str
    dtypes_changed : list of Change
        The columns of both whose dtype differs.
    sampled : bool
        Whether a fingerprint covers a sample only, so that equal ones do not prove equal data.
    """

    role: str
    kind: str
    fingerprint_changed: bool = False
    shape_a: list[int] | None = None
    shape_b: list[int] | None = None
    columns_added: list[str] = []
    columns_removed: list[str] = []
    dtypes_changed: list[Change] = []
    sampled: bool = False


class RunDiff(msgspec.Struct, kw_only=True):
    """What changed from run `a` to run `b`.

    Attributes
    ----------
    params, packages : list of Change
        Only what differs, by name.
    metrics : list of MetricChange
        Every metric of either run, by name.
    datasets : list of DatasetChange
        Only the roles that differ.
    cells : list of CellChange
        Only the cells that differ.
    same_cells : int
        How many cells do not.
    environment : list of Change
        Of ``python`` and ``platform``, those that differ.
    code : list of Change
        Of ``commit``, ``branch``, ``dirty`` and ``uncommitted diff``, those that differ; for the last, the
        values are the diffs.
    run : list of Change
        Of ``status``, ``status_reason``, ``project`` and ``user``, those that differ.
    duration : MetricChange
        The seconds of both.
    unknown : list of str
        What one of the runs has no record of: ``environment``, ``code``.
    """

    a: Run
    b: Run
    params: list[Change] = []
    metrics: list[MetricChange] = []
    datasets: list[DatasetChange] = []
    cells: list[CellChange] = []
    same_cells: int = 0
    environment: list[Change] = []
    packages: list[Change] = []
    code: list[Change] = []
    run: list[Change] = []
    duration: MetricChange
    unknown: list[str] = []

    @property
    def same(self) -> bool:
        """Whether nothing differs, duration and identity apart."""
        return not (self._changes() or self.unknown or any(m.kind != "same" for m in self.metrics))

    def _changes(self) -> list[Any]:
        parts = (self.params, self.datasets, self.cells, self.environment, self.packages, self.code, self.run)
        return [change for part in parts for change in part]

    def summary(self) -> list[str]:
        """Say what changed, in short sentences, the most telling first."""
        return [
            *(_say(change, "params.") for change in self.params),
            *(_say_metric(change) for change in self.metrics if change.kind != "same"),
            *(_say_dataset(change) for change in self.datasets),
            *_say_cells(self.cells),
            *(_say(change) for change in self.environment + self.packages),
            *(_say_code(change) for change in self.code),
            *(_say(change) for change in self.run),
            *(f"{name}: not recorded for both" for name in self.unknown),
        ]


def diff(a: RunDetail, b: RunDetail) -> RunDiff:
    """Work out what changed from one run to another.

    Parameters
    ----------
    a, b : RunDetail

    Returns
    -------
    RunDiff
    """
    cells = cell_changes(a.cells, b.cells)
    # A metric's summary tells NaN from missing, as does the run's own table of latest values.
    return RunDiff(
        a=a.run,
        b=b.run,
        params=changes(a.run.params, b.run.params),
        metrics=_metrics(a.run.metrics, b.run.metrics),
        datasets=_datasets(a.datasets, b.datasets),
        cells=cells.changes,
        same_cells=cells.same,
        environment=_environment(a.environment, b.environment),
        packages=_packages(a.environment, b.environment),
        code=_code(a.code, b.code),
        run=changes(_identity(a.run), _identity(b.run)),
        duration=_metric("duration", a.run.duration, b.run.duration),
        unknown=[
            name
            for name, one, other in (
                ("environment", a.environment, b.environment),
                ("code", a.code, b.code),
            )
            if (one is None) != (other is None)
        ],
    )


def changes(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Change]:
    """Give the entries that differ, by name; True is not 1, and NaN is NaN."""
    found = []
    for name in sorted(a.keys() | b.keys()):
        if name not in a:
            found.append(Change(name, "added", None, b[name]))
        elif name not in b:
            found.append(Change(name, "removed", a[name], None))
        elif not _equal(a[name], b[name]):
            found.append(Change(name, "changed", a[name], b[name]))
    return found


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, bool) != isinstance(b, bool):
        return False
    return bool(a == b) or (a != a and b != b)  # noqa: PLR0124 - NaN is the one value that is not itself


def _identity(run: Run) -> dict[str, Any]:
    return {
        "status": run.status.value,
        "status_reason": run.status_reason,
        "project": run.project,
        "user": run.user,
    }


def _metrics(a: Mapping[str, float], b: Mapping[str, float]) -> list[MetricChange]:
    return [_metric(name, a.get(name), b.get(name)) for name in sorted(a.keys() | b.keys())]


def _metric(name: str, a: float | None, b: float | None) -> MetricChange:
    if a is None or b is None:
        kind = "same" if a is b else "added" if a is None else "removed"
        return MetricChange(name, kind, a, b)
    kind = "same" if _equal(a, b) else "changed"
    if not (math.isfinite(a) and math.isfinite(b) and math.isfinite(b - a)):
        return MetricChange(name, kind, a, b)
    return MetricChange(name, kind, a, b, b - a, (b - a) / abs(a) if a else None)


def _datasets(a: list[Dataset], b: list[Dataset]) -> list[DatasetChange]:
    before, after = {data.role: data for data in a}, {data.role: data for data in b}
    found = []
    for role in sorted(before.keys() | after.keys()):
        one, other = before.get(role), after.get(role)
        if one is None or other is None:
            kind = "added" if one is None else "removed"
            shapes = [None if data is None else data.shape for data in (one, other)]
            found.append(DatasetChange(role, kind, shape_a=shapes[0], shape_b=shapes[1]))
        elif change := _dataset(one, other):
            found.append(change)
    return found


def _dataset(a: Dataset, b: Dataset) -> DatasetChange | None:
    before = {column.name: column.dtype for column in a.columns}
    after = {column.name: column.dtype for column in b.columns}
    columns = changes(before, after)
    if a.fingerprint == b.fingerprint and a.shape == b.shape and not columns:
        return None
    return DatasetChange(
        role=a.role,
        kind="changed",
        fingerprint_changed=a.fingerprint != b.fingerprint,
        shape_a=a.shape,
        shape_b=b.shape,
        columns_added=[column.name for column in columns if column.kind == "added"],
        columns_removed=[column.name for column in columns if column.kind == "removed"],
        dtypes_changed=[column for column in columns if column.kind == "changed"],
        sampled=a.sampled or b.sampled,
    )


def _environment(a: Environment | None, b: Environment | None) -> list[Change]:
    if a is None or b is None:
        return []
    return changes({"python": a.python, "platform": a.platform}, {"python": b.python, "platform": b.platform})


def _packages(a: Environment | None, b: Environment | None) -> list[Change]:
    return [] if a is None or b is None else changes(a.packages, b.packages)


def _code(a: Code | None, b: Code | None) -> list[Change]:
    if a is None or b is None:
        return []
    return changes(
        *(
            {
                "commit": code.commit,
                "branch": code.branch,
                "dirty": code.dirty,
                "uncommitted diff": code.diff,
            }
            for code in (a, b)
        )
    )


def _say(change: Change, prefix: str = "") -> str:
    name = f"{prefix}{change.name}"
    if change.kind == "changed":
        return f"{name}: {_show(change.a)} → {_show(change.b)}"
    value = change.b if change.kind == "added" else change.a
    return f"{name}: {change.kind} ({_show(value)})"


def _say_metric(change: MetricChange) -> str:
    if change.kind != "changed" or change.difference is None:
        return _say(Change(change.name, change.kind, change.a, change.b))
    return f"{change.name}: {_show(change.a)} → {_show(change.b)} ({change.difference:+.3g})"


def _say_dataset(change: DatasetChange) -> str:
    if change.kind != "changed":
        return f"{change.role}: {change.kind} ({_shape(change.shape_b or change.shape_a)})"
    shapes = (
        f" ({_shape(change.shape_a)} → {_shape(change.shape_b)})" if change.shape_a != change.shape_b else ""
    )
    said = []
    if change.fingerprint_changed or shapes:
        said.append(
            f"has another fingerprint{shapes}" if change.fingerprint_changed else f"has another shape{shapes}"
        )
    for number, what in (
        (len(change.columns_added), "added"),
        (len(change.columns_removed), "removed"),
        (len(change.dtypes_changed), "of another dtype"),
    ):
        if number:
            said.append(f"{_many(number, 'column')} {what}")
    return f"{change.role} {', '.join(said)}"


def _say_cells(cells: list[CellChange]) -> list[str]:
    numbers = {kind: sum(cell.kind == kind for cell in cells) for kind in ("changed", "added", "removed")}
    return [f"{_many(number, 'cell')} {kind}" for kind, number in numbers.items() if number]


def _say_code(change: Change) -> str:
    if change.name == "uncommitted diff":
        return "the uncommitted diff differs"
    if change.name == "commit" and change.kind == "changed":
        return f"commit: {str(change.a)[:8]} → {str(change.b)[:8]}"
    return _say(change)


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _shape(shape: list[int] | None) -> str:
    return " × ".join(map(str, shape or ()))


def _show(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    text = str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
