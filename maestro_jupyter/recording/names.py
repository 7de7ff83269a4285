"""Which global names a cell reads and writes, by its syntax alone: nothing is looked up or run."""

from __future__ import annotations

import ast
import builtins
import re
import symtable
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LARGEST = 1 << 20
_BUILTINS = frozenset(vars(builtins)) | {"get_ipython", "display", "__IPYTHON__"}
_PYTHON_MAGIC = re.compile(r"\A\s*%%(?:time|timeit|capture|prun|maestro)\b[^\n]*\n")
_TIMED = re.compile(r"^([ \t]*)%time[ \t]+", re.MULTILINE)
_ESCAPE = re.compile(r"\\N\{[^}\n]*\}|\\\\|\\(?![\n\r'\"])")
_GLUED = re.compile(
    r"([^\W\d]\w*)"  # a name, whose digits are no number
    r"|(0[xX][0-9a-fA-F_]+|0[bBoO][0-7_]+|\.?[0-9][0-9_.]*(?:[eE][+-]?[0-9_]+)?[jJ]?)"
    r"(?=and|else|for|if|in|is|not|or)"
)


def names(source: str) -> tuple[list[str], list[str]]:
    """Give the global names that a cell reads and writes.

    What a function of the cell uses and does not bind counts as read. A name that the cell has surely
    written by then does not, and builtins do not. An assignment to a part, such as ``df["a"] = 1``, reads
    and writes the name.

    Parameters
    ----------
    source : str
        The cell, as it was typed; magics are understood where IPython is loaded.

    Returns
    -------
    reads, writes : list of str
        Sorted. Both empty if the cell is no valid code.

    Examples
    --------
    >>> names('''model = Ridge(alpha).fit(X, y)
    ... print(model)''')
    (['Ridge', 'X', 'alpha', 'y'], ['model'])
    """
    cell = _Cell()
    try:
        cell.run(ast.parse(_quiet(python_of(source))).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [], []
    return sorted(cell.reads - (_BUILTINS - cell.writes)), sorted(cell.writes)


def python_of(source: str) -> str:
    """Give the Python code that IPython makes of a cell, with the body of magics that run Python."""
    if len(source) > _LARGEST:
        return ""
    source = _TIMED.sub(r"\1", _PYTHON_MAGIC.sub("", source))
    ipython = sys.modules.get("IPython.core.inputtransformer2")
    if ipython is None or not any(mark in source for mark in "%!?"):
        return source
    try:
        transformed: str = ipython.TransformerManager().transform_cell(source)
    except Exception:  # noqa: BLE001 - any transformer may fail, and IPython has told the user
        return source
    return transformed


def _quiet(source: str) -> str:
    r"""Take out what the parser warns of, such as ``"\d"``: the user has had that warning already.

    Filtering warnings instead would let the user's own be shown again, once the filters change.
    """
    return _GLUED.sub(lambda found: found[1] or f"{found[2]} ", _ESCAPE.sub("_", source))


class _Cell(ast.NodeVisitor):
    """Walks the top level of a cell in the order in which it runs; scopes inside are asked of `symtable`."""

    def __init__(self) -> None:
        self.reads: set[str] = set()
        self.writes: set[str] = set()
        self._sure: set[str] = set()

    def run(self, body: Iterable[ast.AST]) -> None:
        """Walk nodes one after the other."""
        for node in body:
            self.visit(node)

    def _read(self, *names: str) -> None:
        self.reads.update(set(names) - self._sure)

    def _write(self, *names: str) -> None:
        self.writes.update(names)
        self._sure.update(names)

    def _forget(self, *names: str) -> None:
        self.writes.update(names)
        self._sure.difference_update(names)

    def _branches(self, *bodies: Sequence[ast.AST]) -> None:
        """Walk alternatives; sure is what all of them write."""
        before, after = self._sure, []
        for body in bodies:
            self._sure = set(before)
            self.run(body)
            after.append(self._sure)
        self._sure = set.intersection(*after)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self._write(node.id)
            return
        self._read(node.id)
        if isinstance(node.ctx, ast.Del):
            self._forget(node.id)

    def visit_Subscript(self, node: ast.Subscript | ast.Attribute) -> None:
        """Count what is changed in its place as written, as well as read."""
        self.generic_visit(node)
        root: ast.AST = node
        while isinstance(root, ast.Subscript | ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and not isinstance(node.ctx, ast.Load):
            self.writes.add(root.id)

    visit_Attribute = visit_Subscript

    def visit_Assign(self, node: ast.Assign) -> None:
        self.run([node.value, *node.targets])

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self._read(node.target.id)
        self.run([node.value, node.target])

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.annotation)
        if node.value is not None:
            self.run([node.value, node.target])

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.run([node.value, node.target])

    def visit_Import(self, node: ast.Import) -> None:
        self._write(*(alias.asname or alias.name.partition(".")[0] for alias in node.names))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self._write(*(alias.asname or alias.name for alias in node.names if alias.name != "*"))

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self._branches(node.body, node.orelse)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        self._branches([node.body], [node.orelse])

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.visit(node.values[0])
        self._branches(node.values[1:], [])

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self._branches([node.target, *node.body], [])
        self.run(node.orelse)

    visit_AsyncFor = visit_For

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self._branches(node.body, [])
        self.run(node.orelse)

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        self._branches([*node.body, *node.orelse], *([handler] for handler in node.handlers))
        self.run(node.finalbody)

    visit_TryStar = visit_Try

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self.visit(node.type)
        if node.name:
            self._write(node.name)
        self.run(node.body)
        if node.name:
            self._forget(node.name)

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        self._branches([], *([case] for case in node.cases))

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        self.generic_visit(node)
        if node.name:
            self._write(node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self._write(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        if node.rest:
            self._write(node.rest)

    def visit_FunctionDef(self, node: ast.AST) -> None:
        """Ask for the names of a scope: a function, a class or a comprehension."""
        reads, writes = _names_of_scope(node)
        self._read(*reads)
        self._write(*writes)

    visit_AsyncFunctionDef = visit_ClassDef = visit_Lambda = visit_FunctionDef
    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_FunctionDef


def _names_of_scope(node: ast.AST) -> tuple[set[str], set[str]]:
    reads: set[str] = set()
    writes: set[str] = set()
    tables = [symtable.symtable(ast.unparse(node), "cell", "exec")]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        top = table.get_type() == "module"
        for symbol in table.get_symbols():
            if not (top or symbol.is_global()):
                continue
            if symbol.is_referenced():
                reads.add(symbol.get_name())
            if symbol.is_assigned() or symbol.is_imported():
                writes.add(symbol.get_name())
    return reads, writes
