"""Trials in a process of their own, which is killed where one takes too long."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import warnings
from typing import IO, TYPE_CHECKING, Self

import msgspec

from maestro_jupyter.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

_LOADING = 300.0
_MESSAGE = 300


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one configuration did on one dataset.

    Attributes
    ----------
    dataset, config : str
        Names.
    task : str
    status : str
        ``"ok"``; ``"failed"``, if its estimator raised; ``"timeout"``; or ``"crashed"``, if the process died.
    scores, seconds : list of float
        Of each fold that was fitted: of what is not ``"ok"``, those before.
    error : str
        What was raised.
    """

    dataset: str
    config: str
    task: str
    status: str
    scores: list[float] = []
    seconds: list[float] = []
    error: str = ""


class _Order(msgspec.Struct):
    dataset: str
    config: str
    seed: int


class _Line(msgspec.Struct, omit_defaults=True):
    """What the process says: it is ready, it has fitted a fold, it is done, or it cannot load the dataset."""

    event: str
    score: float = 0.0
    seconds: float = 0.0
    error: str = ""


class TrialProcess:
    """A process that tries configurations, one after another.

    Parameters
    ----------
    limit : float
        How many seconds a fit may take.
    seed : int
        Of the folds.
    """

    def __init__(self, limit: float, seed: int = 0) -> None:
        self._limit, self._seed = limit, seed
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def run(self, dataset: str, task: str, config: str) -> Outcome:
        """Try a configuration.

        Parameters
        ----------
        dataset, task, config : str
            Names.

        Returns
        -------
        Outcome

        Raises
        ------
        Unavailable
            If the dataset cannot be loaded.
        """
        process = self._started()
        scores: list[float] = []
        seconds: list[float] = []
        try:
            _send(process.stdin, _Order(dataset, config, self._seed))
            line = self._heard(process, _LOADING)
            while line.event in {"ready", "fold"}:
                if line.event == "fold":
                    scores.append(line.score)
                    seconds.append(line.seconds)
                line = self._heard(process, self._limit)
        except _SilentError as silence:
            self._stop()
            return Outcome(dataset, config, task, silence.args[0], scores, seconds)
        if line.event == "absent":
            msg = f"The dataset {dataset!r} cannot be loaded: {line.error}."
            raise Unavailable(msg)
        status = "failed" if line.error else "ok"
        return Outcome(dataset, config, task, status, scores, seconds, line.error)

    def run_all(self, dataset: str, task: str, configs: Iterable[str]) -> Iterator[Outcome]:
        """Try configurations on one dataset, one after another."""
        for config in configs:
            yield self.run(dataset, task, config)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **threads},
            )
        return self._process

    def _heard(self, process: subprocess.Popen[bytes], limit: float) -> _Line:
        """Wait for a line; kill the process if it takes too long, whereupon its output ends."""
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(limit, end)
        timer.daemon = True  # an interrupt while it starts must not make the build wait for it
        try:
            timer.start()
            line = process.stdout.readline() if process.stdout else b""
        finally:
            timer.cancel()
        if not line:
            raise _SilentError("timeout" if late.is_set() else "crashed")
        return msgspec.json.decode(line, type=_Line)

    def _stop(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.communicate()
        self._process = None


class _SilentError(Exception):
    """The process says no more."""


def _send(stream: IO[bytes] | None, message: msgspec.Struct) -> None:
    if stream is None:
        return
    with contextlib.suppress(BrokenPipeError):
        stream.write(msgspec.json.encode(message) + b"\n")
        stream.flush()


def _serve(orders: IO[bytes], said: IO[bytes]) -> None:
    """Try what is ordered, line by line, and say how each fold did."""
    from maestro_jupyter.recommend.datasets import problem
    from maestro_jupyter.recommend.portfolio import config_of
    from maestro_jupyter.recommend.trials import Trials

    trials: Trials | None = None
    for line in orders:
        order = msgspec.json.decode(line, type=_Order)
        try:
            if trials is None or trials.problem.name != order.dataset:
                trials = Trials(problem(order.dataset), order.seed)
        except Exception as error:  # noqa: BLE001 - nothing can be said of any configuration
            _send(said, _Line("absent", error=_said_of(error)))
            continue
        try:
            _send(said, _Line("ready"))
            for fold in trials.run(config_of(trials.problem.task, order.config)):
                _send(said, _Line("fold", fold.score, fold.seconds))
            _send(said, _Line("done"))
        except Exception as error:  # noqa: BLE001 - whatever an estimator raises is its outcome
            _send(said, _Line("done", error=_said_of(error)))


def _said_of(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_MESSAGE]


def _main() -> None:
    # Libraries print to where the lines go: give them nowhere.
    said = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    warnings.simplefilter("ignore")
    _serve(sys.stdin.buffer, said)


if __name__ == "__main__":
    _main()
