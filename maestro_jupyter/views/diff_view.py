"""What changed between two runs: said in sentences first, then shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maestro_jupyter.views import html, text
from maestro_jupyter.views.direction import is_ranked, lower_is_better
from maestro_jupyter.views.html import element
from maestro_jupyter.views.numbers import digits_for, duration, many, number
from maestro_jupyter.views.run_card import Part
from maestro_jupyter.views.run_words import id_html, param, short_id, status_text
from maestro_jupyter.views.view import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from maestro_jupyter.provenance.cell_diff import CellChange
    from maestro_jupyter.provenance.diff import Change, DatasetChange, MetricChange, RunDiff

MAX_SENTENCES = 12
"""How many sentences stand before the tables."""


def diff_view(diff: RunDiff) -> View:
    """Show what changed from one run to another.

    Parameters
    ----------
    diff : RunDiff

    Returns
    -------
    View
    """
    sentences = diff.summary() or ["Nothing differs but the time."]
    more = len(sentences) - MAX_SENTENCES
    said = [text.one_line(sentence, 160) for sentence in sentences[:MAX_SENTENCES]]
    if more > 0:
        said.append(f"and {more} more, below")
    parts = _parts(diff)
    names = [f"{text.one_line(run.name, 60)} ({short_id(run)})" for run in (diff.a, diff.b)]
    times = (duration(diff.a.duration), duration(diff.b.duration))
    took = f"{status_text(diff.a)} → {status_text(diff.b)} · took {times[0] or '?'} → {times[1] or '?'}"
    markup = [
        html.title(diff.a.name, " ", id_html(diff.a), " → ", diff.b.name, " ", id_html(diff.b)),
        html.quiet(took),
        html.heading("What changed"),
        html.bullets(said),
        *(html.join([html.heading(part.heading), part.html]) for part in parts),
    ]
    lines = [
        f"{names[0]} → {names[1]}",
        took,
        "",
        "What changed",
        *(f"  - {sentence}" for sentence in said),
        *(f"\n{part.heading}\n{text.indent(part.text)}" for part in parts),
    ]
    return View(html.join(markup), "\n".join(lines))


def _parts(diff: RunDiff) -> list[Part]:
    environment = _change_part("Environment", "", diff.environment)
    code = _change_part("Code", "", [change for change in diff.code if change.name != "uncommitted diff"])
    return [
        *_metric_part([metric for metric in diff.metrics if metric.kind != "same"]),
        *_change_part("Parameters", "param", diff.params),
        *_dataset_part(diff.datasets),
        *_cell_part(diff.cells, diff.same_cells),
        *code,
        *environment,
        *_package_part(diff.packages),
    ]


def _metric_part(metrics: Sequence[MetricChange]) -> list[Part]:
    if not metrics:
        return []
    columns = ["metric", "before", "after", "difference", ""]
    rows_html, rows_text = [], []
    for metric in metrics:
        digits = digits_for([metric.a, metric.b])
        sign, colour = _verdict(metric)
        row: list[object] = [
            metric.name,
            "–" if metric.a is None else number(metric.a, digits),
            "–" if metric.b is None else number(metric.b, digits),
            _difference(metric),
        ]
        rows_html.append([*row, element("span", sign, class_=colour)])
        rows_text.append([*row, sign])
    numeric = [1, 2, 3]
    return [
        Part(
            "Metrics",
            html.table(columns, rows_html, numeric=numeric, caption="Metrics"),
            text.table(columns, rows_text, numeric=numeric),
        )
    ]


def _difference(metric: MetricChange) -> str:
    if metric.difference is None:
        return metric.kind if metric.kind != "changed" else ""
    relative = "" if metric.relative is None else f" ({metric.relative:+.2%})"
    return f"{metric.difference:+.3g}{relative}"


def _verdict(metric: MetricChange) -> tuple[str, str | None]:
    if not metric.difference or not is_ranked(metric.name):
        return "", None
    better = (metric.difference < 0) == lower_is_better(metric.name)
    return ("▲ better", "maestro-good") if better else ("▼ worse", "maestro-bad")


def _change_part(heading: str, noun: str, changes: Sequence[Change]) -> list[Part]:
    if not changes:
        return []
    columns = [noun, "before", "after"]
    rows = [_row(change) for change in changes]
    return [Part(heading, html.table(columns, rows, caption=heading), text.table(columns, rows))]


def _row(change: Change) -> list[str]:
    digits = digits_for([change.a, change.b])
    return [
        change.name,
        "–" if change.kind == "added" else param(change.a, digits),
        "–" if change.kind == "removed" else param(change.b, digits),
    ]


def _dataset_part(datasets: Sequence[DatasetChange]) -> list[Part]:
    if not datasets:
        return []
    columns = ["data", "before", "after", "what differs"]
    rows = [[data.role, _shape(data.shape_a), _shape(data.shape_b), _data_said(data)] for data in datasets]
    return [Part("Data", html.table(columns, rows, caption="Data"), text.table(columns, rows))]


def _shape(shape: list[int] | None) -> str:
    return "–" if shape is None else " × ".join(map(str, shape))


def _data_said(data: DatasetChange) -> str:
    if data.kind != "changed":
        return data.kind
    said = ["contents"] if data.fingerprint_changed else []
    said += [f"+{name}" for name in data.columns_added]
    said += [f"−{name}" for name in data.columns_removed]
    said += [f"{one.name}: {one.a} → {one.b}" for one in data.dtypes_changed]
    return ", ".join(said) + (" (fingerprint of a sample)" if data.sampled else "")


def _cell_part(cells: Sequence[CellChange], same: int) -> list[Part]:
    if not cells:
        return []
    markup, lines = [], []
    for cell in cells:
        place = cell.number_b if cell.number_b is not None else cell.number_a
        label = f"cell execution {place}, {cell.kind}"
        markup += [html.quiet(label), html.unified_diff(_lines(cell))]
        lines += [label, text.indent(_lines(cell))]
    heading = f"Cells: {many(len(cells), 'cell')} differ{'s' if len(cells) == 1 else ''}"
    if same:
        heading += f", {same:,} {'is' if same == 1 else 'are'} the same"
    return [Part(heading, html.join(markup), "\n".join(lines))]


def _lines(cell: CellChange) -> str:
    if cell.kind == "changed":
        return cell.diff
    sign, source = ("+", cell.b) if cell.kind == "added" else ("-", cell.a)
    return "\n".join(f"{sign}{line}" for line in (source or "").splitlines())


def _package_part(packages: Sequence[Change]) -> list[Part]:
    if not packages:
        return []
    columns = ["package", "before", "after"]
    rows = [_row(change) for change in packages]
    label = f"{many(len(packages), 'package')} differ{'s' if len(packages) == 1 else ''}"
    return [
        Part(
            "Packages",
            html.folded(label, html.table(columns, rows, caption="Packages")),
            text.table(columns, rows),
        )
    ]
