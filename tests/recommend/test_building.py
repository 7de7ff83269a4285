"""Building knowledge with real processes: killed and gone on with, slow, failing and dying trials, Dask."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import psutil
import pytest

from maestro_jupyter.cli import main
from maestro_jupyter.errors import Conflict, Invalid, NotFound, Unavailable
from maestro_jupyter.recommend import building
from maestro_jupyter.recommend.building import Request, begun_now, build
from maestro_jupyter.recommend.compiling import provenance_of, tables_of
from maestro_jupyter.recommend.datasets import problem
from maestro_jupyter.recommend.knowledge import Knowledge, encoded, read
from maestro_jupyter.recommend.pipelines import recipe
from maestro_jupyter.recommend.portfolio import config_of
from maestro_jupyter.recommend.trial_process import Outcome, TrialProcess
from maestro_jupyter.recommend.trials import Trials, score

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DATASETS = ["iris", "engel_food", "penguins_sex"]
CONFIGS = ["decision_tree(max_depth=2)", "knn(n_neighbors=3)", "lda()", "ridge(alpha=1.0)", "svm(C=1.0)"]
TRIALS = 5 + 4 + 5
"""All are classifiers, and all but one are regressors, too."""

COMMAND = [
    *(sys.executable, "-m", "maestro_jupyter.cli", "knowledge", "build"),
    *(part for name in DATASETS for part in ("--dataset", name)),
    *(part for name in CONFIGS for part in ("--config", name)),
]
SLOW = "perceptron(hidden_layer_sizes=(64, 32), alpha=1.0)"


def timeless(tables: Sequence[Knowledge]) -> bytes:
    """Write all that does not depend on how fast the machine was."""
    made = provenance_of(begun_now(Request()), "")
    return encoded(made, [table._replace(seconds=np.zeros(table.scores.shape)) for table in tables])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Outcome]]:
    folder = tmp_path_factory.mktemp("built")
    return folder, build(folder, Request(DATASETS, CONFIGS))


@pytest.mark.slow
@pytest.mark.parametrize("lines", [1, 4, 9])
def test_a_build_that_was_killed_goes_on_and_gives_the_same(
    built: tuple[Path, list[Outcome]], tmp_path: Path, lines: int
) -> None:
    log = tmp_path / "killed" / "trials.jsonl"
    process = subprocess.Popen([*COMMAND, "--folder", str(log.parent)], stdout=subprocess.DEVNULL)
    while not log.exists() or log.read_bytes().count(b"\n") < lines:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = log.read_bytes()
    assert main([*COMMAND[3:], "--folder", str(log.parent)]) == 0
    assert log.read_bytes().startswith(before[: before.rfind(b"\n") + 1])
    killed = read(log.with_name("knowledge.msgpack.gz"))
    assert timeless(list(killed.tables.values())) == timeless(tables_of(built[1]))
    assert killed.provenance.versions == begun_now(Request()).versions


@pytest.mark.slow
def test_a_second_build_in_the_same_folder_is_refused_and_the_first_stays_whole(
    built: tuple[Path, list[Outcome]], tmp_path: Path
) -> None:
    log, command = tmp_path / "trials.jsonl", [*COMMAND, "--folder", str(tmp_path)]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    while not log.exists() or not log.read_bytes():
        assert first.poll() is None
        time.sleep(0.01)
    first.send_signal(signal.SIGSTOP)  # so that it cannot have ended meanwhile
    second = subprocess.run(command, check=False, capture_output=True, text=True)
    first.send_signal(signal.SIGCONT)
    assert (second.returncode, second.stdout, second.stderr) == (
        2,
        "",
        f"maestro: Another build goes on in {tmp_path}. Wait for its end, or build in another folder.\n",
    )
    assert f"Wrote {TRIALS} trials" in first.communicate()[0]
    assert first.returncode == 0
    assert log.read_bytes().count(b"\n") == 1 + TRIALS, "nothing is there twice"
    made = read(tmp_path / "knowledge.msgpack.gz")
    assert timeless(list(made.tables.values())) == timeless(tables_of(built[1]))


@pytest.mark.slow
def test_a_build_that_was_killed_leaves_no_lock_though_its_trial_lives_on(tmp_path: Path) -> None:
    log = tmp_path / "trials.jsonl"
    process = subprocess.Popen([*COMMAND, "--folder", str(tmp_path)], stdout=subprocess.DEVNULL)
    while not log.exists() or log.read_bytes().count(b"\n") < 2:
        assert process.poll() is None
        time.sleep(0.01)
    with pytest.raises(Conflict, match="Another build goes on in"):
        build(tmp_path, Request(DATASETS, CONFIGS))
    (trying,) = psutil.Process(process.pid).children()
    trying.suspend()  # so that it does not notice that nobody listens any more
    try:
        process.kill()
        process.wait()
        assert len(build(tmp_path, Request(["engel_food"], CONFIGS))) == 4
    finally:
        trying.resume()


def test_a_folder_that_cannot_be_built_in_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(Unavailable, match=r"taken cannot be built in: File exists\."):
        build(tmp_path / "taken", Request(["iris"], CONFIGS))


@pytest.mark.slow
def test_a_build_that_is_interrupted_says_so_and_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "trials.jsonl"
    command = [*COMMAND[:5], "--dataset", "wine", "--folder", str(tmp_path)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while not log.exists() or log.read_bytes().count(b"\n") < 4:
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: whoever tries the configurations, too
    assert process.communicate()[1] == "maestro: interrupted.\n"
    assert process.returncode == 130
    tried = [msgspec.json.decode(line) for line in log.read_bytes().splitlines()[1:]]
    assert {outcome["status"] for outcome in tried} == {"ok"}
    assert (
        main([*COMMAND[3:5], "--dataset", "wine", "--config", tried[0]["config"], "--folder", str(tmp_path)])
        == 0
    )


def test_every_configuration_of_a_task_is_tried_on_each_dataset(built: tuple[Path, list[Outcome]]) -> None:
    outcomes = built[1]
    assert len(outcomes) == TRIALS
    assert {outcome.status for outcome in outcomes} == {"ok"}
    assert all(len(outcome.scores) == len(outcome.seconds) == 5 for outcome in outcomes)
    tables = {table.task: table for table in tables_of(outcomes)}
    iris = [dataset.name for dataset in tables["classification"].datasets].index("iris")
    assert tables["classification"].scores[iris].min() > 0.6
    assert tables["classification"].score == "balanced_accuracy"
    assert not np.isnan(tables["regression"].metafeatures[:, 0]).any()


def test_the_scores_are_those_of_the_whole_pipeline_on_the_same_folds() -> None:
    from sklearn.model_selection import cross_val_score

    for name, config, scoring in (
        ("titanic", "logistic(C=0.1)", "balanced_accuracy"),
        ("penguins_mass", "svm(C=10.0)", "r2"),
    ):
        trials = Trials(problem(name))
        chosen = config_of(trials.problem.task, config)
        model = recipe(chosen, trials.schema).pipeline()
        expected = cross_val_score(model, trials.X, trials.y, cv=trials.folds, scoring=scoring)
        assert [fold.score for fold in trials.run(chosen)] == pytest.approx(expected)


def test_what_is_known_is_not_tried_again(built: tuple[Path, list[Outcome]]) -> None:
    folder, outcomes = built
    before = (folder / "trials.jsonl").read_bytes()
    assert build(folder, Request(DATASETS, CONFIGS)) == outcomes
    assert (folder / "trials.jsonl").read_bytes() == before


def test_a_line_that_was_cut_short_is_tried_again(built: tuple[Path, list[Outcome]], tmp_path: Path) -> None:
    folder, outcomes = built
    whole = (folder / "trials.jsonl").read_bytes()
    (tmp_path / "trials.jsonl").write_bytes(whole[:-40])
    again = build(tmp_path, Request(DATASETS, CONFIGS))
    assert [outcome.scores for outcome in again] == [outcome.scores for outcome in outcomes]


def test_a_build_goes_on_only_as_it_was_begun(built: tuple[Path, list[Outcome]], tmp_path: Path) -> None:
    with pytest.raises(Conflict, match=r"was begun with seed 0 \(now 1\)"):
        build(built[0], Request(DATASETS, CONFIGS, seed=1))
    lines = (built[0] / "trials.jsonl").read_bytes().splitlines(keepends=True)
    begun = begun_now(Request())
    older = msgspec.structs.replace(begun, versions={**begun.versions, "scikit-learn": "1.0"})
    (tmp_path / "trials.jsonl").write_bytes(msgspec.json.encode(older) + b"\n" + b"".join(lines[1:]))
    with pytest.raises(Conflict, match=r"scikit-learn 1.0 \(now "):
        build(tmp_path, Request(DATASETS, CONFIGS))


def test_a_file_that_is_no_log_is_refused(tmp_path: Path) -> None:
    (tmp_path / "trials.jsonl").write_text("{}\n")
    with pytest.raises(Invalid, match="is no log of a build"):
        build(tmp_path, Request(DATASETS, CONFIGS))


@pytest.mark.parametrize("request_", [Request(["unknown"]), Request(["iris"], ["unknown()"])])
def test_unknown_names_are_refused_before_anything_is_tried(tmp_path: Path, request_: Request) -> None:
    with pytest.raises(NotFound, match="unknown"):
        build(tmp_path / "none", request_)
    assert not (tmp_path / "none").exists()


def test_a_trial_that_raises_or_takes_too_long_is_noted_as_that() -> None:
    with TrialProcess(limit=0.02) as process:
        slow = process.run("digits", "classification", SLOW)
    with TrialProcess(limit=60) as process:
        failed = process.run("engel_food", "regression", "pls(n_components=3)")
        quick = process.run("engel_food", "regression", "ridge(alpha=1.0)")
    assert (slow.status, slow.scores) == ("timeout", [])
    assert failed.status == "failed"
    assert "n_components" in failed.error
    assert quick.status == "ok"


def test_a_dataset_that_cannot_be_loaded_is_no_failure_of_configurations() -> None:
    with TrialProcess(limit=60) as process, pytest.raises(Unavailable, match="'unknown' cannot be loaded"):
        process.run("unknown", "classification", "lda()")


def test_a_package_that_is_missing_is_said_before_anything_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        building, "find_spec", lambda name: None if name == "statsmodels" else find_spec(name)
    )
    with pytest.raises(Unavailable, match="'engel_food' needs a package that is not installed"):
        build(tmp_path / "none", Request(DATASETS))
    assert not (tmp_path / "none").exists()


def test_after_a_process_died_the_next_trial_has_one_of_its_own() -> None:
    before = set(psutil.Process().children())
    with TrialProcess(limit=60) as process:
        assert process.run("iris", "classification", "lda()").status == "ok"
        (child,) = set(psutil.Process().children()) - before
        outcomes: list[Outcome] = []
        trial = threading.Thread(
            target=lambda: outcomes.append(process.run("digits", "classification", SLOW)), daemon=True
        )
        trial.start()
        child.kill()
        trial.join()
        assert outcomes[0].status == "crashed"
        assert process.run("iris", "classification", "lda()").status == "ok"
    assert not psutil.pid_exists(child.pid)


@pytest.mark.slow
def test_a_dask_cluster_builds_the_same(built: tuple[Path, list[Outcome]], tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        outcomes = build(tmp_path, Request(DATASETS, CONFIGS), client)
    assert timeless(tables_of(outcomes)) == timeless(tables_of(built[1]))


def test_the_command_says_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "some" / "file.msgpack.gz"
    asked = ["--dataset", "engel_food", "--config", "ridge(alpha=1.0)", "--config", "pls(n_components=3)"]
    assert main(["knowledge", "build", *asked, "--output", str(output)]) == 0
    out = capsys.readouterr().out
    assert "1 of 1: engel_food, " in out
    assert f"Wrote 2 trials on 1 dataset, 1 without a score, to {output}" in out
    table = read(output).tables["regression"]
    assert table.statuses.tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--dataset", "unknown"], "There is no dataset 'unknown'"),
        (["--config", "unknown()"], "no configuration 'unknown()'"),
        (
            ["--dataset", "iris", "--dask", "tcp://127.0.0.1:9"],
            "There is no Dask scheduler at tcp://127.0.0.1:9",
        ),
    ],
)
def test_the_command_says_in_a_sentence_what_is_wrong(
    asked: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["knowledge", "build", *asked]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("limit", ["0", "-1", "soon", "nan"])
def test_a_limit_is_a_number_of_seconds(limit: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["knowledge", "build", "--limit", limit])
    assert "expected a number of seconds" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("task", "truth", "guess", "expected"),
    [
        ("classification", [0, 0, 1, 1, 2], [0, 0, 1, 0, 2], 2.5 / 3),
        ("classification", [0, 1], [2, 1], 0.5),
        ("regression", [1.0, 2.0, 3.0], [2.0, 2.0, 2.0], 0.0),
        ("regression", [1.0, 2.0, 3.0], [[1.0], [2.0], [3.0]], 1.0),
        ("regression", [1.0, 2.0, 3.0], [9.0, -9.0, 9.0], -1.0),
        ("regression", [2.0, 2.0], [2.0, 3.0], 0.0),
    ],
)
def test_a_score_is_what_scikit_learn_would_say(
    task: str, truth: list[float], guess: list[float], expected: float
) -> None:
    assert score(task, truth, guess) == pytest.approx(expected)
