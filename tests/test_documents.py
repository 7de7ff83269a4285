"""What the documents say can be done, can be done."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

from maestro_jupyter import cli
from maestro_jupyter.server.routes import ROUTES
from maestro_jupyter.store.filter_sql import compile_filter
from maestro_jupyter.store.filters import parse

DOCS = Path(__file__).parents[1] / "docs"


def examples() -> list[str]:
    text = (DOCS / "filters.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```\n(.*?)```", text, re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize("line", examples())
def test_each_filter_that_is_shown_can_be_read(line: str) -> None:
    tree = parse(line)
    assert tree is not None
    assert compile_filter(tree) is not None


@pytest.mark.parametrize(
    "field",
    re.findall(r"`(\w+)`", (DOCS / "filters.md").read_text().split("the run itself |")[1].split("|")[0]),
)
def test_each_attribute_that_is_named_exists(field: str) -> None:
    if field != "attributes":
        assert parse(f"{field} is not null") is not None


def commands() -> list[str]:
    pages = [page.read_text(encoding="utf-8") for page in sorted(DOCS.glob("*.md"))]
    blocks = [block for page in pages for block in re.findall(r"```\n(.*?)```", page, re.DOTALL)]
    return [line for block in blocks for line in block.splitlines() if line.startswith("maestro ")]


@pytest.mark.parametrize("line", commands())
def test_each_command_that_is_shown_is_one(line: str) -> None:
    assert cli._parser().parse_args(shlex.split(line, comments=True)[1:]).run


def test_each_request_that_is_shown_is_one() -> None:
    declared = {(verb, route.path): one for route in ROUTES for verb, one in route.operations()}
    shown = re.findall(r"`(GET|POST|PUT|PATCH) ([\w/{}]+)\??([^`]*)`", (DOCS / "server.md").read_text())
    assert len(shown) >= 4
    for verb, path, query in shown:
        names = {pair.partition("=")[0] for pair in query.split("&") if pair}
        kind = declared[verb.lower(), path].query
        assert names <= set(kind.__struct_fields__ if kind else ()), (verb, path)


def test_what_the_page_of_the_library_shows_happens(home: Path) -> None:
    page = str(DOCS / "library.md")
    failed, tried = doctest.testfile(page, module_relative=False, optionflags=doctest.ELLIPSIS)
    assert (failed, tried) == (0, 25)


def test_what_the_page_of_suggestions_shows_happens(home: Path) -> None:
    failed, tried = doctest.testfile(str(DOCS / "suggestions.md"), module_relative=False)
    assert (failed, tried) == (0, 8)
