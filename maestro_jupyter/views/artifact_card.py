"""One artifact, whole: what it is, its versions, who used it, and what it contributed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_jupyter.views import html, text
from maestro_jupyter.views.artifacts import few
from maestro_jupyter.views.numbers import ago, many, size
from maestro_jupyter.views.run_words import SHORT
from maestro_jupyter.views.view import View

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from maestro_jupyter.models import ArtifactDetail, ArtifactUse, ArtifactVersion, Impact

_VERSIONS = 10
_USES = 10
_FACTS = 16
_WIDE = 100


class Part(NamedTuple):
    """One part of the card: a table or lines, and what is said below."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    said: str


def artifact_card(detail: ArtifactDetail, *, now: datetime | None = None) -> View:
    """Show everything that is known about an artifact.

    Parameters
    ----------
    detail : ArtifactDetail
    now : datetime, optional
        The time that "2 min ago" counts from.

    Returns
    -------
    View
    """
    one = detail.artifact
    title = f"{one.reference} · {one.type}"
    lines = [
        *([text.one_line(one.description, 1000)] if one.description else []),
        " · ".join(text.one_line(fact, 120) for fact in _facts(one, now)),
    ]
    parts = [
        *_impact(detail.impact),
        _versions(detail.versions, now),
        _uses(detail.uses, now),
        *_about(one.about),
    ]
    return View(
        html.join([html.title(title), html.bullets(lines), *(_html(part) for part in parts)]),
        "\n".join([text.one_line(title, 200), *lines, *(_text(part) for part in parts)]),
    )


def _facts(one: ArtifactVersion, now: datetime | None) -> list[str]:
    facts = [
        f"registered {ago(one.created, now)} by {one.creator}",
        f"owner {one.owner}",
        f"project {one.project}",
        f"tags {few(one.tags)}" if one.tags else "",
        f"aliases {few(f'@{alias}' for alias in one.aliases)}" if one.aliases else "",
        f"from the run {one.run_id[:SHORT]}" if one.run_id else "",
        f"{one.format}, {size(one.size)}",
        f"sha256 {one.sha256[:12]}",
        "private" if one.private else "",
        "archived" if one.archived else "",
    ]
    return [fact for fact in facts if fact]


def _impact(impact: Impact | None) -> list[Part]:
    return [] if impact is None else [Part("What it contributed", [], [], impact.reason)]


def _versions(versions: Sequence[ArtifactVersion], now: datetime | None) -> Part:
    rows = [
        [
            one.reference,
            few(f"@{alias}" for alias in one.aliases),
            ago(one.created, now),
            one.creator,
            one.format,
            size(one.size),
            "archived" if one.archived else "",
        ]
        for one in versions[:_VERSIONS]
    ]
    columns = ["version", "aliases", "registered", "by", "format", "size", ""]
    return Part("Versions", columns, rows, _more(len(versions) - _VERSIONS, "version"))


def _uses(uses: Sequence[ArtifactUse], now: datetime | None) -> Part:
    rows = [
        [
            ago(use.time, now),
            f"{use.name}:{use.version}",
            use.project,
            use.user,
            use.run_id[:SHORT] if use.run_id else "",
        ]
        for use in uses[:_USES]
    ]
    if not rows:
        return Part("Uses", [], [], "Nobody has used it yet.")
    projects = {use.project for use in uses}
    runs = {use.run_id for use in uses if use.run_id}
    said = f"In {many(len(projects), 'project')}, by {many(len(runs), 'run')}."
    return Part("Uses", ["when", "version", "project", "user", "run"], rows, said)


def _about(about: dict[str, Any]) -> list[Part]:
    known = {key: value for key, value in about.items() if value not in (None, "", [], {}, False)}
    rows = [[key, text.one_line(_plain(value), _WIDE)] for key, value in list(known.items())[:_FACTS]]
    return [Part("What is known of it", ["fact", "value"], rows, "")] if rows else []


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(each) for each in value)
    return str(value)


def _more(count: int, noun: str) -> str:
    return f"And {many(count, noun)} more." if count > 0 else ""


def _html(part: Part) -> html.Html:
    table = html.table(part.columns, part.rows, caption=part.heading) if part.rows else ""
    return html.join([html.heading(part.heading), table, html.quiet(part.said) if part.said else ""])


def _text(part: Part) -> str:
    table = text.table(part.columns, part.rows, limit=_WIDE) if part.rows else ""
    return "\n".join(["", part.heading, *(text.indent(shown) for shown in (table, part.said) if shown)])
