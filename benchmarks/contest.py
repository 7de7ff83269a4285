"""Runs a row: each entry in its own interpreter, in turns, so that a busy moment hits all of them alike."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.environments import ROOT, Environment
from benchmarks.peers.protocol import MARK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.row import Entry, Row

TIME_LIMIT = 900


@dataclass
class Result:
    """What an entry showed: every round's answer, or the reason why there is none."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    failure: str = ""

    def median(self, figure: str) -> float | None:
        """Return the median of `figure` over the rounds, or None if it was not measured."""
        values = [answer[figure] for answer in self.answers if figure in answer]
        return statistics.median(values) if values else None

    @property
    def note(self) -> str:
        """What the entry says beside its figures: a size, a reservation."""
        notes = [answer["note"] for answer in self.answers if answer.get("note")]
        if any(answer.get("complete") is False for answer in self.answers):
            notes.append("not all found")
        return notes[-1] if notes else ""


@dataclass(frozen=True)
class Contest:
    """Where the contenders run, where filled stores are kept for later rows, and at which sizes."""

    environments: Mapping[str, Environment]
    scratch: Path
    quick: bool

    def run(self, row: Row) -> dict[str, Result]:
        """Measure every entry of `row` and return the results by the entries' names."""
        results = {entry.name: self._prepared(row, entry) for entry in row.entries}
        for turn in range(1 if self.quick else row.rounds):
            for entry in row.entries:
                if not results[entry.name].failure and turn < (entry.rounds or row.rounds):
                    self._turn(row, entry, results[entry.name])
        return results

    def _home(self, row: Row, entry: Entry) -> Path:
        return self.scratch / row.fill / entry.name.replace(" ", "-")

    def _prepared(self, row: Row, entry: Entry) -> Result:
        """Return an empty result, with the store that `row` reads filled if no earlier row did it."""
        environment = self.environments[entry.peer]
        if environment.reason:
            return Result(failure=f"not installable: {environment.reason}")
        home = self._home(row, entry)
        if not row.fill or (home / "filled").exists():
            return Result()
        home.mkdir(parents=True, exist_ok=True)
        options = (entry.quick_fill if self.quick else entry.fill) or {}
        start = time.perf_counter()
        try:
            _ask(environment, row.fill, options, home)
        except RuntimeError as error:
            return Result(failure=str(error))
        (home / "filled").touch()
        print(f"    filled {entry.name} {dict(options)} in {time.perf_counter() - start:.1f} s", flush=True)
        return Result()

    def _turn(self, row: Row, entry: Entry, result: Result) -> None:
        options = entry.quick if self.quick else entry.full
        with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as fresh:
            home = self._home(row, entry) if row.fill else Path(fresh)
            try:
                answer = _ask(self.environments[entry.peer], entry.task or row.task, options, home)
            except RuntimeError as error:
                result.failure = str(error)
                return
        result.answers.append(answer)
        print(f"    {entry.name}: {_brief(answer)}", flush=True)


def _brief(answer: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{key} {value:,.3f}" if isinstance(value, float) else f"{key} {value}"
        for key, value in answer.items()
    )


def _ask(environment: Environment, task: str, options: Mapping[str, Any], home: Path) -> dict[str, Any]:
    """Run one task in the contender's interpreter, in the folder `home`, and return its answer.

    Raises
    ------
    RuntimeError
        If the task fails or takes longer than `TIME_LIMIT` seconds; the message is its last line of error.
    """
    command = [
        environment.python,
        "-P",
        "-m",
        f"benchmarks.peers.{environment.name}",
        task,
        json.dumps(options),
    ]
    # HOME too: some peers keep settings there, and a benchmark must not read or change the user's.
    env = dict(os.environ, PYTHONPATH=str(ROOT), HOME=str(home), MAESTRO_HOME=str(home / "maestro"))
    try:
        done = subprocess.run(
            command, cwd=home, env=env, capture_output=True, text=True, timeout=TIME_LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        msg = f"took longer than {TIME_LIMIT} s"
        raise RuntimeError(msg) from None
    if MARK not in done.stdout:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}, nothing said"]
        sys.stderr.write(f"{environment.name} {task}:\n{done.stderr}\n")
        msg = f"failed: {lines[-1][:160]}"
        raise RuntimeError(msg)
    answer: dict[str, Any] = json.loads(done.stdout.rpartition(MARK)[2])
    return answer
