"""A port for a server of the tests that nothing else takes before the server does."""

from __future__ import annotations

import random
import socket

_RANGE = range(10_000, 32_768)
"""Below what systems give to connections and to whoever asks for any port: such a one can be gone within the second
that a server needs to start, or while it is started anew."""


def free_port() -> int:
    """Give a port of this machine on which nobody listens; by lot, since other processes of the tests ask too."""
    lot = random.SystemRandom()
    while True:
        port = lot.choice(_RANGE)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
