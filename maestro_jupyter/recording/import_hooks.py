"""Act when a module has been imported, now or later, without importing it and without a trace."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.interpose import Observer, observed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from maestro_jupyter.recording.guard import Problems


class ImportHooks:
    """Actions that follow the import of named modules.

    Parameters
    ----------
    problems : Problems
        Where failures of the actions are counted.

    Examples
    --------
    >>> from maestro_jupyter.recording.guard import Problems
    >>> hooks = ImportHooks(Problems())
    >>> hooks.when("this_module_is_absent", print)
    >>> hooks in sys.meta_path
    True
    >>> hooks.restore()
    >>> hooks in sys.meta_path
    False
    """

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self._actions: dict[str, list[Callable[[ModuleType], None]]] = {}

    def when(self, module: str, action: Callable[[ModuleType], None]) -> None:
        """Call an action with a module: at once if it is imported, otherwise as soon as it is.

        Parameters
        ----------
        module : str
            The module's full name.
        action : callable
            Its failures are counted, and never reach the import.
        """
        self._actions.setdefault(module, []).append(action)
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)
        loaded = sys.modules.get(module)
        if loaded is not None:
            self._act(action, loaded)

    def restore(self) -> None:
        """Forget every action and leave the import system as it was."""
        self._actions.clear()
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Let the other finders find the module, and observe its loader."""
        if fullname not in self._actions:
            return None
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            if isinstance(finder, ImportHooks) or find is None:
                continue
            spec: ModuleSpec | None = find(fullname, path, target)
            if spec is not None:
                with self.problems.caught("import"):
                    self._observe(spec)
                return spec
        return None

    def imported(self, module: ModuleType) -> None:
        """Call the actions of a module that has just been imported."""
        for action in list(self._actions.get(module.__name__, ())):
            self._act(action, module)

    def _observe(self, spec: ModuleSpec | None) -> None:
        loader = getattr(spec, "loader", None)
        if spec is None or loader is None or "exec_module" in vars(loader):
            return
        loader.exec_module = observed(loader.exec_module, _Execution(self, spec.name, loader))

    def _act(self, action: Callable[[ModuleType], None], module: ModuleType) -> None:
        with self.problems.caught("import"):
            action(module)


class _Execution(Observer[Any]):
    """Sees a module's code run."""

    where = "import"

    def __init__(self, hooks: ImportHooks, name: str, loader: Any) -> None:
        self.hooks = hooks
        self.problems = hooks.problems
        self.name = name
        self.loader = loader

    def enter(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Leave the loader as it was."""
        vars(self.loader).pop("exec_module", None)
        return args[0] if args and getattr(args[0], "__name__", None) == self.name else None

    def leave(self, token: Any, result: Any, error: BaseException | None) -> None:
        """Act on the module."""
        if error is None:
            self.hooks.imported(token)
