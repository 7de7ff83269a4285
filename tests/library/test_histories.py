"""Whatever was defined and redefined in whatever order, the source does what the notebook does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from notebook import run

from maestro_jupyter.library.code import code_content

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = 6
"""Functions call names of lower numbers only, so that none calls itself for ever."""


def used(name: int) -> str:
    return f"(n{name}() if callable(n{name}) else n{name})"


@st.composite
def statement(draw: Callable[[Any], Any]) -> str:
    name = draw(st.integers(0, NAMES - 1))
    lower = st.lists(st.integers(0, name - 1), max_size=3) if name else st.just([])
    value = draw(st.integers(0, 99))
    reads = ", ".join(used(each) for each in draw(lower))
    other = draw(lower)
    default = used(other[0]) if other else str(value)
    kind = draw(
        st.sampled_from(["constant", "copy", "import", "function", "decorated", "lambda", "class", "branch"])
    )
    return {
        "constant": f"n{name} = {value}",
        "copy": f"n{name} = [{value}, *[{reads}]]",
        "import": f"from math import pi as n{name}, e as unused",
        "function": f"def n{name}(x={default}):\n    y = [{reads}]\n    return 'n{name}', {value}, y, x",
        "decorated": f"@mark({default})\ndef n{name}(): return {value}, [{reads}]",
        "lambda": f"n{name} = lambda x={default}: ({value}, [{reads}], x)",
        "class": f"class n{name}:\n    k = {default}\n    def __repr__(self): return repr((self.k, {value}, [{reads}]))",
        "branch": f"if {value} % 2:\n    n{name} = {value}\nelse:\n    def n{name}(): return [{reads}]",
    }[kind]


MARK = "def mark(by):\n    def wrap(f):\n        def inner(): return by, f(), SIGN\n        return inner\n    return wrap"


@settings(max_examples=300)
@given(
    history=st.lists(st.lists(statement(), min_size=1, max_size=3).map("\n".join), max_size=12),
    last=st.sampled_from(["", "SIGN = '-'", MARK.replace("by,", "by, 'again',")]),
)
def test_a_history_of_definitions(history: list[str], last: str) -> None:
    first = "\n".join(["SIGN = '+'", MARK, *(f"n{name} = {name}" for name in range(NAMES))])
    end = "def f():\n    return [" + ", ".join(used(name) for name in range(NAMES)) + "]"
    cells = [first, *history, last, end]
    namespace = run(cells)
    source = code_content(namespace["f"], cells, namespace).data.decode()
    alone: dict[str, Any] = {"__name__": "alone"}
    exec(source, alone)
    assert repr(alone["f"]()) == repr(namespace["f"]()), source
    assert "unused" not in source
