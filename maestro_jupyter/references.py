"""Which run is meant: an id or its beginning, a name, ``latest`` or ``previous``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maestro_jupyter.errors import Conflict, NotFound

if TYPE_CHECKING:
    from maestro_jupyter.api import Api
    from maestro_jupyter.models import Run

TOP_LEVEL = "attributes.parent_id is null"
"""The filter of runs that are not part of another."""

_PLACES = {"latest": 0, "previous": 1}


def find_run(api: Api, reference: str, project: str | None = None) -> Run:
    """Give the run that a reference means.

    Parameters
    ----------
    api : Api
    reference : str
        An id or an unambiguous beginning of it; a name that one run has; ``latest`` or ``previous``, which
        count the runs that are not part of another.
    project : str, optional
        Where ``latest``, ``previous`` and names are looked up; a name that is not there is
        looked up everywhere.

    Returns
    -------
    Run

    Raises
    ------
    NotFound
        If there is none.
    Conflict
        If there are several; the hint lists them.
    """
    if reference in _PLACES:
        return _by_place(api, reference, project)
    try:
        return api.get(reference)
    except NotFound as absent:
        for where in dict.fromkeys((project, None)):
            if found := _by_name(api, reference, where):
                return found
        raise absent from None


def quoted(text: str) -> str:
    """Write a text as a filter's string.

    Examples
    --------
    >>> quoted("it's")
    "'it''s'"
    """
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _by_place(api: Api, reference: str, project: str | None) -> Run:
    place = _PLACES[reference]
    runs = api.search(TOP_LEVEL, project=project, max_results=place + 1)
    if len(runs) > place:
        return runs[place]
    where = f" in the project {project!r}" if project else ""
    msg = f"There is no {reference} run{where}."
    raise NotFound(msg, hint="See `%maestro runs --all`.")


def _by_name(api: Api, name: str, project: str | None) -> Run | None:
    runs = api.search(f"attributes.name = {quoted(name)}", project=project, max_results=6)
    if len(runs) > 1:
        shown = ", ".join(run.run_id[:8] for run in runs[:5])
        msg = f"Several runs have the name {name!r}."
        raise Conflict(msg, hint=f"Give an id: {shown}{', …' if len(runs) > 5 else ''}.")
    return runs[0] if runs else None
