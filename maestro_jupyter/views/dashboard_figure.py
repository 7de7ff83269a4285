"""The dashboard as a figure of Plotly: to be zoomed into, hovered over and saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maestro_jupyter.errors import Unavailable

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from maestro_jupyter.views.dashboard import Board

_GREEN, _RED, _BLUE = "#2c9a57", "#d9483f", "#3b82d6"


def dashboard_figure(board: Board) -> Figure:
    """Draw the runs of each day, and under them the best so far.

    Parameters
    ----------
    board : maestro_jupyter.views.dashboard.Board

    Returns
    -------
    plotly.graph_objects.Figure

    Raises
    ------
    Unavailable
        If Plotly is not installed.
    """
    try:
        from plotly.graph_objects import Bar, Scatter
        from plotly.subplots import make_subplots
    except ImportError as error:
        msg = "The figure needs Plotly."
        raise Unavailable(msg, hint="pip install 'maestro-jupyter[plotly]'.") from error

    best = board.best if board.best is not None and board.best.steps else None
    titles = ["Runs a day", *([f"Best {_plain(best.metric)} so far"] if best is not None else [])]
    figure = make_subplots(rows=len(titles), cols=1, subplot_titles=titles, vertical_spacing=0.18)
    days = board.history.days
    dates = [day.date for day in days]
    for name, counts, colour, pattern in (
        ("finished", [day.finished for day in days], _GREEN, ""),
        ("running", [day.running for day in days], _BLUE, "."),
        ("failed or killed", [day.unwell for day in days], _RED, "/"),
    ):
        marker = {"color": colour, "pattern": {"shape": pattern}}
        figure.add_trace(Bar(x=dates, y=counts, name=name, marker=marker), row=1, col=1)
    if best is not None:
        times = [step.start_time for step in best.steps]
        values = [step.value for step in best.steps]
        names = [_plain(step.name) for step in best.steps]
        line = {"shape": "hv", "color": _BLUE}
        trace = Scatter(x=times, y=values, text=names, name="best so far", mode="lines+markers", line=line)
        figure.add_trace(trace, row=2, col=1)
    where = "all projects" if board.project is None else _plain(board.project)
    figure.update_layout(barmode="stack", title={"text": f"Experiments in {where}"}, height=300 * len(titles))
    return figure


def _plain(text: str) -> str:
    """Have a text shown as it is: Plotly takes some tags for markup.

    Examples
    --------
    >>> _plain('<a href="x">')
    '&lt;a href="x"&gt;'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
