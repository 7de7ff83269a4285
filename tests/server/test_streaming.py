"""A large file goes up and comes down again, and neither the server nor the client ever holds it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc"),
]

ROOT = Path(__file__).parents[2]


def test_memory_does_not_grow_with_the_file() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "benchmarks.streaming", "--mebibytes", "200"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    grown = re.fullmatch(r"200 MiB up .* grew by (\d+) MiB, the client's by (\d+) MiB; .*\n", said)
    assert grown, said
    assert max(map(int, grown.groups())) < 64, said
