"""Which run an estimator's latest fit belongs to, and on what data it was trained."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.datasets import describe

if TYPE_CHECKING:
    from maestro_jupyter.recording.active_run import ActiveRun
    from maestro_jupyter.recording.datasets import Description


@dataclass(eq=False)
class Fit:
    """A recorded fit that went well."""

    run: ActiveRun
    data: Description | None = None
    """Of X."""

    def was_on(self, data: Any) -> bool:
        """Tell whether data is what the fit was made on."""
        seen = self.data
        if seen is None or not seen.fingerprint or type(data).__name__ != seen.kind:
            return False
        shape = getattr(data, "shape", None)
        if shape is not None and list(shape) != seen.shape:
            return False
        return describe(data).fingerprint == seen.fingerprint


class Fits:
    """The fits of the estimators that are still there."""

    def __init__(self) -> None:
        self._latest: dict[int, tuple[weakref.ref[Any], Fit]] = {}

    def remember(self, estimator: Any, fit: Fit) -> None:
        """Note an estimator's latest fit."""
        key = id(estimator)

        def forget(dead: weakref.ref[Any]) -> None:
            if self._latest.get(key, (None,))[0] is dead:
                del self._latest[key]

        self._latest[key] = (weakref.ref(estimator, forget), fit)

    def of(self, estimator: Any) -> Fit | None:
        """Give an estimator's latest fit, if it was recorded."""
        known = self._latest.get(id(estimator))
        return known[1] if known is not None and known[0]() is estimator else None

    def clear(self) -> None:
        """Forget everything."""
        self._latest.clear()
