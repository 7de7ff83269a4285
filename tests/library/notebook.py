"""A notebook's cells, run one after the other, and a source that runs in an empty process."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from IPython.core.inputtransformer2 import TransformerManager
from IPython.utils.text import SList

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Shell:
    """What a cell's magics find."""

    def run_line_magic(self, name: str, line: str) -> None:
        exec(line if name == "time" else "", self.namespace)

    def run_cell_magic(self, _name: str, _line: str, cell: str) -> None:
        exec(cell, self.namespace)  # as `%%time` does

    def getoutput(self, command: str) -> SList:
        return SList(subprocess.check_output(command, shell=True, text=True).splitlines())

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace


def run(cells: Sequence[str]) -> dict[str, Any]:
    """Run cells as a notebook would: each on its own, and on after one has failed."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    namespace["get_ipython"] = lambda: Shell(namespace)
    flags = 0
    for cell in cells:
        source = TransformerManager().transform_cell(cell)
        flags |= 0x1000000 if "from __future__ import annotations" in cell else 0
        with contextlib.suppress(ZeroDivisionError):
            exec(compile(source, "cell", "exec", flags, dont_inherit=True), namespace)
    return namespace


def in_empty_process(source: bytes, question: str, folder: Path) -> str:
    """Run a module in a process that has nothing else, and give the answer to a question, as text."""
    code = f"{source.decode()}\nimport sys; sys.stdout.write('\\n' + repr(({question})))"
    ran = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, cwd=folder, check=False
    )
    assert ran.returncode == 0, f"{ran.stderr}\n{source.decode()}"
    return ran.stdout.rpartition("\n")[2]
