"""Metrics of ``sklearn.metrics``, attached to the run whose predictions they judge."""

from __future__ import annotations

import inspect
import math
import types
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.calls import Call, Outermost, argument
from maestro_jupyter.recording.interpose import observed
from maestro_jupyter.recording.truth_names import argument_names

if TYPE_CHECKING:
    from types import ModuleType

    from maestro_jupyter.recording.interpose import Interposer
    from maestro_jupyter.recording.predictions import Prediction, Predictions
    from maestro_jupyter.recording.recorder import Recorder

_TRUTH = {"y_true", "labels_true", "y1"}
_PREDICTED = {"y_pred", "y_score", "y_proba", "y_prob", "pred_decision", "labels_pred", "y2"}
_CELLS = ("func", "f")


def observe_cell(interposer: Interposer, module: ModuleType, name: str, observer: Outermost) -> None:
    """Observe a function of scikit-learn, by whatever name it is known already.

    What ``validate_params`` wraps stands in its closure; a function without such a wrapper is replaced in
    its module.
    """
    function = vars(module)[name]
    if not any(interposer.cell(function, cell, observer) for cell in _CELLS):
        interposer.attribute(module, name, observed(function, observer))


def metric_functions(module: ModuleType) -> dict[str, tuple[str, str]]:
    """Give the functions that compare truth with predictions, with the names of these two parameters."""
    found: dict[str, tuple[str, str]] = {}
    for name in module.__all__:
        function = vars(module).get(name)
        if not isinstance(function, types.FunctionType):
            continue
        first = list(inspect.signature(function).parameters)[:2]
        if len(first) == 2 and first[0] in _TRUTH and first[1] in _PREDICTED:
            found[name] = (first[0], first[1])
    return found


def observe_metrics(
    recorder: Recorder, interposer: Interposer, predictions: Predictions, module: ModuleType
) -> None:
    """Observe the metric functions of ``sklearn.metrics``."""
    for name, parameters in metric_functions(module).items():
        observe_cell(interposer, module, name, MetricObserver(recorder, predictions, name, parameters))


def metric_key(name: str, variable: str | None, *, training: bool) -> str:
    """Give a metric's key.

    Examples
    --------
    >>> metric_key("r2_score", "y_test", training=False), metric_key("score", None, training=True)
    ('r2_score_y_test', 'training_score')
    """
    return ("training_" if training else "") + name + (f"_{variable}" if variable else "")


def as_real(value: Any) -> float | None:
    """Give a real number as a float, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    number = float(value)
    return number if number == value or math.isnan(number) else None


@dataclass(eq=False)
class MetricCall(Call):
    """A call of a metric function."""

    truth: Any
    predicted: Any


class MetricObserver(Outermost):
    """Sees one metric function."""

    def __init__(
        self, recorder: Recorder, predictions: Predictions, name: str, parameters: tuple[str, str]
    ) -> None:
        super().__init__(recorder, "metric")
        self.predictions = predictions
        self.name = name
        self.parameters = parameters

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> MetricCall:
        """Note what is compared."""
        truth, predicted = self.parameters
        return MetricCall(argument(args, kwargs, 0, truth), argument(args, kwargs, 1, predicted))

    def finish(self, call: MetricCall, result: Any, error: BaseException | None) -> None:
        """Attach the value to the run that made the predictions, if there is exactly one."""
        value = as_real(result) if error is None else None
        if value is None:
            return
        names = argument_names()
        truth_first = names.get(0, self.parameters[0])
        origins = self.predictions.origins(call.predicted)
        if not origins:
            swapped = self.predictions.origins(call.truth)
            if len(swapped) == 1:
                origins, truth_first = swapped, names.get(1, self.parameters[1])
        self._record(origins, value, truth_first)

    def _record(self, origins: list[Prediction], value: float, variable: str | None) -> None:
        if len(origins) == 1:
            made = origins[0]
            key = metric_key(self.name, variable, training=made.training)
            self.recorder.log_metrics(made.run, {key: value}, quiet=True)
            return
        reason = (
            f"The predictions can be those of {len(origins)} runs."
            if origins
            else "The predictions are those of no recorded run."
        )
        self.recorder.unattached(metric_key(self.name, variable, training=False), value, reason)
