"""A data folder on a small disk of its own: what the doctor says of it, before and after its own mend."""

from __future__ import annotations

import json
import os
import shlex
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from stores import record_run

from maestro_jupyter.cli import main
from maestro_jupyter.config import Maestro
from maestro_jupyter.operations.doctor import Finding, examine
from maestro_jupyter.store.collector import Collector
from maestro_jupyter.store.engine import open_store

CONTENT = 81 << 20
"""Bytes kept with a run of long ago."""


def fill(config: Maestro) -> None:
    store = open_store(config.database_url)
    record_run(config, "old", content=bytes(CONTENT))
    Collector(store, config).collect()
    store.close()
    for path in Path(config.artifact_url).rglob("[0-9a-f]" * 64):
        os.utime(path, (0, 0))  # as old as its run


def disk(config: Maestro) -> Finding:
    (found,) = [one for one in examine(config) if one.check == "disk"]
    return found


if __name__ == "__main__":
    settings = Maestro()
    fill(settings)
    before = disk(settings)
    with redirect_stdout(StringIO()):
        status = main(shlex.split(before.command)[1:])
    print(json.dumps([before.level, before.command, status, disk(settings).level]))
