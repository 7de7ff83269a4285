"""How many small artifacts a second are registered, from a plain script into SQLite.

Once by `maestro.register`, each of which gives the version's number: its bytes and its line in the journal
are on the disk, collected, and indexed for the search. And once as where a server collects, or the mode is
offline: all are recorded, and then collected by one flush.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time

GOAL = 200.0
"""A second."""


def main() -> None:
    options = _arguments()
    with tempfile.TemporaryDirectory(prefix="bench-registering-") as folder:
        os.environ["MAESTRO_HOME"] = folder
        one_by_one, cpu = _one_by_one(options.artifacts)
        at_once = _at_once(options.artifacts)
    print(
        f"{options.artifacts:,} artifacts: {one_by_one:,.0f} a second one by one ({cpu:.1f} ms of CPU each)"
    )
    print(f"and {at_once:,.0f} a second with one flush; the goal is {GOAL:.0f}")


def _one_by_one(number: int) -> tuple[float, float]:
    import maestro_jupyter as maestro

    maestro.register("first", {"place": -1})  # what is imported once is no part of it
    begin, worked = time.perf_counter(), time.process_time()
    for place in range(number):
        limits, said = {"low": place, "high": 2 * place}, f"Limits of column {place}."
        maestro.register(f"limits-{place}", limits, description=said, tags=["limits"])
    maestro.flush()
    took, worked = time.perf_counter() - begin, time.process_time() - worked
    assert maestro.use(f"limits-{number - 1}")["low"] == number - 1
    return number / took, 1000 * worked / number


def _at_once(number: int) -> float:
    import maestro_jupyter as maestro
    from maestro_jupyter.app import current
    from maestro_jupyter.recording.registering import register

    recorder = current().recorder
    kind = {"type": "dataset", "format": "json", "media_type": "application/json", "about": {}}
    begin = time.perf_counter()
    for place in range(number):
        data, said = b'{"low": %d}' % place, f"Bounds of column {place}."
        register(recorder, f"bounds-{place}", data, description=said, tags=["bounds"], text=said, **kind)
    maestro.flush()
    took = time.perf_counter() - begin
    assert maestro.use(f"bounds-{number - 1}") == {"low": number - 1}
    return number / took


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.registering", description=__doc__)
    parser.add_argument("--artifacts", type=int, default=1000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
