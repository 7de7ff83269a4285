"""What an adapter and the runner say to each other: a task's name and options in, one JSON line out."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

Answer = dict[str, Any]
Task = Callable[..., Answer]

MARK = "@@benchmark@@"


def serve(tasks: dict[str, Task]) -> None:
    """Run the task that the command line names and print its answer after `MARK`, then leave at once.

    Peers print to standard output and keep threads and servers at exit; neither belongs to what is measured.
    """
    name, options = sys.argv[1], json.loads(sys.argv[2])
    answer = tasks[name](**options)
    sys.stdout.write(f"\n{MARK}{json.dumps(answer)}\n")
    sys.stdout.flush()
    os._exit(0)
