"""What recording adds to the fit of a small model."""

from __future__ import annotations

from benchmarks.row import Entry, Figure, Row

FIT = Row(
    key="fit",
    task="fit",
    what="`LogisticRegression().fit` on iris: median recorded less median plain, in one process each; "
    "MLflow with `mlflow.sklearn.autolog`, into SQLite, without and with the model.",
    figures=(Figure("added", "added to a recorded `fit` of a small model", "ms", 3),),
    entries=(
        Entry("maestro", {"n": 100}, {"n": 30}),
        Entry("mlflow", {"n": 8, "log_models": False}, {"n": 3, "log_models": False}),
        Entry("mlflow", {"n": 4, "log_models": True}, {"n": 1, "log_models": True}, label="with the model"),
    ),
    absent=dict.fromkeys(
        ("wandb", "aim", "trackio", "dvclive", "exptrack"), "no automatic recording of scikit-learn fits"
    ),
)
