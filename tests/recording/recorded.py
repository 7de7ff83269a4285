"""The runs that a recorder wrote, put together from its journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from journals import read_events

from maestro_jupyter import events

if TYPE_CHECKING:
    from maestro_jupyter.recording.recorder import Recorder


class RecordedRun:
    """A run as its events tell it."""

    def __init__(self, started: events.RunStarted) -> None:
        self.id, self.name, self.source, self.parent = (
            started.run,
            started.name,
            started.source,
            started.parent,
        )
        self.status, self.reason = "RUNNING", ""
        self.params: dict[str, Any] = {}
        self.history: dict[str, list[tuple[int, float]]] = {}
        self.data: dict[str, events.DatasetSeen] = {}

    @property
    def metrics(self) -> dict[str, float]:
        return {key: points[-1][1] for key, points in self.history.items()}


class Recorded:
    """All runs of a journal, and the metrics that belong to none."""

    def __init__(self, recorder: Recorder) -> None:
        self.by_id: dict[str, RecordedRun] = {}
        self.unattached: list[events.UnattachedMetric] = []
        for event in read_events(recorder.config.journals) if recorder.journal.begun else ():
            self._apply(event)

    @property
    def runs(self) -> list[RecordedRun]:
        return list(self.by_id.values())

    def _apply(self, event: events.Event) -> None:
        match event:
            case events.RunStarted():
                self.by_id[event.run] = RecordedRun(event)
            case events.RunEnded():
                run = self.by_id[event.run]
                run.status, run.reason = event.status, event.reason
            case events.ParamsLogged():
                self.by_id[event.run].params.update(event.values)
            case events.MetricsLogged():
                for key, value in event.values.items():
                    point = (event.step, events.metric_to_float(value))
                    self.by_id[event.run].history.setdefault(key, []).append(point)
            case events.DatasetSeen():
                self.by_id[event.run].data[event.role] = event
            case events.UnattachedMetric():
                self.unattached.append(event)
