"""Write docs/settings.md from the code: ``python docs/settings.py``."""

from __future__ import annotations

from pathlib import Path

from maestro_jupyter.config import settings_table

HEAD = """# Settings

Each is a trait of `Maestro` in IPython's configuration (`c.Maestro.project = "churn"`). Where it has an
environment variable and that is set, the variable wins.

| setting | environment variable | default | what it does |
| --- | --- | --- | --- |
"""


def page() -> str:
    """Give the page as it should stand in docs/settings.md."""
    rows = [
        f"| `{row['setting']}` | {row['environment'] and '`' + row['environment'] + '`'} | {row['default']} "
        f"| {row['help']} |\n"
        for row in settings_table()
    ]
    return HEAD + "".join(rows)


if __name__ == "__main__":
    Path(__file__).with_name("settings.md").write_text(page(), encoding="utf-8")
