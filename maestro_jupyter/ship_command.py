"""`maestro ship`: what is recorded here goes to the Maestro server of another host."""

from __future__ import annotations

import contextlib
import functools
import os
import time
from typing import TYPE_CHECKING

from maestro_jupyter.admin_commands import Said
from maestro_jupyter.errors import Invalid, TooMany, Unavailable
from maestro_jupyter.shipping import Shipped, Shipper
from maestro_jupyter.views.numbers import many, size

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from maestro_jupyter.app import App

INTERVAL = 1.0
"""Seconds between two looks at the journals."""

_VARIABLES = ("MAESTRO_TOKEN", "JUPYTER_TOKEN")
_REFUSED = 2


def _ship(say: Callable[[str], None], app: App, given: argparse.Namespace) -> Said:
    from maestro_jupyter.http_api import HttpApi

    with contextlib.closing(HttpApi(given.url, given.token or _token(), insecure=given.insecure)) as api:
        shipper = Shipper(app.config, api, app.open_artifact)
        if given.follow:
            with contextlib.suppress(KeyboardInterrupt):
                _follow(shipper, say)
            return Said("", 0)
        done = shipper.ship()
    return Said(sentence(done), _REFUSED if done.refused else 0)


def _token() -> str:
    for variable in _VARIABLES:
        if token := os.environ.get(variable):
            return token
    msg = "The server's token is missing."
    raise Invalid(msg, hint=f"Set {_VARIABLES[0]}.")


def _follow(shipper: Shipper, say: Callable[[str], None]) -> None:
    """Ship what is recorded as it comes; say what was shipped, and what is wrong once."""
    said = ""
    while True:
        try:
            done = shipper.ship()
        except (Unavailable, TooMany) as error:
            line = f"{error.message} What is recorded stays here until then."
        else:
            line = sentence(done) if done.bytes or done.refused else ""
        if line and line != said:
            say(line)
        said = line
        time.sleep(INTERVAL)


def sentence(done: Shipped) -> str:
    """Say in a line what was shipped.

    Examples
    --------
    >>> sentence(Shipped(journals=2, bytes=3_072, files=1, live=1))
    'Shipped 3 kB of 2 journals, and 1 file; 1 journal is still being written.'
    """
    said = [f"Shipped {size(done.bytes)} of {many(done.journals, 'journal')}, and {many(done.files, 'file')}"]
    if done.missing:
        said.append(f"{many(done.missing, 'file')} could not be shipped")
    if done.live:
        said.append(f"{many(done.live, 'journal')} {'is' if done.live == 1 else 'are'} still being written")
    if done.refused:
        reasons = " ".join(dict.fromkeys(done.refused.values()))
        said.append(f"{many(len(done.refused), 'journal')} stayed here: {reasons}")
    return f"{'; '.join(said).rstrip('.')}."


def add_ship(verb: Callable[[str, object, str], argparse.ArgumentParser], say: Callable[[str], None]) -> None:
    """Add the command.

    Parameters
    ----------
    verb : callable
        Takes a command's name, what runs it, and its help; gives its parser.
    say : callable
        Prints a line while the command goes on.
    """
    said = "Send what is recorded here to the Maestro server of another host."
    ship = verb("ship", functools.partial(_ship, say), said)
    ship.add_argument("url", help="the Jupyter server's, such as https://example.org/user/ada/")
    ship.add_argument("--token", help="better in MAESTRO_TOKEN or JUPYTER_TOKEN, which nobody else sees")
    ship.add_argument("--follow", action="store_true", help="go on with what is recorded, until interrupted")
    ship.add_argument("--insecure", action="store_true", help="send the token without encryption, too")
