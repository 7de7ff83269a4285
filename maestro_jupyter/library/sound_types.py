"""The types of scikit-learn, beyond those that skops trusts, that are no more than the values they hold.

Each is named on its own. A rule such as "everything in ``sklearn``" would be a hole: skops calls what a file
names, and scikit-learn holds functions that run a text as a program.
"""

from __future__ import annotations


def _in(module: str, names: str) -> set[str]:
    return {f"{module}.{name}" for name in names.split()}


CHECKED = frozenset(
    _in("sklearn.tree._tree", "Tree")
    | _in("sklearn.ensemble._hist_gradient_boosting.predictor", "TreePredictor")
    | _in("sklearn.neighbors._kd_tree", "KDTree")
    | _in("sklearn.neighbors._ball_tree", "BallTree")
)
"""Types whose indices are followed without a look: they are sound only after `tree_bounds.check`."""

SOUND = CHECKED | frozenset(
    _in(
        "sklearn.gaussian_process.kernels",
        "RBF ConstantKernel WhiteKernel Matern RationalQuadratic ExpSineSquared DotProduct Product Sum "
        "Exponentiation CompoundKernel",
    )
    | _in("sklearn.gaussian_process._gpc", "_BinaryGaussianProcessClassifierLaplace")
    | _in(
        "sklearn.model_selection._split",
        "KFold StratifiedKFold GroupKFold StratifiedGroupKFold RepeatedKFold RepeatedStratifiedKFold "
        "ShuffleSplit StratifiedShuffleSplit GroupShuffleSplit TimeSeriesSplit LeaveOneOut LeavePOut",
    )
    | _in("sklearn.metrics._scorer", "_Scorer _PassthroughScorer _CurveScorer")
    | _in(
        "sklearn.metrics._classification",
        "accuracy_score balanced_accuracy_score f1_score precision_score recall_score log_loss "
        "matthews_corrcoef brier_score_loss jaccard_score",
    )
    | _in("sklearn.metrics._ranking", "roc_auc_score average_precision_score")
    | _in(
        "sklearn.metrics._regression",
        "r2_score mean_squared_error mean_absolute_error root_mean_squared_error median_absolute_error "
        "max_error explained_variance_score mean_absolute_percentage_error",
    )
    | _in("sklearn.metrics._dist_metrics", "EuclideanDistance64 ManhattanDistance64")
    | _in("sklearn.feature_selection._univariate_selection", "f_classif f_regression chi2 r_regression")
    | _in("sklearn.feature_selection._mutual_info", "mutual_info_classif mutual_info_regression")
    | _in("sklearn.calibration", "_CalibratedClassifier _SigmoidCalibration")
    | _in("sklearn.compose._column_transformer", "make_column_selector")
    | _in("sklearn.multiclass", "_ConstantPredictor")
    | _in("sklearn.neural_network._stochastic_optimizers", "AdamOptimizer SGDOptimizer")
    | _in("sklearn._loss.loss", "HalfTweedieLoss HalfTweedieLossIdentity")
    | _in("sklearn.utils._bunch", "Bunch")
    | _in("sklearn.utils._metadata_requests", "MetadataRequest MethodMetadataRequest")
    | _in("numpy", "mean median dtype")
)
