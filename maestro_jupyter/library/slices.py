"""The slice of what a notebook has run that some names depend on, as a module that runs in an empty process.

Its statements stand in the order in which they ran. What a statement reads while it runs, such as a decorator
or a default, is taken as it was then; what a function reads when it is called, as it is now.
"""

from __future__ import annotations

import ast
import builtins
import graphlib
import importlib.util
import re
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from maestro_jupyter.errors import Invalid
from maestro_jupyter.library.book import END, Book, Placed
from maestro_jupyter.library.literals import data_kind, literal
from maestro_jupyter.library.packages import is_own
from maestro_jupyter.library.statements import names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_IPYTHONS = {"display", "get_ipython", "__IPYTHON__"}
_BUILTINS = (frozenset(vars(builtins)) | {"__name__", "__file__", "__doc__"}) - _IPYTHONS
_ENVIRONMENT = {"environ", "getenv", "getpass", "input", "keyring"}
_MAKERS = {"array", "asarray", "arange", "linspace", "logspace", "zeros", "ones", "full", "eye"} | {
    "DataFrame",
    "Series",
    "Index",
    "tensor",
}
_TYPES = {"int", "float", "str", "bool", "object"}
_MANY = 1000
_DEFINITION = re.compile(r"(?:#.*\n)*(?:@|def |class |async def )")
_TYPED = 1 << 20
_SIMPLE = (
    ast.Constant, ast.Name, ast.Attribute, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp,
    ast.Tuple, ast.JoinedStr, ast.FormattedValue,
    ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context,
)  # fmt: skip
_OUTSIDE = "Pass it as an argument, or register it of its own."


class Need(NamedTuple):
    """A name that has to be there, at a place, and who needs it."""

    book: Book
    name: str
    at: int
    user: str


class _Kept:
    """What is kept of one statement."""

    def __init__(self, placed: Placed) -> None:
        self.placed = placed
        self.names: set[str] = set()
        """Which of its names are needed."""
        self.whole = False
        self.instead: dict[str, str] = {}
        """Names whose present value stands for the statement."""


class Slice:
    """Gathers statements until every name is there.

    Parameters
    ----------
    book : Book
        Where to begin.
    open_names : bool
        Whether data may stay open: a cell's inputs. Otherwise it is refused.
    """

    def __init__(self, book: Book, *, open_names: bool = False) -> None:
        self.book = book
        self.frozen: set[str] = set()
        """Names that are written as the value that they had."""
        self.inputs: set[str] = set()
        self._open = open_names
        self._books = {book.name: book}
        self._kept: dict[str, dict[int, _Kept]] = {book.name: {}}
        self._first: dict[str, dict[str, str]] = {book.name: {}}
        self._needed_by: dict[str, set[str]] = {book.name: set()}
        self._seen: set[tuple[str, str, int]] = set()

    def need(self, names: Iterable[str], user: str) -> None:
        """Gather what names need, as they are now."""
        waiting = [Need(self.book, name, END, user) for name in sorted(names)]
        while waiting:
            need = waiting.pop()
            key = (need.book.name, need.name, need.at)
            if key not in self._seen:
                self._seen.add(key)
                waiting += self._meet(need)

    def source(self, end: str = "") -> str:
        """Give the module's source.

        Parameters
        ----------
        end : str
            What follows the statements.
        """
        blocks = []
        if any(book.future_annotations for book in self._books.values()):
            blocks.append("from __future__ import annotations")
        try:
            order = list(graphlib.TopologicalSorter(self._needed_by).static_order())
        except graphlib.CycleError as error:
            msg = "The files that the code is in import each other."
            raise Invalid(msg, hint="Put what they share into one file.") from error
        bound: dict[str, tuple[str, str]] = {}
        for name in order:
            for names, block in self._blocks(name):
                self._refuse_twice(bound, names, name, block)
                blocks.append(block)
        return _spaced([*blocks, end] if end else blocks)

    def _refuse_twice(
        self, bound: dict[str, tuple[str, str]], names: set[str], book: str, block: str
    ) -> None:
        for name in names:
            other, text = bound.setdefault(name, (book, block))
            if other != book and text != block and name != "_":
                places = " and ".join(each or "the notebook" for each in (other, book))
                msg = f"The name {name!r} means different things in {places}."
                raise Invalid(msg, hint="Rename one of them.")

    def _blocks(self, book: str) -> Iterator[tuple[set[str], str]]:
        for name, text in sorted(self._first[book].items()):
            yield {name}, text
        for _, kept in sorted(self._kept[book].items()):
            yield from _blocks_of(kept)

    def _meet(self, need: Need) -> list[Need]:
        placed = need.book.find(need.name, need.at)
        if placed is None:
            return self._without_statement(need)
        node = placed.statement.node
        if isinstance(node, ast.Import | ast.ImportFrom):
            return self._import(need, placed, node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return self._keep(need, placed)
        now = need.book.maker(need.name)
        if now is placed and need.name in need.book.namespace:
            return self._variable(need, placed, need.book.namespace[need.name])
        return self._keep(need, placed)

    def _entry(self, need: Need, placed: Placed) -> _Kept:
        kept = self._kept[need.book.name].setdefault(placed.place, _Kept(placed))
        kept.names.add(need.name)
        return kept

    def _keep(self, need: Need, placed: Placed) -> list[Need]:
        kept = self._entry(need, placed)
        names = placed.statement.names
        user = need.name
        # What is called at once reads what is there by then; what it leaves behind, what is there in the end.
        needs = [
            Need(need.book, name, at, user) for at in sorted({need.at, END}) for name in sorted(names.later)
        ]
        if kept.whole:
            return needs
        kept.whole = True
        self._refuse_own_imports(placed.statement.node, user)
        hard = set(names.now)
        if need.book.future_annotations:
            hard &= names_of(_without_annotations(placed.statement.node)).now
            soft = names.now - hard
            hard |= {name for name in soft if self._is_there(need.book, name)}
        hard |= {name for name in names.perhaps if self._is_there(need.book, name)}
        needs += [Need(need.book, name, placed.place, user) for name in sorted(hard)]
        if not isinstance(placed.statement.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            # It may call what it makes at once.
            needs += [Need(need.book, name, placed.place, user) for name in sorted(names.later)]
        for change in need.book.changes(need.name, placed.place):
            name = min(change.statement.names.binds, default=need.name)
            needs += self._keep(Need(need.book, name, END, user), change)
        return needs

    def _is_there(self, book: Book, name: str) -> bool:
        return name in book.namespace or book.maker(name) is not None

    def _import(self, need: Need, placed: Placed, node: ast.Import | ast.ImportFrom) -> list[Need]:
        module, alias = _origin(node, need.name, need.book)
        if isinstance(node, ast.Import):
            if is_own(module):
                self._refuse_module(module, need.user)
            for other in need.book.imports(need.name) or [placed]:
                self._entry(need, other)
            self._entry(need, placed)
            return []
        if not is_own(module):
            self._entry(need, placed)
            return []
        if is_own(f"{module}.{alias}"):
            self._refuse_module(f"{module}.{alias}", need.user)
        self._entry(need, placed).instead[need.name] = "" if alias == need.name else f"{need.name} = {alias}"
        return [self._elsewhere(need, module, alias)]

    def _elsewhere(self, need: Need, module: str, name: str) -> Need:
        """Give the need for a name of a file of the user's."""
        book = self._books.get(module) or Book.of_module(module)
        if book is None:
            self._refuse_module(module, need.user)
        self._books[module] = book
        self._kept.setdefault(module, {})
        self._first.setdefault(module, {})
        self._needed_by.setdefault(module, set())
        self._needed_by[need.book.name].add(module)
        return Need(book, name, END, need.user)

    def _refuse_module(self, module: str, user: str) -> NoReturn:
        msg = f"{user!r} needs the module {module!r}, which is a file of your own and not installed."
        raise Invalid(msg, hint="Import the names from it (`from … import …`), or install it as a package.")

    def _refuse_own_imports(self, node: ast.stmt, user: str) -> None:
        for module in modules_of(node):
            if is_own(module):
                self._refuse_module(module, user)

    def _variable(self, need: Need, placed: Placed, value: Any) -> list[Need]:
        node, book = placed.statement.node, need.book
        kind = data_kind(value)
        if kind is not None and not _is_made_of_literals(node):
            return self._leave_out(need, f"which holds data ({kind})")
        text = literal(value)
        is_plain = kind is None and not callable(value) and not isinstance(value, ModuleType)
        if not is_plain or _is_typed(node, value) or _mentions(node, _ENVIRONMENT):
            return self._keep(need, placed)
        if text is None:
            if _is_much(value):
                return self._leave_out(need, f"which is too long for a constant ({len(value):,} items)")
            return self._keep(need, placed) + [
                Need(book, name, END, need.name) for name in _functions_in(value, book.namespace)
            ]
        if _is_simple(node, need.name, book.namespace) and not isinstance(value, list | dict | set):
            return self._keep(need, placed)
        self._entry(need, placed).instead[need.name] = f"{need.name} = {text}"
        self.frozen.add(need.name)
        return []

    def _leave_out(self, need: Need, why: str, hint: str = _OUTSIDE) -> list[Need]:
        """Refuse what a name stands for, or let it stay outside."""
        if not self._open:
            msg = f"{need.user!r} needs {need.name!r}, {why}."
            raise Invalid(msg, hint=hint)
        self.inputs.add(need.name)
        return []

    def _without_statement(self, need: Need) -> list[Need]:
        """Find what a name is by its value: a star import, a magic or IPython may have made it."""
        name, namespace = need.name, need.book.namespace
        if name == "get_ipython":
            msg = f"{need.user!r} uses IPython itself or a magic, which exists in a notebook alone."
            raise Invalid(msg, hint="Write it in plain Python.")
        there = name in namespace
        if name in _BUILTINS and (not there or getattr(builtins, name, None) is namespace[name]):
            return []
        if not there and name != "display":
            return self._leave_out_unknown(need)
        starred = self._starred(need.book, name) if there else None
        if starred is not None and is_own(starred):
            return [self._elsewhere(need, starred, name)]
        text = self._first_line(need, starred)
        if text is None:
            return self._leave_out_unknown(need)
        self._first[need.book.name][name] = text
        return []

    def _first_line(self, need: Need, starred: str | None) -> str | None:
        """Write what stands for a name that no statement has made; None if it cannot be written."""
        if starred is not None:
            return f"from {starred} import {need.name}"
        if need.name not in need.book.namespace:
            return "from IPython.display import display"  # IPython has it among the builtins
        value = need.book.namespace[need.name]
        text = _import_of(value, need.name)
        if text is not None:
            return text
        written = literal(value)
        if written is None:
            return None
        self.frozen.add(need.name)
        return f"{need.name} = {written}"

    def _starred(self, book: Book, name: str) -> str | None:
        """Give the module that a star import has taken a name from."""
        value = book.namespace[name]
        for placed in reversed(book.all):
            node = placed.statement.node
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                module = _absolute(node, book)
                if getattr(sys.modules.get(module), name, None) is value:
                    return module
        return None

    def _leave_out_unknown(self, need: Need) -> list[Need]:
        known = need.name in need.book.namespace
        why = "whose definition is not in the notebook's cells" if known else "which is not defined"
        return self._leave_out(need, why, "Define it in a cell, or pass it as an argument.")


def unbound(source: str, module: ast.Module) -> list[str]:
    """Give the names that a module reads and nothing of it binds.

    Examples
    --------
    >>> source = "def f(x): return x + missing"
    >>> unbound(source, ast.parse(source))
    ['missing']
    """
    if source.startswith("from __future__ import annotations"):
        module = _without_annotations(module)
    names = names_of(module)
    return sorted((names.now | names.later) - names.binds - names.binds_later - _BUILTINS)


def modules_of(node: ast.AST) -> Iterator[str]:
    """Give the modules that code imports, at its top or inside."""
    for each in ast.walk(node):
        if isinstance(each, ast.Import):
            yield from (alias.name for alias in each.names)
        elif isinstance(each, ast.ImportFrom) and each.module and not each.level:
            yield each.module


def _blocks_of(kept: _Kept) -> Iterator[tuple[set[str], str]]:
    statement = kept.placed.statement
    if kept.whole:
        yield set(statement.names.binds), statement.text
    elif isinstance(statement.node, ast.Import | ast.ImportFrom):
        wanted = kept.names - set(kept.instead)
        aliases = [alias for alias in statement.node.names if _bound_by(alias) in wanted]
        if aliases:
            yield wanted, ast.unparse(_importing(statement.node, aliases))
    for name, text in sorted(kept.instead.items()):
        if text and not kept.whole:
            yield {name}, text


def _importing(node: ast.Import | ast.ImportFrom, aliases: list[ast.alias]) -> ast.stmt:
    if isinstance(node, ast.Import):
        return ast.Import(aliases)
    return ast.ImportFrom(node.module, aliases, node.level)


def _bound_by(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _origin(node: ast.Import | ast.ImportFrom, name: str, book: Book) -> tuple[str, str]:
    """Give the module that an import statement binds a name from, and what the name is there."""
    alias = next(alias for alias in reversed(node.names) if _bound_by(alias) == name)
    if isinstance(node, ast.Import):
        return alias.name, ""
    return _absolute(node, book), alias.name


def _absolute(node: ast.ImportFrom, book: Book) -> str:
    relative = "." * node.level + (node.module or "")
    if not node.level:
        return relative
    return importlib.util.resolve_name(relative, str(book.namespace.get("__package__") or book.name))


def _without_annotations(node: Any) -> Any:
    """Give a copy of code without its annotations."""
    copy = ast.parse(ast.unparse(node))
    for each in ast.walk(copy):
        if isinstance(each, ast.arg):
            each.annotation = None
        elif isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            each.returns = None
        elif isinstance(each, ast.AnnAssign):
            each.annotation = ast.Constant(None)
    return copy


def _is_much(value: object) -> bool:
    """Tell whether a plain value is data rather than a constant."""
    if isinstance(value, str | bytes | bytearray):
        return True
    return isinstance(value, list | tuple | set | frozenset | dict) and len(value) > _MANY


def _is_typed(node: ast.stmt, value: object) -> bool:
    """Tell whether a statement is a literal that still has the value that was typed."""
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None or _targets(node) is None:
        return False
    try:
        typed = ast.literal_eval(node.value)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return False
    text = literal(typed, _TYPED)
    return text is not None and text == literal(value, _TYPED)


def _targets(node: ast.Assign | ast.AnnAssign) -> list[str] | None:
    """Give the plain names that a statement assigns its value to; None if there are others."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    return names if len(names) == len(targets) else None


def _mentions(node: ast.stmt, words: set[str]) -> bool:
    return any(
        (isinstance(each, ast.Name) and each.id in words)
        or (isinstance(each, ast.Attribute) and each.attr in words)
        for each in ast.walk(node)
    )


def _is_made_of_literals(node: ast.stmt) -> bool:
    """Tell whether a statement makes a small array or table from what stands in it."""
    if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(node.value, ast.Call):
        return False
    function = node.value.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    arguments = [*node.value.args, *(keyword.value for keyword in node.value.keywords)]
    return name in _MAKERS and all(
        isinstance(
            each,
            ast.expr_context | ast.Constant | ast.List | ast.Tuple | ast.Dict | ast.UnaryOp | ast.unaryop,
        )
        or (isinstance(each, ast.Name) and each.id in _TYPES)
        or isinstance(each, ast.Attribute)
        for argument in arguments
        for each in ast.walk(argument)
    )


def _is_simple(node: ast.stmt, name: str, namespace: Mapping[str, Any]) -> bool:
    """Tell whether a statement computes a name from constants, without a call."""
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None or _targets(node) is None:
        return False
    for each in ast.walk(node.value):
        if not isinstance(each, _SIMPLE):
            return False
        if isinstance(each, ast.Attribute) and not isinstance(_root(each, namespace), ModuleType | type):
            return False
        if isinstance(each, ast.Name) and each.id == name:
            return False
    return True


def _root(node: ast.AST, namespace: Mapping[str, Any]) -> object:
    while isinstance(node, ast.Attribute):
        node = node.value
    return namespace.get(node.id) if isinstance(node, ast.Name) else None


def _functions_in(value: object, namespace: Mapping[str, Any]) -> list[str]:
    """Give the names of functions and classes that a container holds."""
    items = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(items, list | tuple | set | frozenset):
        return []
    names = [getattr(item, "__name__", "") for item in items if callable(item)]
    return [
        name for name, item in zip(names, filter(callable, items), strict=True) if namespace.get(name) is item
    ]


def _import_of(value: object, name: str) -> str | None:
    """Write the import that gives an installed module, function or class."""
    if isinstance(value, ModuleType):
        if is_own(value.__name__):
            return None
        return f"import {value.__name__}" if value.__name__ == name else f"import {value.__name__} as {name}"
    module, there = getattr(value, "__module__", None), getattr(value, "__name__", None)
    if not isinstance(module, str) or not isinstance(there, str) or is_own(module) or module == "__main__":
        return None
    if getattr(sys.modules.get(module), there, None) is not value:
        return None
    return f"from {module} import {there}" + ("" if there == name else f" as {name}")


def _spaced(blocks: list[str]) -> str:
    """Join blocks as Python's style guide wants it: two empty lines around definitions."""
    text, before = "", ""
    for block in blocks:
        kind = "import" if block.startswith(("import ", "from ")) else "line"
        if _DEFINITION.match(block):
            kind = "definition"
        gap = 2 if "definition" in {kind, before} else int(kind != before)
        text += ("\n" * (gap + 1) if before else "") + block.strip("\n")
        before = kind
    return text + "\n"
