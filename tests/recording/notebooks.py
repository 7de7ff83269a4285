"""Small notebooks that say everything a notebook can say, and what it takes to run them in a real kernel."""

from __future__ import annotations

import re
from typing import Any

import nbformat
from nbclient import NotebookClient

_LOAD = """
from maestro_jupyter.app import current
from maestro_jupyter.recording.extension import KernelCapture
app = current()
app.capture = KernelCapture(app.recorder, shell)
app.capture.install()
"""
_UNLOAD = """
from maestro_jupyter.app import current, forget
current().capture.uninstall()
forget()
"""
LOAD = f"exec({_LOAD!r}, {{'shell': get_ipython()}})"
UNLOAD = f"exec({_UNLOAD!r}, {{}})"

PROBLEMS = "from maestro_jupyter.app import current\ncurrent().recorder.problems.counts()"
"""Says which hooks have failed."""

PRINTS = [
    "print('a', 1)\nimport sys\nprint('b', file=sys.stderr)\n40 + 2",
    "sys.stdout.write('no newline')",
    "sys.stdout.writelines(['x\\n', 'y\\n'])\nfor i in range(300): print(i, end='\\r')",
    "print('caf\\u00e9 \\U0001f600 \\x00 \\x1b[31mred\\x1b[0m')\nprint('lone \\udce9'.encode('utf-8', 'backslashreplace'))",
    "sys.stdout.write(3)",
    "sys.stdout.write('a', 'b')",
    "import logging\nlogging.warning('logged %s', 1)",
]

DISPLAYS = [
    "from IPython.display import display, HTML, SVG, JSON, clear_output\ndisplay(HTML('<b>x</b>'), 3, 'text')",
    "display(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>'))",
    "handle = display('first', display_id='one')\nhandle.update('second')",
    "class Bad:\n    def __repr__(self): raise ValueError('no repr')\nBad()",
    "display(Bad())",
    "class Rich:\n    def _repr_mimebundle_(self, **kw): return {'text/plain': 'plain', 'text/html': '<i>h</i>'}\nRich()",
    "print('gone')\nclear_output()\nprint('stays')",
    "_, __, Out[6]",
    "import pandas as pd\npd.DataFrame({'a': [1, 2], 'b': ['x', None]})",
    "display?",
    "1;",
]

ERRORS = [
    "1/0",
    "def f(n):\n    return f(n - 1) if n else {}['missing']\nf(4)",
    "try:\n    1/0\nexcept ZeroDivisionError as error:\n    raise KeyError('again') from error",
    "x = = 3",
    "  indented = 1\n bad = 2",
    "'unclosed",
    "%nosuchmagic",
    "%%nosuchcellmagic\nbody",
    "raise SystemExit",
    "raise KeyboardInterrupt",
    "class Unprintable(Exception):\n    def __str__(self): raise RuntimeError('str')\nraise Unprintable",
    "exec('raise StopIteration(3)')",
    "raise ExceptionGroup('several', [ValueError(1), TypeError(2)])",
    "assert False, 'message'",
    "%xmode Verbose\n",
    "def g(a, *, b=2):\n    local = [a, b]\n    return local[9]\ng(1)",
    "%tb",
]

WARNINGS = [
    "import warnings\nwarnings.warn('mine')",
    "def deprecated():\n    warnings.warn('old', DeprecationWarning, stacklevel=2)\ndeprecated()",
    "for i in range(3): warnings.warn('thrice')",
    "for i in range(3): warnings.warn('thrice')",
    "pattern = '\\d+'",
    "x = 1\nx is 1",
    "warnings.simplefilter('always')\nfor i in range(2): warnings.warn('always')",
    "pattern = '\\d+'",
    "warnings.simplefilter('error')\nwarnings.warn('raised')",
    "len(warnings.filters), warnings.showwarning.__name__",
]

ASYNC = [
    "import asyncio\nawait asyncio.sleep(0.01)\nprint('slept')",
    "async def work(n):\n    await asyncio.sleep(0)\n    print('task', n)\n    return n\nawait asyncio.gather(*map(work, range(3)))",
    "task = asyncio.ensure_future(work(9))\nawait task",
    "await work(1) / 0",
    "import threading\ndef job(): print('in a thread')\nt = threading.Thread(target=job); t.start(); t.join()",
    "from concurrent.futures import ThreadPoolExecutor as P\nwith P(2) as pool: r = list(pool.map(abs, range(5)))\nr",
    "async for_ = 1",
    "[n async for n in work(1)]",
]

CAPTURES = [
    "%%capture captured\nprint('hidden')\nfrom IPython.display import display\ndisplay('hidden too')\n'and this'",
    "print(repr(captured.stdout), captured.outputs)",
    "captured.show()",
    "import contextlib, io, sys\nb = io.StringIO()\nwith contextlib.redirect_stdout(b): print('in')\nprint(b.getvalue())",
    "kept, sys.stdout = sys.stdout, io.StringIO()\nprint('swallowed')",
    "print('swallowed as well')\nswallowed = sys.stdout.getvalue()\nsys.stdout = kept",
    "swallowed",
    "get_ipython().run_cell('print(\"nested\")\\n1/0')",
    "get_ipython().run_cell('print(\"nested, kept\")', store_history=True)\nprint('after')",
    "def add(a, b): return a + b\nget_ipython().run_line_magic('pinfo', 'add')",
    "In[-1][:10], len(Out)",
    "sorted(name for name in globals() if 'maestro' in name.lower())",
]

FIGURES = [
    "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 3, 2]); plt.title('t')",
    "fig, ax = plt.subplots()\nax.bar(['a', 'b'], [1, 2])\nplt.show()\nprint('after')",
    "fig",
    "import io\nbuffer = io.BytesIO()\nfig.savefig(buffer)\nlen(buffer.getvalue())",
    "fig.savefig('/nonexistent/folder/figure.png')",
    "from PIL import Image\nImage.new('RGB', (2, 2))",
    "import inspect\ninspect.signature(plt.Figure.savefig), plt.Figure.savefig.__name__",
    "%config InlineBackend.figure_formats = ['svg']\nplt.rcParams['svg.hashsalt'] = 's'\nprint(plt.rcParams['savefig.format'])",
]

ALL = {
    "prints": PRINTS,
    "displays": DISPLAYS,
    "errors": ERRORS,
    "warnings": WARNINGS,
    "async": ASYNC,
    "captures": CAPTURES,
    "figures": FIGURES,
}

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}|(?<= at )[0-9a-f]{12}|(?<=ipykernel_)\d+(?:/\d+)?")


def run(cells: list[str], before: list[str]) -> list[Any]:
    """Run a notebook in a kernel of its own.

    Parameters
    ----------
    cells : list of str
        What is compared.
    before : list of str
        What is done first; in a notebook without it as many empty statements stand there.

    Returns
    -------
    list
        Each compared cell's outputs, memory addresses and process ids left out.
    """
    filled = [*before, *["pass"] * (2 - len(before))]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in [*filled, *cells]])
    NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=True).execute()
    for cell in notebook.cells[: len(filled)]:
        if cell.outputs:
            raise AssertionError(cell.outputs)
    return [_plain(cell.outputs) for cell in notebook.cells[len(filled) :]]


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return _ADDRESS.sub("0x", value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return {key: _plain(each) for key, each in value.items()} if isinstance(value, dict) else value
