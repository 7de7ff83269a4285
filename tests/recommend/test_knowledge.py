"""Knowledge: what ships, how it is kept and merged, and what of other people's tables is refused."""

from __future__ import annotations

import doctest
import gzip
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from maestro_jupyter.errors import Conflict, Invalid
from maestro_jupyter.recommend.building import Request, begun_now
from maestro_jupyter.recommend.config_features import config_features
from maestro_jupyter.recommend.datasets import problem
from maestro_jupyter.recommend.imported import imported, read_scores
from maestro_jupyter.recommend.knowledge import (
    PRIOR,
    STATUSES,
    Configuration,
    Dataset,
    Knowledge,
    Provenance,
    encoded,
    read,
    shipped,
)
from maestro_jupyter.recommend.metafeatures import NAMES, metafeatures
from maestro_jupyter.recommend.portfolio import TASKS, config_of
from maestro_jupyter.recommend.trials import Trials

DOCUMENT = Path(__file__).parents[2] / "docs" / "knowledge.md"

MADE = Provenance("2025-01-01", "by hand", "a machine", {"python": "3.11"}, 0, 20.0, "5-fold")
TABLE = pd.DataFrame(
    {
        "dataset": ["churn", "churn", "sales", "sales"],
        "config": ["lda()", "mine(C=2)", "lda()", "mine(C=2)"],
        "score": [0.8, 0.9, None, 0.7],
        "seconds": [0.1, None, 20.0, 3.0],
        "status": ["ok", "ok", "timeout", None],
        "family": [None, "svm", None, "svm"],
        "params": [None, '{"C": 2, "kernel": "rbf"}', None, None],
        "group": ["a", "a", "b", "b"],
    }
)


def same(left: Knowledge, right: Knowledge) -> bool:
    return all(
        np.array_equal(one, other, equal_nan=True) if isinstance(one, np.ndarray) else one == other
        for one, other in zip(left, right, strict=True)
    )


def small() -> Knowledge:
    shape = (2, 3)
    return Knowledge(
        task="classification",
        score="balanced_accuracy",
        datasets=(Dataset("a", "g", "here", "CC0", 10, 2), Dataset("b", "g")),
        configs=tuple(Configuration(name, name, "x.Y", {"C": 1.0}) for name in ("p", "q", "r")),
        scores=np.array([[0.5, np.nan, 0.25], [1.0, 0.75, np.nan]]),
        spreads=np.full(shape, 0.5),
        seconds=np.full(shape, 0.125),
        statuses=np.array([[1, 3, 1], [1, 1, 0]], dtype=np.uint8),
        metafeatures=np.array([[1.0, np.nan], [2.0, 3.0]]),
        metafeature_names=("nr_inst", "nr_attr"),
    )


@pytest.mark.parametrize("task", TASKS)
def test_the_prior_covers_both_tasks(task: str) -> None:
    table = shipped().tables[task]
    assert len(table.datasets) >= 50
    assert len(table.configs) >= 80
    assert len({config.family for config in table.configs}) >= 10
    assert len(set(table.groups)) >= 30
    assert np.isfinite(table.scores).mean() > 0.97
    assert ((table.statuses == STATUSES.index("ok")) == np.isfinite(table.scores)).all()
    assert table.metafeature_names == NAMES
    assert np.nanmax(table.scores) <= 1


def test_the_prior_is_of_enough_datasets_and_small() -> None:
    assert sum(len(table.datasets) for table in shipped().tables.values()) >= 120
    assert PRIOR.stat().st_size <= 1_000_000
    assert {"python", "scikit-learn", "xgboost", "lightgbm"} <= shipped().provenance.versions.keys()


def test_the_prior_can_not_be_changed_by_whoever_has_it() -> None:
    with pytest.raises(ValueError, match="read-only"):
        shipped().tables["regression"].scores[0, 0] = 1.0


@pytest.mark.parametrize("task", TASKS)
def test_the_prior_names_what_the_portfolio_and_the_datasets_have(task: str) -> None:
    table = shipped().tables[task]
    for config in table.configs:
        assert config_of(task, config.name).family == config.family
    for dataset in table.datasets:
        assert problem(dataset.name).group == dataset.group


def test_the_prior_has_the_metafeatures_that_are_measured_today() -> None:
    for name in ("wine", "penguins_mass"):
        found = problem(name)
        table = shipped().tables[found.task]
        place = [dataset.name for dataset in table.datasets].index(name)
        measured = metafeatures(*found.sample(), task=found.task)
        assert list(measured.values()) == pytest.approx(table.metafeatures[place], rel=1e-4, nan_ok=True)


@pytest.mark.parametrize(
    ("name", "config"),
    [("wine", "lda()"), ("titanic", "xgboost(max_depth=3, learning_rate=0.1)"), ("cpu", "svm(C=10.0)")],
)
def test_the_prior_has_the_scores_that_a_trial_gives_today(name: str, config: str) -> None:
    if begun_now(Request()).versions != shipped().provenance.versions:
        pytest.skip("other versions give other scores")
    trials = Trials(problem(name))
    table = shipped().tables[trials.problem.task]
    cell = (
        [dataset.name for dataset in table.datasets].index(name),
        [one.name for one in table.configs].index(config),
    )
    scores = [fold.score for fold in trials.run(config_of(trials.problem.task, config))]
    assert np.mean(scores) == pytest.approx(table.scores[cell], rel=1e-5)
    assert np.std(scores) == pytest.approx(table.spreads[cell], rel=1e-4)


def test_the_page_shows_what_happens() -> None:
    assert doctest.testfile(str(DOCUMENT), module_relative=False) == (0, 4)


def test_no_configuration_is_always_best() -> None:
    for table in shipped().tables.values():
        best = np.nanargmax(table.scores, axis=1)
        assert len({table.configs[place].family for place in best}) >= 8


def test_knowledge_comes_back_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "some.gz").write_bytes(encoded(MADE, [small()]))
    found = read(tmp_path / "some.gz")
    assert found.provenance == MADE
    assert same(found.tables["classification"], small())
    assert encoded(MADE, [small()]) == encoded(MADE, [small()])


@pytest.mark.parametrize(
    "content", [b"", b"no gzip", gzip.compress(b"no msgpack", mtime=0), encoded(MADE, [small()])[:-20]]
)
def test_what_is_no_knowledge_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "some.gz").write_bytes(content)
    with pytest.raises(Invalid, match=r"some.gz cannot be read as knowledge"):
        read(tmp_path / "some.gz")


def test_merging_puts_rows_below_and_configurations_beside() -> None:
    theirs = imported(TABLE, "classification")
    both = small().merged(theirs)
    assert [dataset.name for dataset in both.datasets] == ["a", "b", "churn", "sales"]
    assert [config.name for config in both.configs] == ["p", "q", "r", "lda()", "mine(C=2)"]
    assert both.scores.shape == both.statuses.shape == both.seconds.shape == (4, 5)
    assert same(
        both._replace(
            **{n: getattr(both, n)[:2, :3] for n in ("scores", "spreads", "seconds", "statuses")},
            configs=small().configs,
            datasets=small().datasets,
            metafeatures=both.metafeatures[:2],
        ),
        small(),
    )
    assert both.scores[2, 3:].tolist() == [0.8, 0.9]
    assert (both.statuses[:2, 3:] == 0).all()
    assert both.metafeatures.shape == (4, 2)
    assert both.groups == ["g", "g", "a", "b"]


def test_what_does_not_fit_is_not_merged() -> None:
    with pytest.raises(Conflict, match="regression cannot be merged with that of classification"):
        small().merged(imported(TABLE, "regression"))
    with pytest.raises(Conflict, match="'churn' is known already"):
        small().merged(imported(TABLE, "classification")).merged(imported(TABLE, "classification"))


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet"])
def test_a_table_is_read_and_imported(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"scores.{ending}"
    TABLE.to_parquet(path) if ending == "parquet" else TABLE.to_csv(path, index=False)
    table = imported(read_scores(path), "classification", score="accuracy")
    assert table.score == "accuracy"
    assert table.scores.tolist()[0] == [0.8, 0.9]
    assert np.isnan(table.scores[1, 0])
    assert [[STATUSES[cell] for cell in row] for row in table.statuses] == [["ok", "ok"], ["timeout", "ok"]]
    assert table.seconds[1].tolist() == [20.0, 3.0]
    mine = table.configs[1]
    assert (mine.family, mine.params) == ("svm", {"C": 2, "kernel": "rbf"})
    assert table.configs[0].estimator.endswith("LinearDiscriminantAnalysis")


def test_a_trial_without_a_score_has_failed_and_what_is_absent_was_not_tried() -> None:
    table = imported(TABLE.iloc[[0, 2, 3]][["dataset", "config", "score"]], "classification")
    assert [[STATUSES[cell] for cell in row] for row in table.statuses] == [
        ["ok", "untried"],
        ["failed", "ok"],
    ]


def test_metafeatures_may_come_along() -> None:
    told = pd.DataFrame({"dataset": ["sales", "other"], "nr_inst": [120, 7], "unheard": 1})
    table = imported(TABLE, "classification", metafeatures=told)
    assert table.metafeatures[1, NAMES.index("nr_inst")] == 120
    assert np.isnan(table.metafeatures[0]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"score": None}, "has no column 'score'"),
        ({"score": ["a", 1, 2, 3]}, "Row 1 of the table has a score that is no finite number"),
        ({"score": [1, float("inf"), 2, 3]}, "Row 2 of the table has a score that is no finite number"),
        ({"seconds": [1, 1, -1, 1]}, "Row 3 of the table has negative seconds"),
        ({"seconds": [1, 1, 1, "long"]}, "Row 4 of the table has a seconds that is no finite number"),
        ({"dataset": ["a", None, "a", "a"]}, "Row 2 of the table has no dataset"),
        ({"dataset": "one"}, "Row 3 of the table repeats a dataset and configuration"),
        ({"status": "fine"}, "Row 1 of the table has a status that is none of ok, failed, timeout, crashed"),
        ({"status": "ok"}, "Row 3 of the table is ok but has no score"),
        ({"score": [1, 1e39, 1, 1]}, r"Row 2 of the table has a score above 3\.4e\+38"),
        ({"seconds": [1, 1, 1e39, 1]}, r"Row 3 of the table has a seconds above 3\.4e\+38"),
        ({"group": ["a", "a", "b", "c"]}, "The dataset 'sales' of the table has the group 'b' and 'c'"),
        (
            {"params": [None, '{"C": 1}', None, '{"C": 2}']},
            r"""The config 'mine\(C=2\)' of the table has the params '{"C": 1}' and '{"C": 2}'""",
        ),
        ({"params": "C=2"}, r"The params of the configuration 'mine\(C=2\)' are no JSON object"),
    ],
    ids=str,
)
def test_a_table_that_is_wrong_is_refused_in_a_sentence(change: dict[str, Any], message: str) -> None:
    table = TABLE.drop(columns=[name for name, value in change.items() if value is None])
    table = table.assign(**{name: value for name, value in change.items() if value is not None})
    with pytest.raises(Invalid, match=message):
        imported(table, "classification")


def test_an_empty_table_and_an_unknown_task_are_refused() -> None:
    with pytest.raises(Invalid, match="has no rows"):
        imported(TABLE.iloc[:0], "classification")
    with pytest.raises(Invalid, match="neither classification nor regression"):
        imported(TABLE, "ranking")
    with pytest.raises(Invalid, match="has a dataset twice"):
        imported(TABLE, "regression", metafeatures=pd.DataFrame({"dataset": ["a", "a"]}))
    with pytest.raises(Invalid, match="no column 'dataset'"):
        imported(TABLE, "regression", metafeatures=pd.DataFrame({"name": ["a"]}))


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"nr_inst": [10, "many"]}, "Row 2 of the table of meta-features has a nr_inst that is no number"),
        ({"rows": [10, 20]}, "The table of meta-features tells nothing of these datasets"),
        ({"dataset": ["Churn", "Sales"], "nr_inst": 10}, "tells nothing of these datasets"),
    ],
)
def test_metafeatures_that_tell_nothing_are_refused(told: dict[str, Any], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        imported(TABLE, "classification", metafeatures=pd.DataFrame({"dataset": ["churn", "sales"], **told}))


def csv_file(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "rows",
    [
        ("a,svm(C=1.0, gamma=0.1),0.5", "b,svm(C=1.0, gamma=0.1),0.6"),  # every row has a field too many
        ("a,svm(C=1.0, gamma=0.1),0.5", "b,lda(),0.6"),
        ("a,lda(),0.5", "b,svm(C=1.0, gamma=0.1),0.6"),
    ],
)
def test_a_row_with_too_many_fields_is_refused_and_none_is_shifted(
    tmp_path: Path, rows: tuple[str, ...]
) -> None:
    with pytest.raises(Invalid, match="cannot be read as a table"):
        read_scores(csv_file(tmp_path / "scores.csv", "dataset,config,score", *rows))


@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
def test_a_column_that_is_there_twice_is_refused(tmp_path: Path, ending: str) -> None:
    written = b"dataset,config,score,notes,,,score\na,lda(),0.5,x,,,0.9\n"
    path = tmp_path / f"scores{ending}"
    path.write_bytes(gzip.compress(written) if ending.endswith("gz") else written)
    with pytest.raises(Invalid, match=re.escape(f"{path} has two columns named 'score'.")):
        read_scores(path)


def test_columns_without_a_name_and_like_names_are_no_hindrance(tmp_path: Path) -> None:
    plain = csv_file(tmp_path / "scores.csv", "dataset,config,score,,score.1,", "a,lda(),0.5,,0.9,")
    assert imported(read_scores(plain), "classification").scores.tolist() == [[0.5]]


def test_a_column_that_is_there_twice_is_refused_in_python() -> None:
    doubled = TABLE[[*TABLE.columns, "score"]]
    with pytest.raises(Invalid, match=r"The table has two columns named 'score'\."):
        imported(doubled, "classification")
    told = pd.DataFrame([["sales", 120, 7]], columns=["dataset", "nr_inst", "nr_inst"])
    with pytest.raises(Invalid, match=r"The table of meta-features has two columns named 'nr_inst'\."):
        imported(TABLE, "classification", metafeatures=told)


def test_commas_at_the_ends_of_rows_shift_nothing(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "scores.csv", "dataset,config,score", "a,lda(),0.5,", "b,lda(),0.6,")
    table = imported(read_scores(path), "classification")
    assert [dataset.name for dataset in table.datasets] == ["a", "b"]
    assert table.scores.tolist() == [[0.5], [0.6]]


def test_names_that_look_like_numbers_stay_as_they_are(tmp_path: Path) -> None:
    scores = csv_file(
        tmp_path / "scores.csv",
        "dataset,config,score,group",
        "007,mine 1,0.5,3",
        "7,1.10,0.6,",
        "7,1.1,0.7,",
    )
    about = csv_file(tmp_path / "about.csv", "dataset,nr_inst", "007,10", "7,20")
    table = imported(read_scores(scores), "classification", metafeatures=read_scores(about))
    assert [(one.name, one.group) for one in table.datasets] == [("007", "3"), ("7", "7")]
    assert [one.name for one in table.configs] == ["mine 1", "1.10", "1.1"]
    assert table.metafeatures[:, NAMES.index("nr_inst")].tolist() == [10, 20]


def test_a_group_is_the_same_whether_or_not_others_have_none(tmp_path: Path) -> None:
    frame = pd.DataFrame({"dataset": [1, 2], "config": "lda()", "score": 0.5, "group": [3, None]})
    path = tmp_path / "scores.parquet"
    frame.to_parquet(path)
    assert imported(read_scores(path), "classification").groups == ["3", "2"]
    assert imported(frame[:1].astype({"group": int}), "classification").groups == ["3"]


@pytest.mark.parametrize(
    ("name", "content"), [("s.csv", b""), ("s.parquet", b"none"), ("s.txt", b"a"), ("absent.csv", None)]
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(Invalid, match=name):
        read_scores(tmp_path / name)
    with pytest.raises(Invalid, match=name):
        read_scores(str(tmp_path / name))


def test_configurations_have_features_by_family_and_hyperparameters() -> None:
    configs = [
        Configuration("a", "svm", params={"C": 10.0, "kernel": "rbf", "random_state": 0}),
        Configuration("b", "svm", params={"C": 0.1, "kernel": "poly", "shrinking": True}),
        Configuration("c", "mlp", params={"alpha": 0, "layers": (32,)}),
    ]
    names, features = config_features(configs)
    found = {name: features[:, place].tolist() for place, name in enumerate(names)}
    assert found["family=svm"] == [1, 1, 0]
    assert found["log C"][:2] == [1, -1]
    assert np.isnan(found["log C"][2])
    assert found["kernel=rbf"] == [1, 0, 0]
    assert found["alpha"][2] == 0
    assert found["layers=(32,)"] == [0, 0, 1]
    assert not any("random_state" in name for name in names)
    names, features = config_features([])
    assert features.shape == (0, len(names))


def test_the_features_of_the_whole_portfolio_tell_its_configurations_apart() -> None:
    for table in shipped().tables.values():
        _, features = config_features(table.configs)
        assert len({json.dumps(row) for row in features.tolist()}) == len(table.configs)
