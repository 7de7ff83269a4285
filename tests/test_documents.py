"""What the documents say can be done, can be done."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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
