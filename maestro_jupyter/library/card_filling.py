"""Fill a model card in from what is recorded of a version, of the run that it came from, and of its use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_jupyter.library.card import (
    SECTIONS,
    CardData,
    CardDocument,
    CardMetric,
    CardSection,
    CardTable,
)
from maestro_jupyter.library.card_metrics import card_metrics
from maestro_jupyter.library.intervals import LEVEL
from maestro_jupyter.store.audit import digest_of
from maestro_jupyter.store.library_cards import text_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from maestro_jupyter.models import ArtifactVersion, Dataset, Impact, RunDetail
    from maestro_jupyter.store.library_cards import CardText, CardUse
    from maestro_jupyter.store.lineage_graph import Lineage, LineageNode

_ROWS = 100
_LISTED = 12
_LONG = 300
_SHORT = 8
_FRAMEWORKS = {"torch": "pytorch"}
"""What Hugging Face calls a library, where that is not the name of its package."""
_USUAL = (
    "numpy", "pandas", "polars", "scipy", "scikit-learn", "xgboost", "lightgbm", "catboost", "torch",
    "lightning", "keras", "tensorflow", "transformers", "sentence-transformers", "jax", "statsmodels",
)  # fmt: skip
"""The packages that a card names where it is not known which ones the content needs."""
_ELSEWHERE = frozenset({"params", "columns", "requirements", "trusted_only", "categories", "schema", "text"})
"""What is known of the content and stands in another section, or is too long for any."""


class Recorded(NamedTuple):
    """What a card is made of.

    Attributes
    ----------
    detail : RunDetail or None
        Of the run that the version came from; None where there is none that may be seen.
    use : CardUse
        As far as the runs may be seen.
    texts : mapping of str to CardText
        What people have written, by section.
    """

    version: ArtifactVersion
    detail: RunDetail | None
    lineage: Lineage
    use: CardUse
    impact: Impact
    texts: Mapping[str, CardText]


class Filled(NamedTuple):
    """What is filled into a section."""

    said: list[str]
    tables: list[CardTable]


def fill(recorded: Recorded) -> CardDocument:
    """Make a card.

    Parameters
    ----------
    recorded : Recorded

    Returns
    -------
    CardDocument
    """
    version, detail = recorded.version, recorded.detail
    task = _task(detail)
    metrics = [] if detail is None else card_metrics(detail, task)
    filled: dict[str, Callable[[], Filled]] = {
        "overview": lambda: _overview(version),
        "content": lambda: _content(version.about),
        "data": lambda: _data(recorded),
        "training": lambda: _training(recorded),
        "parameters": lambda: _parameters(recorded),
        "evaluation": lambda: _evaluation(recorded, metrics),
        "environment": lambda: _environment(recorded),
        "lineage": lambda: _lineage(recorded.lineage),
        "impact": lambda: _impact(recorded),
    }
    nothing = Filled([], [])
    return CardDocument(
        artifact=version,
        sections=[
            _section(key, filled[key]() if key in filled else nothing, recorded.texts.get(key))
            for key in SECTIONS
        ],
        metrics=metrics,
        impact=recorded.impact,
        lineage=recorded.lineage,
        task=task,
        framework=_framework(version, detail),
        data=_learned_from(detail),
        datasets=_datasets(recorded.lineage),
        edition=digest_of([version.name, {key: each.text for key, each in recorded.texts.items()}]),
    )


def _section(key: str, filled: Filled, written: CardText | None) -> CardSection:
    section = CardSection(
        key=key, title=SECTIONS[key], said=filled.said, tables=filled.tables, digest=text_digest("")
    )
    if written is not None:
        section.text, section.digest = written.text, text_digest(written.text)
        section.editor, section.edited, section.version = written.editor, written.time, written.version
    return section


# Sections


def _overview(version: ArtifactVersion) -> Filled:
    facts = [
        ("reference", version.reference),
        ("aliases", ", ".join(f"@{alias}" for alias in version.aliases)),
        ("type", version.type.replace("_", " ")),
        ("tags", _listed(version.tags)),
        ("owner", version.owner),
        ("project", version.project),
        ("registered", f"{version.created:%Y-%m-%d %H:%M} UTC by {version.creator}"),
        ("kept as", f"{version.format}, {version.size:,} bytes"),
        ("sha256", version.sha256),
        ("archived", "yes" if version.archived else ""),
        ("private", "yes, its owner alone sees it" if version.private else ""),
    ]
    lines = [line.strip() for line in version.description.splitlines() if line.strip()]
    return Filled(lines, [_facts("what", facts)])


def _content(about: Mapping[str, Any]) -> Filled:
    said = ["Code runs when it is loaded, so that using it needs trust."] if about.get("trusted_only") else []
    facts = [
        (str(key).replace("_", " "), _value(value)) for key, value in about.items() if key not in _ELSEWHERE
    ]
    tables = [_facts("what", facts)] if any(value for _, value in facts) else []
    columns = about.get("columns")
    if isinstance(columns, list):
        rows = [_column(each) for each in columns if isinstance(each, dict)]
        tables += _table(["column", "type", "missing"], rows)
    return Filled(said, tables)


def _column(about: Mapping[str, Any]) -> list[str]:
    missing = about.get("missing")
    share = _share(missing) if isinstance(missing, int | float) else ""
    return [_short(about.get("name", "")), _short(about.get("dtype", "")), share]


def _data(recorded: Recorded) -> Filled:
    if recorded.detail is None:
        return _unknown(recorded)
    datasets = recorded.detail.datasets
    if not datasets:
        return Filled(["No data are recorded of the run that it came from."], [])
    rows = [
        [
            data.role,
            _short(data.name or ""),
            data.kind,
            " × ".join(f"{size:,}" for size in data.shape),
            _share(data.missing),
            f"{data.fingerprint[:12]}{' (of a sample)' if data.sampled else ''}",
        ]
        for data in datasets
    ]
    tables = _table(["data", "name", "kind", "shape", "missing", "fingerprint"], rows)
    for data in datasets:
        # Where the table of a single column would only say again what stands above.
        if len(data.columns) > 1:
            columns = [[_short(each.name), each.dtype, _share(each.missing)] for each in data.columns]
            tables += _table([f"column of {data.role}", "type", "missing"], columns)
    return Filled([_target(data) for data in datasets if data.target], tables)


def _target(data: Dataset) -> str:
    said = [f"{_short(key).replace('_', ' ')} {_number(value)}" for key, value in (data.target or {}).items()]
    return f"What is predicted ({data.role}): {_listed(said, 20)}."


def _training(recorded: Recorded) -> Filled:
    if recorded.detail is None:
        return _unknown(recorded)
    run = recorded.detail.run
    took = "" if run.duration is None else f" It took {run.duration:,.3g} seconds."
    came = (
        f"It came from the run {_short(run.name)} ({run.run_id[:_SHORT]}) of the project "
        f"{_short(run.project)}, by {run.user}, on {run.start_time:%Y-%m-%d %H:%M} UTC: "
        f"{run.status.value.lower()}.{took}"
    )
    return Filled([came, *([f"The run was opened in {_short(run.notebook)}."] if run.notebook else [])], [])


def _parameters(recorded: Recorded) -> Filled:
    params: Any = recorded.detail.run.params if recorded.detail else recorded.version.about.get("params")
    if not (isinstance(params, dict) and params):
        return _unknown(recorded) if recorded.detail is None else Filled(["None are recorded."], [])
    names = sorted(params, key=lambda name: (name != "estimator", str(name)))
    return Filled(
        [], _table(["parameter", "value"], [[_short(name), _value(params[name])] for name in names])
    )


def _evaluation(recorded: Recorded, metrics: Sequence[CardMetric]) -> Filled:
    if recorded.detail is None:
        return _unknown(recorded)
    if not metrics:
        return Filled(["No metrics are recorded of the run that it came from."], [])
    rows = [[_short(one.key), one.shown, _interval(one), one.method] for one in metrics]
    return Filled([], _table(["metric", "value", f"{100 * LEVEL:g} % interval", "how"], rows))


def _interval(metric: CardMetric) -> str:
    if metric.low is None or metric.high is None:
        return ""
    return f"{metric.low:.4g} to {metric.high:.4g}"


def _environment(recorded: Recorded) -> Filled:
    detail = recorded.detail
    told = recorded.version.about.get("requirements")
    needed = {str(name): value for name, value in told.items()} if isinstance(told, dict) else {}
    if detail is None:
        tables = _table(["needed", "version"], [[_short(name), _value(needed[name])] for name in needed])
        return Filled([], tables) if tables else _unknown(recorded)
    said, packages = [], {}
    if detail.environment is not None:
        hardware = [
            f"{name} {_memory(value) if name == 'memory' else _value(value)}"
            for name, value in detail.environment.hardware.items()
            if value is not None
        ]
        said.append(
            f"{detail.environment.python} on {detail.environment.platform}: {_listed(hardware) or 'unknown'}."
        )
        packages = detail.environment.packages
    if detail.code is not None:
        said.append(_code(detail))
    chosen = {name: packages[name] for name in _USUAL if name in packages} | needed
    more = len(packages.keys() - chosen.keys())
    said += [f"{more:,} more packages were installed."] if more and chosen else []
    rows = [[_short(name), _value(chosen[name])] for name in sorted(chosen)]
    return Filled(said or ["It was not recorded."], _table(["package", "version"], rows))


def _code(detail: RunDetail) -> str:
    code = detail.code
    if code is None or code.commit is None:
        return "The code was in no Git commit."
    place = f" of {_short(code.remote)}" if code.remote else ""
    branch = f", branch {_short(code.branch)}" if code.branch else ""
    changed = ", with uncommitted changes" if code.dirty else ""
    return f"Git commit {code.commit}{place}{branch}{changed}."


def _lineage(lineage: Lineage) -> Filled:
    root = lineage.root
    said = []
    for maker in lineage.before(root):
        sources = lineage.before(maker.id)
        came = f" That run worked with {_named(sources, maker.more_before)}." if sources else ""
        said.append(f"It was made by the {_name(maker)}.{came}")
    users = [node for node in lineage.after(root) if node.kind == "run"]
    if users:
        said.append(f"It was used by {_named(users, lineage.node(root).more_after)}.")
        results = {made.id: made for user in users for made in lineage.after(user.id) if made.id != root}
        said += [f"From these came {_named(list(results.values()))}."] if results else []
    return Filled(said or ["Nothing is known of what it came from, or what came of it."], [])


def _impact(recorded: Recorded) -> Filled:
    use = recorded.use
    used = (
        f"{use.runs:,} {'run' if use.runs == 1 else 'runs'} of {use.projects:,} "
        f"{'project' if use.projects == 1 else 'projects'} used it."
        if use.runs
        else "No run is known to have used it."
    )
    impact = recorded.impact
    return Filled([used, f"Impact, over all versions: {impact.reason}"], [])


def _unknown(recorded: Recorded) -> Filled:
    if recorded.version.run_id is None:
        return Filled(["Not known: no run is recorded that it came from."], [])
    return Filled(["Not known: the run that it came from is not there for you to see."], [])


# Facts for its metadata


def _task(detail: RunDetail | None) -> str | None:
    for data in [] if detail is None else detail.datasets:
        if data.role == "y" and data.target:
            return str(data.target.get("task")) if data.target.get("task") else None
    return None


def _framework(version: ArtifactVersion, detail: RunDetail | None) -> str | None:
    said = version.about.get("class") or ("" if detail is None else detail.run.params.get("estimator"))
    if version.type not in {"model", "model_template"} or not isinstance(said, str) or "." not in said:
        return None
    package = said.partition(".")[0]
    return _FRAMEWORKS.get(package, package) if package.isidentifier() and package != "__main__" else None


def _learned_from(detail: RunDetail | None) -> CardData | None:
    datasets = [] if detail is None else sorted(detail.datasets, key=lambda data: data.role != "X")
    return CardData(datasets[0].name or datasets[0].role, datasets[0].fingerprint) if datasets else None


def _datasets(lineage: Lineage) -> list[str]:
    found = [
        source.reference
        for maker in lineage.before(lineage.root)
        for source in lineage.before(maker.id)
        if source.kind == "artifact" and source.about.startswith("dataset")
    ]
    return sorted(set(found))


# Words


def _named(nodes: Sequence[LineageNode], more: int = 0) -> str:
    said = [_name(node) for node in nodes[:_LISTED]]
    left = len(nodes) - len(said) + more
    said += [f"{left:,} more"] if left else []
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def _name(node: LineageNode) -> str:
    if node.kind == "artifact":
        return f"{node.name} ({node.about})"
    return f"{node.kind} {_short(node.name)} ({node.reference[:_SHORT]})"


def _facts(head: str, facts: Iterable[tuple[str, str]]) -> CardTable:
    return CardTable([head, "value"], [[name, value] for name, value in facts if value])


def _table(columns: list[str], rows: list[list[str]]) -> list[CardTable]:
    """Give a table of at most a hundred rows; none where there are none."""
    left = len(rows) - _ROWS
    shown = rows[:_ROWS]
    if left > 0:
        shown = [*shown, [f"and {left:,} more", *[""] * (len(columns) - 1)]]
    return [CardTable(columns, shown)] if rows else []


def _listed(said: Sequence[str], most: int = _LISTED) -> str:
    left = len(said) - most
    return ", ".join([*map(_short, said[:most]), *([f"and {left:,} more"] if left > 0 else [])])


def _value(value: Any) -> str:
    """Show a plain value; nothing of one that holds others."""
    if isinstance(value, list) and all(isinstance(each, str | int | float) for each in value):
        return _listed([_number(each) for each in value])
    return "" if isinstance(value, list | dict) else _number(value)


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else _short(value)


def _memory(value: Any) -> str:
    return f"{value / (1 << 30):.3g} GiB" if isinstance(value, int | float) else _value(value)


def _share(missing: float | None) -> str:
    return "" if missing is None else f"{missing:.2%}" if missing else "0"


def _short(said: object) -> str:
    line = " ".join(str(said).split())
    return line if len(line) <= _LONG else f"{line[: _LONG - 1]}…"
