"""The names that a cell reads and writes."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from maestro_jupyter.recording.names import names


@pytest.mark.parametrize(
    ("source", "reads", "writes"),
    [
        ("x = 1\nx + y", "y", "x"),
        ("x += 1", "x", "x"),
        ("x = x + 1", "x", "x"),
        ("x: int = y", "y", "x"),
        ("x: int", "", ""),
        ("a, (b, *c) = d", "d", "a b c"),
        ("a.b = c[d]", "a c d", "a"),
        ("df['x'][0].y = 1\nf(df)[0] = 2", "df f", "df"),
        ("df['x'] += 1\ndel other[0]", "df other", "df other"),
        (
            "import os.path, numpy as np\nfrom sys import argv as arguments, path\nfrom x import *",
            "",
            "arguments np os path",
        ),
        ("del x", "x", "x"),
        ("x = 1\ndel x\nx", "x", "x"),
        ("if (n := len(a)) > k: b = n", "a k", "b n"),
        ("if c: x = 1\nx", "c x", "x"),
        ("if c: x = 1\nelse: x = 2\nx", "c", "x"),
        ("for m in models: m.fit(X)\nm", "X m models", "m"),
        ("while go: step = 1\nelse: done = 1", "go", "done step"),
        ("try:\n    import fast as f\nexcept ImportError as e:\n    f = str(e)\nf", "", "e f"),
        ("with open(p) as file: t = file.read()", "p", "file t"),
        ("[i * k for i in items if i > low]", "items k low", ""),
        ("[(last := i) for i in items]\nlast", "items", "last"),
        ("{k: v for k, v in pairs}", "pairs", ""),
        ("def f(a, b=default):\n    local = a + free\n    return local", "default free", "f"),
        ("def f():\n    global made\n    made = 1", "", "f made"),
        ("@deco\nclass C(Base):\n    x = y\n    def m(self): return self.x + z", "Base deco y z", "C"),
        ("square = lambda v: v * w", "w", "square"),
        ("def outer():\n    v = 1\n    def inner(): return v + u\n    return inner", "u", "outer"),
        ("await task", "task", ""),
        (
            "match p:\n    case {'a': a, **rest}: b = a\n    case [x, *y] as whole: pass",
            "p",
            "a b rest whole x y",
        ),
        ("print(len('abc'))", "", ""),
        ("len = 3\nprint(len)", "", "len"),
        ("f'{value:{width}} {{plain}}'", "value width", ""),
        ("text = '\\d \\N{DASH}'", "", "text"),
        ("%time fitted = model.fit(X)", "X model", "fitted"),
        ("%%time\nfitted = model.fit(X)", "X model", "fitted"),
        ("%%maestro run first\nfitted = model.fit(X)", "X model", "fitted"),
        ("files = !ls\n%matplotlib inline", "", "files"),
        ("x = = 1", "", ""),
        ("", "", ""),
        ("\0", "", ""),
        ("(" * 2000, "", ""),
        ("-" * 20_000 + "1", "", ""),
    ],
)
def test_names(source: str, reads: str, writes: str) -> None:
    import IPython.core.inputtransformer2  # noqa: F401 - magics are understood where it is loaded

    assert names(source) == (reads.split(), writes.split())


_WORDS = "def f|class C|for|in|if|else|lambda|import|from|global x|nonlocal y|del|await|async|yield|match x|case|with|as"
_MARKS = (
    "= += := ( ) [ ] { } : , . ' \"\"\" f'{ }' \\ \\d % %%time ! ? 1 0x 1if 0x1or 1.e3 * # @ -> ... é x y"
)
_PIECES = st.sampled_from(
    [*_WORDS.split("|"), *_MARKS.split(), "try", "except", "\n", "    ", " ", "\t", "\r", "\udce9"]
)


@given(st.lists(_PIECES, max_size=25).map("".join) | st.text(max_size=60))
def test_any_text_gives_sorted_names_and_no_warning(source: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reads, writes = names(source)
    assert reads == sorted(set(reads))
    assert writes == sorted(set(writes))


@given(st.lists(_PIECES, max_size=12).map("".join))
@example("...1if")
@example("x.1if y else 0x1or a1if")
def test_a_warning_is_never_shown(source: str) -> None:
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        names(source)
    assert not shown
