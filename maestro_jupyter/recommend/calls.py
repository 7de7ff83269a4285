"""Objects described as the calls that make them: built, or written as the code of a cell."""

from __future__ import annotations

import math
from importlib import import_module
from typing import Any, NamedTuple


class Ref(NamedTuple):
    """Something that a module has: a class, a function, a method of a class.

    Attributes
    ----------
    module : str
        Such as ``"pandas"``.
    name : str
        Such as ``"DataFrame.sub"``.
    """

    module: str
    name: str


class Call(NamedTuple):
    """A call with arguments, which may be calls themselves.

    Attributes
    ----------
    what : Ref
    args : tuple
    kwargs : dict
    """

    what: Ref
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}  # noqa: RUF012 - a default that nobody writes to


def call(path: str, *args: Any, **kwargs: Any) -> Call:
    """Describe a call of what a dotted path names.

    Examples
    --------
    >>> call("sklearn.svm.SVC", C=10.0).what
    Ref(module='sklearn.svm', name='SVC')
    """
    module, _, name = path.rpartition(".")
    return Call(Ref(module, name), args, kwargs)


def made(described: Any) -> Any:
    """Make what is described.

    Examples
    --------
    >>> made(call("fractions.Fraction", 1, denominator=3))
    Fraction(1, 3)
    """
    match described:
        case Ref(module, name):
            found: Any = import_module(module)
            for part in name.split("."):
                found = getattr(found, part)
            return found
        case Call(what, args, kwargs):
            return made(what)(*map(made, args), **{key: made(value) for key, value in kwargs.items()})
        case list() | tuple():
            return type(described)(map(made, described))
        case dict():
            return {key: made(value) for key, value in described.items()}
    return described


def written(described: Any) -> str:
    """Write what is described as an expression.

    Examples
    --------
    >>> written(call("sklearn.svm.SVC", C=10.0, kernel="rbf"))
    "SVC(C=10.0, kernel='rbf')"
    """
    match described:
        case Ref(module, name):
            return f"{_ALIASES[module]}.{name}" if module in _ALIASES else name
        case Call(what, args, kwargs):
            said = [*map(written, args), *(f"{key}={written(value)}" for key, value in kwargs.items())]
            return f"{written(what)}({', '.join(said)})"
        case list() | tuple() | dict():
            return _written_container(described)
    return repr(described) if _has_text(described) else f"{'-' * (described < 0)}np.{abs(described)}"


def _written_container(described: list[Any] | tuple[Any, ...] | dict[str, Any]) -> str:
    if isinstance(described, dict):
        return f"{{{', '.join(f'{key!r}: {written(value)}' for key, value in described.items())}}}"
    items = ", ".join(map(written, described))
    if isinstance(described, list):
        return f"[{items}]"
    return f"({items}{',' * (len(described) == 1)})"


def imports(*described: Any) -> list[str]:
    """Give the lines that import what expressions need.

    Examples
    --------
    >>> imports(call("sklearn.svm.SVC"), call("sklearn.svm.LinearSVC"), float("nan"))
    ['import numpy as np', 'from sklearn.svm import LinearSVC, SVC']
    """
    refs = set().union(*(_refs(one) for one in described))
    aliased = [
        f"import {name} as {_ALIASES[name]}"
        for name in sorted({ref.module for ref in refs} & _ALIASES.keys())
    ]
    modules: dict[str, set[str]] = {}
    for ref in refs:
        if ref.module not in _ALIASES and ref.module != "builtins":
            modules.setdefault(ref.module, set()).add(ref.name.split(".")[0])
    return aliased + [
        f"from {module} import {', '.join(sorted(modules[module]))}" for module in sorted(modules)
    ]


_ALIASES = {"numpy": "np", "pandas": "pd"}


def _has_text(described: Any) -> bool:
    """Tell whether the text of a value is an expression: that of NaN and infinities is none."""
    return not isinstance(described, float) or math.isfinite(described)


def _refs(described: Any) -> set[Ref]:
    match described:
        case Ref():
            return {described}
        case Call(what, args, kwargs):
            return {what}.union(_refs(list(args)), _refs(kwargs))
        case list() | tuple():
            return set().union(*map(_refs, described))
        case dict():
            return _refs(list(described.values()))
    return set() if _has_text(described) else {Ref("numpy", "nan")}
