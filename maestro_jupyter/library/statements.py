"""The top-level statements of a cell, each with its text and the names that it reads and binds."""

from __future__ import annotations

import ast
import symtable
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from maestro_jupyter.recording.names import names, python_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

Key: TypeAlias = tuple[Any, ...]
_COMPREHENSIONS = {"listcomp", "setcomp", "dictcomp", "genexpr"}
_RUNNING_MAGICS = {"run_cell_magic": {"time", "capture", "prun", "maestro"}, "run_line_magic": {"time"}}
_CELL_MARKS = ("# %%", "# In[", "#!")


class Names(NamedTuple):
    """The global names of a statement."""

    now: frozenset[str]
    """What is read when it runs."""
    later: frozenset[str]
    """What the functions that it makes read when they are called."""
    perhaps: frozenset[str]
    """What a class's body reads unless it has bound it."""
    binds: frozenset[str]
    binds_later: frozenset[str]
    """What its functions bind by ``global``."""


class Statement(NamedTuple):
    """One statement at the top level."""

    node: ast.stmt
    text: str
    names: Names


@lru_cache(maxsize=4096)
def statements(cell: str) -> tuple[Statement, ...]:
    """Give the statements of a cell; none if it is no valid code.

    Parameters
    ----------
    cell : str
        As it was typed; magics are understood where IPython is loaded.

    Examples
    --------
    >>> [(each.text, sorted(each.names.later)) for each in statements("K = 2; f = lambda x: x * K")]
    [('K = 2', []), ('f = lambda x: x * K', ['K'])]
    """
    source = python_of(cell)
    tree = parsed(source)
    if tree is None:
        return ()
    lines = source.encode("utf-8", "replace").splitlines(keepends=True)
    found: list[Statement] = []
    for node in tree.body:
        inside = _run_by_magic(node)
        found += (
            [Statement(node, _text(node, lines), names_of(node))] if inside is None else statements(inside)
        )
    return tuple(found)


def _run_by_magic(node: ast.stmt) -> str | None:
    """Give the code that a magic runs in the notebook's names, where IPython has made a call of it."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return None
    function, arguments = node.value.func, node.value.args
    if not isinstance(function, ast.Attribute) or function.attr not in {"run_cell_magic", "run_line_magic"}:
        return None
    told = [
        each.value for each in arguments if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    runs = len(told) == len(arguments) > 1 and told[0] in _RUNNING_MAGICS[function.attr]
    return told[-1] if runs else None


def parsed(source: str) -> ast.Module | None:
    """Parse code; None if it is not valid. What the parser warns of, the user has been told."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


@lru_cache(maxsize=1024)
def codes(cell: str) -> frozenset[CodeType]:
    """Give every code object that compiling a cell makes, to tell which cell made a function."""
    tree = parsed(python_of(cell))
    if tree is None:
        return frozenset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            whole = compile(tree, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return frozenset()
    return frozenset(_codes_in(whole))


@lru_cache(maxsize=4096)
def makes(statement: Statement) -> frozenset[Key]:
    """Give what the functions are like that a statement makes, wherever it stands."""
    try:
        whole = compile(
            ast.Module([statement.node], []),
            "cell",
            "exec",
            ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
            dont_inherit=True,
        )
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(key_of(code) for code in _codes_in(whole))


def key_of(code: CodeType) -> Key:
    """Give what tells one function from another, without the lines that it stands on."""
    constants = [repr(each) for each in code.co_consts if not isinstance(each, type(code))]
    inside = [key_of(each) for each in code.co_consts if isinstance(each, type(code))]
    return code.co_name, code.co_code, code.co_names, code.co_varnames, (*constants, *inside)


def _codes_in(code: CodeType) -> Iterator[CodeType]:
    waiting = [code]
    while waiting:
        each = waiting.pop()
        yield each
        waiting += [constant for constant in each.co_consts if isinstance(constant, type(code))]


def names_of(node: ast.AST) -> Names:
    """Give the global names of a statement.

    Examples
    --------
    >>> found = names_of(ast.parse("def f(x=a): return b(x)").body[0])
    >>> sorted(found.now), sorted(found.later), sorted(found.binds)
    (['a'], ['b'], ['f'])
    """
    source = ast.unparse(node)
    found = _Found()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found.walk(symtable.symtable(source, "cell", "exec"), now=True)
        except (SyntaxError, RecursionError):
            return Names(*[frozenset()] * 5)
    _add_changed(node, found)
    both = found.now & found.binds
    if both:  # such as a loop's variable
        found.now -= both - set(names(source)[0])
    return Names(*map(frozenset, (found.now, found.later, found.perhaps, found.binds, found.binds_later)))


class _Found:
    def __init__(self) -> None:
        self.now: set[str] = set()
        self.later: set[str] = set()
        self.perhaps: set[str] = set()
        self.binds: set[str] = set()
        self.binds_later: set[str] = set()

    def walk(self, table: symtable.SymbolTable, *, now: bool) -> None:
        kind = str(table.get_type())
        reads = self.now if now else self.later
        binds = self.binds if now else self.binds_later
        for symbol in table.get_symbols():
            name = symbol.get_name()
            bound = symbol.is_assigned() or symbol.is_imported()
            if kind == "module" or symbol.is_global():
                reads.update([name] if symbol.is_referenced() else [])
                binds.update([name] if bound else [])
            elif kind == "class" and bound and symbol.is_referenced():
                self.perhaps.add(name)
        for child in table.get_children():
            at_once = child.get_type() == "class" or child.get_name().strip("<>") in _COMPREHENSIONS
            self.walk(child, now=now and at_once)


def _add_changed(node: ast.AST, found: _Found) -> None:
    """Count ``x += 1`` as reading x: the table of symbols does not."""
    for each in ast.walk(node):
        if isinstance(each, ast.AugAssign) and isinstance(each.target, ast.Name):
            name = each.target.id
            found.now.update({name} & found.binds)
            found.later.update({name} & found.binds_later)


def _text(node: ast.stmt, lines: list[bytes]) -> str:
    """Give a statement as it was typed, with its decorators and the comments above and beside it."""
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
    last = node.end_lineno or node.lineno
    before = lines[first - 1][: node.col_offset] if first == node.lineno else b""
    after = lines[last - 1][node.end_col_offset :]
    if before.strip() or after.strip()[:1] not in {b"", b"#"}:  # several on a line
        return ast.unparse(node)
    while first > 1 and _is_comment(lines[first - 2]):
        first -= 1
    return b"".join(lines[first - 1 : last]).decode("utf-8", "replace").rstrip()


def _is_comment(line: bytes) -> bool:
    text = line.decode("utf-8", "replace")
    return text.startswith("#") and not text.startswith(_CELL_MARKS)
