"""A function's, a class's or a cell's source with all that it needs, so that it runs in an empty process."""

from __future__ import annotations

import ast
import functools
import inspect
import sys
import warnings
from types import FunctionType
from typing import TYPE_CHECKING, Any, cast

from maestro_jupyter.errors import Invalid, TooLarge
from maestro_jupyter.library.book import Book
from maestro_jupyter.library.content import Content, indexed, said
from maestro_jupyter.library.literals import literal
from maestro_jupyter.library.packages import is_own, requirements
from maestro_jupyter.library.slices import Slice, modules_of, unbound
from maestro_jupyter.library.statements import codes, parsed, statements
from maestro_jupyter.recording.names import python_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LIMIT = 1 << 20
"""How long a source may be, in characters."""
_ANONYMOUS = "function"
_MADE_BY = "_make"


def is_code(source: object) -> bool:
    """Tell whether something is a function, a class, or a function made of another."""
    return (
        isinstance(source, type | FunctionType | functools.partial)
        or inspect.isbuiltin(source)
        or isinstance(getattr(source, "__wrapped__", None), FunctionType)
    )


def code_content(
    source: Any, cells: Sequence[str] | None = None, namespace: Mapping[str, Any] | None = None
) -> Content:
    """Give the source of a function or a class, as a module that runs in an empty process.

    Parameters
    ----------
    source : function or class
    cells : sequence of str, optional
        The cells that have run, as they were typed. Without them, the script or module that defines it.
    namespace : mapping, optional
        What the names of the notebook are now.

    Returns
    -------
    Content
        Its `about` has ``entry`` (the name to take from the module), ``signature``, ``docstring``,
        ``requirements`` and ``frozen`` (constants written as the value that they had).

    Raises
    ------
    Invalid
        If it needs data or a fitted object, or what nothing defines.
    """
    book = _book_of(source, cells, namespace)
    if book is None:
        return _imported(source)
    entry = _name_in(book.namespace, source)
    if entry is None and inspect.isfunction(source):
        entry, text, frozen = _anonymous(source, book)
    elif entry is None:
        msg = f"The {type(source).__name__} has no name in the notebook."
        raise Invalid(msg, hint="Assign it to a name first.")
    else:
        gathered = Slice(book)
        gathered.need([entry], entry)
        text, frozen = gathered.source(), gathered.frozen
    return _content(source, entry, text, frozen)


def cell_content(source: str, cells: Sequence[str], namespace: Mapping[str, Any]) -> Content:
    """Give a cell's source as a template, with the imports, functions and constants that it needs.

    Parameters
    ----------
    source : str
        The cell.
    cells : sequence of str
        The cells that have run.
    namespace : mapping
        What the names of the notebook are now.

    Returns
    -------
    Content
        Its `about` has ``inputs``: the data that the cell works on, which stays outside.
    """
    _refuse_long(source)
    tree = parsed(python_of(source))
    if tree is None or not tree.body:
        msg = "The cell is no Python code." if tree is None else "The cell is empty."
        raise Invalid(msg, hint="Give the source of a cell that has run.")
    needed = _needed_by_cell(source)
    gathered = Slice(Book("", cells, namespace), open_names=True)
    gathered.need(needed, "the cell")
    text = gathered.source(source.strip("\n"))
    about = {
        "kind": "cell",
        "inputs": sorted(gathered.inputs),
        "requirements": _requirements(text),
        "frozen": sorted(gathered.frozen),
    }
    return Content("model_template", "source", "text/x-python", ".py", text.encode(), indexed([text]), about)


def _needed_by_cell(source: str) -> set[str]:
    """Give what a cell reads that it has not bound itself by then."""
    needed: set[str] = set()
    bound: set[str] = set()
    for statement in statements(source):
        names = statement.names
        needed |= (names.now | names.later | names.perhaps) - bound - names.binds
        needed |= (names.now & names.binds) - bound
        bound |= names.binds
    return needed - {"get_ipython"}


def _book_of(source: Any, cells: Sequence[str] | None, namespace: Mapping[str, Any] | None) -> Book | None:
    """Give where something is defined; None if it is installed, so that an import says it all."""
    module = getattr(inspect.unwrap(source), "__module__", None) or "__main__"
    elsewhere = module != "__main__" and _is_in_module(source, module)
    if cells is not None and namespace is not None and not elsewhere:
        return Book("", cells, namespace)
    if module != "__main__" and not is_own(module):
        return None
    book = Book.of_module(module)
    if book is None:
        msg = f"The source of {getattr(source, '__name__', source)!r} cannot be found."
        raise Invalid(msg, hint="Define it in a cell or in a file.")
    return book


def _is_in_module(source: Any, module: str) -> bool:
    return getattr(sys.modules.get(module), getattr(source, "__name__", ""), None) is source


def _name_in(namespace: Mapping[str, Any], source: object) -> str | None:
    name = getattr(source, "__name__", None)
    if isinstance(name, str) and namespace.get(name) is source:
        return name
    found = (key for key, value in list(namespace.items()) if value is source and not key.startswith("_"))
    return next(found, None)


def _imported(source: Any) -> Content:
    module, name = source.__module__, source.__qualname__
    if not _is_in_module(source, module):
        msg = f"{name!r} is made inside the installed module {module!r} and has no name of its own there."
        raise Invalid(msg, hint="Write a function of your own that makes it.")
    return _content(source, name, f"from {module} import {name}\n", set())


def _content(source: Any, entry: str, text: str, frozen: set[str]) -> Content:
    _verify(entry, text)
    is_class = isinstance(source, type)
    docstring = inspect.getdoc(source) if hasattr(source, "__name__") else None
    about = {
        "kind": "class" if is_class else "function",
        "entry": entry,
        "signature": _signature(source),
        "docstring": said(docstring or ""),
        "requirements": _requirements(text),
        "frozen": sorted(frozen),
    }
    found_by = indexed([entry, said(docstring or ""), text])
    type_ = "model_template" if is_class else "feature_pipeline"
    return Content(type_, "source", "text/x-python", ".py", text.encode(), found_by, about, trusted_only=True)


def _verify(entry: str, text: str) -> None:
    _refuse_long(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(text)
            compile(module, entry, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError) as error:
        msg = f"The source of {entry!r} does not stand alone: {error}."
        raise Invalid(
            msg, hint="It must be plain Python, without magics and `await` outside of functions."
        ) from error
    missing = unbound(text, module)
    if missing:
        msg = f"{entry!r} needs {', '.join(map(repr, missing))}, which nothing defines."
        raise Invalid(msg, hint="Define it in a cell, or pass it as an argument.")


def _refuse_long(text: str) -> None:
    if len(text) > LIMIT:
        msg = f"The source has {len(text):,} characters; {LIMIT:,} are taken."
        raise TooLarge(msg, hint="Keep data in a file, and register the file.")


def _requirements(text: str) -> dict[str, str]:
    tree = parsed(python_of(text))
    return requirements([] if tree is None else modules_of(tree))


def _signature(source: Any) -> str:
    try:
        return said(str(inspect.signature(source)))
    except (ValueError, TypeError):
        return ""


def _anonymous(function: FunctionType, book: Book) -> tuple[str, str, set[str]]:
    """Give the source of a lambda, or of a function that another has made, with what it has closed over."""
    code = function.__code__
    node = _node_of(function, book)
    entry = _ANONYMOUS if isinstance(node, ast.Lambda) else function.__name__
    closed: dict[str, str] = {}
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        text = literal(cell.cell_contents)
        if text is None and name != function.__name__:
            kind = type(cell.cell_contents).__name__
            msg = f"{entry!r} has closed over {name!r}, which is no plain value ({kind})."
            raise Invalid(msg, hint="Pass it as an argument, or assign the function to a name in a cell.")
        if text is not None:
            closed[name] = text
    body = ast.unparse(_closure(node, entry, closed))
    gathered = Slice(book)
    for statement in statements(body):
        names = statement.names
        gathered.need((names.now | names.later) - {entry, _MADE_BY}, entry)
    return entry, gathered.source(body), gathered.frozen | set(closed)


def _closure(node: ast.Lambda | ast.FunctionDef, entry: str, closed: Mapping[str, str]) -> ast.Module:
    """Give statements that make a function, within another that holds what it has closed over."""
    made: ast.stmt = node if isinstance(node, ast.FunctionDef) else ast.parse(f"{entry} = 0").body[0]
    if isinstance(made, ast.Assign):
        made.value = cast("ast.Lambda", node)
    if not closed:
        return ast.Module([made], [])
    module = ast.parse(f"def {_MADE_BY}(): return {entry}\n{entry} = {_MADE_BY}()")
    values = [ast.parse(f"{name} = {text}").body[0] for name, text in closed.items()]
    outer = cast("ast.FunctionDef", module.body[0])
    outer.body[:0] = [*values, made]
    return module


def _node_of(function: FunctionType, book: Book) -> ast.Lambda | ast.FunctionDef:
    found = [node for cell in reversed(book.cells) for node in _nodes_at(function, cell)]
    if not found:
        msg = f"The definition of {function.__qualname__!r} is not in the notebook's cells."
        raise Invalid(msg, hint="Run the cell that defines it again.")
    return found[0]


def _nodes_at(function: FunctionType, cell: str) -> Iterator[ast.Lambda | ast.FunctionDef]:
    code = function.__code__
    tree = parsed(python_of(cell)) if code in codes(cell) else None
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Lambda):
            made_it = code.co_name == "<lambda>" and _holds(node.body, code)
        else:
            made_it = getattr(node, "name", "") == code.co_name and _first_line(node) == code.co_firstlineno
        if made_it and isinstance(node, ast.Lambda | ast.FunctionDef):
            yield node


def _first_line(node: Any) -> int:
    lines: list[int] = [each.lineno for each in [node, *getattr(node, "decorator_list", [])]]
    return min(lines)


def _holds(body: ast.expr, code: Any) -> bool:
    """Tell whether a lambda's code stands where its body does."""
    places = {place[:4] for place in code.co_positions() if place[2] is not None and place[2] != place[3]}
    return (body.lineno, body.end_lineno, body.col_offset, body.end_col_offset) in places
