"""One run, whole: what went in, what came out, and where it happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from maestro_jupyter.views import html, sparkline, text
from maestro_jupyter.views.html import Html, element
from maestro_jupyter.views.numbers import ago, duration, many, number, size
from maestro_jupyter.views.run_words import children_said, id_html, param, status_html, status_text
from maestro_jupyter.views.runs_table import runs_table
from maestro_jupyter.views.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from maestro_jupyter.models import CellExecution, Code, Dataset, Environment, Run, RunDetail

OUTPUT_LIMIT = 4_000
"""How many characters of a cell's output or of a diff are shown."""

_MANY = 16
_FEW = 10


class Part(NamedTuple):
    """One part of the card, in both forms."""

    heading: str
    html: object
    text: str


def run_card(
    detail: RunDetail,
    *,
    histories: Mapping[str, Sequence[float]] | None = None,
    now: datetime | None = None,
) -> View:
    """Show everything that is known about one run.

    Parameters
    ----------
    detail : RunDetail
    histories : mapping of str to values, optional
        The curves of metrics with steps, by metric.
    now : datetime, optional
        The time that "2 min ago" counts from.

    Returns
    -------
    View
    """
    parts = [
        *_metrics(detail, histories or {}),
        *_params(detail.run),
        *_notes(detail, now),
        *_datasets(detail.datasets),
        *_children(detail, now),
        *_artifacts(detail),
        *_cell(detail.cell),
        *_code(detail.code),
        *_environment(detail.environment),
    ]
    head_html, head_text = _head(detail.run, now)
    return View(
        html.join([head_html, *(html.join([html.heading(part.heading), part.html]) for part in parts)]),
        "\n".join([head_text, *(f"\n{part.heading}\n{text.indent(part.text)}" for part in parts)]),
    )


def _head(run: Run, now: datetime | None) -> tuple[Html, str]:
    took = duration(run.duration)
    facts = [
        f"started {ago(run.start_time, now)} ({run.start_time:%Y-%m-%d %H:%M:%S} UTC)",
        f"took {took}" if took else "",
        f"project {run.project}",
        f"by {run.user}",
        f"in {run.notebook}" if run.notebook else "",
        f"archived {ago(run.archived, now)}" if run.archived else "",
        *(f"#{key}" if value in {"", "true"} else f"#{key}={value}" for key, value in run.tags.items()),
    ]
    said = " · ".join(text.one_line(fact, 120) for fact in facts if fact)
    reason = run.status_reason
    markup = [
        html.title(run.name, "  ", id_html(run)),
        element("div", status_html(run), html.quiet(f" · {said}")),
        element("div", reason) if reason else "",
    ]
    lines = [
        f"{text.one_line(run.name, 120)}  {run.run_id}",
        f"{status_text(run)} · {said}",
        *([text.one_line(reason, 200)] if reason else []),
    ]
    return html.join(markup), "\n".join(lines)


def _metrics(detail: RunDetail, histories: Mapping[str, Sequence[float]]) -> list[Part]:
    parts = []
    if detail.metrics:
        stepped = any(metric.count > 1 for metric in detail.metrics)
        columns = ["metric", "value", *(["lowest", "highest", "points", "curve"] if stepped else [])]
        rows_html, rows_text = [], []
        for metric in detail.metrics:
            base: list[object] = [metric.key, number(metric.last)]
            if stepped and metric.count > 1:
                curve = histories.get(metric.key, ())
                extent = [number(metric.min), number(metric.max), f"{metric.count:,}"]
                rows_html.append([*base, *extent, sparkline.svg(curve, metric.key)])
                rows_text.append([*base, *extent, sparkline.blocks(curve) if curve else ""])
            else:
                blank = [""] * (len(columns) - len(base))
                rows_html.append([*base, *blank])
                rows_text.append([*base, *blank])
        numeric = range(1, 5)
        parts.append(
            Part(
                "Metrics",
                html.table(columns, rows_html, numeric=numeric, caption="Metrics"),
                text.table(columns, rows_text, numeric=numeric),
            )
        )
    if detail.unattached:
        columns = ["metric", "value", "why it is not this run's"]
        rows = [[one.key, number(one.value), one.reason] for one in detail.unattached]
        parts.append(
            Part(
                "Unattached metrics of this run's cell: they may belong to another run",
                html.table(columns, rows, numeric=[1], caption="Unattached metrics"),
                text.table(columns, rows, numeric=[1]),
            )
        )
    return parts


def _params(run: Run) -> list[Part]:
    if not run.params:
        return []
    names = sorted(run.params, key=lambda name: (name != "estimator", name))
    rows = [[name, param(run.params[name])] for name in names]
    marked = [[name, element("span", text.one_line(shown, 200), title=str(run.params[str(name)]))]
              for name, shown in rows]  # fmt: skip
    table = html.table(["param", "value"], marked, caption="Parameters")
    return [
        Part(
            "Parameters",
            table if len(rows) <= _MANY else html.folded(many(len(rows), "parameter"), table),
            text.table(["param", "value"], rows),
        )
    ]


def _notes(detail: RunDetail, now: datetime | None) -> list[Part]:
    if not detail.notes:
        return []
    return [
        Part(
            "Notes",
            html.bullets(
                html.join([note.text, " ", html.quiet(ago(note.time, now))]) for note in detail.notes
            ),
            "\n".join(f"- {note.text} ({ago(note.time, now)})" for note in detail.notes),
        )
    ]


def _datasets(datasets: Sequence[Dataset]) -> list[Part]:
    if not datasets:
        return []
    columns = ["data", "name", "kind", "shape", "missing", "fingerprint"]
    rows = [
        [
            data.role,
            data.name or "",
            data.kind,
            " × ".join(map(str, data.shape)),
            ""
            if data.missing is None
            else f"{data.missing:.3g}"
            if not data.missing
            else f"{data.missing:.2%}",
            data.fingerprint[:12] + (" (of a sample)" if data.sampled else ""),
        ]
        for data in datasets
    ]
    names = [
        html.folded(
            f"{data.role}: {many(len(data.columns), 'column')}",
            html.table(["column", "type"], [[one.name, one.dtype] for one in data.columns]),
        )
        for data in datasets
        if data.columns
    ]
    targets = [
        f"{data.role}: " + ", ".join(f"{name} {param(value)}" for name, value in data.target.items())
        for data in datasets
        if data.target
    ]
    return [
        Part(
            "Data",
            html.join(
                [html.table(columns, rows, caption="Data"), *names, *(element("div", t) for t in targets)]
            ),
            "\n".join([text.table(columns, rows), *targets]),
        )
    ]


def _children(detail: RunDetail, now: datetime | None) -> list[Part]:
    children = detail.children
    if not children:
        return []
    said = children_said(detail.run, len(children))
    table = runs_table(children, now=now)
    shown = html.folded(said, Html(table.html)) if len(children) > _FEW else Html(table.html)
    return [Part(said[:1].upper() + said[1:], shown, table.text)]


def _artifacts(detail: RunDetail) -> list[Part]:
    if not detail.artifacts:
        return []
    columns = ["artifact", "type", "size", "sha256"]
    rows = [[one.name, one.type, size(one.size), one.sha256[:12]] for one in detail.artifacts]
    return [
        Part(
            "Artifacts",
            html.table(columns, rows, numeric=[2], caption="Artifacts"),
            text.table(columns, rows, numeric=[2]),
        )
    ]


def _cell(cell: CellExecution | None) -> list[Part]:
    if cell is None:
        return []
    place = f"Cell [{cell.count}]" if cell.count is not None else f"Cell execution {cell.number}"
    markup: list[object] = [html.code(cell.source)]
    lines = [cell.source]
    if cell.error:
        markup.append(element("div", f"✗ {cell.error}", class_="maestro-bad"))
        lines.append(f"✗ {cell.error}")
    if cell.traceback:
        markup.append(html.folded("traceback", html.code(cell.traceback)))
    if cell.output:
        cut = len(cell.output) > OUTPUT_LIMIT or cell.output_truncated
        label = "output (its beginning)" if cut else "output"
        markup.append(html.folded(label, html.code(cell.output[:OUTPUT_LIMIT])))
    names = [
        f"{verb} {', '.join(found)}"
        for verb, found in (("reads", cell.reads), ("writes", cell.writes))
        if found
    ]
    if names:
        markup.append(html.quiet(" · ".join(names)))
        lines.append(" · ".join(names))
    return [Part(place, html.join(markup), "\n".join(lines))]


def _code(code: Code | None) -> list[Part]:
    if code is None:
        return []
    facts = [
        f"commit {code.commit[:10]}" if code.commit else "no commit",
        f"branch {code.branch}" if code.branch else "",
        code.remote or "",
        "with uncommitted changes" if code.dirty else "clean",
    ]
    said = " · ".join(fact for fact in facts if fact)
    markup: list[object] = [element("div", said)]
    if code.diff:
        label = "uncommitted changes" + (" (their beginning)" if code.truncated else "")
        markup.append(html.folded(label, html.unified_diff(code.diff[:OUTPUT_LIMIT])))
    return [Part("Code", html.join(markup), said)]


def _environment(environment: Environment | None) -> list[Part]:
    if environment is None:
        return []
    hardware = [
        f"{name} {size(value) if name == 'memory' and isinstance(value, int) else param(value)}"
        for name, value in environment.hardware.items()
        if value is not None
    ]
    said = " · ".join([f"Python {environment.python}", environment.platform, *hardware])
    packages = html.folded(
        many(len(environment.packages), "package"),
        html.table(["package", "version"], sorted(environment.packages.items())),
    )
    return [
        Part(
            "Environment",
            html.join([element("div", said), packages if environment.packages else ""]),
            f"{said} · {many(len(environment.packages), 'package')}",
        )
    ]
