"""The portfolio: configurations of many kinds of models, as plain data, that the prior was made with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from maestro_jupyter.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TASKS = ("classification", "regression")

BALANCED: dict[str, Any] = {"class_weight": "balanced"}


class Family(msgspec.Struct, frozen=True):
    """What the configurations of one family have in common.

    Attributes
    ----------
    estimator : str
        The dotted path of its class.
    params : dict
        Parameters that all have.
    scale : bool
        Whether numbers are brought to mean 0 and variance 1.
    one_hot : bool
        Whether categories become columns of their own, instead of numbers.
    sparse : bool
        Whether it takes sparse matrices.
    scale_target : bool
        Whether the target is brought to mean 0 and variance 1, too.
    expand : str
        ``"interactions"``, ``"splines"`` or ``"kernel"`` features of the numbers, or nothing.
    takes_missing : bool
        Whether it knows by itself what to do with missing values.
    whole_labels : bool
        Whether classes have to be the numbers from 0.
    stopped : bool
        Whether fits end before they have converged, as they are meant to.
    """

    estimator: str
    params: dict[str, Any] = {}
    scale: bool = False
    one_hot: bool = False
    sparse: bool = True
    scale_target: bool = False
    expand: str = ""
    takes_missing: bool = False
    whole_labels: bool = False
    stopped: bool = False


class Config(msgspec.Struct, frozen=True):
    """One model with its hyperparameters and the preprocessing that it wants.

    Attributes
    ----------
    name : str
        Family and parameters, such as ``"random_forest(max_features=0.3)"``; kept once released.
    task : str
        ``"classification"`` or ``"regression"``.
    family : str
    about : Family
    params : dict
        In which it differs from others of its family.
    """

    name: str
    task: str
    family: str
    about: Family
    params: dict[str, Any]


def _linear(estimator: str, expand: str = "", /, **params: Any) -> Family:
    return Family(estimator, params, scale=True, one_hot=True, expand=expand)


def _dense(estimator: str, **params: Any) -> Family:
    return Family(estimator, params, scale=True, one_hot=True, sparse=False)


def _on_scaled_target(estimator: str, **params: Any) -> Family:
    return Family(estimator, params, scale=True, one_hot=True, scale_target=True)


def _trees(estimator: str, **params: Any) -> Family:
    return Family(estimator, {**params, "random_state": 0}, sparse=False)


def _boosted(estimator: str, **params: Any) -> Family:
    return Family(
        estimator,
        {**params, "random_state": 0},
        sparse=False,
        takes_missing=True,
        whole_labels=estimator == "xgboost.XGBClassifier",
    )


_QUIET: dict[str, Any] = {"n_jobs": 0, "verbosity": -1}
"""LightGBM's own default are threads for all cores, even where OMP_NUM_THREADS gives it one: then a fit of 30
milliseconds may take a minute. With 0 it takes what OpenMP gives."""

_LOGISTIC = "sklearn.linear_model.LogisticRegression"
_RIDGE = "sklearn.linear_model.Ridge"

_NEIGHBOURS: tuple[dict[str, Any], ...] = (
    {"n_neighbors": 1},
    {"n_neighbors": 3},
    {"n_neighbors": 5},
    {"n_neighbors": 5, "weights": "distance", "p": 1},
    {"n_neighbors": 10, "weights": "distance"},
    {"n_neighbors": 15, "weights": "distance", "p": 1},
    {"n_neighbors": 30, "weights": "distance"},
)
_TREES: tuple[dict[str, Any], ...] = (
    {"max_depth": 2},
    {"max_depth": 4},
    {"max_depth": 8, "min_samples_leaf": 5},
    {"min_samples_leaf": 1},
    {"min_samples_leaf": 20},
)
_FOREST: tuple[dict[str, Any], ...] = (
    {},
    {"max_features": 0.3},
    {"max_features": 0.7, "min_samples_leaf": 3},
    {"min_samples_leaf": 5},
)
_HISTOGRAMS: tuple[dict[str, Any], ...] = (
    {},
    {"learning_rate": 0.05, "max_leaf_nodes": 15},
    {"learning_rate": 0.1, "max_leaf_nodes": 4, "min_samples_leaf": 5},
    {"learning_rate": 0.2, "max_iter": 50, "max_leaf_nodes": 8, "l2_regularization": 1.0},
    {"learning_rate": 0.03, "max_leaf_nodes": 31, "min_samples_leaf": 10},
)
_XGBOOST: tuple[dict[str, Any], ...] = (
    {},
    {"max_depth": 3, "learning_rate": 0.1},
    {"max_depth": 2, "learning_rate": 0.2, "subsample": 0.8},
    {"max_depth": 5, "learning_rate": 0.05, "colsample_bytree": 0.6, "subsample": 0.8},
    {"max_depth": 4, "learning_rate": 0.1, "reg_lambda": 10.0},
    {"max_depth": 8, "learning_rate": 0.05, "min_child_weight": 5.0, "colsample_bytree": 0.4},
)
_LIGHTGBM: tuple[dict[str, Any], ...] = (
    {},
    {"num_leaves": 4, "learning_rate": 0.1, "min_child_samples": 5},
    {"num_leaves": 8, "learning_rate": 0.1, "colsample_bytree": 0.6},
    {"num_leaves": 15, "learning_rate": 0.05, "min_child_samples": 10, "reg_lambda": 5.0},
    {"num_leaves": 31, "learning_rate": 0.05, "min_child_samples": 5, "colsample_bytree": 0.4},
    {"num_leaves": 8, "learning_rate": 0.2, "n_estimators": 50, "subsample": 0.7, "subsample_freq": 1},
)
_PERCEPTRONS: tuple[dict[str, Any], ...] = (
    {"hidden_layer_sizes": (32,), "alpha": 0.01},
    {"hidden_layer_sizes": (64, 32), "alpha": 1.0},
    {"hidden_layer_sizes": (100,), "alpha": 0.1, "early_stopping": True},
)


def _stopped(family: Family) -> Family:
    return msgspec.structs.replace(family, stopped=True)


_PERCEPTRON: dict[str, Any] = {"learning_rate_init": 0.01, "max_iter": 100, "random_state": 0}

_CLASSIFIERS: dict[str, tuple[Family, Iterable[Mapping[str, Any]]]] = {
    "logistic": (
        _linear(_LOGISTIC, max_iter=500),
        [{"C": c} for c in (0.001, 0.01, 0.1, 1.0, 10.0)] + [{"C": c, **BALANCED} for c in (0.01, 0.1, 1.0)],
    ),
    "logistic_interactions": (
        _linear(_LOGISTIC, "interactions", max_iter=200),
        [{"C": 0.003}, {"C": 0.1, **BALANCED}],
    ),
    "logistic_splines": (_linear(_LOGISTIC, "splines", max_iter=200), [{"C": 0.1}, {"C": 1.0, **BALANCED}]),
    "logistic_kernel": (
        _linear(_LOGISTIC, "kernel", max_iter=200),
        [{"C": 1.0}, {"C": 10.0, **BALANCED}],
    ),
    "sgd": (
        _linear("sklearn.linear_model.SGDClassifier", loss="log_loss", penalty="elasticnet", random_state=0),
        [{"alpha": 0.0001}, {"alpha": 0.01}, {"alpha": 0.01, **BALANCED}],
    ),
    "ridge": (
        _linear("sklearn.linear_model.RidgeClassifier"),
        [{"alpha": 1.0}, {"alpha": 100.0}, dict(BALANCED)],
    ),
    "lda": (
        _dense("sklearn.discriminant_analysis.LinearDiscriminantAnalysis"),
        [{}, {"solver": "lsqr", "shrinkage": "auto"}, {"solver": "lsqr", "shrinkage": 0.5}],
    ),
    "qda": (
        _dense("sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis"),
        [{"reg_param": 0.1}, {"reg_param": 0.5}],
    ),
    "naive_bayes": (
        _dense("sklearn.naive_bayes.GaussianNB"),
        [{}, {"var_smoothing": 0.01}, {"var_smoothing": 0.3}],
    ),
    "bernoulli_naive_bayes": (_linear("sklearn.naive_bayes.BernoulliNB"), [{}, {"fit_prior": False}]),
    "nearest_centroid": (_linear("sklearn.neighbors.NearestCentroid"), [{}]),
    "knn": (_linear("sklearn.neighbors.KNeighborsClassifier"), _NEIGHBOURS),
    "linear_svm": (
        _linear("sklearn.svm.LinearSVC", random_state=0),
        [{"C": 0.01}, {"C": 0.1}, {"C": 0.1, **BALANCED}],
    ),
    "svm": (
        _linear("sklearn.svm.SVC"),
        [
            *({"C": c} for c in (0.1, 1.0, 10.0, 100.0)),
            *({"C": c, **BALANCED} for c in (0.3, 1.0, 10.0)),
            {"C": 1.0, "kernel": "poly", "degree": 2, "coef0": 1.0},
            {"C": 10.0, "gamma": 0.01},
        ],
    ),
    "decision_tree": (
        _trees("sklearn.tree.DecisionTreeClassifier"),
        [*_TREES, {"max_depth": 5, **BALANCED}],
    ),
    "random_forest": (
        _trees("sklearn.ensemble.RandomForestClassifier", n_estimators=64),
        [*_FOREST, {"min_samples_leaf": 5, **BALANCED}],
    ),
    "extra_trees": (
        _trees("sklearn.ensemble.ExtraTreesClassifier", n_estimators=64),
        [*_FOREST[:3], {"min_samples_leaf": 5, **BALANCED}],
    ),
    "adaboost": (
        _trees("sklearn.ensemble.AdaBoostClassifier"),
        [{"n_estimators": 50}, {"n_estimators": 100, "learning_rate": 0.3}],
    ),
    "gradient_boosting": (
        _trees("sklearn.ensemble.GradientBoostingClassifier", subsample=0.5, max_features="sqrt"),
        [{"max_depth": 2}, {"max_depth": 4, "learning_rate": 0.05}],
    ),
    "hist_gradient_boosting": (
        _boosted("sklearn.ensemble.HistGradientBoostingClassifier"),
        [*_HISTOGRAMS, {"max_leaf_nodes": 8, **BALANCED}],
    ),
    "xgboost": (_boosted("xgboost.XGBClassifier"), _XGBOOST),
    "lightgbm": (
        _boosted("lightgbm.LGBMClassifier", **_QUIET),
        [*_LIGHTGBM[:5], {"num_leaves": 8, **BALANCED}],
    ),
    "perceptron": (
        _stopped(_linear("sklearn.neural_network.MLPClassifier", **_PERCEPTRON)),
        _PERCEPTRONS,
    ),
}

_REGRESSORS: dict[str, tuple[Family, Iterable[Mapping[str, Any]]]] = {
    "linear": (_linear("sklearn.linear_model.LinearRegression"), [{}]),
    "ridge": (_linear(_RIDGE), [{"alpha": alpha} for alpha in (1.0, 10.0, 100.0, 1000.0)]),
    "ridge_interactions": (
        _linear(_RIDGE, "interactions"),
        [{"alpha": 1.0}, {"alpha": 30.0}, {"alpha": 300.0}],
    ),
    "ridge_splines": (_linear(_RIDGE, "splines"), [{"alpha": 0.1}, {"alpha": 1.0}, {"alpha": 10.0}]),
    "ridge_kernel": (_linear(_RIDGE, "kernel"), [{"alpha": 0.01}, {"alpha": 0.3}]),
    "lasso": (
        _on_scaled_target("sklearn.linear_model.Lasso"),
        [{"alpha": 0.003}, {"alpha": 0.03}, {"alpha": 0.1}],
    ),
    "elastic_net": (
        _on_scaled_target("sklearn.linear_model.ElasticNet"),
        [{"alpha": 0.01}, {"alpha": 0.1}, {"alpha": 0.3, "l1_ratio": 0.2}],
    ),
    "bayesian_ridge": (_dense("sklearn.linear_model.BayesianRidge"), [{}]),
    "huber": (
        _on_scaled_target("sklearn.linear_model.HuberRegressor", max_iter=200),
        [{"alpha": 0.01}, {"alpha": 10.0}],
    ),
    "pls": (_dense("sklearn.cross_decomposition.PLSRegression"), [{"n_components": 1}, {"n_components": 3}]),
    "knn": (_linear("sklearn.neighbors.KNeighborsRegressor"), _NEIGHBOURS),
    "linear_svm": (
        _on_scaled_target("sklearn.svm.LinearSVR", random_state=0),
        [{"C": 0.01}, {"C": 0.1, "epsilon": 0.1}],
    ),
    "svm": (
        _on_scaled_target("sklearn.svm.SVR"),
        [
            *({"C": c} for c in (0.1, 1.0, 10.0, 100.0)),
            {"C": 1.0, "epsilon": 0.3},
            {"C": 10.0, "gamma": 0.01},
            {"C": 100.0, "gamma": 0.003},
            {"C": 1.0, "kernel": "poly", "degree": 2, "coef0": 1.0},
        ],
    ),
    "kernel_ridge": (
        _on_scaled_target("sklearn.kernel_ridge.KernelRidge"),
        [
            {"kernel": "rbf", "alpha": 0.1},
            {"kernel": "laplacian", "alpha": 0.1},
            {"kernel": "polynomial", "degree": 2, "alpha": 1.0},
        ],
    ),
    "gaussian_process": (
        Family(
            "sklearn.gaussian_process.GaussianProcessRegressor",
            {"optimizer": None, "random_state": 0},
            scale=True,
            one_hot=True,
            sparse=False,
            scale_target=True,
        ),
        [{"alpha": 0.03}, {"alpha": 0.3}],
    ),
    "decision_tree": (_trees("sklearn.tree.DecisionTreeRegressor"), _TREES),
    "random_forest": (_trees("sklearn.ensemble.RandomForestRegressor", n_estimators=64), _FOREST),
    "extra_trees": (_trees("sklearn.ensemble.ExtraTreesRegressor", n_estimators=64), _FOREST[:3]),
    "adaboost": (
        _trees("sklearn.ensemble.AdaBoostRegressor"),
        [{"n_estimators": 50}, {"n_estimators": 50, "learning_rate": 0.3, "loss": "square"}],
    ),
    "gradient_boosting": (
        _trees("sklearn.ensemble.GradientBoostingRegressor", subsample=0.5),
        [{"max_depth": 2}, {"max_depth": 4, "learning_rate": 0.05}, {"max_depth": 3, "loss": "huber"}],
    ),
    "hist_gradient_boosting": (_boosted("sklearn.ensemble.HistGradientBoostingRegressor"), _HISTOGRAMS),
    "xgboost": (_boosted("xgboost.XGBRegressor"), _XGBOOST),
    "lightgbm": (_boosted("lightgbm.LGBMRegressor", **_QUIET), _LIGHTGBM),
    "perceptron": (
        _stopped(_on_scaled_target("sklearn.neural_network.MLPRegressor", **_PERCEPTRON)),
        _PERCEPTRONS,
    ),
}


def _config(task: str, family: str, about: Family, params: Mapping[str, Any]) -> Config:
    said = ", ".join(f"{key}={value}" for key, value in params.items())
    return Config(f"{family}({said})", task, family, about, dict(params))


PORTFOLIO: tuple[Config, ...] = tuple(
    _config(task, family, about, params)
    for task, families in zip(TASKS, (_CLASSIFIERS, _REGRESSORS), strict=True)
    for family, (about, varied) in families.items()
    for params in varied
)
"""Every configuration; names are unique within a task."""


def configs_for(task: str) -> list[Config]:
    """Give the configurations for a task.

    Examples
    --------
    >>> len(configs_for("classification")) >= 80, len(configs_for("regression")) >= 80
    (True, True)
    """
    return [config for config in PORTFOLIO if config.task == task]


def config_of(task: str, name: str) -> Config:
    """Give one configuration by its name.

    Raises
    ------
    NotFound
        If the portfolio has none of that name for the task.
    """
    for config in configs_for(task):
        if config.name == name:
            return config
    msg = f"The portfolio has no configuration {name!r} for {task}."
    raise NotFound(msg)
