"""What all widgets are made of: one script, strict arguments, a view's state, and questions with answers."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
import traitlets
from anywidget import AnyWidget

from maestro_jupyter.api import Actor
from maestro_jupyter.errors import Invalid
from maestro_jupyter.widgets.bundles import bundle
from maestro_jupyter.widgets.exchange import Exchange, checked
from maestro_jupyter.widgets.plain import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from maestro_jupyter.api import LocalApi
    from maestro_jupyter.app import App
    from maestro_jupyter.widgets.exchange import Question

PLACE = "maestro-live-{}"
"""The class of the element that holds a widget's static form; each widget has its own."""

_STATE = 20_000


class LiveWidget(AnyWidget):
    """A widget that asks Maestro.

    Parameters
    ----------
    app : App
        What it asks.
    **given
        What it shows: the fields of `Given`, and no others.

    Raises
    ------
    Invalid
        If there is no such argument, or it is of another kind.
    Unavailable
        If its script was not built.
    """

    kind: ClassVar[str]
    """The name of its bundle."""

    Given: ClassVar[type[msgspec.Struct]]
    """Its arguments."""

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)

    given = traitlets.Dict().tag(sync=True)
    """The arguments, as the script reads them."""

    place = traitlets.Unicode().tag(sync=True)
    """The class of the element whose place it takes."""

    state = traitlets.Dict().tag(sync=True)
    """How its view was left: order, columns, zoom. It comes back when the page is loaded anew."""

    def __init__(self, app: App, **given: Any) -> None:
        self.asked = checked(self.Given, given)
        self._app = app
        script, style = bundle(self.kind)
        place = PLACE.format(secrets.token_hex(8))
        super().__init__(_esm=script, _css=style, place=place, given=plain(self.told()))
        self._exchange = Exchange(self.questions(), self._say, app.recorder.problems)
        self.on_msg(lambda _widget, content, _buffers: self._exchange.receive(content))

    def questions(self) -> Mapping[str, Question]:
        """Give what it answers, by kind."""
        raise NotImplementedError

    def told(self) -> dict[str, Any]:
        """Give what the script is told of the arguments."""
        said: dict[str, Any] = msgspec.to_builtins(self.asked)
        return said

    def close(self) -> None:
        """Take it out of the page, where its static form comes back."""
        if self.comm is None:  # it is closed already, or never came to be
            return
        self._exchange.close()
        self.layout.close()
        super().close()

    @property
    def fresh(self) -> LocalApi:
        """What can be asked, with everything that is recorded so far."""
        return self._app.api()

    @property
    def api(self) -> LocalApi:
        """What can be asked of what is collected already, which is faster."""
        return self._app.api_for(Actor(self._app.recorder.user, owner=True))

    @traitlets.validate("state")
    def _valid_state(self, proposal: Mapping[str, Any]) -> dict[str, Any]:
        value: dict[str, Any] = proposal["value"]
        if len(json.dumps(value)) > _STATE:
            msg = f"The state of a view is longer than {_STATE} characters."
            raise traitlets.TraitError(msg)
        return value

    def _say(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        self.send(content, buffers)


def kind_of(name: str) -> type[LiveWidget]:
    """Give the widget that shows one kind of live form.

    Raises
    ------
    Invalid
        If there is none.
    """
    from maestro_jupyter.widgets.comparison import Comparison
    from maestro_jupyter.widgets.curves import Curves
    from maestro_jupyter.widgets.dashboard import Dashboard
    from maestro_jupyter.widgets.library import LibraryBrowser
    from maestro_jupyter.widgets.runs import RunsTable
    from maestro_jupyter.widgets.suggestions import SuggestionCards

    for kind in (Comparison, Curves, Dashboard, LibraryBrowser, RunsTable, SuggestionCards):
        if kind.kind == name:
            return kind
    msg = f"There is no widget of the kind {name!r:.80}."
    raise Invalid(msg)
