"""Registering in the library and using what it holds, from a notebook or script."""

from __future__ import annotations

import contextlib
import warnings
from typing import TYPE_CHECKING, Any

from maestro_jupyter import library_questions
from maestro_jupyter.errors import MaestroWarning, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from typing import BinaryIO

    import pandas as pd

    from maestro_jupyter.app import App
    from maestro_jupyter.library.content import Content
    from maestro_jupyter.models import ArtifactVersion, Impact
    from maestro_jupyter.store.found import Hit

_ALL = 1000
_PIECE = 1 << 20
_COLUMNS = ("name", "version", "type", "project", "owner", "tags", "description", "score", "why")


def register(
    app: App,
    name: str,
    source: Any,
    *,
    type: str | None = None,  # noqa: A002 - the contract's name
    tags: Iterable[str] = (),
    description: str = "",
    aliases: Iterable[str] = (),
    private: bool = False,
    run: str | None = None,
) -> ArtifactVersion:
    """Register something; see `maestro_jupyter.register`."""
    from maestro_jupyter.library.sources import content_of

    cells, namespace = _notebook()
    redact = app.recorder.redactor.text
    content = content_of(source, type=type, namespace=namespace, cells=cells, redact=redact)
    return register_content(
        app, name, content, tags=tags, description=description, aliases=aliases, private=private, run=run
    )


def register_cell(
    app: App, name: str, source: str, *, run: str | None = None, tags: Iterable[str] = ()
) -> ArtifactVersion:
    """Register the source of a cell as a template, with the imports and definitions that it needs."""
    from maestro_jupyter.library.code import cell_content
    from maestro_jupyter.library.content import redacted

    cells, namespace = _notebook()
    content = redacted(cell_content(source, cells or (), namespace or {}), app.recorder.redactor.text)
    return register_content(app, name, content, tags=tags, run=run)


def register_content(
    app: App,
    name: str,
    content: Content,
    *,
    tags: Iterable[str] = (),
    description: str = "",
    aliases: Iterable[str] = (),
    private: bool = False,
    run: str | None = None,
) -> ArtifactVersion:
    """Register bytes, and give the version that they have become.

    Raises
    ------
    Unavailable
        If the mode is ``offline``: the version is recorded, and has no number before it is collected.
    """
    from pathlib import Path

    from maestro_jupyter.recording import registering

    aliases = list(aliases)
    active = app.recorder.active_run()
    try:
        registration = registering.register(
            app.recorder,
            name,
            content.data,
            type=content.type,
            format=content.format,
            media_type=content.media_type,
            about={**content.about, "trusted_only": content.trusted_only},
            text=content.text,
            description=description or None,
            tags=tags,
            aliases=aliases,
            private=private,
            run=run or (None if active is None else active.run_id),
        )
    finally:
        if content.temporary and isinstance(content.data, Path):
            content.data.unlink(missing_ok=True)
    if app.config.mode == "offline":
        msg = f"{name!r} is recorded, and gets its number when the journal is collected."
        raise Unavailable(
            msg, hint="Run `maestro collect` or `maestro ship` where the library can be reached."
        )
    version = app.api().library.registered(registration)
    if version is None:
        msg = f"{name!r} is recorded, but the library does not have it."
        raise Unavailable(msg, hint="See `%maestro status` and `maestro doctor`.")
    if not set(aliases) <= set(version.aliases):
        said = f"{version.reference} is registered; what {name!r} is called is for {version.owner} to say."
        warnings.warn(said, MaestroWarning, stacklevel=3)
    return version


def search(
    app: App,
    query: str = "",
    *,
    type: str | None = None,  # noqa: A002 - the contract's name
    tags: Iterable[str] = (),
    min_impact: float | None = None,
    limit: int = 20,
) -> pd.DataFrame:
    """Find artifacts, as a table; see `maestro_jupyter.search_artifacts`."""
    import pandas as pd

    library = app.api().library
    types = () if type is None else (type,)
    if min_impact is None:
        found = library.search(query, types=types, tags_all=tags, limit=limit)
        rows = [_row(hit) for hit in found.hits]
        columns = list(_COLUMNS)
    else:
        found = library.search(query, types=types, tags_all=tags, limit=_ALL)
        impacts = {impact.name: impact for impact in library.impacts()}
        rows = _with_impact(found.hits, impacts, min_impact)[:limit]
        columns = [*_COLUMNS, "impact", "impact_low", "impact_high"]
    table = pd.DataFrame(rows, columns=columns)
    table.attrs["note"] = found.note
    return table


def _row(hit: Hit) -> dict[str, Any]:
    said = {name: getattr(hit.artifact, name) for name in _COLUMNS[:-2]}
    return {**said, "score": hit.score, "why": "; ".join(hit.why)}


def _with_impact(hits: Iterable[Hit], impacts: Mapping[str, Impact], least: float) -> list[dict[str, Any]]:
    rows = []
    for hit in hits:
        impact = impacts.get(hit.artifact.name)
        if impact is not None and impact.low is not None and impact.low >= least:
            interval = {"impact": impact.effect, "impact_low": impact.low, "impact_high": impact.high}
            rows.append(_row(hit) | interval)
    return rows


def top(app: App, limit: int = 20) -> pd.DataFrame:
    """Give what contributed most, as a table; see `maestro_jupyter.top_artifacts`."""
    import pandas as pd

    columns = [
        "name", "type", "impact", "impact_low", "impact_high", "projects", "runs", "last_used", "reason",
    ]  # fmt: skip
    rows = []
    for standing in library_questions.top(app.api().library, limit):
        impact, usage = standing.impact, standing.usage
        told = (impact.effect, impact.low, impact.high)
        used = (usage.projects, usage.runs, usage.last)
        rows.append((usage.name, usage.type, *told, *used, impact.reason))
    return pd.DataFrame(rows, columns=columns)


def trending(app: App, limit: int = 20) -> pd.DataFrame:
    """Give what is used more than before, as a table; see `maestro_jupyter.trending_artifacts`."""
    import pandas as pd

    columns = ["name", "recent", "before", "ratio", "ratio_low", "ratio_high", "reason"]
    rows = [
        (trend.name, trend.recent, trend.before, trend.ratio, trend.low, trend.high, trend.reason)
        for trend in app.api().library.trending(limit)
    ]
    return pd.DataFrame(rows, columns=columns)


def unused(app: App, days: int = 90, limit: int = 20) -> pd.DataFrame:
    """Give what nobody uses any more, as a table; see `maestro_jupyter.unused_artifacts`."""
    import pandas as pd

    columns = ["name", "type", "created", "last_used", "projects", "runs"]
    rows = [
        (usage.name, usage.type, usage.created, usage.last, usage.projects, usage.runs)
        for usage in app.api().library.unused(days, limit)
    ]
    return pd.DataFrame(rows, columns=columns)


def use(app: App, reference: str, *, trust: bool = False) -> Any:
    """Give what the library holds, and note the use; see `maestro_jupyter.use`."""
    from maestro_jupyter.library.loading import load

    version, file = _opened(app, reference)
    own = version.format == "source" and version.creator == app.recorder.user
    with file:
        found = load(version.format, file, version.about, trust=trust or own)
    _note_use(app, version)
    return found


def source_of(app: App, reference: str) -> str:
    """Give the source text of a function, class or template, without running it, and note the use.

    Raises
    ------
    Invalid
        If it is of another kind.
    """
    from maestro_jupyter.errors import Invalid

    version, file = _opened(app, reference)
    with file:
        if version.format != "source":
            msg = f"{version.reference} is no source but of the format {version.format!r}."
            raise Invalid(msg, hint=f"Use maestro.use({reference!r}).")
        text = file.read().decode()
    _note_use(app, version)
    return text


def place_notebook(app: App, reference: str, folder: Path) -> Path:
    """Copy a notebook of the library's into a folder, if it is not there yet, and note the use.

    Parameters
    ----------
    app : App
    reference : str
    folder : Path

    Returns
    -------
    Path
        Named for the artifact and its version. A file of that name stays: it may have been worked on.

    Raises
    ------
    Invalid
        If it is no notebook.
    Unavailable
        If the folder cannot be written to.
    """
    from maestro_jupyter.errors import Invalid

    version, file = app.api().library.open(reference)
    with file:
        if version.format != "notebook":
            msg = f"{version.reference} is no notebook but of the format {version.format!r}."
            raise Invalid(msg, hint=f"Use maestro.use({reference!r}).")
        path = folder / f"{version.name}-v{version.version}.ipynb"
        data = file.read()
    try:
        with contextlib.suppress(FileExistsError), path.open("xb") as out:
            out.write(data)
    except OSError as error:
        msg = f"The file {path} cannot be written: {error.strerror or error}."
        raise Unavailable(msg) from error
    _note_use(app, version)
    return path


def _opened(app: App, reference: str) -> tuple[ArtifactVersion, BinaryIO]:
    """Open a version's bytes, all of them read before: reading here and there would not show a change."""
    version, file = app.api().library.open(reference)
    try:
        while file.read(_PIECE):
            pass
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return version, file


def _note_use(app: App, version: ArtifactVersion) -> None:
    from maestro_jupyter.recording import registering

    run, recorder, used = app.recorder.active_run(), app.recorder, version.registration
    recorder.library_names.add(version.name)
    if run is None:
        registering.note_use(recorder, used, None)
    else:
        registering.note_use(recorder, used, run.run_id, project=run.project)


def _notebook() -> tuple[Sequence[str] | None, Mapping[str, Any] | None]:
    """Give the cells that have run and what their names are now; None outside of IPython."""
    import sys

    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is None:
        return None, None
    return list(shell.user_ns.get("In", ())), shell.user_ns
