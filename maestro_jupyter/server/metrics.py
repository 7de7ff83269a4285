"""The server's own counters, for Prometheus; their labels name no user, run or path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from maestro_jupyter.server.handler import Answer, Handler
from maestro_jupyter.server.operation import operation

if TYPE_CHECKING:
    from maestro_jupyter.server.collecting import Collecting
    from maestro_jupyter.server.events import Subscribers
    from maestro_jupyter.server.handler import Request
    from maestro_jupyter.store.collector import Collected

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_COLLECTED = ("runs", "points", "damaged", "killed", "refused")


class Counters:
    """What one server counts.

    Parameters
    ----------
    collecting : Collecting
    subscribers : Subscribers

    Examples
    --------
    >>> counters = Counters()
    >>> counters.answered("runs/{run_id}", "GET", 200, 0.004)
    >>> b'maestro_requests_total{route="runs/{run_id}",status="200",verb="GET"} 1.0' in counters.text()
    True
    """

    def __init__(self, collecting: Collecting | None = None, subscribers: Subscribers | None = None) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "maestro_requests", "Requests answered.", ["route", "verb", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "maestro_request_seconds",
            "Time from a request's head to the end of its answer.",
            ["route", "verb"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._collected = Counter(
            "maestro_collected", "What journals brought into the store.", ["kind"], registry=self._registry
        )
        for kind in _COLLECTED:
            self._collected.labels(kind)
        if subscribers is not None:
            gauge = Gauge("maestro_subscribers", "Open WebSockets.", registry=self._registry)
            gauge.set_function(lambda: len(subscribers))
        if collecting is not None:
            works = Gauge("maestro_collector_ok", "1 if collecting works.", registry=self._registry)
            works.set_function(lambda: float(collecting.state().startswith("ok")))
            collecting.after.append(self._count)

    def answered(self, route: str, verb: str, status: int, seconds: float) -> None:
        """Count one request.

        Parameters
        ----------
        route : str
            The route's own path, with its parameters in braces; never what was asked for.
        verb : str
        status : int
        seconds : float
        """
        self._requests.labels(route, verb, str(status)).inc()
        self._seconds.labels(route, verb).observe(seconds)

    def text(self) -> bytes:
        """Give everything in Prometheus's text format."""
        return generate_latest(self._registry)

    def _count(self, found: Collected) -> None:
        for kind in _COLLECTED:
            self._collected.labels(kind).inc(getattr(found, kind))


class Metrics(Handler):
    """The counters over REST."""

    @operation("read operation", answer=bytes, media_type="text/plain")
    def get(self, _request: Request) -> Answer:
        """Give the server's counters in Prometheus's text format."""
        return Answer(self.services.counters.text(), {"Content-Type": CONTENT_TYPE_LATEST})
