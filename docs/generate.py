"""Write the pages that are made from the code: ``python docs/generate.py``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from maestro_jupyter.api import ACTIONS
from maestro_jupyter.config import settings_table
from maestro_jupyter.magics.commands import CELL_COMMANDS, COMMANDS
from maestro_jupyter.recommend.knowledge import STATUSES, Knowledge, shipped
from maestro_jupyter.recommend.metafeatures import GROUPS
from maestro_jupyter.server.openapi import document
from maestro_jupyter.server.routes import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable

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

LIBRARY_HEAD = """
`maestro library` finds, fetches and looks after what is in [the library](library.md), as the owner of the
store. REF is `NAME`, `NAME:3` or `NAME@champion`. Each verb takes `--json`; what cannot be done is one
sentence, and the exit status 2.

| command | what it does |
| --- | --- |
"""

_FILTERS = "[--type T] [--tag T]… [--project P] [--owner O] [-n N]"

LIBRARY = {
    f"list {_FILTERS} [--archived]": "The artifacts, the newest first.",
    "show REF": "An artifact with its versions, uses and impact.",
    "card REF [--format text\\|markdown\\|html] [--update FILE]": (
        "Its model card; `--update` takes over what is written in a Markdown card (`-` reads standard input)."
    ),
    "lineage REF_OR_RUN [--svg]": "What it came from, and what came of it.",
    f"search QUERY {_FILTERS} [--page N]": "Found by words and by meaning, with why and counts.",
    "top [-n N]": "What contributed most; what is unknown by how much it is used.",
    "trending [-n N]": "Uses in the last 7 days beside the 28 days before.",
    "unused [--days N] [-n N]": "What nobody has used for 90 days.",
    "download REF PATH [--force]": "Write a version's bytes, checked, to a file or into a folder.",
    "register NAME PATH [--type T] [--tag T]… [--alias A]… [--description TEXT] [--private]": (
        "Put a file, folder or notebook in."
    ),
    "alias REF ALIAS [--drop]": "Let an alias point at a version, or take it away.",
    "describe NAME TEXT": "Say what an artifact is.",
    "tag NAME [TAG…] [--remove TAG]…": "Add tags to an artifact, or take some away.",
    "archive REF": "Put an artifact, or one version, away.",
    "restore REF": "Take an artifact, or one version, out again.",
}

COMMANDS_TAIL = """
From a terminal, `maestro runs`, `show`, `best`, `importance`, `diff`, `compare`, `plot`, `dashboard`,
`archive`, `end`, `export`, `status` and `project` say the same; `maestro collect` brings what the journals
hold into the database, and `maestro config` shows the settings. `maestro runs`, `show`, `importance`, `diff`
and `dashboard` take `--json`.
`maestro ship URL` sends the journals to the [Maestro server](server.md) of another host.

`maestro knowledge build` makes what suggestions draw on, `maestro knowledge import` brings a table of scores
into the same form, and `maestro knowledge show` says what such files hold: see [knowledge](knowledge.md).

`maestro doctor`, `backup`, `restore`, `migrate`, `prune`, `purge` and `audit` are for whoever looks after the
data: see [operations](operations.md).
"""

API_HEAD = f"""# REST

Under the Jupyter server's base URL, at `{PREFIX}/`. JSON both ways; the whole description is at
`openapi.json`. Errors are `{{"message", "reason", "hint"}}`. What is hidden from somebody is answered as what
is absent: 404.

- Lists take `limit` and give a `cursor` for the next page, which runs that are added do not move.
- Answers carry an `ETag`; asked with `If-None-Match`, what has not changed is 304.
- NaN and infinities, which JSON numbers cannot say, are the texts `"nan"`, `"inf"` and `"-inf"`.
- Changes need `Content-Type: application/json` and, with a cookie in place of a token, the XSRF header;
  requests that pages of other sites make are refused.

## Routes

| verb | path | permission | what it does | parameters |
| --- | --- | --- | --- | --- |
"""

API_ACTIONS = """
`events/live` is a WebSocket, with the permission `follow changes`; see [server.md](server.md).

## Permissions

The owner of a store may do everything: whoever the Jupyter server lets in, unless the setting `owners` names
somebody. Everybody else is a member, for whom other people's runs do not exist. The Jupyter server's own
authorizer is asked as well, for `read` or `write` on `maestro`.

| permission | asks for | members | what it lets one do |
| --- | --- | --- | --- |
"""


PRIOR_HEAD = """## The prior: made how, with what, from where

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
    library = {f"maestro library {usage}": told for usage, told in LIBRARY.items()}
    return COMMANDS_HEAD + _rows(said) + COMMANDS_TAIL + LIBRARY_HEAD + _rows(library.items())


def _rows(said: Iterable[tuple[str, str]]) -> str:
    return "".join(f"| {_code(usage)} | {told} |\n" for usage, told in said)


def api() -> str:
    """Give docs/api.md as it should stand."""
    rows = [
        f"| {verb.upper()} | {_code(path)} | {said.get('x-maestro-action', 'open to all')} | "
        f"{said['summary']} | "
        f"{', '.join(_code(one['name']) for one in said['parameters'] if one['in'] == 'query')} |\n"
        for path, verbs in document()["paths"].items()
        for verb, said in verbs.items()
    ]
    actions = [
        f"| {name} | {action.verb} | {'their own' if action.member else 'no'} | {action.help} |\n"
        for name, action in ACTIONS.items()
    ]
    return API_HEAD + "".join(rows) + API_ACTIONS + "".join(actions)


def knowledge() -> str:
    """Give docs/knowledge.md as it should stand: what is written by hand, and what the prior has."""
    page = Path(__file__).with_name("knowledge.md").read_text(encoding="utf-8")
    written = page[: page.index(PRIOR_HEAD)]
    made, tables = shipped()
    versions = ", ".join(f"{name} {version}" for name, version in made.versions.items())
    trials = sum(table.scores.size for table in tables.values())
    scored = sum(int((table.statuses == STATUSES.index("ok")).sum()) for table in tables.values())
    said = [
        f"- by `{made.command}` on {made.made}, on one core of a shared machine ({made.machine})",
        f"- with {versions}",
        f"- {made.resampling}; seed {made.seed}",
        f"- {trials:,} trials, of which {scored:,} have a score; a fit might take {made.limit:g} seconds",
        *map(_counted, tables.values()),
    ]
    groups = "".join(f"| {group} | {', '.join(map(_code, names))} |\n" for group, names in GROUPS.items())
    names = f"\n## Names of meta-features\n\n| group | names |\n| --- | --- |\n{groups}"
    return written + PRIOR_HEAD + "\n".join(said) + "\n" + names + "".join(map(_listed, tables.values()))


def _counted(table: Knowledge) -> str:
    families = {config.family for config in table.configs}
    return (
        f"- {table.task}: {len(table.datasets)} datasets of {len(set(table.groups))} groups, "
        f"{len(table.configs)} configurations of {len(families)} families"
    )


def _listed(table: Knowledge) -> str:
    """List what a table has: the configurations of each family, and the datasets."""
    families: dict[str, list[str]] = {}
    for config in table.configs:
        params = config.name.removeprefix(config.family)[1:-1] or "defaults"
        families.setdefault(config.family, []).append(params)
    configs = "".join(f"| {family} | {'; '.join(params)} |\n" for family, params in families.items())
    datasets = "".join(
        f"| {one.name} | {one.group} | {one.rows:,} × {one.columns:,} | {one.origin} | {one.licence} |\n"
        for one in table.datasets
    )
    return (
        f"\n## Configurations for {table.task}\n\n| family | hyperparameters |\n| --- | --- |\n{configs}"
        f"\n## Datasets for {table.task}\n\n| name | group | size | from | licence |\n"
        f"| --- | --- | --- | --- | --- |\n{datasets}"
    )


PAGES = {"knowledge.md": knowledge, "api.md": api, "settings.md": settings, "commands.md": commands}

if __name__ == "__main__":
    for name, page in PAGES.items():
        Path(__file__).with_name(name).write_text(page(), encoding="utf-8")
