"""What of the library fits: the columns, words and imports that count, the order, and the reasons."""

from __future__ import annotations

import numpy as np
import pytest
from registering import Shelf

from maestro_jupyter.errors import Unavailable
from maestro_jupyter.library.clues import CELLS, WORDS, clues_of, column_word
from maestro_jupyter.library.embeddings import PACKAGED, SentenceEncoder
from maestro_jupyter.library.fits import Fit, by_impact, factor, fits, rarity
from maestro_jupyter.models import Impact, NotebookAtHand, TableAtHand
from maestro_jupyter.store import word_index
from maestro_jupyter.store.library_likeness import left_out, likeness

TELCO = {"tenure": "int64", "Contract": "object", "MonthlyCharges": "float64", "name": "object"}
PIPELINE = """def bands(frame):
    return frame["tenure"] // 12, frame['MonthlyCharges'].round(), frame.groupby("Contract")
"""
NAMED = ["tenure", "Contract", "MonthlyCharges"]


@pytest.fixture
def shelf(config, store) -> Shelf:
    return Shelf(config, store)


def at_hand(*cells: str, columns: dict[str, str] | None = None, **more: object) -> NotebookAtHand:
    tables = [] if columns is None else [TableAtHand(name="frame", columns=columns)]
    return NotebookAtHand(cells=list(cells), tables=tables, **more)


def found(shelf: Shelf, notebook: NotebookAtHand, user: str = "ada", encoder=None, without=()) -> list[Fit]:
    clues = clues_of(notebook)
    near = likeness(shelf.store, clues.texts, clues.looked_for, user=user, encoder=encoder, without=without)
    return fits(clues, notebook.tables, near)


def names(some: list[Fit]) -> list[str]:
    return [fit.artifact.name for fit in some]


# Columns


def test_a_pipeline_that_names_the_columns_in_its_code_fits(shelf):
    shelf.register("bands", text=PIPELINE)
    shelf.register("tenured", text="tenure = 3\nMonthlyCharges = 4\nContract = 5")  # variables, no columns
    shelf.collect()
    (fit,) = found(shelf, at_hand(columns=TELCO))
    assert (fit.artifact.name, fit.columns) == ("bands", NAMED)
    assert fit.reasons[0] == (
        "It names 3 of the 4 columns of 'frame': 'tenure', 'Contract', 'MonthlyCharges'."
    )


@pytest.mark.parametrize(
    ("type_", "about"),
    [
        ("dataset", {"columns": [{"name": name, "dtype": dtype} for name, dtype in TELCO.items()]}),
        ("schema", {"columns": list(TELCO)}),
        ("schema", {"schema": {"properties": {name: {} for name in TELCO}}}),
        ("schema", {"schema": {"columns": list(TELCO)}}),
        ("model", {"features": list(TELCO)}),
    ],
)
def test_what_was_registered_tells_its_columns(shelf, type_, about):
    shelf.register("telco", type=type_, about=about, text="\n".join(TELCO))
    shelf.collect()
    (fit,) = found(shelf, at_hand(columns=TELCO))
    assert fit.columns == list(TELCO)
    assert fit.reasons[0] == (
        "It names all 4 columns of 'frame': 'tenure', 'Contract', 'MonthlyCharges', 'name'."
    )


def test_columns_of_another_kind_are_others(shelf):
    other = {"tenure": "datetime64[ns]", "Contract": "float64", "MonthlyCharges": "float32", "name": "int64"}
    about = {"columns": [{"name": name, "dtype": dtype} for name, dtype in other.items()]}
    shelf.register("telco", type="dataset", about=about, text="\n".join(TELCO))
    shelf.collect()
    (fit,) = found(shelf, at_hand(columns=TELCO))
    assert fit.columns == ["Contract", "MonthlyCharges", "name"]  # what an object is, is not known


def test_columns_that_every_table_has_are_not_enough(shelf):
    common = {"id": "int64", "name": "object", "date": "object", "value": "float64"}
    shelf.register("ledger", type="dataset", text="\n".join(common))
    shelf.collect()
    assert found(shelf, at_hand(columns=common)) == []


def test_spellings_of_columns_are_compared(shelf):
    shelf.register("bands", text=PIPELINE.replace("tenure", "years of tenure"))
    shelf.collect()
    spelled = {"Years_of_Tenure": "int64", "monthlycharges": "float64", "CONTRACT": "object"}
    (fit,) = found(shelf, at_hand(columns=spelled))
    assert fit.columns == list(spelled)
    assert column_word("Years_of_Tenure") == column_word("years of tenure")


@pytest.mark.parametrize(
    "odd", ["", " ", "'", '"', "%s{}", "\x00", "日本", "a" * 200, "🙂", "NEAR(", "-", "*"]
)
def test_odd_names_of_columns(shelf, odd):
    shelf.register("bands", text=PIPELINE)
    shelf.collect()
    (fit,) = found(shelf, at_hand(columns={odd: "int64", **TELCO}))
    assert fit.columns == NAMED


# Tags


def test_what_has_the_tags_of_what_surely_fits_is_shown_beside_it(shelf):
    shelf.register("bands", text=PIPELINE, tags=["churn", "telco"])
    shelf.register(
        "left", text="left = 1", description="Tenure of those who left, by contract.", tags=["telco", "churn"]
    )
    shelf.register(
        "lives", text="lives = 1", description="Tenure of those who left, by contract.", tags=["tenants"]
    )
    shelf.collect()
    fits_ = found(shelf, at_hand("# tenure by contract", "x = 1", "y = 2", columns=TELCO))
    assert names(fits_) == ["bands", "left"]
    assert fits_[1].reasons[-1] == "It has the tags 'churn', 'telco' in common with 'bands', which fits."


def test_tags_alone_make_nothing_fit(shelf):
    for name in ("left", "stayed"):
        shelf.register(name, text="left = 1", tags=["churn"])
    shelf.collect()
    assert found(shelf, at_hand(columns=TELCO)) == []


@pytest.mark.parametrize("about", [{"columns": 3}, {"columns": [3, None, {}]}, {"schema": 3}, {"features": "x"},
                                   {"schema": {"properties": 3, "columns": None}}])  # fmt: skip
def test_whatever_is_known_of_an_artifact_can_be_read(shelf, about):
    shelf.register("sky", type="dataset", about=about, description="Photographs of galaxies.")
    shelf.collect()
    assert names(found(shelf, at_hand("# photographs of galaxies", columns=TELCO))) == ["sky"]


# Words and imports


def test_words_and_imports_are_told_as_they_are_written(shelf):
    shelf.register(
        "tempo", description="Beats of recordings.", text="import librosa\nlibrosa.beat.beat_track()"
    )
    shelf.collect()
    (fit,) = found(
        shelf, at_hand("recording = load(path)  # Beats per minute", imports=["librosa.load", "numpy"])
    )
    assert fit.reasons == [
        "It has to do with librosa.load, which the notebook imports.",
        "Its name, tags or description have words of the notebook: 'beats', 'recording'.",
    ]


def test_what_is_taken_from_a_package_that_all_have_counts_and_the_package_does_not(shelf):
    shelf.register("clouds", description="Clusters by KMeans.", text="KMeans(8)")
    shelf.register("numpy arrays with pandas and sklearn", description="pandas, numpy, sklearn, matplotlib")
    shelf.collect()
    imports = ["sklearn.cluster.KMeans", "numpy", "pandas", "matplotlib.pyplot"]
    assert names(found(shelf, at_hand("KMeans(3).fit(X)  # clusters", imports=imports))) == ["clouds"]


def test_what_every_notebook_has_fits_nothing(shelf):
    shelf.register("frames", description="Reads a CSV file into a data frame, and shows its head and shape.")
    shelf.register("plots", description="Plot of values: figure, axes, labels, title.")
    shelf.collect()
    cells = ["import pandas as pd", "df = pd.read_csv('data.csv')\ndf.head()", "df.plot(); print(df.shape)"]
    assert found(shelf, at_hand(*cells, imports=["pandas"], columns={"a": "int64"})) == []


def test_the_last_cells_count_more(shelf):
    for name, said in (("sky", "Photographs of galaxies."), ("sea", "Soundings of oceans.")):
        shelf.register(name, description=said)
    shelf.collect()
    sky, sea = "galaxies(photographs)", "oceans(soundings)"
    assert names(found(shelf, at_hand(sky, sea)))[0] == "sea"
    assert names(found(shelf, at_hand(sea, sky)))[0] == "sky"


def test_a_long_notebook_is_cut():
    clues = clues_of(at_hand(*(f"{'word' * 900} name{n}x = {n}" for n in range(50)), columns=TELCO))
    assert len(clues.texts) <= CELLS + 2
    assert max(map(len, clues.texts)) < 250
    assert len(clues.words) <= WORDS
    assert "name49x" in clues.written.values()
    many = clues_of(at_hand("tenure(charges)", imports=[f"package{n}.thing{n}" for n in range(500)]))
    assert {"tenure", "charges"} <= set(many.written.values()), "imports leave room for what is done"


def test_what_is_said_of_the_project_is_called_so():
    clues = clues_of(NotebookAtHand(project="sky", description="Photographs of galaxies."))
    assert (clues.texts, clues.called) == (["sky Photographs of galaxies."], ["what the project is about"])
    assert clues_of(at_hand("x = 1", "+++")).called == ["the last cell", "what the notebook has done last"]


# Who sees what


def test_what_is_hidden_put_away_or_left_out_is_not_there(shelf):
    shelf.register("mine", text=PIPELINE)
    shelf.register("bobs", text=PIPELINE, private=True, user="bob")
    shelf.collect()
    asked = at_hand(columns=TELCO)
    assert names(found(shelf, asked)) == ["mine"]
    assert set(names(found(shelf, asked, user="bob"))) == {"mine", "bobs"}
    assert set(names(found(shelf, asked, user=None))) == {"mine", "bobs"}
    aside = left_out(shelf.store, ["mine", "none"], "", user="ada")
    assert len(aside) == 1
    assert found(shelf, asked, without=aside) == []


def test_the_rarity_of_words_is_that_of_what_one_may_see(shelf):
    shelf.register("sky", description="Photographs of galaxies.")
    for number in range(9):
        shelf.register(f"dark {number}", description="Galaxies.", private=True, user="bob")
    shelf.collect()
    near = likeness(shelf.store, ["galaxies"], {"galaxi": 1.0}, user="ada")
    assert (near.spread, near.looked) == ({"galaxi": 1}, 1)
    everything = likeness(shelf.store, ["galaxies"], {"galaxi": 1.0}, user="bob")
    assert (everything.spread, everything.looked) == ({"galaxi": 10}, 10)
    assert rarity(everything)["galaxi"] < rarity(near)["galaxi"] == 1


def test_words_that_very_many_have_tell_nothing(shelf, monkeypatch):
    for number in range(4):
        shelf.register(f"sky {number}", description="Photographs of galaxies by telescope.")
    shelf.collect()
    asked = at_hand("photographs(galaxies, telescope, sky)")
    assert len(found(shelf, asked)) == 4
    monkeypatch.setattr(word_index, "MOST_MATCHES", 3)
    if shelf.store.read.dialect.name == "sqlite":  # PostgreSQL estimates, and knows nothing of small tables
        assert found(shelf, asked) == []


def test_without_full_text_it_goes_by_meaning_or_says_so(shelf, monkeypatch):
    if shelf.store.read.dialect.name != "sqlite":
        pytest.skip("PostgreSQL always has it")
    shelf.register("sky", description="Photographs of galaxies.")
    shelf.collect()
    monkeypatch.setattr(word_index, "_sqlite_has_fts5", lambda: False)
    with pytest.raises(Unavailable, match="FTS5"):
        found(shelf, at_hand("photographs(galaxies)"))


@pytest.mark.frameworks
def test_what_is_meant_decides_where_one_word_is_shared(shelf):
    shelf.register("telco", type="dataset", description="Customer churn: clients who cancel their contract.")
    shelf.register("sea", description="A contract of sailors with the harbour.")
    shelf.collect()
    asked = at_hand("# churn: which subscribers cancel their phone contract, and why do they leave?")
    assert names(found(shelf, asked))[0] == "telco"
    encoder = SentenceEncoder(PACKAGED)
    fit, *others = found(shelf, asked, encoder=encoder)
    assert (fit.artifact.name, others) == ("telco", [])
    assert fit.reasons[-1].startswith("It is similar in meaning to the last cell (0.")
    other = at_hand("# the terms of the contract between the ship's crew and the port")
    assert found(shelf, other) == []
    assert names(found(shelf, other, encoder=encoder)) == ["sea"]


# The order


def impact(low: float, high: float) -> Impact:
    return Impact(name="x", status="estimated", effect=(low + high) / 2, low=low, high=high)


def test_impact_moves_what_fits_and_unknown_impact_does_not(shelf):
    for name in ("helps", "harms", "unknown", "open"):
        shelf.register(name, text=PIPELINE)
    shelf.collect()
    some = found(shelf, at_hand(columns=TELCO))
    assert len({fit.score for fit in some}) == 1
    impacts = {"helps": impact(0.3, 0.9), "harms": impact(-0.9, -0.3), "open": impact(-0.5, 2.0)}
    ordered = names(by_impact(some, impacts))
    assert (ordered[0], ordered[-1]) == ("helps", "harms")
    assert ordered[1:-1] == [name for name in names(some) if name in {"open", "unknown"}]


def test_no_impact_counts_without_bounds():
    assert factor(impact(50, 90)) == factor(impact(1, 2)) == pytest.approx(np.e)
    assert factor(impact(-90, -50)) == pytest.approx(1 / np.e)
    assert factor(Impact(name="x", status="unknown")) == 1
