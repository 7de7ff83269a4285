"""Shapes of code that people have in notebooks: cells, the name to register, and what to ask of it."""

from __future__ import annotations

from typing import NamedTuple


class Shape(NamedTuple):
    name: str
    cells: list[str]
    entry: str
    question: str


def shape(name: str, entry: str, question: str, *cells: str) -> Shape:
    return Shape(name, list(cells), entry, question)


SHAPES = [
    shape("plain", "f", "f(2)", "def f(x):\n    return x + 1"),
    shape("helper", "f", "f(2)", "def g(x): return x * 3", "def f(x): return g(x) + 1"),
    shape("helper defined later", "f", "f(2)", "def f(x): return g(x) + 1", "def g(x): return x * 3"),
    shape("chain", "f", "f(2)", "def a(x): return x + 1", "def b(x): return a(x) * 2", "def f(x): return b(a(x))"),
    shape("redefined helper", "f", "f(2)", "def g(x): return 1", "def f(x): return g(x)", "def g(x): return 2"),
    shape("redefined itself", "f", "f(2)", "def f(x): return 1", "def f(x): return 2"),
    shape("constant", "f", "f(2)", "RATE = 0.25  # a year", "def f(x): return x * RATE"),
    shape("constant redefined", "f", "f(2)", "K = 1", "def f(x): return x * K", "K = 5"),
    shape("default is as it was then", "f", "(f(), K)", "K = 1", "def f(x=K): return x, K", "K = 5"),
    shape("constants of constants", "f", "f(2)", "M = 60\nH = 60 * M", "def f(x): return x * H"),
    shape("computed constant", "f", "f(2)", "NAMES = ['a', 'b']", "N = len(NAMES)", "def f(x): return x * N"),
    shape("mutated constant", "f", "f()", "CONFIG = {}", "CONFIG['a'] = 1; CONFIG['b'] = [2]", "def f(): return CONFIG"),
    shape("grown constant", "f", "f()", "K = 1", "K += 2\nK *= 5", "def f(): return K"),
    shape("import", "f", "f(4)", "import math", "def f(x): return math.sqrt(x)"),
    shape("import as", "f", "f('a/b')", "import os.path as p, json", "def f(x): return p.basename(x)"),
    shape("import of a part", "f", "f('a/b')", "import os.path", "def f(x): return os.path.basename(x)"),
    shape(
        "imports of two parts", "f", "f()",
        "import xml.dom", "import xml.sax.saxutils", "def f(): return xml.sax.saxutils.escape('<'), xml.dom.__name__",
    ),
    shape("from import", "f", "f(4)", "from math import sqrt as root, floor", "def f(x): return root(x)"),
    shape("star import", "f", "f(4)", "from math import *", "def f(x): return sqrt(x) * pi"),
    shape("star import over a builtin", "f", "f(2, 3)", "from math import *", "def f(x, y): return pow(x, y)"),
    shape("shadowed builtin", "f", "f([1, 2])", "def sum(values): return 42", "def f(x): return sum(x)"),
    shape("import inside", "f", "f(4)", "def f(x):\n    import math\n    return math.sqrt(x)"),
    shape(
        "conditional import", "f", "f('[1]')",
        "try:\n    import no_such_json as json\nexcept ImportError:\n    import json", "def f(x): return json.loads(x)",
    ),
    shape(
        "conditional definition", "f", "f()",
        "import sys", "if sys.version_info > (3,):\n    def g(): return 3\nelse:\n    def g(): return 2",
        "def f(): return g()",
    ),
    shape(
        "decorator", "f", "f(2)",
        "import functools",
        "def twice(function):\n    @functools.wraps(function)\n    def inner(x): return function(function(x))\n    return inner",
        "@twice\ndef f(x): return x + K", "K = 10",
    ),
    shape(
        "decorator with arguments", "f", "f(2)",
        "def times(n):\n    def wrap(function):\n        return lambda x: n * function(x)\n    return wrap",
        "N = 3", "@times(N)\ndef f(x): return x",
    ),
    shape("cached", "f", "f(20)", "from functools import lru_cache", "@lru_cache(maxsize=None)\ndef f(n): return n if n < 2 else f(n - 1) + f(n - 2)"),
    shape("recursion", "f", "f(5)", "def f(n): return 1 if n == 0 else n * f(n - 1)"),
    shape("mutual recursion", "f", "f(5)", "def f(n): return n == 0 or g(n - 1)", "def g(n): return n != 0 and f(n - 1)"),
    shape("closure", "f", "f(2)", "def make(k):\n    def inner(x): return x + k + J\n    return inner", "J = 100", "f = make(5)"),
    shape("closure over a constant", "f", "f(2)", "def make(k):\n    return lambda x: x + k", "N = 7", "f = make(N)"),
    shape("nested functions", "f", "f(2)", "def f(x):\n    def g(y): return y + K\n    return g(x)", "K = 4"),
    shape("comprehensions", "f", "f(2)", "S = 3\nW = {1, 2}", "def f(x): return [s * S for s in range(x)], {w: w for w in W}"),
    shape("lambda", "f", "f(2)", "K = 3", "f = lambda x: x * K"),
    shape("lambdas in a table", "f", "f('neg', 2)", "OPS = {'neg': lambda x: -x, 'inc': lambda x: x + 1}", "def f(op, x): return OPS[op](x)"),
    shape("functions in a table", "f", "f('inc', 2)", "def inc(x): return x + 1", "OPS = {'inc': inc}", "def f(op, x): return OPS[op](x)"),
    shape(
        "registry", "f", "f('b', 2)",
        "STEPS = {}\ndef step(function):\n    STEPS[function.__name__] = function\n    return function",
        "@step\ndef a(x): return x + 1", "@step\ndef b(x): return x * 10", "def f(name, x): return STEPS[name](x)",
    ),
    shape("partial", "f", "f(2)", "from functools import partial", "def power(x, n): return x ** n", "f = partial(power, n=3)"),
    shape(
        "single dispatch", "f", "f(1), f('a'), f(2.0)",
        "from functools import singledispatch", "@singledispatch\ndef show(x): return 'any'",
        "@show.register\ndef _(x: int): return 'int'", "@show.register(str)\ndef _(x): return 'str'", "def f(x): return show(x)",
    ),
    shape("attribute of a function", "f", "f()", "def f(): return f.calls", "f.calls = 3"),
    shape("generator", "f", "list(f(3))", "def f(n):\n    for i in range(n):\n        yield i * K", "K = 2"),
    shape("coroutine", "f", "f(3)", "import asyncio", "async def g(x): return x + 1", "def f(x): return asyncio.run(g(x))"),
    shape("context manager", "f", "f()", "from contextlib import contextmanager", "@contextmanager\ndef opened():\n    yield 3", "def f():\n    with opened() as x:\n        return x"),
    shape("class", "C", "C(2).double()", "class C:\n    factor = 2\n    def __init__(self, x): self.x = x\n    def double(self): return self.x * self.factor"),
    shape("base class", "C", "C().m(), C().n()", "class B:\n    def m(self): return K", "K = 3", "class C(B):\n    def n(self): return self.m() + 1"),
    shape("base class redefined", "C", "C().m()", "class B:\n    def m(self): return 1", "class C(B): pass", "class B:\n    def m(self): return 2"),
    shape("method added later", "C", "C().m()", "class C: pass", "def m(self): return K\nC.m = m", "K = 8"),
    shape(
        "properties", "C", "C().p, C.s(2), C.c()",
        "K = 2", "class C:\n    @property\n    def p(self): return K\n    @staticmethod\n    def s(x): return x * K\n    @classmethod\n    def c(cls): return cls.__name__",
    ),
    shape("class's body reads", "C", "C.items, C.k", "K = 3\ndef make(n): return list(range(n))", "class C:\n    items = make(K)\n    k = K"),
    shape("class's body reads its own name", "C", "C.K", "K = 3", "class C:\n    K = K"),
    shape(
        "data class", "Point", "Point(1), Point(1, 5).norm()",
        "from dataclasses import dataclass, field\nimport math", "@dataclass\nclass Point:\n    x: float\n    y: float = 2.0\n    tags: list = field(default_factory=list)\n    def norm(self): return math.hypot(self.x, self.y)",
    ),
    shape("annotations", "f", "f(2), f.__annotations__['x']", "from typing import Optional", "Number = Optional[int]", "def f(x: Number) -> Number: return x"),
    shape(
        "annotations as text", "f", "f(2), f.__annotations__",
        "from __future__ import annotations", "def f(x: NotThere) -> 'Neither': return x",
    ),
    shape("enumeration", "f", "f()", "from enum import Enum", "class Color(Enum):\n    RED = 1", "def f(): return Color.RED.name"),
    shape("named tuple", "f", "f()", "from collections import namedtuple", "P = namedtuple('P', 'x y')", "def f(): return P(1, 2)"),
    shape("pattern", "f", "f('a1b22')", "import re", "NUMBER = re.compile(r'\\d+', re.I)", "def f(x): return NUMBER.findall(x)"),
    shape("global counter", "f", "f()", "count = 0", "def f():\n    global count\n    count += 1\n    return count"),
    shape("several on a line", "f", "f(2)", "a = 1; b = 2; junk = [0] * 3", "def f(x): return x * b"),
    shape("unpacked", "f", "f(2)", "low, (high, *rest) = 1, (5, 6, 7)", "def f(x): return low, high, rest"),
    shape("loop's variable", "f", "f()", "for last in [1, 2, 3]:\n    pass", "def f(): return last"),
    shape("walrus", "f", "f()", "print((size := 10), end='')", "def f(): return size"),
    shape("odd floats", "f", "f()", "import math\nTOP = math.inf * 1.0\nLOW = float('-inf')", "def f(): return TOP, LOW"),
    shape("numbers of numpy", "f", "f(1)", "import numpy as np", "EPS = np.float64(0.5) * 3\nCOUNT = np.arange(4).sum()", "def f(x): return x + float(EPS) + int(COUNT)"),
    shape("small array", "f", "f()", "import numpy as np", "W = np.array([0.2, 0.8])", "def f(): return W.sum()"),
    shape("pandas", "clean", "clean(__import__('pandas').DataFrame({'a': [1, None]})).to_dict()", "import pandas as pd\nimport numpy as np", "DROP = ['b']", "def clean(df):\n    return df.drop(columns=DROP, errors='ignore').fillna(0)"),
    shape("value from data", "f", "float(f(2))", "import numpy as np\ndata = np.arange(5)", "MEAN = data.mean()", "def f(x): return x - MEAN"),
    shape(
        "transformer", "Scale", "Scale(3).fit_transform(__import__('numpy').ones((1, 2))).tolist()",
        "import numpy as np\nfrom sklearn.base import BaseEstimator, TransformerMixin",
        "class Scale(TransformerMixin, BaseEstimator):\n    def __init__(self, by=2): self.by = by\n    def fit(self, X, y=None): return self\n    def transform(self, X): return X * self.by",
    ),
    shape("unfitted estimator", "f", "f().get_params()['alpha']", "from sklearn.linear_model import Ridge\nbase = Ridge(alpha=2.5)", "from sklearn.base import clone\ndef f(): return clone(base)"),
    shape("magics around", "f", "f(2)", "%matplotlib_is_no_matter inline\nK = 3", "%%time\ndef f(x): return x * K"),
    shape("failed cell", "f", "f(2)", "def f(x): return 1", "1 / 0\ndef f(x): return 2"),
    shape("failed cell after a magic", "f", "f(2)", "%%time\ndef f(x): return 1", "1 / 0\ndef f(x): return 2"),
    shape("lines of a command", "f", "f()", "lines = !printf 'a b'", "def f(): return lines"),
    shape("match", "f", "f([1, 2])", "KIND = 'pair'", "def f(x):\n    match x:\n        case [a, b]: return KIND, a\n        case _: return None"),
    shape("exception class", "f", "f()", "class Bad(ValueError):\n    '''Not good.'''", "def f():\n    try:\n        raise Bad('x')\n    except Bad as error:\n        return str(error)"),
    shape("typing names", "f", "f({'a': 1})", "from typing import TypedDict, TypeVar\nT = TypeVar('T')", "class Row(TypedDict):\n    a: int", "def f(x: Row) -> int: return x['a']"),
    shape("comments and strings", "f", "f()", "# How much.\nK = 2  # two", "def f():\n    '''Says\n\n      it.'''\n    return '''a\n  b''' + str(K), f.__doc__"),
    shape("private names of a class", "C", "C().m()", "def _C__hidden(): return 1", "class C:\n    def m(self): return __hidden()"),
    shape("re-run cells", "f", "f()", "K = [1]", "K.append(2)", "K = [1]", "K.append(2)", "def f(): return K"),
]  # fmt: skip
