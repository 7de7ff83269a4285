"""How a shell shows a view: its static form, and where scripts run, the live one in its place."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from maestro_jupyter.errors import MaestroError
from maestro_jupyter.views import View, html, text
from maestro_jupyter.widgets.front_end import front_end

if TYPE_CHECKING:
    from maestro_jupyter.app import App
    from maestro_jupyter.views import Live
    from maestro_jupyter.widgets.widget import LiveWidget

_SUGGESTIONS = ("maestro_jupyter.suggestions", "Suggestions")

LIVE = 30
"""How many displays are live at once; the oldest goes back to its static form."""


class Showing:
    """The displays of one shell.

    Parameters
    ----------
    shell : InteractiveShell
    app : App
    """

    def __init__(self, shell: Any, app: App) -> None:
        self._shell = shell
        self._app = app
        self._widgets: deque[LiveWidget] = deque()

    def install(self) -> None:
        """Have views shown live from here on."""
        self._formatter.for_type(View, self.bundle)
        self._formatter.for_type_by_name(*_SUGGESTIONS, lambda found: self.bundle(found.view()))

    def uninstall(self) -> None:
        """Have them shown as they are, and take the live ones back."""
        self._formatter.pop(View, None)
        self._formatter.pop(".".join(_SUGGESTIONS), None)
        while self._widgets:
            self._close_oldest()

    def bundle(self, view: View) -> dict[str, Any]:
        """Give the forms of a view, as IPython displays them."""
        where = front_end(self._shell)
        if view.live is None or where is None or find_spec("anywidget") is None:
            return view._repr_mimebundle_()
        try:
            widget = self._widget(view.live)
        except MaestroError as error:
            return _with(view, str(error))._repr_mimebundle_()
        except Exception as error:  # noqa: BLE001 - nothing is shown worse because of its live form
            self._app.recorder.problems.add("widgets.show", error)
            return view._repr_mimebundle_()
        static = replace(view, html=html.element("div", html.Html(view.html), class_=widget.place))
        named = widget._repr_mimebundle_() if where == "output" else None
        return (named[0] if named else {}) | static._repr_mimebundle_()

    @property
    def _formatter(self) -> Any:
        return self._shell.display_formatter.mimebundle_formatter

    def _widget(self, live: Live) -> LiveWidget:
        from maestro_jupyter.widgets.widget import kind_of

        widget = kind_of(live.kind)(self._app, **live.about)
        self._widgets.append(widget)
        if len(self._widgets) > LIVE:
            self._close_oldest()
        return widget

    def _close_oldest(self) -> None:
        with self._app.recorder.problems.caught("widgets.close"):
            self._widgets.popleft().close()


def _with(view: View, said: str) -> View:
    return View(html.join([html.Html(view.html), html.quiet(said)]), f"{view.text}\n{text.visible(said)}")
