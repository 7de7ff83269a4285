"""A batch of journal lines as plain data: decoded, and grouped by what it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, cast, get_args

import msgspec

from maestro_jupyter import events
from maestro_jupyter.events import metric_to_float

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from maestro_jupyter.events import Event, ParamValue

Series: TypeAlias = tuple[list[int], list[float], list[float]]
"""Steps, times in seconds and values."""

_INT64 = 1 << 63
_UINT64 = 1 << 64
_LATEST = 1 << 60
_AT_ONCE = 500
"""Lines decoded in one call: enough to be fast, few enough to stay in the processor's cache."""

_decode = msgspec.json.Decoder(events.AnyEvent).decode
_decode_all = msgspec.json.Decoder(list[events.AnyEvent]).decode
_decode_kind = msgspec.json.Decoder(list[msgspec.Raw]).decode
_KINDS = frozenset(kind.__struct_config__.tag for kind in get_args(events.AnyEvent))


@dataclass
class Batch:
    """What some lines of one journal say, in the order in which it is written to the store."""

    opened: events.JournalOpened | None = None
    closed: events.JournalClosed | None = None
    started: dict[str, events.RunStarted] = field(default_factory=dict)
    ended: dict[str, events.RunEnded] = field(default_factory=dict)
    metrics: dict[str, dict[str, Series]] = field(default_factory=dict)
    params: dict[str, dict[str, ParamValue]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    contexts: dict[str, events.RunContext] = field(default_factory=dict)
    notes: list[events.NoteAdded] = field(default_factory=list)
    cells: dict[str, dict[str, Any]] = field(default_factory=dict)
    unattached: list[events.UnattachedMetric] = field(default_factory=list)
    datasets: dict[tuple[str, str], events.DatasetSeen] = field(default_factory=dict)
    environments: dict[str, events.EnvironmentSeen] = field(default_factory=dict)
    code_states: dict[str, events.CodeSeen] = field(default_factory=dict)
    artifacts: list[events.ArtifactLogged] = field(default_factory=list)
    registered: list[events.ArtifactRegistered] = field(default_factory=list)
    used: list[events.ArtifactUsed] = field(default_factory=list)
    points: int = 0
    damaged: int = 0
    unknown: int = 0

    @property
    def digests(self) -> list[str]:
        """The sha256 of the bytes that wait in the spool."""
        return [each.sha256 for each in self.artifacts] + [each.sha256 for each in self.registered]

    @property
    def runs(self) -> dict[str, None]:
        """The ids of all runs that the batch is about, in the order they begin."""
        found = dict.fromkeys(self.started)
        for about in (self.metrics, self.params, self.tags, self.contexts, self.ended):
            found.update(dict.fromkeys(about))
        found.update((note.run, None) for note in self.notes)
        found.update((run, None) for run, _ in self.datasets)
        found.update((artifact.run, None) for artifact in self.artifacts if artifact.run is not None)
        return found


def microseconds(seconds: float) -> int:
    """Give the microseconds of a time in seconds, within what a database holds.

    Examples
    --------
    >>> microseconds(1.5), microseconds(1e300) == 2**60
    (1500000, True)
    """
    return round(min(max(seconds * 1e6, -_LATEST), _LATEST))


def read_batch(payloads: Sequence[bytes]) -> Batch:
    """Decode and group lines.

    Parameters
    ----------
    payloads : sequence of bytes
        The payloads of intact lines, in order.

    Returns
    -------
    Batch
        `unknown` counts lines of a kind that this version does not know, `damaged` those that make no sense.
    """
    batch = Batch()
    for begin in range(0, len(payloads), _AT_ONCE):
        _add_metrics(batch, _decode_some(payloads[begin : begin + _AT_ONCE], batch))
    batch.points = sum(len(series[0]) for run in batch.metrics.values() for series in run.values())
    return batch


def _decode_some(payloads: Sequence[bytes], batch: Batch) -> list[Event]:
    """Decode lines in one call, which is several times as fast as a call for each."""
    try:
        return cast("list[Event]", _decode_all(b"[%b]" % b",".join(payloads)))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _decode_each(payloads, batch)


def _add_metrics(batch: Batch, found: Iterable[Event]) -> None:
    """Add events; this loop is where collecting spends its time, so that metrics are dealt with in place."""
    metrics = batch.metrics
    for event in found:
        if type(event) is not events.MetricsLogged:
            _add(batch, event)
            continue
        step = event.step
        if not -_INT64 <= step < _INT64:
            batch.damaged += 1
            continue
        time = event.time
        run = metrics.get(event.run)
        if run is None:
            run = metrics[event.run] = {}
        for key, value in event.values.items():
            series = run.get(key)
            if series is None:
                series = run[key] = ([], [], [])
            steps, times, values = series
            steps.append(step)
            times.append(time)
            values.append(value if type(value) is float else _number(value))


def _decode_each(payloads: Iterable[bytes], batch: Batch) -> list[Event]:
    found: list[Event] = []
    for payload in payloads:
        try:
            found.append(_decode(payload))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            if _is_unknown(payload):
                batch.unknown += 1
            else:
                batch.damaged += 1
    return found


def _is_unknown(payload: bytes) -> bool:
    try:
        kind = msgspec.json.decode(_decode_kind(payload)[0], type=str)
    except (msgspec.MsgspecError, UnicodeDecodeError, IndexError):
        return False
    return kind not in _KINDS


def _number(value: float | str) -> float:
    """Read a text that is no number as NaN: the point was logged, and says no number."""
    try:
        return float(metric_to_float(value))
    except KeyError:
        return float("nan")


def _add(batch: Batch, event: Event) -> None:
    add = _ADD.get(type(event))
    if add is not None:
        add(batch, event)


def _add_run_started(batch: Batch, event: events.RunStarted) -> None:
    batch.started.setdefault(event.run, event)


def _add_params(batch: Batch, event: events.ParamsLogged) -> None:
    known = batch.params.setdefault(event.run, {})
    for key, value in event.values.items():
        huge = type(value) is int and not -_INT64 <= value < _UINT64
        known[key] = str(value) if huge else value


def _add_context(batch: Batch, event: events.RunContext) -> None:
    for run in event.runs:
        batch.contexts[run] = event


def _cell(batch: Batch, execution: str) -> dict[str, Any]:
    return batch.cells.setdefault(execution, {})


def _add_cell_started(batch: Batch, event: events.CellStarted) -> None:
    _cell(batch, event.execution).update(
        cell=event.cell,
        number=event.number,
        count=event.count,
        source=event.source,
        start_time=microseconds(event.time),
    )


def _add_cell_ended(batch: Batch, event: events.CellEnded) -> None:
    _cell(batch, event.execution).update(
        end_time=microseconds(event.time),
        success=event.success,
        error=event.error,
        traceback=event.traceback,
    )


def _add_cell_output(batch: Batch, event: events.CellOutput) -> None:
    _cell(batch, event.execution).update(output=event.text, output_truncated=event.truncated)


def _add_cell_names(batch: Batch, event: events.CellNames) -> None:
    _cell(batch, event.execution).update(names=msgspec.msgpack.encode((event.reads, event.writes)))


_ADD: dict[type, Callable[[Batch, Any], object]] = {
    events.JournalOpened: lambda batch, event: setattr(batch, "opened", batch.opened or event),
    events.JournalClosed: lambda batch, event: setattr(batch, "closed", event),
    events.RunStarted: _add_run_started,
    events.RunEnded: lambda batch, event: batch.ended.update({event.run: event}),
    events.ParamsLogged: _add_params,
    events.TagsSet: lambda batch, event: batch.tags.setdefault(event.run, {}).update(event.values),
    events.NoteAdded: lambda batch, event: batch.notes.append(event),
    events.CellStarted: _add_cell_started,
    events.CellEnded: _add_cell_ended,
    events.CellOutput: _add_cell_output,
    events.CellNames: _add_cell_names,
    events.UnattachedMetric: lambda batch, event: batch.unattached.append(event),
    events.DatasetSeen: lambda batch, event: batch.datasets.update({(event.run, event.role): event}),
    events.EnvironmentSeen: lambda batch, event: batch.environments.update({event.digest: event}),
    events.CodeSeen: lambda batch, event: batch.code_states.update({event.digest: event}),
    events.RunContext: _add_context,
    events.ArtifactLogged: lambda batch, event: batch.artifacts.append(event),
    events.ArtifactRegistered: lambda batch, event: batch.registered.append(event),
    events.ArtifactUsed: lambda batch, event: batch.used.append(event),
}
