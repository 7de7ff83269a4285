"""The library over real comms: found as one types, with cards, and code that uses what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from maestro_jupyter.widgets.library import code_using

if TYPE_CHECKING:
    from kernel import Kernel

REGISTER = """
maestro.register('income limits', {'low': 0}, description='Where incomes <b>are</b> cut.', tags=['money'])
maestro.register('columns', ['a', 'b'], type='feature_list')
"""


@pytest.fixture(scope="module")
def browser_of(kernel: Kernel) -> str:
    assert kernel.run(REGISTER).errors == []
    return kernel.widget("%maestro search")


def test_what_is_like_a_text_is_found(kernel: Kernel, browser_of: str) -> None:
    everything = kernel.ask(browser_of, "search", query="", limit=20).said
    assert everything["total"] == 2
    assert {"name": "feature_list", "count": 1} in everything["types"]
    hit = kernel.ask(browser_of, "search", query="incomes", limit=20).said["hits"][0]
    assert (hit["reference"], hit["tags"]) == ("income limits:1", ["money"])
    assert hit["why"]
    only = kernel.ask(browser_of, "search", query="", limit=20, type="feature_list").said["hits"]
    assert [one["reference"] for one in only] == ["columns:1"]
    assert kernel.run(f"{hit['code']}\nincome_limits").bundles[-1]["text/plain"] == "{'low': 0}"


def test_a_card_is_markup_that_is_safe(kernel: Kernel, browser_of: str) -> None:
    html = kernel.ask(browser_of, "card", reference="income limits").said["html"]
    assert "Where incomes &lt;b&gt;are&lt;/b&gt; cut." in html
    assert kernel.ask(browser_of, "card", reference="gone").content["error"]["reason"] == "not_found"


def test_a_search_begins_as_it_was_asked_for(kernel: Kernel, browser_of: str) -> None:
    shown = kernel.run("%maestro search incomes --tag money")
    ((comm, state),) = shown.widgets.items()
    assert state["given"] == {"query": "incomes", "type": None, "tags": ["money"]}
    found = kernel.ask(comm, "search", query="columns", limit=20).said["hits"]
    assert "columns:1" not in [one["reference"] for one in found]


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("scaler", "scaler = maestro.use('scaler')"),
        ("3 little pigs", "found = maestro.use('3 little pigs')"),
        ("class", "found = maestro.use('class')"),
        ("it's", 'it_s = maestro.use("it\'s")'),
    ],
)
def test_the_code_is_python_whatever_the_name(name: str, last: str) -> None:
    code = code_using(name)
    compile(code, "cell", "exec")
    assert code.splitlines()[-1] == last
