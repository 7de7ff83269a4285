"""How many small artifacts a second `maestro.register` registers, from a plain script into SQLite.

Each is there under its number when the call returns: its bytes and its line in the journal are on the disk,
collected, and indexed for the search.
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
        rate = _rate(options.artifacts)
    print(f"{options.artifacts:,} artifacts: {rate:,.0f} registered a second; the goal is {GOAL:.0f}")


def _rate(number: int) -> float:
    import maestro_jupyter as maestro

    maestro.register("first", {"place": -1})  # what is imported once is no part of it
    begin = time.perf_counter()
    for place in range(number):
        text = f"Limits of column {place}."
        maestro.register(
            f"limits-{place}", {"low": place, "high": 2 * place}, description=text, tags=["limits"]
        )
    maestro.flush()
    took = time.perf_counter() - begin
    assert maestro.use(f"limits-{number - 1}")["low"] == number - 1
    return number / took


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.registering", description=__doc__)
    parser.add_argument("--artifacts", type=int, default=1000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
