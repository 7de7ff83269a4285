"""Write the pages that are made from the code: ``python docs/generate.py``."""

from __future__ import annotations

from pathlib import Path

from maestro_jupyter.config import settings_table
from maestro_jupyter.magics.commands import CELL_COMMANDS, COMMANDS

SETTINGS = """# Settings

Each is a trait of `Maestro` in IPython's configuration (`c.Maestro.project = "churn"`). Where it has an
environment variable and that is set, the variable wins.

| setting | environment variable | default | what it does |
| --- | --- | --- | --- |
"""

COMMANDS_HEAD = """# Commands

In a notebook or IPython, after `%load_ext maestro_jupyter`. RUN is a run's id or an unambiguous
beginning of it, its name, `latest` or `previous`.

| command | what it does |
| --- | --- |
"""

COMMANDS_TAIL = """
From a terminal, `maestro runs`, `show`, `best`, `diff`, `compare`, `plot`, `export`, `status` and `project`
say the same; `maestro collect` brings what the journals hold into the database, and
`maestro config` shows the settings. `maestro runs`, `show` and `diff` take `--json`.

`maestro doctor`, `backup`, `restore`, `migrate`, `prune` and `audit` are for whoever looks after the data:
see [operations](operations.md).
"""


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`" if text else ""


def settings() -> str:
    """Give docs/settings.md as it should stand."""
    rows = [
        f"| {_code(row['setting'])} | {_code(row['environment'])} | {row['default']} | {row['help']} |\n"
        for row in settings_table()
    ]
    return SETTINGS + "".join(rows)


def commands() -> str:
    """Give docs/commands.md as it should stand."""
    said = [(command.usage, command.help) for command in COMMANDS.values()] + list(CELL_COMMANDS.values())
    return COMMANDS_HEAD + "".join(f"| {_code(usage)} | {told} |\n" for usage, told in said) + COMMANDS_TAIL


PAGES = {"settings.md": settings, "commands.md": commands}

if __name__ == "__main__":
    for name, page in PAGES.items():
        Path(__file__).with_name(name).write_text(page(), encoding="utf-8")
