"""Which config a run tried: one of the portfolio's, or another whose parameters are simple.

A run keeps an estimator's parameters flat, with ``__`` between a step of a pipeline and what is inside it,
and nested estimators by the name of their class; see `maestro_jupyter.recording.estimator_params`.
"""

from __future__ import annotations

import ast
import functools
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from maestro_jupyter.errors import NotFound
from maestro_jupyter.recommend.estimator_classes import estimator_class
from maestro_jupyter.recommend.knowledge import Configuration
from maestro_jupyter.recommend.portfolio import Config, Family, config_of, configs_for
from maestro_jupyter.recording.estimator_params import plain_params
from maestro_jupyter.store.outcomes import HALVING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from maestro_jupyter.events import ParamValue

    Params = Mapping[str, ParamValue]

CONFIG_TAG = "suggestion.config"
"""The tag by which a run that tries a suggestion says which config it was."""

_IDLE = {"random_state", "verbose", "verbosity", "n_jobs", "copy_X", "copy", "memory", "cache_size"}
"""Parameters that hardly change a score."""

_FORESTS = {
    f"{family}{kind}" for family in ("RandomForest", "ExtraTrees") for kind in ("Classifier", "Regressor")
}
_SOLVED = {
    "LogisticRegression", "LinearSVC", "LinearSVR", "RidgeClassifier", "Ridge", "Lasso", "ElasticNet",
    "HuberRegressor", "SGDClassifier",
}  # fmt: skip
_ENOUGH = {"n_estimators": (50, _FORESTS), "max_iter": (100, _SOLVED)}
"""Parameters of which more than so much hardly changes the score of some: a forest has trees enough, and a
solver has arrived or nearly so."""

_SPLITTING = "cv"
"""What a run of a cross-validation keeps beside the estimator's parameters; a few estimators have it, too."""

_EXPANSIONS = {"PolynomialFeatures": "interactions", "SplineTransformer": "splines", "Nystroem": "kernel"}
_PREPARING = {
    "Pipeline", "ColumnTransformer", "FunctionTransformer", "SimpleImputer", "StandardScaler", "MinMaxScaler",
    "MaxAbsScaler", "RobustScaler", "OneHotEncoder", "OrdinalEncoder", "TfidfVectorizer", "TruncatedSVD",
    "PCA", *_EXPANSIONS,
}  # fmt: skip
"""What the portfolio's own pipelines are made of, and what comes to the same."""


class _Model(NamedTuple):
    """The estimator at the end of whatever stands around it."""

    name: str
    params: dict[str, ParamValue]
    expand: str = ""
    scaled_target: bool = False


class _Key(NamedTuple):
    """By which runs that tried the same are known to have."""

    estimator: str
    expand: str
    scaled_target: bool
    params: frozenset[tuple[str, str]]


def tried_config(
    task: str,
    params: Params,
    tags: Mapping[str, str],
    around: Params | None = None,
    *,
    roughly: bool = False,
) -> Configuration | None:
    """Tell which config a run tried.

    Parameters
    ----------
    task : str
    params, tags : mapping
        The run's.
    around : mapping, optional
        The parameters of the search that it is a candidate of.
    roughly : bool
        Whether more trees of a forest, or more steps of a solver, than the portfolio's are the same to us.

    Returns
    -------
    Configuration or None
        None where it is none that is known: an estimator of another package or of one's own, one that is
        made of others, or preprocessing that does more than the portfolio's.

    Examples
    --------
    >>> svm = {"estimator": "sklearn.pipeline.Pipeline", "standardscaler": "StandardScaler", "svc": "SVC"}
    >>> inside = {"standardscaler__with_std": True, "svc__C": 10.0, "svc__kernel": "rbf"}
    >>> tried_config("classification", svm | inside, {}).name
    'svm(C=10.0)'
    >>> tried_config("classification", {"estimator": "sklearn.svm._classes.SVC", "C": 3.0}, {}).name
    'SVC(C=3.0)'
    """
    said = tags.get(CONFIG_TAG)
    if said is not None:
        known = of_portfolio(task, said)
        if known is not None:
            return known
    model = _model(_of_candidate(params, around) if around else params)
    about = None if model is None else estimator_class(model.name)
    if model is None or about is None or about.task != task:
        return None
    chosen = _chosen(model.params, about.defaults)
    if chosen is None:
        return None
    telling = _telling(model.name, chosen) if roughly else chosen
    key = _key(about.path, model.expand, telling, scaled_target=model.scaled_target)
    known = _portfolio(task, roughly=roughly).get(key)
    if known is not None:
        return known
    if model.expand or model.scaled_target:
        return None
    return Configuration(_name(model.name, chosen), _family(task, about.path), about.path, chosen)


def of_portfolio(task: str, name: str) -> Configuration | None:
    """Give the portfolio's config of a name; None if it has none for the task."""
    try:
        return _configuration(config_of(task, name))
    except NotFound:
        return None


def suggestible(task: str, config: Configuration) -> Configuration | None:
    """Give a config as a cell can be written for it and runs of it are known; None where that cannot be.

    Examples
    --------
    >>> svm = Configuration("SVC(C=3.0)", "mine", "sklearn.svm.SVC", {"C": 3.0, "verbose": True})
    >>> found = suggestible("classification", svm)
    >>> found.family, found.params
    ('svm', {'C': 3.0})
    >>> suggestible("regression", svm)
    >>> suggestible("classification", msgspec.structs.replace(svm, estimator="mine.SVC"))
    """
    known = of_portfolio(task, config.name)
    if known is not None:
        return known
    known = tried_config(task, {**plain_params(config.params), "estimator": config.estimator}, {})
    same = known is not None and (known.name, known.estimator) == (config.name, config.estimator)
    return known if same else None


def config_from(task: str, name: str, estimator: str, params: Params) -> Config:
    """Give a config, of the portfolio or not, so that its pipeline can be made.

    Parameters
    ----------
    task, name : str
    estimator : str
        The dotted path of its class.
    params : mapping
        As runs keep them.

    Raises
    ------
    NotFound
        If there is no such estimator.
    """
    try:
        return config_of(task, name)
    except NotFound:
        if estimator_class(estimator.rpartition(".")[2]) is None:
            raise
    family = next((one for one in configs_for(task) if _is_plain(one.about, estimator)), None)
    about = Family(estimator, scale=True, one_hot=True, sparse=False)
    if family is not None:
        idle = {key: value for key, value in family.about.params.items() if key in _IDLE}
        about = msgspec.structs.replace(family.about, params=idle)
    values = {key: _value(value) for key, value in params.items()}
    return Config(name, task, _family(task, estimator), about, values)


def _configuration(config: Config) -> Configuration:
    params: dict[str, Any] = {**config.about.params, **config.params}
    return Configuration(config.name, config.family, config.about.estimator, params)


@functools.cache
def _portfolio(task: str, *, roughly: bool) -> dict[_Key, Configuration]:
    found = {}
    for config in configs_for(task):
        about = estimator_class(config.about.estimator.rpartition(".")[2])
        if about is None:  # its package is not installed
            continue
        known = _configuration(config)
        chosen = _chosen(plain_params(known.params), about.defaults)
        if chosen is None:  # another version of it has other parameters
            continue
        if roughly:
            chosen = _telling(about.path.rpartition(".")[2], chosen)
        scaled = config.about.scale_target
        found[_key(about.path, config.about.expand, chosen, scaled_target=scaled)] = known
    return found


def _of_candidate(params: Params, around: Params) -> Params:
    """Give what a candidate of a search was: the search's estimator with what was chosen for it."""
    inside = {
        key.removeprefix("estimator__"): value
        for key, value in around.items()
        if key.startswith("estimator__") and key != "estimator__class"
    }
    chosen = {key: value for key, value in params.items() if key not in HALVING}
    return {**inside, **chosen}


def _model(params: Params, prefix: str = "", name: str | None = None) -> _Model | None:
    """Find the estimator inside pipelines, and how its features and target are prepared."""
    name = str(params.get("estimator", "")).rpartition(".")[2] if name is None else name
    inside = {key.removeprefix(prefix): value for key, value in params.items() if key.startswith(prefix)}
    if name == "Pipeline":
        return _in_pipeline(inside)
    if name == "TransformedTargetRegressor":
        found = _model(inside, "regressor__", str(inside.get("regressor")))
        is_scaled = inside.get("transformer") == "StandardScaler"
        return found._replace(scaled_target=True) if found is not None and is_scaled else None
    own = {key: value for key, value in inside.items() if key != "estimator" or prefix}
    if own.pop("estimator__class", None) is not None or any("__" in key for key in own):
        return None
    return _Model(name, own)


def _in_pipeline(inside: Params) -> _Model | None:
    nested = dict(_nested(inside))
    steps = {key: name for key, name in nested.items() if "__" not in key}
    ends = [
        key for key, name in steps.items() if name == "TransformedTargetRegressor" or estimator_class(name)
    ]
    if len(ends) != 1:
        return None
    end = ends[0]
    before = {name for key, name in nested.items() if key != end and not key.startswith(f"{end}__")}
    expansions = {_EXPANSIONS[name] for name in before if name in _EXPANSIONS}
    if not before <= _PREPARING or len(expansions) > 1:
        return None
    found = _model(inside, f"{end}__", steps[end])
    return None if found is None else found._replace(expand=next(iter(expansions), ""))


def _nested(params: Params) -> Iterator[tuple[str, str]]:
    """Give the places of estimators, with the names of their classes: what has parameters of its own."""
    parents = {key[:place] for key in params for place in range(len(key)) if key.startswith("__", place)}
    for key, value in params.items():
        if isinstance(value, str) and value[:1].isupper() and value.isidentifier() and key in parents:
            yield key, value


def _chosen(params: Params, defaults: Params) -> dict[str, ParamValue] | None:
    """Give what differs from the defaults; None if it has parameters that the class has not."""
    differing = {
        key: value
        for key, value in params.items()
        if key not in _IDLE
        and not (key == _SPLITTING and key not in defaults)
        and not _is_same(value, defaults.get(key))
    }
    return differing if differing.keys() <= defaults.keys() else None


def _telling(estimator: str, chosen: Params) -> dict[str, ParamValue]:
    """Leave out of what differs from the defaults what is enough of it."""
    return {key: value for key, value in chosen.items() if not _is_enough(estimator, key, value)}


def _is_enough(estimator: str, key: str, value: ParamValue) -> bool:
    enough, estimators = _ENOUGH.get(key, (0, frozenset[str]()))
    return estimator in estimators and isinstance(value, int) and value >= enough


def _is_same(one: ParamValue, other: ParamValue) -> bool:
    return one == other or (_is_nan(one) and _is_nan(other))


def _is_nan(value: ParamValue) -> bool:
    """Tell whether it is no number: runs keep it as a text."""
    return value == "nan" or (isinstance(value, float) and math.isnan(value))


def _key(estimator: str, expand: str, chosen: Params, *, scaled_target: bool) -> _Key:
    said = frozenset((name, repr(_plain_number(value))) for name, value in chosen.items())
    return _Key(estimator, expand, scaled_target, said)


def _plain_number(value: ParamValue) -> ParamValue:
    """Make 1 and 1.0 the same."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _name(estimator: str, chosen: Params) -> str:
    said = ", ".join(f"{key}={value}" for key, value in sorted(chosen.items()))
    return f"{estimator}({said})"


def _family(task: str, estimator: str) -> str:
    plain = (one.family for one in configs_for(task) if _is_plain(one.about, estimator))
    return next(plain, estimator.rpartition(".")[2])


def _is_plain(about: Family, estimator: str) -> bool:
    return about.estimator == estimator and not about.expand


def _value(value: ParamValue) -> Any:
    """Read back what was written as text, such as a tuple."""
    if isinstance(value, str) and value[:1] in {"(", "[", "{"}:
        try:
            return ast.literal_eval(value)
        except (ValueError, SyntaxError):
            return value
    return value
