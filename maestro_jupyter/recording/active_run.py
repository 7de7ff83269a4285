"""A run that is going on: its record, kept up to date, with the verbs to log to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from maestro_jupyter.models import Run, Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from maestro_jupyter.recording.recorder import Recorder


class ActiveRun(Run, kw_only=True, dict=True, weakref=True, eq=False):
    """A run of this process; as a context manager it ends with its block.

    An exception that leaves the block makes the run ``FAILED`` (``KILLED`` for an interrupt) and goes on.
    """

    def bind(self, recorder: Recorder) -> Self:
        """Say which recorder the run belongs to."""
        self.recorder = recorder
        self.next_steps: dict[str, int] = {}
        self.recorded = recorder.recording
        """Whether the journal knows of it: a run of a skipped cell is known to this process only."""
        return self

    def log(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """Log metrics to this run; see `maestro_jupyter.log`."""
        self.recorder.log_metrics(self, metrics, step)

    def log_metric(self, key: str, value: Any, step: int | None = None) -> None:
        """Log one metric to this run."""
        self.recorder.log_metrics(self, {key: value}, step)

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Log parameters of this run."""
        self.recorder.log_params(self, params)

    def log_param(self, key: str, value: Any) -> None:
        """Log one parameter of this run."""
        self.recorder.log_params(self, {key: value})

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Set tags of this run."""
        self.recorder.set_tags(self, tags)

    def set_tag(self, key: str, value: Any) -> None:
        """Set one tag of this run."""
        self.recorder.set_tags(self, {key: value})

    def note(self, text: str) -> None:
        """Add a remark to this run."""
        self.recorder.add_note(self, text)

    def end(self, status: str = "FINISHED", reason: str = "") -> None:
        """End this run, if it is still going on."""
        self.recorder.end_run(self, status, reason)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.end()
        elif isinstance(error, KeyboardInterrupt):
            self.end(Status.KILLED, "interrupted")
        else:
            self.end(Status.FAILED, f"{type(error).__name__}: {error}")
