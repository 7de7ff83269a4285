"""A namespace with the statements that made it: a notebook's cells, or a file of the user's."""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_jupyter.library.statements import Statement, key_of, makes, statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

END = sys.maxsize
"""The place after every statement."""


class Placed(NamedTuple):
    """A statement and where it stands in the order in which the statements ran."""

    place: int
    cell: int
    statement: Statement


class Book:
    """Finds which statement has made a name.

    Parameters
    ----------
    name : str
        The module's; empty for a notebook.
    cells : sequence of str
        In the order in which they ran.
    namespace : mapping of str to object
        What the names are now.
    """

    def __init__(self, name: str, cells: Sequence[str], namespace: Mapping[str, Any]) -> None:
        self.name = name
        self.cells = cells
        self.namespace = namespace
        self.all: list[Placed] = []
        self._binding: dict[str, list[Placed]] = {}
        self._made: dict[str, Placed | None] = {}
        for number, cell in enumerate(cells):
            for statement in statements(cell):
                placed = Placed(len(self.all), number, statement)
                self.all.append(placed)
                for bound in statement.names.binds:
                    self._binding.setdefault(bound, []).append(placed)

    @classmethod
    def of_module(cls, module: str) -> Book | None:
        """Give the book of an imported module; None if its source is not to be had."""
        found = sys.modules.get(module)
        file = getattr(found, "__file__", None)
        if found is None or not isinstance(file, str):
            return None
        source = "".join(linecache.getlines(file))
        return cls(module, [source], vars(found)) if source.strip() else None

    def find(self, name: str, before: int) -> Placed | None:
        """Give the statement that a name's value came from, at a place; else the one that makes it later."""
        if before == END:
            return self.maker(name)
        binding = self._binding.get(name, [])
        earlier = [placed for placed in binding if placed.place < before]
        return earlier[-1] if earlier else self.maker(name)

    def maker(self, name: str) -> Placed | None:
        """Give the statement that made a name what it is now.

        The last one that binds it, unless the function or class that it is shows that another did: a cell may
        have failed before it came so far.
        """
        if name not in self._made:
            binding = self._binding.get(name, [])
            made_of = {key_of(code) for code in _codes_of(self.namespace.get(name))}
            proven = [placed for placed in binding if made_of & makes(placed.statement)]
            self._made[name] = next(iter(proven[-1:] or binding[-1:]), None)
        return self._made[name]

    def imports(self, package: str) -> list[Placed]:
        """Give the statements that import a package or parts of it under its own name."""
        return [
            placed
            for placed in self._binding.get(package, [])
            if isinstance(placed.statement.node, ast.Import)
            and any(alias.asname is None for alias in placed.statement.node.names)
        ]

    def changes(self, name: str, after: int) -> Iterator[Placed]:
        """Give the later statements that change a part of a name, or register something with it."""
        for placed in self.all[after + 1 :]:
            names = placed.statement.names
            if name in names.now and _changes(placed.statement.node, name):
                yield placed

    @property
    def future_annotations(self) -> bool:
        """Whether annotations are left as text."""
        return "annotations" in self._binding and any(
            isinstance(placed.statement.node, ast.ImportFrom) and placed.statement.node.module == "__future__"
            for placed in self._binding["annotations"]
        )


def _codes_of(value: object) -> Iterator[CodeType]:
    members = list(vars(value).values()) if isinstance(value, type) else [value]
    for member in members:
        function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        try:
            function = inspect.unwrap(function) if callable(function) else function
        except ValueError:
            continue
        if isinstance(function, FunctionType):
            yield function.__code__


def _changes(node: ast.stmt, name: str) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return any(_is_part_of(each, name) for each in node.decorator_list)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function = node.value.func
        return (
            isinstance(function, ast.Attribute)
            and function.attr == "register"
            and _is_part_of(function, name)
        )
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    return any(_is_part_of(target, name) for target in targets)


def _is_part_of(node: ast.AST, name: str) -> bool:
    """Tell whether an expression is an attribute or an item of a name, or a call of one."""
    inside = False
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        inside = inside or not isinstance(node, ast.Call)
        node = node.func if isinstance(node, ast.Call) else node.value
    return inside and isinstance(node, ast.Name) and node.id == name
