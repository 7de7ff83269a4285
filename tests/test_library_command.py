"""`maestro library`: every verb, as text and as JSON, and what is refused."""

from __future__ import annotations

import hashlib
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import maestro_jupyter as maestro
from maestro_jupyter.app import current
from maestro_jupyter.cli import main
from maestro_jupyter.config import Maestro

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def said(home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def ask(*argv: str) -> str:
        capsys.readouterr()
        assert main(["library", *argv]) == 0
        shown = capsys.readouterr()
        assert shown.err == ""
        return shown.out

    return ask


@pytest.fixture
def refused(home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def ask(*argv: str) -> str:
        capsys.readouterr()
        assert main(["library", *argv]) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.startswith("maestro: ")
        assert shown.err.count("\n") == 1
        return shown.err

    return ask


@pytest.fixture
def towns(home: Path, tmp_path: Path) -> Path:
    """Put a table of towns, twice, and something else into the library."""
    file = tmp_path / "towns.csv"
    file.write_text("town,income\na,1\n")
    maestro.register(
        "towns", file, tags=["geo"], description="Towns with incomes.", aliases=["champion"], type="table"
    )
    file.write_text("town,income\na,2\n")
    maestro.register("towns", file)
    maestro.register("limits", {"high": 1}, tags=["geo", "demo"])
    return file


def test_an_empty_library(said: Callable[..., str]) -> None:
    assert said("list") == "The library holds nothing yet.\n"
    assert said("list", "--type", "model") == "The library has nothing like that.\n"
    assert said("list", "--archived") == "Nothing is put away.\n"
    assert said("top") == "Nobody has used anything of the library yet.\n"
    assert said("trending") == "Nothing of the library was used in the last 5 weeks.\n"
    assert said("unused") == "Nothing has been unused for 90 days.\n"
    assert said("search", "x").startswith("The library has nothing like that.")
    for verb in ("list", "top", "trending", "unused"):
        assert json.loads(said(verb, "--json")) == []


def test_the_list_and_its_filters(said: Callable[..., str], towns: Path) -> None:
    shown = said("list")
    assert shown.index("limits:1") < shown.index("towns:2")
    assert "2 artifacts." in shown
    assert "1 of 2 artifacts." in said("list", "-n", "1")

    def names(*argv: str) -> set[str]:
        return {one["name"] for one in json.loads(said("list", "--json", *argv))}

    user = current().recorder.user
    assert names() == names("--tag", "geo") == names("--owner", user, "--project", "default")
    assert names("--tag", "geo", "--tag", "demo") == {"limits"}
    assert names("--type", "dataset") == {"limits", "towns"}
    for nothing in (["--type", "x"], ["--tag", "x"], ["--project", "x"], ["--owner", "x"]):
        assert names(*nothing) == set()


def test_one_artifact(said: Callable[..., str], towns: Path) -> None:
    with maestro.start_run("builds", project="churn") as run:
        maestro.use("towns@champion")
    maestro.flush()
    shown = said("show", "towns")
    for part in ("towns:2", "Towns with incomes.", "@champion", "Unknown: ", "churn", run.run_id[:8]):
        assert part in shown
    assert "In 1 project, by 1 run." in shown
    found = json.loads(said("show", "towns@champion", "--json"))
    assert (found["artifact"]["version"], len(found["versions"])) == (1, 2)
    assert [use["run_id"] for use in found["uses"]] == [run.run_id]
    assert found["impact"]["status"] == "unknown"


def test_searching_in_pages_with_counts(said: Callable[..., str], home: Path) -> None:
    for number in range(3):
        maestro.register(
            f"limits {number}", {"n": number}, tags=["odd"] if number % 2 else [], description="Incomes."
        )
    maestro.register("elsewhere", {"n": 9}, type="schema")
    first = said("search", "incomes", "--type", "dataset", "-n", "2")
    assert "its description mentions 'incomes'" in first
    assert "1 to 2 of 3 artifacts. More: `--page 2`." in first
    assert "tag: odd 1" in first
    assert "3 to 3 of 3 artifacts." in said(
        "search", "incomes", "--type", "dataset", "-n", "2", "--page", "2"
    )
    assert "no further ones" in said("search", "incomes", "--type", "dataset", "-n", "2", "--page", "3")
    found = json.loads(said("search", "incomes", "--tag", "odd", "--json"))
    assert (found["total"], [hit["artifact"]["name"] for hit in found["hits"]]) == (1, ["limits 1"])


def test_a_card_in_every_form_and_written_on(
    said: Callable[..., str], refused: Callable[..., str], towns: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    assert "towns:2" in said("card", "towns")
    assert json.loads(said("card", "towns:1", "--json"))["artifact"]["version"] == 1
    assert "<svg" not in said("card", "towns", "--format", "html").split("<body")[0]
    written = said("card", "towns", "--format", "markdown")
    card = tmp_path / "card.md"
    card.write_text(re.sub(r"(## Limitations\n)", r"\1\n> Only **whole** euros.\n", written), "utf-8")
    assert "> Only **whole** euros." in said("card", "towns", "--update", str(card), "--format", "markdown")
    assert maestro.card("towns")["limitations"] == "Only **whole** euros."
    assert "written on since" in refused("card", "towns", "--update", str(card))
    monkeypatch.setattr("sys.stdin", io.StringIO(said("card", "towns", "--format", "markdown")))
    assert "Only" in said("card", "towns", "--update", "-")
    assert "cannot be read" in refused("card", "towns", "--update", str(tmp_path / "none.md"))


def test_the_lineage_of_an_artifact_and_of_a_run(
    said: Callable[..., str], refused: Callable[..., str], towns: Path
) -> None:
    with maestro.start_run("train") as run:
        maestro.use("towns:1")
    maestro.register("model", {"weight": 1}, run=run.run_id)
    for reference in ("model", run.run_id, run.run_id[:12]):
        shown = said("lineage", reference)
        assert "train" in shown
        assert "towns:1" in shown
        names = {node["name"] for node in json.loads(said("lineage", reference, "--json"))["nodes"]}
        assert names >= {"train", "towns:1", "model:1"}
    assert said("lineage", "model", "--svg").startswith("<svg")
    assert "neither an artifact nor a run" in refused("lineage", "nothing")


def test_what_is_used(said: Callable[..., str], towns: Path) -> None:
    for project in ("a", "b"):
        with maestro.start_run(project=project):
            maestro.use("limits")
    with maestro.start_run(project="a"):
        maestro.use("towns")
    maestro.flush()
    shown = said("top")
    assert shown.index("limits") < shown.index("towns")
    assert "An association, not a cause." in shown
    (first, second) = json.loads(said("top", "--json"))
    assert (first["usage"]["projects"], second["usage"]["name"]) == (2, "towns")
    assert "towns" not in said("top", "-n", "1")
    assert "registered only 0 days ago" in said("trending")
    assert {one["name"]: one["recent"] for one in json.loads(said("trending", "--json"))} == {
        "limits": 2,
        "towns": 1,
    }
    assert "limits" not in said("unused", "--days", "1")


def test_downloading(
    said: Callable[..., str], refused: Callable[..., str], towns: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    assert "Wrote towns:2 (file, 16 B)" in said("download", "towns", str(folder))
    assert (folder / "towns-v2.csv").read_text() == towns.read_text()
    assert "there already. Add --force" in refused("download", "towns", str(folder))
    (folder / "towns-v2.csv").write_text("mine")
    refused("download", "towns", str(folder / "towns-v2.csv"))
    assert (folder / "towns-v2.csv").read_text() == "mine"
    found = json.loads(said("download", "towns@champion", str(folder / "towns-v2.csv"), "--force", "--json"))
    assert hashlib.sha256((folder / "towns-v2.csv").read_bytes()).hexdigest() == found["artifact"]["sha256"]
    said("download", "limits", str(folder))
    assert json.loads((folder / "limits-v1.json").read_text()) == {"high": 1}
    assert "no folder" in refused("download", "towns", str(folder / "none" / "x"))
    assert {path.name for path in folder.iterdir()} == {"towns-v2.csv", "limits-v1.json"}


def test_altered_bytes_are_not_written(refused: Callable[..., str], towns: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(towns.read_bytes()).hexdigest()
    (kept,) = Path(Maestro().artifact_url).rglob(digest)
    kept.write_bytes(b"altered")
    target = tmp_path / "out.csv"
    assert "have changed since they were kept" in refused("download", "towns:2", str(target))
    assert not list(tmp_path.glob("out*"))
    assert not list(tmp_path.glob(".maestro-*"))


def test_a_hostile_file_name_does_not_name_the_file(
    said: Callable[..., str], home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "x.a b"
    file.write_text("x")
    maestro.register("odd", file)
    folder = tmp_path / "out"
    folder.mkdir()
    said("download", "odd", str(folder))
    assert [path.name for path in folder.iterdir()] == ["odd-v1"]


def test_registering(said: Callable[..., str], refused: Callable[..., str], tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    argv = ["--type", "schema", "--tag", "x", "--tag", "y", "--alias", "best", "--description", "Parts."]
    assert "The library has parts:1, of the type schema" in said("register", "parts", str(folder), *argv)
    version = maestro.current().api().library.get("parts@best")
    assert (version.tags, version.description, version.format, version.private) == (
        ["x", "y"],
        "Parts.",
        "folder",
        False,
    )
    made = json.loads(said("register", "own", str(folder / "a.txt"), "--private", "--json"))
    assert (made["name"], made["private"], made["type"]) == ("own", True, "dataset")
    assert "There is no file" in refused("register", "none", str(tmp_path / "none"))
    assert "artifact name" in refused("register", "../x", str(folder))


def test_what_is_anothers_is_registered_with_a_remark(
    said: Callable[..., str], towns: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current().recorder, "user", "eve")
    shown = said("register", "towns", str(towns), "--alias", "champion")
    assert "The library has towns:3" in shown
    assert "to say" in shown


def test_names_and_words(said: Callable[..., str], refused: Callable[..., str], towns: Path) -> None:
    assert said("alias", "towns:1", "best") == "towns@best is towns:1 now.\n"
    assert json.loads(said("alias", "towns@best", "first", "--json"))["aliases"] == [
        "best",
        "champion",
        "first",
    ]
    assert said("alias", "towns", "best", "--drop") == "towns@best, which was towns:1, is no more.\n"
    assert "There is no 'towns@best'" in refused("alias", "towns", "best", "--drop")
    assert "alias" in refused("alias", "towns", "1x")
    assert said("describe", "towns", "Other words.") == "towns: Other words.\n"
    assert json.loads(said("describe", "towns", "", "--json"))["description"] == ""
    assert said("tag", "towns", "b", "a", "--remove", "geo") == "towns has the tags a, b.\n"
    assert "has no tag 'geo'. It has a, b." in refused("tag", "towns", "--remove", "geo")
    assert "Expected tags" in refused("tag", "towns")


def test_putting_away_and_taking_out(
    said: Callable[..., str], refused: Callable[..., str], towns: Path
) -> None:
    assert "towns is put away" in said("archive", "towns")
    assert "towns" not in said("list")
    assert "towns:2" in said("list", "--archived", "--tag", "geo")
    assert "archived" in said("show", "towns")
    assert "towns:1 is put away" in said("archive", "towns:1")
    assert said("restore", "towns:1") == "towns:1 is back, but towns is put away, too.\n"
    assert said("restore", "towns") == "towns is back.\n"
    assert "towns:2" in said("list")
    said("archive", "towns:2")
    assert "towns:1" in said("list")
    assert json.loads(said("archive", "limits", "--json"))["archived"] is True
    assert "no artifact 'none'" in refused("archive", "none")


@pytest.mark.parametrize(
    "argv",
    [
        ["show", "none"],
        ["show", "a:b"],
        ["download", "none", "."],
        ["describe", "none", "x"],
        ["tag", "none", "x"],
        ["alias", "none", "x"],
        ["restore", "none"],
    ],
)
def test_what_is_not_there_is_one_sentence(refused: Callable[..., str], argv: list[str]) -> None:
    assert refused(*argv)


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["bogus"],
        ["show"],
        ["list", "-n", "0"],
        ["list", "-n", "1001"],
        ["search", "x", "--page", "0"],
        ["unused", "--days", "x"],
        ["top", "-n", "9" * 5000],
    ],
)
def test_bad_usage(argv: list[str], capsys: Any) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(["library", *argv])
    assert refusal.value.code == 2
    assert "usage: maestro library" in capsys.readouterr().err


def test_the_page_of_commands_has_every_verb(capsys: Any) -> None:
    with pytest.raises(SystemExit):
        main(["library", "--help"])
    verbs = re.findall(r"^    ([a-z]+)  ", capsys.readouterr().out, re.MULTILINE)
    page = (Path(__file__).parents[1] / "docs" / "commands.md").read_text(encoding="utf-8")
    assert re.findall(r"`maestro library ([a-z]+) ", page) == verbs
    assert len(verbs) == 15
