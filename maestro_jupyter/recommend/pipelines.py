"""A configuration on given columns: its pipeline, and the code of a cell that makes the same."""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_jupyter.errors import Invalid
from maestro_jupyter.recommend.calls import Call, Ref, call, imports, made, written
from maestro_jupyter.recommend.columns import TIMES

if TYPE_CHECKING:
    from maestro_jupyter.recommend.columns import Schema
    from maestro_jupyter.recommend.portfolio import Config, Family

SCORING = {"classification": "balanced_accuracy", "regression": "r2"}
"""The score of each task, as scikit-learn calls it."""

FOLDS = 5

_CATEGORIES = 20
_WORDS = 2000
_TOPICS = 30

EXPANDED = 30
"""Of more numbers, principal components are expanded in their stead."""

COMPONENTS = 20
"""How many."""


class Recipe(NamedTuple):
    """What a configuration becomes on given columns.

    Attributes
    ----------
    task : str
    steps : tuple of Call
        The preprocessing.
    estimator : Call
    whole_labels : bool
        Whether classes have to be made numbers from 0 first.
    by_place, to_pandas : bool
        Whether data have to be made a table whose columns are named by their positions first, and whether by
        a method of theirs; see `ready`.
    plain : bool
        Whether what is to be predicted, if no class, are plain numbers; else they have to be made so first.
    column : bool
        Whether what is to be predicted is a table of one column, which has to be taken out of it first.
    stopped : bool
        Whether fits end before they have converged, as they are meant to: six warnings say so otherwise.
    """

    task: str
    steps: tuple[Call, ...]
    estimator: Call
    whole_labels: bool
    by_place: bool = False
    to_pandas: bool = False
    plain: bool = True
    column: bool = False
    stopped: bool = False

    def pipeline(self) -> Any:
        """Make the unfitted estimator with its preprocessing."""
        return made(_pipeline(self))

    def ready(self, X: Any) -> Any:
        """Give data as the pipeline takes them: where their names will not do, under positions."""
        import pandas as pd

        if not self.by_place:
            return X
        columns = X.to_pandas() if self.to_pandas else pd.DataFrame(X)
        return columns.set_axis(range(columns.shape[1]), axis=1)

    def code(self) -> str:
        """Write an expression that makes the same, and what it has to import.

        Examples
        --------
        >>> from maestro_jupyter.recommend.columns import Schema
        >>> from maestro_jupyter.recommend.portfolio import configs_for
        >>> config = next(one for one in configs_for("classification") if one.name == "lda()")
        >>> print(recipe(config, Schema(numbers=(0, 1), columns=2, form="array")).code())
        from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
        <BLANKLINE>
        model = make_pipeline(
            StandardScaler(),
            LinearDiscriminantAnalysis(),
        )
        """
        described = _pipeline(self)
        return "\n".join([*imports(described), "", f"model = {_laid_out(described)}"])

    def cell(self, X: str = "X", y: str = "y") -> str:
        """Write a cell that makes the model, cross-validates it as the prior was, and fits it.

        Parameters
        ----------
        X, y : str
            Expressions for the data.
        """
        described = _pipeline(self)
        kind = "StratifiedKFold" if self.task == "classification" else "KFold"
        splitter = call(f"sklearn.model_selection.{kind}", FOLDS, shuffle=True, random_state=0)
        needed: list[Any] = [described, splitter, Ref("sklearn.model_selection", "cross_val_score")]
        before = []
        model, folds, scores, columns, target, labels, numbers = _names_beside(X, y)
        if self.by_place:
            made_a_table = f"{X}.to_pandas()" if self.to_pandas else f"pd.DataFrame({X})"
            needed += [] if self.to_pandas else [Ref("pandas", "DataFrame")]
            before = [f"{columns} = {made_a_table}", f"{columns}.columns = range({columns}.shape[1])"]
            X = columns
        if self.column:
            needed.append(Ref("pandas", "DataFrame"))
            before.append(f"{target} = pd.DataFrame({y}).iloc[:, 0]")
            y = target
        if self.whole_labels:
            needed.append(Ref("sklearn.preprocessing", "LabelEncoder"))
            before.append(f"{labels} = LabelEncoder().fit_transform({y})")
            y = labels
        elif not self.plain:
            needed.append(Ref("numpy", "asarray"))
            before.append(f"{numbers} = np.asarray({y}, dtype=float).ravel()")
            y = numbers
        scoring = SCORING[self.task]
        fits = [
            f'{scores} = cross_val_score({model}, {X}, {y}, cv={folds}, scoring="{scoring}")',
            f'print(f"{scoring}: {{{scores}.mean():.3f}} ± {{{scores}.std():.3f}}")',
            f"{model}.fit({X}, {y})",
        ]
        if self.stopped:
            needed += [Ref("warnings", "catch_warnings"), Ref("sklearn.exceptions", "ConvergenceWarning")]
            quietly = 'with catch_warnings(action="ignore", category=ConvergenceWarning):'
            fits = [f"{quietly}  # it is meant to stop early", *(f"    {line}" for line in fits)]
        made_first = [f"{model} = {_laid_out(described)}", f"{folds} = {written(splitter)}"]
        return "\n".join([*imports(*needed), "", *before, *made_first, *fits])


def _names_beside(*expressions: str) -> list[str]:
    """Name what a cell makes, so that nothing of the user's that it reads goes by the same name."""
    read = {
        node.id
        for expression in expressions
        for node in ast.walk(ast.parse(expression, mode="eval"))
        if isinstance(node, ast.Name)
    }
    made_here = ("model", "folds", "scores", "columns", "target", "labels", "numbers")
    longer = [[one + "_" * times for times in range(len(read) + 1)] for one in made_here]
    return [next(name for name in names if name not in read) for names in longer]


def recipe(config: Config, schema: Schema, *, plain: bool = True, column: bool = False) -> Recipe:
    """Say what a configuration becomes on given columns.

    Parameters
    ----------
    config : Config
    schema : Schema
        Of the data, as `columns.schema_of` reads it.
    plain : bool
        Whether models take the target as it is, as `asking.is_plain` tells.
    column : bool
        Whether that is a table of one column, as `asking.is_column` tells.

    Returns
    -------
    Recipe

    Raises
    ------
    Invalid
        If no column has a value, or a sparse matrix infinite ones.
    """
    _check_values(schema)
    family = config.about
    estimator = call(family.estimator, **family.params, **config.params)
    if family.scale_target:
        scaler = call("sklearn.preprocessing.StandardScaler")
        estimator = call("sklearn.compose.TransformedTargetRegressor", estimator, transformer=scaler)
    steps = _steps(family, schema)
    if family.expand == "kernel":
        steps.append(call("sklearn.kernel_approximation.Nystroem", n_components=100, random_state=0))
    labels = family.whole_labels or (config.task == "classification" and not plain)
    return Recipe(
        task=config.task,
        steps=tuple(steps),
        estimator=estimator,
        whole_labels=labels,
        by_place=schema.by_place,
        to_pandas=schema.to_pandas,
        plain=plain,
        column=column,
        stopped=family.stopped,
    )


def _check_values(schema: Schema) -> None:
    if not any(
        (
            schema.numbers,
            schema.categories,
            schema.mixed,
            schema.texts,
            schema.dates,
            schema.zoned,
            schema.calendar,
            schema.durations,
        )
    ):
        msg = "X has no column with a value."
        raise Invalid(msg)
    if schema.form == "sparse" and schema.infinite:
        msg = "X holds infinite values, which sparse matrices cannot be rid of within a pipeline."
        raise Invalid(msg, hint="Make them numbers first, such as the largest that are finite.")


def _pipeline(made_of: Recipe) -> Call:
    return call("sklearn.pipeline.make_pipeline", *made_of.steps, made_of.estimator)


def _laid_out(described: Call) -> str:
    """Write a call with one argument a line, and so a transformer of columns."""
    lines = []
    for step in described.args:
        if isinstance(step, Call) and step.what.name == "make_column_transformer":
            parts = "".join(f"\n        {written(part)}," for part in step.args)
            lines.append(f"make_column_transformer({parts}\n    )")
        else:
            lines.append(written(step))
    return f"{written(described.what)}(\n    " + ",\n    ".join(lines) + ",\n)"


def _of_columns(family: Family, schema: Schema) -> Call:
    parts: list[Any] = []
    if schema.numbers:
        parts.append((_chained(_numbers(family, schema)), list(schema.numbers)))
    for group in ("dates", "zoned", "calendar", "durations"):
        dates = getattr(schema, group)
        if dates:
            parts.append((_chained([*_days(group), *_numbers(family, schema, group)]), list(dates)))
    if schema.categories:
        parts.append((_categories(family), list(schema.categories)))
    if schema.mixed:
        texts = call(
            "sklearn.preprocessing.FunctionTransformer",
            Ref("pandas", "DataFrame.astype"),
            kw_args={"dtype": Ref("builtins", "str")},
        )
        parts.append((_chained([texts, _categories(family)]), list(schema.mixed)))
    parts += [_text_part(family, schema, name) for name in schema.texts]
    return call("sklearn.compose.make_column_transformer", *parts)


def _chained(steps: list[Call]) -> Any:
    if not steps:
        return "passthrough"
    return steps[0] if len(steps) == 1 else call("sklearn.pipeline.make_pipeline", *steps)


def _numbers(family: Family, schema: Schema, group: str = "numbers") -> list[Call]:
    steps: list[Call] = []
    missing = group in schema.missing
    if group in schema.nullable:
        # Their missing values are no NaN, which is what scikit-learn takes.
        as_floats = {"dtype": Ref("builtins", "float")}
        verb = Ref("pandas", "DataFrame.astype")
        steps.append(call("sklearn.preprocessing.FunctionTransformer", verb, kw_args=as_floats))
    if group == "numbers" and schema.infinite:
        steps.append(_finite(schema))
        missing = True
    if missing and not family.takes_missing:
        steps.append(call("sklearn.impute.SimpleImputer", strategy="median", add_indicator=True))
    if family.scale:
        steps.append(call("sklearn.preprocessing.StandardScaler"))
    if group == "numbers" and family.expand in _EXPANSIONS:
        if len(schema.numbers) > EXPANDED:
            steps.append(
                call("sklearn.decomposition.PCA", n_components=COMPONENTS, whiten=True, random_state=0)
            )
        steps.append(_EXPANSIONS[family.expand])
        steps += [call("sklearn.preprocessing.StandardScaler")] * (family.expand == "interactions")
    return steps


def _finite(schema: Schema) -> Call:
    """Make infinite values missing ones, which can be imputed."""
    if schema.form == "frame":
        verb = Ref("pandas", "DataFrame.replace")
        how: dict[str, Any] = {"to_replace": [math.inf, -math.inf], "value": math.nan}
    else:
        verb = Ref("numpy", "nan_to_num")
        how = {"nan": math.nan, "posinf": math.nan, "neginf": math.nan}
    return call("sklearn.preprocessing.FunctionTransformer", verb, kw_args=how)


_EXPANSIONS = {
    "interactions": call("sklearn.preprocessing.PolynomialFeatures", include_bias=False),
    "splines": call("sklearn.preprocessing.SplineTransformer", include_bias=False, extrapolation="linear"),
}


def _days(group: str) -> list[Call]:
    """Make dates the days since 1970, and lengths of time days."""
    zone = {"tz": "UTC"} if group == "zoned" else {}
    steps = [
        call(
            "sklearn.preprocessing.FunctionTransformer",
            Ref("pandas", f"DataFrame.{verb}"),
            kw_args={"other": other},
        )
        for verb, other in (
            ("sub", call("pandas.Timestamp", "1970-01-01", **zone)),
            ("div", call("pandas.Timedelta", days=1)),
        )
    ]
    if group == "calendar":
        each = {"func": Ref("pandas", "Series.astype"), "dtype": TIMES}
        verb = Ref("pandas", "DataFrame.apply")  # astype of whole tables refuses periods
        return [call("sklearn.preprocessing.FunctionTransformer", verb, kw_args=each), *steps]
    return steps[1:] if group == "durations" else steps


def _categories(family: Family) -> Call:
    if family.one_hot:
        return call(
            "sklearn.preprocessing.OneHotEncoder",
            handle_unknown="infrequent_if_exist",
            max_categories=_CATEGORIES,
            sparse_output=False,
        )
    return call(
        "sklearn.preprocessing.OrdinalEncoder",
        handle_unknown="use_encoded_value",
        unknown_value=-1,
        encoded_missing_value=-1,
    )


def _text_part(family: Family, schema: Schema, name: str | int) -> tuple[Any, Any]:
    known = []
    if "texts" in schema.missing:
        filled = {"value": ""}
        known = [
            call(
                "sklearn.preprocessing.FunctionTransformer",
                Ref("pandas", "Series.fillna"),
                kw_args=filled,
            )
        ]
    return _chained([*known, *_words(family)]), name


def _words(family: Family) -> list[Call]:
    counted = call("sklearn.feature_extraction.text.TfidfVectorizer", max_features=_WORDS, sublinear_tf=True)
    return [counted] if family.sparse else [counted, _topics()]


def _topics() -> Call:
    return call("sklearn.decomposition.TruncatedSVD", n_components=_TOPICS, random_state=0)


def _of_sparse(family: Family, schema: Schema) -> list[Call]:
    steps = []
    if "numbers" in schema.missing:
        steps.append(call("sklearn.impute.SimpleImputer"))
    if family.scale:
        steps.append(call("sklearn.preprocessing.MaxAbsScaler"))
    if family.sparse:
        return steps
    if schema.columns > _TOPICS:
        return [*steps, _topics()]
    as_array = call("operator.methodcaller", "toarray")
    return [*steps, call("sklearn.preprocessing.FunctionTransformer", as_array, accept_sparse=True)]


def _steps(family: Family, schema: Schema) -> list[Call]:
    match schema.form:
        case "array":
            return _numbers(family, schema)
        case "texts":
            return _words(family)
        case "sparse":
            return _of_sparse(family, schema)
    if len(schema.numbers) == schema.columns:
        # One way for all columns, in fewer words; without a step, names reach packages that refuse some.
        return _numbers(family, schema) or [_of_columns(family, schema)]
    return [_of_columns(family, schema)]
