"""Knowledge of one's own: files that the settings name inform suggestions, and bad ones only a note."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest
from histories_of_tries import put_data, small_prior, svm_run
from store_of_runs import fill_with

import maestro_jupyter as maestro
from maestro_jupyter.app import forget
from maestro_jupyter.cli import main
from maestro_jupyter.config import Maestro
from maestro_jupyter.errors import Conflict, Invalid
from maestro_jupyter.models import ModelQuestion
from maestro_jupyter.recommend import knowledge, knowledge_files
from maestro_jupyter.recommend.compiling import provenance_of_import
from maestro_jupyter.recommend.imported import imported
from maestro_jupyter.recommend.metafeatures import NAMES, metafeatures
from maestro_jupyter.recommend.recorded_configs import config_from
from maestro_jupyter.recommend.suggesting import Suggester
from maestro_jupyter.store.attempts import Attempts
from maestro_jupyter.store.engine import open_store

PRIOR = small_prior()
CONFIGS = [config.name for config in PRIOR.configs]
SVM = "SVC(C=3.0)"
MADE = provenance_of_import("scores.csv")


@pytest.fixture
def store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path}/maestro.db")
    yield opened
    opened.close()


def a_question(rows=2025.0, **more):
    known = {"nr_inst": rows, "nr_attr": 10.0, "log_nr_inst": float(np.log10(rows))}
    return ModelQuestion(**({"task": "classification", "metafeatures": known, "n": 50} | more))


def ask(store, suggester, files=(), question=None):
    return suggester.answer(Attempts().read(store), question or a_question(), None, files)


def a_table(datasets=3, group="{}", configs=(*CONFIGS, SVM, "secret sauce"), **about):
    """Give scores of an imported table whose datasets are like the prior's large ones."""
    rows = [
        {
            "dataset": f"theirs {number}",
            "group": group.format(number),
            "config": config,
            "score": (0.9 if place % 2 else 0.7) + 0.001 * number,
            "seconds": 1.0,
            "estimator": "SVC" if config == SVM else None,
            "params": '{"C": 3.0}' if config == SVM else None,
        }
        for number in range(datasets)
        for place, config in enumerate(configs)
    ]
    told = pd.DataFrame(
        {
            "dataset": [f"theirs {number}" for number in range(datasets)],
            "nr_inst": 2025.0,
            "nr_attr": 10.0,
            "log_nr_inst": float(np.log10(2025.0)),
        }
    )
    return imported(pd.DataFrame(rows), "classification", metafeatures=told)._replace(**about)


def written(path, *tables):
    path.write_bytes(knowledge.encoded(MADE, tables))
    return path


def test_a_file_informs_and_its_datasets_are_evidence_by_name_and_source(store, tmp_path):
    file = written(tmp_path / "theirs.msgpack.gz", a_table())
    suggester = Suggester({"classification": PRIOR})
    without, found = ask(store, suggester), ask(store, suggester, [file])
    assert (without.datasets, without.file_datasets) == (40, 0)
    assert (found.datasets, found.file_datasets, found.team_datasets, found.note) == (43, 3, 0, "")
    near = [each for one in found.models for each in one.similar if "theirs" in each.name]
    assert {each.name for each in near} <= {f"theirs {n} of theirs.msgpack.gz" for n in range(3)}
    assert near
    assert {(each.rows, each.columns, tuple(each.runs)) for each in near} == {(2025, 10, ())}
    assert {one.config: one.mean for one in found.models} != {one.config: one.mean for one in without.models}
    again = ask(store, suggester)
    assert msgspec.json.encode(again) == msgspec.json.encode(without), "it is left behind with the setting"


def test_further_configs_are_suggested_where_there_is_code_for_them(store, tmp_path):
    file = written(tmp_path / "theirs.msgpack.gz", a_table())
    found = ask(store, Suggester({"classification": PRIOR}), [file])
    assert {one.config for one in found.models} == {*CONFIGS, SVM}
    (svm,) = [one for one in found.models if one.config == SVM]
    assert (svm.family, svm.estimator, svm.params) == ("svm", "sklearn.svm.SVC", {"C": 3.0})
    assert config_from(found.task, svm.config, svm.estimator, svm.params).params == {"C": 3.0}
    assert all("of theirs.msgpack.gz" in each.name for each in svm.similar)
    few = written(tmp_path / "few.msgpack.gz", a_table(1))
    assert SVM not in {one.config for one in ask(store, Suggester({"classification": PRIOR}), [few]).models}


def test_a_class_of_that_name_from_elsewhere_is_never_suggested(store, tmp_path):
    """A cell would import it, whatever it does."""
    table = a_table()
    evil = tuple(
        msgspec.structs.replace(one, estimator="evil.svm.SVC") if one.name == SVM else one
        for one in table.configs
    )
    file = written(tmp_path / "theirs.msgpack.gz", table._replace(configs=evil))
    found = ask(store, Suggester({"classification": PRIOR}), [file])
    assert {one.config for one in found.models} == set(CONFIGS)
    renamed = tuple(
        msgspec.structs.replace(one, name="mine") if one.name == SVM else one for one in table.configs
    )
    file = written(tmp_path / "renamed.msgpack.gz", table._replace(configs=renamed))
    found = ask(store, Suggester({"classification": PRIOR}), [file])
    assert {one.config for one in found.models} == set(CONFIGS)


def test_runs_count_for_the_configs_of_files(store, tmp_path):
    """A config of a file's is known already: one dataset of the team's is enough for it."""
    file = written(tmp_path / "theirs.msgpack.gz", a_table())
    run = svm_run(1, 3.0, 0.97)
    fill_with(store.write, [run])
    put_data(store, [run], 1)
    suggester = Suggester({"classification": PRIOR})
    assert ask(store, suggester).team_datasets == 0
    found = ask(store, suggester, [file])
    assert (found.team_datasets, found.file_datasets, found.datasets) == (1, 3, 44)
    attempts = Attempts().read(store)
    counts = [
        suggester.answer(attempts, a_question(), None, files).team_datasets for files in ([], [file], [])
    ]
    assert counts == [0, 1, 0], "also of runs that were read already"
    own = ask(store, suggester, [file], a_question(data=["x1:y1"]))
    assert SVM not in {one.config for one in own.models}, "it was tried on these data"


def rows_of(table, rows):
    arrays = ("scores", "spreads", "seconds", "statuses", "metafeatures")
    return table._replace(
        datasets=table.datasets[rows], **{name: getattr(table, name)[rows] for name in arrays}
    )


def test_scores_turned_round_are_not_believed(store, tmp_path):
    """The prior's datasets, all of one kind here, say that the odd places are good, and the file the opposite."""
    tables = {"classification": rows_of(PRIOR, slice(1, 20, 2))}
    table = a_table(100, configs=CONFIGS)
    wrong = written(tmp_path / "wrong.msgpack.gz", table._replace(scores=1.6 - table.scores))

    def best(suggester):
        return [CONFIGS.index(one.config) % 2 for one in ask(store, suggester, [wrong]).models[:4]]

    assert best(Suggester({})) == [0, 0, 0, 0]
    assert best(Suggester(tables)) == [1, 1, 1, 1]


def test_a_groups_duplicates_never_inform(store, tmp_path):
    """Many datasets of one source are one piece of evidence, within a file and together with the prior's."""
    apart = written(tmp_path / "apart.msgpack.gz", a_table(40))
    kin = written(tmp_path / "kin.msgpack.gz", a_table(40, "one source"))
    assert ask(store, Suggester({}), [apart]).calibrated
    assert not ask(store, Suggester({}), [kin]).calibrated
    tables = {"classification": rows_of(PRIOR, slice(6))}
    assert not ask(store, Suggester(tables)).calibrated
    again = written(tmp_path / "again.msgpack.gz", small_prior_of_groups())
    assert not ask(store, Suggester(tables), [again]).calibrated, "they are of the prior's own groups"
    assert ask(store, Suggester(tables), [apart]).calibrated


def small_prior_of_groups():
    """Give forty datasets that share their sources with the prior's first six."""
    table = small_prior()
    groups = [one.group for one in table.datasets[:6]]
    return table._replace(
        datasets=tuple(
            msgspec.structs.replace(one, group=groups[place % 6]) for place, one in enumerate(table.datasets)
        )
    )


def test_metafeatures_that_a_table_lacks_are_unknown(store, tmp_path):
    table = a_table()
    told = NAMES.index("nr_inst")
    file = written(
        tmp_path / "one.msgpack.gz",
        table._replace(metafeatures=table.metafeatures[:, [told]], metafeature_names=(NAMES[told],)),
    )
    nothing = written(
        tmp_path / "none.msgpack.gz",
        table._replace(metafeatures=np.full(table.metafeatures.shape, np.nan)),
    )
    for path in (file, nothing):
        found = ask(store, Suggester({"classification": PRIOR}), [path])
        assert (found.file_datasets, found.note) == (3, "")
        assert all(np.isfinite([one.low, one.mean, one.high]).all() for one in found.models)


def test_a_file_is_read_once_and_again_when_it_changes(store, tmp_path, monkeypatch):
    from maestro_jupyter.recommend import learnt

    reads, fits, read, fit = [], [], knowledge.read, learnt.Engine.fit
    monkeypatch.setattr(knowledge, "read", lambda path: reads.append(path) or read(path))
    monkeypatch.setattr(learnt.Engine, "fit", lambda *args, **named: fits.append(1) or fit(*args, **named))
    file, suggester = tmp_path / "theirs.msgpack.gz", Suggester({"classification": PRIOR})
    absent = ask(store, suggester, [file])
    assert "theirs.msgpack.gz cannot be read as knowledge" in absent.note
    written(file, a_table())
    for _ in range(3):
        assert ask(store, suggester, [file]).file_datasets == 3
        ask(store, suggester, [file], a_question(task="regression"))
    assert (len(reads), len(fits)) == (2, 2)
    written(file, a_table(5))
    assert ask(store, suggester, [file]).file_datasets == 5
    assert (len(reads), len(fits)) == (3, 3)


def test_files_of_one_name_and_datasets_of_one_name_stand_beside_each_other(store, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    files = [written(tmp_path / folder / "theirs.msgpack.gz", a_table()) for folder in ("one", "two")]
    found = ask(store, Suggester({"classification": PRIOR}), files)
    assert found.file_datasets == 6
    below = knowledge_files.KnowledgeFiles().below(PRIOR, files).table.datasets[len(PRIOR.datasets) :]
    sources = ("theirs.msgpack.gz", "theirs.msgpack.gz (2)")
    assert [one.name for one in below] == [f"theirs {n} of {source}" for source in sources for n in range(3)]


def bombed(path):
    path.write_bytes(gzip.compress(bytes(knowledge.MOST_BYTES + 1)))


def with_scores(table, value):
    scores = table.scores.copy()
    scores[0, 0] = value
    return table._replace(scores=scores)


TABLE = a_table()
BAD = {
    "absent": (lambda path: None, "cannot be read as knowledge: .*No such file"),
    "a table": (lambda path: path.write_text("dataset,config,score\n"), "cannot be read as knowledge"),
    "cut short": (lambda path: path.write_bytes(knowledge.encoded(MADE, [TABLE])[:-30]), "cannot be read"),
    "a folder": (lambda path: path.mkdir(), "is no file"),
    "a pipe": (os.mkfifo, "is no file"),
    "a bomb": (bombed, "has more than 64 MiB of knowledge"),
    "pickled": (lambda path: path.write_bytes(gzip.compress(b"\x80\x04cos\nsystem\n.")), "cannot be read"),
    "another task": (lambda path: written(path, TABLE._replace(task="ranking")), "task 'ranking', which is neither"),
    "another metric": (
        lambda path: written(path, TABLE._replace(score="accuracy")),
        "has 'accuracy' of classification, and suggestions learn from balanced_accuracy",
    ),
    "percent": (lambda path: written(path, with_scores(TABLE, 91.0)), "has scores above 1, which"),
    "an infinity": (lambda path: written(path, with_scores(TABLE, -np.inf)), "has infinite scores; a trial"),
    "a loss": (lambda path: written(path, with_scores(TABLE, -0.5)), "has scores below 0, which"),
    "a negative time": (lambda path: written(path, TABLE._replace(seconds=-TABLE.seconds)), "seconds that are no time"),
    "another status": (lambda path: written(path, TABLE._replace(statuses=TABLE.statuses + 9)), "a status that is none"),
    "a dataset twice": (
        lambda path: written(path, TABLE._replace(datasets=TABLE.datasets[:1] * 3)),
        "has the dataset 'theirs 0' twice",
    ),
    "a table too few cells": (
        lambda path: written(path, TABLE._replace(scores=TABLE.scores[:2])), "cannot be read as knowledge"
    ),
    "a name without end": (
        lambda path: written(path, TABLE._replace(configs=(msgspec.structs.replace(TABLE.configs[0], name="x" * 999), *TABLE.configs[1:]))),
        "a config whose name is 999 characters long",
    ),
    "two tables of one task": (lambda path: written(path, TABLE, TABLE), "has several tables of one task"),
    "parameters without end": (
        lambda path: written(
            path,
            TABLE._replace(configs=(msgspec.structs.replace(TABLE.configs[0], params=dict.fromkeys(map(str, range(101)), 1)), *TABLE.configs[1:])),
        ),
        "a config with 101 parameters",
    ),
    "too many datasets": (
        lambda path: written(path, a_table(knowledge_files.MOST_DATASETS + 1, configs=CONFIGS[:1])),
        "brings 2,001 datasets; suggestions learn from 2,000 at most",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_a_note_and_the_command_refuses_it(store, tmp_path, capsys, monkeypatch, kind):
    make, said = BAD[kind]
    bad, good = tmp_path / "secret place" / "bad.msgpack.gz", tmp_path / "good.msgpack.gz"
    bad.parent.mkdir()
    make(bad)
    written(good, TABLE)
    with pytest.raises(Invalid, match=said):
        knowledge_files.checked(bad)
    found = ask(store, Suggester({"classification": PRIOR}), [bad, good])
    assert (found.file_datasets, len(found.models)) == (3, len(CONFIGS) + 1)
    assert found.note.startswith("bad.msgpack.gz ")
    assert found.note.endswith("Suggestions do without it.")
    assert "secret place" not in found.note
    assert "\n" not in found.note
    assert main(["knowledge", "show", str(bad)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_what_is_too_much_together_is_left_out(store, tmp_path, monkeypatch):
    monkeypatch.setattr(knowledge_files, "MOST_DATASETS", 4)
    one = written(tmp_path / "one.msgpack.gz", a_table())
    two = written(tmp_path / "two.msgpack.gz", a_table())
    found = ask(store, Suggester({"classification": PRIOR}), [one, two])
    assert found.file_datasets == 3
    assert found.note.startswith("two.msgpack.gz was left out: with those before, it brings 6 datasets")


def test_a_name_that_two_files_make_is_a_note(store, tmp_path):
    files = []
    for dataset, file in (("a of b", "c"), ("a", "b of c")):
        named = (msgspec.structs.replace(TABLE.datasets[0], name=dataset), *TABLE.datasets[1:])
        files.append(written(tmp_path / file, TABLE._replace(datasets=named)))
    found = ask(store, Suggester({"classification": PRIOR}), files)
    assert found.file_datasets == 3
    assert found.note.startswith("b of c was left out: The dataset 'a of b of c' is known already.")


def test_scores_of_another_kind_are_not_merged():
    with pytest.raises(Conflict, match="'accuracy' cannot be merged with balanced_accuracy"):
        PRIOR.merged(a_table(score="accuracy"))


def test_the_settings_name_files(tmp_path):
    environ = {"MAESTRO_KNOWLEDGE": os.pathsep.join(["/a/one.gz", "two.gz", "", "/a/one.gz", "~/three.gz"])}
    files = Maestro(environ=environ).knowledge_files
    assert [file.name for file in files] == ["one.gz", "two.gz", "three.gz"]
    assert all(file.is_absolute() for file in files)
    assert Maestro(environ={}).knowledge_files == ()


def table_file(path, **changes):
    rows = pd.DataFrame(
        {
            "dataset": ["churn", "churn", "sales", "sales"],
            "config": ["lda()", "mine", "lda()", "mine"],
            "score": [0.8, 0.9, 0.7, 0.75],
            "estimator": [None, "SVC", None, "SVC"],
            "params": [None, '{"C": 3.0}', None, None],
        }
    ).assign(**changes)
    rows.to_csv(path, index=False)
    return str(path)


def test_a_newcomers_table_reaches_suggestions(home, tmp_path, capsys, monkeypatch):
    measured = tmp_path / "measured.csv"
    X, y = wine()
    about = metafeatures(X, y)
    pd.DataFrame([{"dataset": name, **about} for name in ("churn", "sales")]).to_csv(measured, index=False)
    asked = ["--task", "classification", "--metric", "balanced_accuracy", "--metafeatures", str(measured)]
    assert main(["knowledge", "import", table_file(tmp_path / "scores.csv"), *asked]) == 0
    output = home / "knowledge" / "scores.msgpack.gz"
    said = capsys.readouterr().out
    assert f"4 trials of 2 configs on 2 datasets (classification, balanced_accuracy), to {output}" in said
    assert "no code" not in said
    assert "MAESTRO_KNOWLEDGE" in said
    named_in_the_settings(monkeypatch, output)
    assert main(["knowledge", "show"]) == 0
    assert "maestro knowledge import scores.csv" in capsys.readouterr().out
    found = maestro.suggest(X, y, n=100)
    (svm,) = [one for one in found if one.forecast.config == SVM]
    assert {each.name for each in svm.forecast.similar} == {
        "churn of scores.msgpack.gz",
        "sales of scores.msgpack.gz",
    }
    assert "SVC(C=3.0)" in svm.code
    assert svm.pipeline().fit(X, y).score(X, y) > 0.5
    assert "2 of them from files of knowledge" in repr(found)
    html = found.view().html
    assert "churn of scores.msgpack.gz" in html
    assert found.note == ""


def test_an_r2_far_below_zero_is_one_that_suggestions_learn_from(tmp_path, capsys):
    table = table_file(tmp_path / "scores.csv", score=[-1e40, 0.5, 0.4, 0.3])
    output = str(tmp_path / "theirs.msgpack.gz")
    asked = ["--task", "regression", "--metric", "r2", "--output", output]
    assert main(["knowledge", "import", table, *asked]) == 0
    assert main(["knowledge", "show", output]) == 0
    assert "4 trials" in capsys.readouterr().out


def named_in_the_settings(monkeypatch, file):
    """Begin as the next process does, with the variable set."""
    monkeypatch.setenv("MAESTRO_KNOWLEDGE", str(file))
    forget()


def wine():
    from sklearn.datasets import load_wine

    return load_wine(return_X_y=True)


def test_a_newcomers_build_reaches_suggestions(home, capsys, monkeypatch):
    asked = ["--dataset", "wine", "--dataset", "iris", "--config", "lda()", "--config", "naive_bayes()"]
    assert main(["knowledge", "build", *asked]) == 0
    file = home / "knowledge" / "knowledge.msgpack.gz"
    assert main(["knowledge", "show", str(file)]) == 0
    assert "4 trials of 2 configs on 2 datasets (classification" in capsys.readouterr().out
    named_in_the_settings(monkeypatch, file)
    X, y = wine()
    found = maestro.suggest(X, y, n=100)
    names = {each.name for one in found for each in one.forecast.similar}
    assert "wine of knowledge.msgpack.gz" in names
    assert found.found.file_datasets == 2


@pytest.mark.parametrize(
    ("asked", "changes", "said"),
    [
        (["--task", "classification", "--metric", "accuracy"], {}, "has 'accuracy' of classification, and"),
        (["--task", "ranking", "--metric", "r2"], {}, "'ranking' is neither"),
        (["--task", "regression", "--metric", "r2"], {"score": [80, 90, 70, 75]}, "scores above 1"),
        (
            ["--task", "classification", "--metric", "balanced_accuracy"],
            {"config": ["SVC(C=3.0)", "mine"] * 2, "estimator": "SVC", "params": '{"C": 3.0}'},
            r"'SVC(C=3.0)' and 'mine' of the table are the same: SVC(C=3.0)",
        ),
        (
            ["--task", "classification", "--metric", "balanced_accuracy"],
            {"params": json.dumps({"C": 10**40})},
            "a number of more than 64 bits",
        ),
    ],
)
def test_the_command_refuses_a_bad_table(home, tmp_path, capsys, asked, changes, said):
    table = table_file(tmp_path / "scores.csv", **changes)
    assert main(["knowledge", "import", table, *asked]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
    assert not (home / "knowledge").exists()


def test_the_command_writes_over_no_table_and_says_where_it_cannot_write(home, tmp_path, capsys):
    table = table_file(tmp_path / "scores.csv")
    asked = ["knowledge", "import", table, "--task", "classification", "--metric", "balanced_accuracy"]
    before = Path(table).read_bytes()
    assert main([*asked, "--output", table]) == 2
    assert "is the table itself" in capsys.readouterr().err
    assert main([*asked, "--output", f"{table}/inside"]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert Path(table).read_bytes() == before


def test_the_command_says_for_what_there_is_no_code(tmp_path, capsys):
    written(tmp_path / "theirs.msgpack.gz", a_table())
    assert main(["knowledge", "show", str(tmp_path / "theirs.msgpack.gz")]) == 0
    assert "1 of the configs inform only, as no code is known for it" in capsys.readouterr().out


def test_nothing_named_is_said(capsys):
    assert main(["knowledge", "show"]) == 0
    assert "names no file" in capsys.readouterr().out
