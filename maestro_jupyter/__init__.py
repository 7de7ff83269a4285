"""Maestro remembers every experiment that you run in a Jupyter notebook.

In a notebook, ``%load_ext maestro_jupyter`` is all it takes. These functions are for what cannot be seen
from outside: a training loop of one's own, remarks, files, and questions about what was recorded.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from maestro_jupyter._version import __version__
from maestro_jupyter.app import current, forget
from maestro_jupyter.errors import MaestroError, MaestroWarning

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    import pandas as pd

    from maestro_jupyter.artifact_suggestions import ArtifactSuggestions
    from maestro_jupyter.cards import Card
    from maestro_jupyter.models import ArtifactVersion, Project, Run
    from maestro_jupyter.provenance.diff import RunDiff
    from maestro_jupyter.recording.active_run import ActiveRun
    from maestro_jupyter.suggestions import Outcomes, Suggestions
    from maestro_jupyter.views.dashboard import DashboardView
    from maestro_jupyter.views.lineage import LineageView

__all__ = [
    "MaestroError",
    "MaestroWarning",
    "__version__",
    "active_run",
    "card",
    "dashboard",
    "diff",
    "end_run",
    "flush",
    "get_run",
    "importance",
    "lineage",
    "load_ipython_extension",
    "log",
    "log_artifact",
    "log_figure",
    "log_metric",
    "log_metrics",
    "log_param",
    "log_params",
    "metric_history",
    "project",
    "register",
    "search_artifacts",
    "search_runs",
    "set_tag",
    "set_tags",
    "start_run",
    "suggest",
    "suggest_artifacts",
    "top_artifacts",
    "trending_artifacts",
    "unload_ipython_extension",
    "unused_artifacts",
    "use",
]


def start_run(
    name: str | None = None,
    *,
    project: str | None = None,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
) -> ActiveRun:
    """Start a run; it stays the current one until it ends. Also a context manager.

    Parameters
    ----------
    name : str, optional
        The run's name.
    project : str, optional
        Its project; by default the current one.
    params, tags : mapping, optional
        What to log at once.

    Returns
    -------
    ActiveRun
        A `Run` with the verbs to log to it.

    Examples
    --------
    >>> with start_run("baseline", params={"lr": 0.1}) as run:
    ...     log({"loss": 0.5})
    >>> run.status.value, run.metrics
    ('FINISHED', {'loss': 0.5})
    """
    return current().recorder.start_run(name, project=project, params=params, tags=tags)


def active_run() -> ActiveRun | None:
    """Give the current run, or None."""
    return current().recorder.active_run()


def end_run(status: str = "FINISHED") -> None:
    """End the current run, if there is one.

    Parameters
    ----------
    status : str
        ``FINISHED``, ``FAILED`` or ``KILLED``.

    Raises
    ------
    MaestroError
        For another status.
    """
    recorder = current().recorder
    run = recorder.active_run()
    if run is not None:
        recorder.end_run(run, status)


def log(metrics: Mapping[str, Any], step: int | None = None) -> None:
    """Log values of metrics; starts a run if there is none.

    Parameters
    ----------
    metrics : mapping of str to number
        Values by key. Python's, numpy's and torch's scalars; NaN and infinities are kept. What is no real
        number is refused with a `MaestroWarning` that names it, and the rest is stored.
    step : int, optional
        By default one more than these keys' highest step, from 0.

    Examples
    --------
    >>> with start_run() as run:
    ...     for loss in (0.9, 0.5):
    ...         log({"loss": loss})
    >>> metric_history(run.run_id, "loss")[["step", "value"]].values.tolist()
    [[0.0, 0.9], [1.0, 0.5]]
    """
    recorder = current().recorder
    recorder.log_metrics(recorder.ensure_run(), metrics, step)


def log_metric(key: str, value: Any, step: int | None = None) -> None:
    """Log one metric; see `log`."""
    log({key: value}, step)


def log_metrics(metrics: Mapping[str, Any], step: int | None = None) -> None:
    """Log several metrics; the same as `log`."""
    log(metrics, step)


def log_param(key: str, value: Any) -> None:
    """Log one parameter of the current run; a later value replaces an earlier one."""
    log_params({key: value})


def log_params(params: Mapping[str, Any]) -> None:
    """Log parameters of the current run.

    Parameters
    ----------
    params : mapping of str to object
        Numbers, strings, booleans and None are kept as they are; of anything else its ``str``, up to 64 KiB.
    """
    recorder = current().recorder
    recorder.log_params(recorder.ensure_run(), params)


def set_tag(key: str, value: Any) -> None:
    """Set one tag of the current run."""
    set_tags({key: value})


def set_tags(tags: Mapping[str, Any]) -> None:
    """Set tags of the current run; a later value replaces an earlier one."""
    recorder = current().recorder
    recorder.set_tags(recorder.ensure_run(), tags)


def log_artifact(
    path_or_object: Any,
    name: str | None = None,
    *,
    type: str | None = None,  # noqa: A002 - the contract's name
) -> None:
    """Keep a file, folder, figure, table or plain data with the current run.

    Parameters
    ----------
    path_or_object : path or object
        What to keep: a copy is taken at once.
    name : str, optional
        The name it is kept under.
    type : str, optional
        What it is, such as ``dataset`` or ``figure``; guessed if missing.

    Raises
    ------
    MaestroError
        If the path does not exist, the object is of no kind that can be kept, or it is too large.

    Warns
    -----
    MaestroWarning
        If the disk refuses it; the run goes on without.
    """
    from maestro_jupyter.recording import artifacts

    recorder = current().recorder
    artifacts.log_artifact(recorder, recorder.ensure_run(), path_or_object, name, type=type)


def log_figure(figure: Any, name: str | None = None) -> None:
    """Keep a figure of matplotlib, plotly or PIL with the current run."""
    from maestro_jupyter.recording import artifacts

    recorder = current().recorder
    artifacts.log_figure(recorder, recorder.ensure_run(), figure, name)


def flush(timeout: float | None = None) -> None:
    """Return when everything recorded so far can be queried.

    Parameters
    ----------
    timeout : float, optional
        Seconds to wait at most for another process that is collecting, or locks the database.

    Raises
    ------
    MaestroError
        If the store cannot be written in time.
    """
    current().flush(timeout)


def search_runs(
    filter_string: str = "",
    *,
    project: str | None = None,
    order_by: str | Sequence[str] | None = None,
    max_results: int = 1000,
) -> pd.DataFrame:
    """Find runs.

    Parameters
    ----------
    filter_string : str
        Such as ``metrics.accuracy > 0.9 and params.model = 'rf'``; see docs/filters.md.
    project : str, optional
        Only this project's runs; by default all.
    order_by : str or sequence of str, optional
        Such as ``metrics.accuracy DESC``; by default the newest first.
    max_results : int
        How many rows at most.

    Returns
    -------
    pandas.DataFrame
        The columns ``run_id, name, project, user, status, status_reason, start_time, end_time, duration``,
        then ``params.*``, ``metrics.*`` and ``tags.*``.

    Raises
    ------
    MaestroError
        If the filter cannot be read: one sentence with the position.
    """
    return (
        current()
        .api()
        .search_frame(filter_string, project=project, order_by=order_by, max_results=max_results)
    )


def get_run(run_id: str) -> Run:
    """Give a run by its id or an unambiguous beginning of it.

    Raises
    ------
    MaestroError
        If there is none, or more than one.
    """
    return current().api().get(run_id)


def metric_history(run_id: str, key: str, *, max_points: int | None = None) -> pd.DataFrame:
    """Give every value of a metric.

    Parameters
    ----------
    run_id : str
        The run's id or an unambiguous beginning of it.
    key : str
        The metric.
    max_points : int, optional
        Thin the curve out to about so many points that keep its shape.

    Returns
    -------
    pandas.DataFrame
        The columns ``step``, ``timestamp`` (UTC) and ``value``, by step.

    Raises
    ------
    MaestroError
        If there is no such run or metric.
    """
    import pandas as pd

    steps, times, values = current().api().history(run_id, key, max_points=max_points)
    timestamps = pd.to_datetime(times, unit="us", utc=True)
    return pd.DataFrame({"step": steps, "timestamp": timestamps, "value": values})


def diff(run_a: str | Run, run_b: str | Run) -> RunDiff:
    """Tell what changed from one run to another.

    Parameters
    ----------
    run_a, run_b : str or Run
        The runs, or their ids.

    Returns
    -------
    RunDiff
        Parameters, metrics, data, cells, packages and commit; ``.summary()`` says it in sentences.
    """
    return current().api().diff(_run_id(run_a), _run_id(run_b))


def importance(
    metric: str, filter_string: str = "", *, project: str | None = None, lower: bool | None = None
) -> pd.DataFrame:
    """Tell which parameters mattered for a metric: an association in the runs that there are, no cause.

    Parameters
    ----------
    metric : str
        Its key, such as ``accuracy_score_y_test``; measured on held-out data or by cross-validation.
    filter_string : str
        Only these runs; see docs/filters.md.
    project : str, optional
        Only this project's runs; by default all.
    lower : bool, optional
        Whether lower is better, of a metric that Maestro does not know; guessed from its name if missing.

    Returns
    -------
    pandas.DataFrame
        By ``parameter``: the ``share`` of what differs between runs on the same data that it explains alone,
        with the ends ``low`` and ``high`` of an 80 % interval; whether it ``matters``, that is, explains more
        than shuffled parameters do; the ``direction`` in which runs were better, such as "larger is better",
        or "not told" where fewer than 95 % of resamples agree; and its ``best`` values. If it is empty, a
        `MaestroWarning` says why, and so does ``.attrs["note"]``.

    Raises
    ------
    MaestroError
        If the metric is measured on training data, or the filter cannot be read.

    References
    ----------
    F. Hutter, H. Hoos, K. Leyton-Brown, An Efficient Approach for Assessing Hyperparameter Importance, ICML
    2014.
    """
    from maestro_jupyter.questions import find_importance
    from maestro_jupyter.views.insight import insight_frame

    found = find_importance(current().api(), metric, filter_string, project=project, lower=lower)
    if found.note and not found.parameters:
        warnings.warn(found.note, MaestroWarning, stacklevel=2)
    return insight_frame(found)


def suggest(
    X: Any,
    y: Any,
    *,
    task: str | None = None,
    metric: str | None = None,
    n: int = 5,
    seconds: float | None = None,
) -> Suggestions:
    """Say which models to try on data, with what to expect of each, the evidence, and the code to run it.

    What was tried on other data is what it goes by: on those that Maestro ships its experience with, and in
    your runs. Runs on these very data are known, too; what they have tried is not suggested again.

    Parameters
    ----------
    X : DataFrame, array, sparse matrix or list of texts, of shape (n, p)
        May hold missing values, categories, texts and dates. Tables and columns of Polars (not lazy ones) and
        of Arrow are read by way of pandas, which takes pyarrow.
    y : array-like of shape (n,)
        Classes or numbers.
    task : str, optional
        ``"classification"`` or ``"regression"``; told from `y` by default.
    metric : str, optional
        What is forecast: ``"balanced_accuracy"`` or ``"r2"``, by the task; nothing else is known.
    n : int
        How many at most.
    seconds : float, optional
        How long it may take to cross-validate and fit all of them.

    Returns
    -------
    Suggestions
        A sequence, the most promising first; ``.try_next()`` and ``.try_all()`` cross-validate them here,
        each as a run of its own. Empty, with a ``note``, where there is too little history.

    Raises
    ------
    MaestroError
        If nothing can be tried on the data: one sentence says why.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> X, y = load_wine(return_X_y=True)
    >>> found = suggest(X, y, n=2)
    >>> len(found), found.found.score
    (2, 'balanced_accuracy')
    >>> print(found[0].code.splitlines()[-1].strip())
    model.fit(X, y)
    """
    from maestro_jupyter import suggestions
    from maestro_jupyter.recommend.asking import Wanted
    from maestro_jupyter.recording.truth_names import argument_expressions

    app = current()
    names = argument_expressions()
    return suggestions.suggest(
        app,
        X,
        y,
        Wanted(task, metric, n, seconds),
        (names.get(0, "X") or "X", names.get(1, "y") or "y"),
        *((None, None) if app.capture is None else (_progress, _interrupted)),
    )


def register(
    name: str,
    source: Any,
    *,
    type: str | None = None,  # noqa: A002 - the contract's name
    tags: Sequence[str] = (),
    description: str = "",
    aliases: Sequence[str] = (),
    run: str | Run | None = None,
    private: bool = False,
) -> ArtifactVersion:
    """Put a part into the library, for others to find and use.

    Parameters
    ----------
    name : str
        A name that the library has gets its next version.
    source : object
        A function or class, whose source is kept with the imports, helpers and constants that it needs, found
        in the cells that have run; a fitted estimator or pipeline; an ONNX model; a DataFrame, Series or
        array; a pandera or pydantic schema; a dict or list; or the path of a file, folder or notebook.
    type : str, optional
        What it is, such as ``feature_pipeline``, ``model_template`` or ``dataset``; by default as its kind.
    tags : sequence of str
        Added to those that it has.
    description : str
        Replaces the one that it has, unless empty.
    aliases : sequence of str
        Such as ``champion``: they move to this version.
    run : str or Run, optional
        The run that it came from; by default the active one.
    private : bool
        Whether nobody else sees it.

    Returns
    -------
    ArtifactVersion

    Raises
    ------
    MaestroError
        If it cannot be kept: the sentence says what stands in the way, and what to do.

    Examples
    --------
    >>> register("limits", {"low": 0, "high": 1}, tags=["demo"]).reference
    'limits:1'
    >>> use("limits")
    {'low': 0, 'high': 1}
    """
    from maestro_jupyter import registry

    return registry.register(
        current(),
        name,
        source,
        type=type,
        tags=tags,
        description=description,
        aliases=aliases,
        private=private,
        run=None if run is None else _run_id(run),
    )


def search_artifacts(
    query: str = "",
    *,
    type: str | None = None,  # noqa: A002 - the contract's name
    tags: Sequence[str] = (),
    min_impact: float | None = None,
    limit: int = 20,
) -> pd.DataFrame:
    """Find parts in the library, by words and by meaning.

    Parameters
    ----------
    query : str
        Plain words; those in quotation marks have to be there in their order. Empty finds all, newest first.
    type : str, optional
        Only this type.
    tags : sequence of str
        Only what has all of these.
    min_impact : float, optional
        Only what has contributed at least so much, by the lower end of its interval; see docs/impact.md. What
        is unknown is left out then.
    limit : int
        How many rows at most.

    Returns
    -------
    pandas.DataFrame
        The columns ``name, version, type, project, owner, tags, description, score, why``, the best first;
        with `min_impact` also ``impact, impact_low, impact_high``. Its ``attrs["note"]`` says what kept the
        search from finding more, as where meaning cannot be searched.

    Examples
    --------
    >>> version = register("income limits", {"low": 0}, description="Where incomes are cut.", tags=["demo"])
    >>> search_artifacts("incomes", tags=["demo"])["name"].tolist()
    ['income limits']
    """
    from maestro_jupyter import registry

    return registry.search(current(), query, type=type, tags=tags, min_impact=min_impact, limit=limit)


def suggest_artifacts(about: str = "", *, n: int = 5) -> ArtifactSuggestions:
    """Say what of the library fits the notebook at hand, and why; nothing if nothing does.

    It goes by what the notebook imports, by its latest cells, by the columns of its DataFrames and by the
    project, all without secrets, and never by what is in the data. What the notebook has used or registered
    is left out. Nothing is looked at before this is called.

    Parameters
    ----------
    about : str
        What the notebook is about, besides.
    n : int
        How many at most.

    Returns
    -------
    ArtifactSuggestions
        A sequence, the best first: each has ``artifact``, ``reasons``, ``impact``, ``usage`` and ``how`` to
        use it. Empty, with a ``note``, where nothing fits. ``.frame()`` gives a table.

    Raises
    ------
    MaestroError
        If `n` cannot be.

    Examples
    --------
    >>> suggest_artifacts("Which clients will cancel their contract?").note.partition(".")[0]
    'The library has nothing that the notebook has not used already'
    """
    from maestro_jupyter import artifact_suggestions

    return artifact_suggestions.suggest_artifacts(current(), n, about)


def top_artifacts(limit: int = 20) -> pd.DataFrame:
    """Give the parts of the library that contributed most, or of which that is unknown, that are used most.

    Returns
    -------
    pandas.DataFrame
        The columns ``name, type, impact, impact_low, impact_high, projects, runs, last_used, reason``: by the
        lower end of the impact's interval, then by the projects and runs that used it. An impact is an
        association, and missing where it is unknown; see docs/impact.md. What nobody used is left out.

    Examples
    --------
    >>> version = register("limits", {"low": 0})
    >>> limits = use("limits")
    >>> top_artifacts()[["name", "projects", "reason"]].values.tolist()
    [['limits', 1, 'Unknown: 0 projects with it and 0 without can be compared, and 3 of each are needed.']]
    """
    from maestro_jupyter import registry

    return registry.top(current(), limit)


def trending_artifacts(limit: int = 20) -> pd.DataFrame:
    """Compare how often parts of the library were used in the last 7 days with the 28 days before.

    Returns
    -------
    pandas.DataFrame
        The columns ``name, recent, before, ratio, ratio_low, ratio_high, reason``, of what was used in these
        days: by the lower end of the ratio's interval, what is unknown last. A project counts once a day.

    Examples
    --------
    >>> version = register("limits", {"low": 0})
    >>> limits = use("limits")
    >>> trending_artifacts()[["name", "recent", "reason"]].values.tolist()
    [['limits', 1, 'Unknown: it was registered only 0 days ago.']]
    """
    from maestro_jupyter import registry

    return registry.trending(current(), limit)


def unused_artifacts(days: int = 90, limit: int = 20) -> pd.DataFrame:
    """Give the parts of the library that were there before so many days, and that nobody has used since.

    Returns
    -------
    pandas.DataFrame
        The columns ``name, type, created, last_used, projects, runs``: those first that were used longest
        ago, or never.

    Examples
    --------
    >>> version = register("limits", {"low": 0})
    >>> len(unused_artifacts())
    0
    """
    from maestro_jupyter import registry

    return registry.unused(current(), days, limit)


def use(reference: str, *, trust: bool = False) -> Any:
    """Give something of the library's; that it was used, and by which runs, is noted.

    Parameters
    ----------
    reference : str
        ``name``, ``name:3`` or ``name@champion``.
    trust : bool
        Whether code in it may run here, which whatever others have written and whatever was pickled needs,
        and whether a small file may take any amount of memory.

    Returns
    -------
    object
        What was registered; of a template its source; of a file, folder or notebook the path of a new copy.

    Raises
    ------
    MaestroError
        If there is none, its bytes have changed, or it needs trust.
    """
    from maestro_jupyter import registry

    return registry.use(current(), reference, trust=trust)


def card(reference: str) -> Card:
    """Give the model card of something in the library, filled in from what is recorded.

    Parameters
    ----------
    reference : str
        ``name``, ``name:3`` or ``name@champion``.

    Returns
    -------
    Card
        A notebook shows it; ``.markdown()``, ``.html()`` and ``.json()`` give it as a text, and
        ``.edit(section, text)`` writes in it.

    Raises
    ------
    MaestroError
        If there is none.

    Examples
    --------
    >>> version = register("limits", {"low": 0, "high": 1}, description="Where incomes are cut.")
    >>> card("limits").document.section("overview").said
    ['Where incomes are cut.']
    """
    from maestro_jupyter.cards import Card

    library = current().api().library
    return Card(library, library.card(reference))


def lineage(of: str | Run, *, depth: int = 4, width: int = 8, limit: int = 100) -> LineageView:
    """Tell what an artifact or a run came from, and what came of it: data, features, runs and models.

    Parameters
    ----------
    of : str or Run
        A run or its id, or an artifact's ``name``, ``name:3`` or ``name@champion``.
    depth : int
        How many ties to follow, each way.
    width : int
        How many neighbours of a kind each thing is shown with, the newest first; the others are counted.
    limit : int
        How many things at most.

    Returns
    -------
    LineageView
        A picture that a notebook shows: ``.svg`` alone, ``.text``, and ``.lineage`` with nodes and edges.

    Raises
    ------
    MaestroError
        If there is no such artifact or run.

    Examples
    --------
    >>> with start_run("training") as run:
    ...     version = register("limits", {"low": 0, "high": 1})
    >>> print(lineage("limits").text.replace(run.run_id[:8], "5f0c"))
    limits:1: dataset
    Comes from
      ← run training (5f0c): api, finished
    Nothing is known to have come of it.
    """
    from maestro_jupyter import questions
    from maestro_jupyter.store.lineage_graph import Extent

    app = current()
    return questions.lineage(
        app.api(), _run_id(of), Extent(depth, width, limit), project=app.recorder.project
    )


def dashboard(
    project: str | None = None, *, metric: str | None = None, all_projects: bool = False
) -> DashboardView:
    """Tell how the experiments go: runs over time, the best so far, failures, hours, and what is used.

    Parameters
    ----------
    project : str, optional
        By default the current one.
    metric : str, optional
        Whose best is shown; by default, the one that the most runs have. Which direction is better is
        guessed from its name.
    all_projects : bool
        Look at all of them.

    Returns
    -------
    DashboardView
        What a notebook shows: ``.text``, ``.board`` with the figures, and ``.figure()``, a
        `plotly.graph_objects.Figure`, with the extra ``plotly``.

    Raises
    ------
    MaestroError
        If there is no such project, or no run has the metric.

    Examples
    --------
    >>> for number, score in enumerate([0.5, 0.9, 0.7]):
    ...     with start_run(f"run {number}"):
    ...         log({"accuracy": score})
    >>> found = dashboard().board
    >>> found.history.total.finished, [step.value for step in found.best.steps]
    (3, [0.5, 0.9])
    """
    from maestro_jupyter import questions
    from maestro_jupyter.errors import Invalid

    if all_projects and project is not None:
        msg = "Either one project or all of them can be looked at."
        raise Invalid(msg)
    app = current()
    api = app.api()
    named = app.recorder.project if project is None else questions.known_project(api, project)
    return questions.dashboard(api, project=None if all_projects else named, metric=metric)


def project(name: str | None = None) -> Project:
    """Give the current project, or a named one.

    Raises
    ------
    MaestroError
        If there is no project of that name.
    """
    from maestro_jupyter.errors import NotFound
    from maestro_jupyter.models import Project

    app = current()
    wanted = name or app.recorder.project
    for found in app.api().projects():
        if found.name == wanted:
            return found
    if name is not None:
        msg = f"There is no project {name!r}."
        raise NotFound(msg, hint="A project begins with its first run.")
    return Project(wanted, 0, None)


def load_ipython_extension(shell: Any) -> None:
    """Begin to record this notebook, and offer ``%maestro``; what ``%load_ext maestro_jupyter`` calls."""
    from maestro_jupyter import widgets
    from maestro_jupyter.magics import register_magics
    from maestro_jupyter.recording.extension import KernelCapture

    app = current()
    if app.capture is None:
        app.capture = KernelCapture(app.recorder, shell)
        if app.recorder.enabled:
            app.capture.install()
        register_magics(shell)
        widgets.install(shell, app)


def unload_ipython_extension(shell: Any) -> None:
    """Stop recording and leave no trace; what ``%unload_ext maestro_jupyter`` calls."""
    from maestro_jupyter import widgets
    from maestro_jupyter.magics import unregister_magics

    widgets.uninstall(shell)
    unregister_magics(shell)
    forget()


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Tell a Jupyter server what to load."""
    from maestro_jupyter.server.extension import MaestroServer

    return [{"module": "maestro_jupyter.server.extension", "app": MaestroServer}]


def _progress(said: str) -> AbstractContextManager[None]:
    """Show a line in the notebook while a block takes long."""
    from IPython import get_ipython

    from maestro_jupyter.magics.progress import progress

    return progress(get_ipython(), said)


def _interrupted(_found: Suggestions, came: Outcomes) -> None:
    """Show in the notebook what came of suggestions before trying them was interrupted."""
    from maestro_jupyter.magics.display import show

    show(came.view())


def _run_id(run: str | Run) -> str:
    return run if isinstance(run, str) else run.run_id
