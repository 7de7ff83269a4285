"""Cards: what is filled in, what people write, and the forms in which both are given."""

from __future__ import annotations

import html as entities
import re
from collections import Counter

import msgspec
import pytest
from card_examples import a_card, a_lineage, a_version
from examples import NOW, a_detail, a_run
from hostile import ALLOWED, ATTRIBUTES, PAYLOADS, Reader
from hypothesis import example, given
from hypothesis import strategies as st

from maestro_jupyter.errors import Invalid
from maestro_jupyter.events import Column
from maestro_jupyter.library.card import SECTIONS, TEXT_LIMIT, CardDocument, checked_section, checked_text
from maestro_jupyter.library.card_filling import Recorded, fill
from maestro_jupyter.library.card_guard import guarded, unguarded
from maestro_jupyter.library.card_markdown import read_markdown, to_markdown
from maestro_jupyter.library.card_metadata import metadata
from maestro_jupyter.models import Dataset, Impact, MetricSummary, RunDetail
from maestro_jupyter.store.library_cards import CardUse
from maestro_jupyter.views.card import card_page, card_view
from maestro_jupyter.views.prose import prose


def summary(key, last, count=1):
    return MetricSummary(key, count, last, last, last, last, count - 1)


def evaluated(*metrics, source="cross_validation", **params):
    run = a_run(1, source=source, params=params)
    target = Dataset(role="y", name="y", kind="Series", fingerprint="f", sampled=False, shape=[9],
                     target={"task": "classification"})  # fmt: skip
    card = a_card(detail=RunDetail(run=run, metrics=list(metrics), datasets=[target]))
    return {metric.key: metric for metric in card.metrics}


def section_of(card, key):
    section = card.section(key)
    return "\n".join([*section.said, *(" ".join(row) for table in section.tables for row in table.rows)])


# What is filled in


def test_every_section_is_there_in_its_order():
    card = a_card(texts={"limitations": "None known."})
    assert [section.key for section in card.sections] == list(SECTIONS)
    written = card.section("limitations")
    assert (written.text, written.editor, written.version, written.edited) == ("None known.", "thing", 2, NOW)
    assert card.section("citation").text == ""
    with pytest.raises(Invalid, match="no section 'nothing'") as refused:
        card.section("nothing")
    assert "limitations" in refused.value.hint


def test_the_run_is_in_it():
    card = a_card()
    for key, words in {
        "overview": ["thing:3", "@thing", "2,048 bytes", "2025-05-01 12:00 UTC by thing"],
        "content": ["class sklearn.thing", "docstring thing", "thing thing 50.00%"],
        "data": ["thing 3 × 1 25.00% thing1 (of a sample)", "What is predicted (thing): thing thing."],
        "training": ["run thing (00010001) of the project thing", "It took 2 seconds"],
        "parameters": ["estimator thing"],
        "evaluation": ["thing 0.3"],
        "environment": ["thing1 on thing", "Git commit thing of thing, branch thing1, with uncommitted changes"],
        "lineage": ["made by the run thing (bbbbbbbb)", "data thing (cccccccc) and 1 more", "used by run thing (dddddddd)"],
        "impact": ["3 runs of 2 projects used it.", "Unknown: thing."],
    }.items():  # fmt: skip
        shown = section_of(card, key)
        for word in words:
            assert word in shown, (key, word, shown)


def test_without_a_run_it_says_so():
    for run_id, reason in ((None, "no run is recorded"), ("0001" * 8, "not there for you to see")):
        version = a_version(run_id=run_id, about={})
        card = fill(
            Recorded(version, None, a_lineage(), CardUse(0, 0), Impact(name="x", status="unknown"), {})
        )
        for key in ("data", "training", "parameters", "evaluation", "environment"):
            assert reason in section_of(card, key), key
        assert "No run is known to have used it." in section_of(card, "impact")
        assert (card.metrics, card.task, card.framework, card.data) == ([], None, None, None)


@pytest.mark.parametrize(
    "about",
    [{"columns": 3}, {"columns": [1, {"name": None}]}, {"params": [1]}, {"requirements": "x", "class": 7},
     {"a": {"b": {}}, "c": [[1]], "d": None, "e": b"x", 5: "f"}, {"columns": [{"missing": "x"}]}],
)  # fmt: skip
def test_whatever_is_said_of_the_content(about):
    version = a_version(about=about, run_id=None)
    card = fill(Recorded(version, None, a_lineage(), CardUse(0, 0), Impact(name="x", status="unknown"), {}))
    assert to_markdown(card)
    assert card_page(card)


def test_long_tables_are_cut():
    columns = [Column(f"c{number}", "int64") for number in range(1234)]
    detail = a_detail("x")
    detail.datasets[0].columns = columns
    shown = section_of(a_card(detail=detail), "data")
    assert "c99 " in shown
    assert "c100 " not in shown
    assert "and 1,134 more" in shown


# Metrics


def test_the_folds_of_a_cross_validation_give_an_interval():
    found = evaluated(
        summary("cv_accuracy", 0.9, 5),
        summary("cv_accuracy_mean", 0.9),
        summary("cv_accuracy_std", 0.02),
        cv=5,
    )
    (mean,) = found.values()
    assert (mean.key, mean.metric, mean.folds, mean.std) == ("cv_accuracy_mean", "accuracy", 5, 0.02)
    assert (round(mean.low, 4), round(mean.high, 4)) == (0.8584, 0.9416)
    assert "corrected resampled t" in mean.method
    assert "5 folds ± 0.02" in mean.method


@pytest.mark.parametrize(
    ("count", "params", "source", "known"),
    [(5, {}, "cross_validation", True), (5, {"cv": None}, "cross_validation", True), (10, {"cv": 10}, "cross_validation", True),
     (3, {"cv": "StratifiedKFold"}, "cross_validation", True), (10, {}, "cross_validation", False),
     (10, {"cv": "ShuffleSplit"}, "cross_validation", False), (50, {"cv": "RepeatedKFold"}, "cross_validation", False),
     (5, {"cv": "generator"}, "cross_validation", False), (5, {"cv": 5}, "api", False)],
)  # fmt: skip
def test_an_interval_needs_to_know_how_the_folds_were_cut(count, params, source, known):
    folds = [summary("cv_f1", 0.5, count), summary("cv_f1_mean", 0.5), summary("cv_f1_std", 0.1)]
    mean = evaluated(*folds, source=source, **params)["cv_f1_mean"]
    assert (mean.low is not None) == (mean.high is not None) == known
    assert ("no interval" in mean.method) != known
    assert mean.std == 0.1


def test_metrics_that_are_not_resampled_say_so():
    found = evaluated(
        summary("accuracy_score_y_test", 0.93), summary("loss", 0.1, 100), summary("training_accuracy_score_y", 1.0),
        summary("cv_score_mean", 0.5), summary("cv_score_std", 0.1), summary("best_cv_score", 0.95),
        summary("gone", float("nan")), summary("cv_r2_mean", float("nan")), summary("cv_r2_std", 0.1),
    )  # fmt: skip
    assert all(metric.low is None for metric in found.values())
    assert found["accuracy_score_y_test"].method == "not resampled"
    assert found["loss"].method == "the last of 100 values; not resampled"
    assert "how many is not recorded" in found["cv_score_mean"].method
    assert "flattering" in found["best_cv_score"].method
    assert "not all of which gave a number" in found["cv_r2_mean"].method
    assert (found["gone"].value, found["gone"].shown) == (None, "nan")
    assert list(found)[-1] == "training_accuracy_score_y"
    assert found["training_accuracy_score_y"].training


def test_the_interval_of_a_share_stays_within_0_and_1():
    folds = [
        summary("cv_roc_auc", 0.99, 5),
        summary("cv_roc_auc_mean", 0.99),
        summary("cv_roc_auc_std", 0.02),
    ]
    assert evaluated(*folds)["cv_roc_auc_mean"].high == 1.0


# Markdown

TEXTS = st.text(st.characters(codec="utf-8"), max_size=300) | st.lists(
    st.sampled_from(
        ["## Limitations", "# x", "---", "> quoted", ">", "", " ", "```", "~~~python", "</div>", "<!--", "<script>",
         "*Not written yet.*", "| a | b |", "maestro:", "  edition: x", "    code", "- item", "1. item", "===",
         "&lt;b>", "&amp;lt;", "[x](javascript:alert(1))", "[x]: data:text/html,x", "](\\", "]\\(", "]\\\\:", "\t", "é 模型 🎼"]
    )
).map("\n".join)  # fmt: skip


@given(st.dictionaries(st.sampled_from(list(SECTIONS)), TEXTS), TEXTS)
@example({"limitations": "## Limitations\n> x\n---\n```\n"}, "## Limitations\n> mine")
@example({"overview": "\n\n"}, "thing")
def test_what_people_write_is_read_back_from_markdown(texts, said):
    texts = {key: checked_text(text) for key, text in texts.items()}
    said = checked_text(said)
    written = read_markdown(to_markdown(a_card(said, texts)))
    assert written.texts == dict.fromkeys(SECTIONS, "") | texts
    assert written.edition == a_card(said, texts).edition


@pytest.mark.parametrize(
    "payload", [*PAYLOADS, "> quoted", "## Limitations", "- item", "1. one", "---", "| a |"]
)
def test_what_is_filled_in_means_nothing_to_markdown(payload):
    markdown = to_markdown(a_card(payload))
    body = markdown.split("\n---\n", 1)[1]
    headings = [line for line in body.split("\n") if line.startswith("#")]
    assert headings[1:] == [f"## {title}" for title in SECTIONS.values()]
    assert not re.search(r"<[A-Za-z/!?]", body)
    assert "\x1b" not in body
    assert not [line for line in body.split("\n") if line.startswith((">", "- ", "1. ", "```", "    "))]
    assert read_markdown(markdown).texts == dict.fromkeys(SECTIONS, "")


@given(TEXTS)
def test_guarding_can_be_taken_back(text):
    assert unguarded(guarded(text)) == text


@given(TEXTS, TEXTS, st.sampled_from(["<script>", "</p>", "<!--", "<?x", "<a href=x>", "<ScRiPt/x>"]))
def test_guarded_text_has_no_markup(before, after, markup):
    assert not re.search(r"<[A-Za-z/!?]", guarded(before + markup + after))


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "JAVASCRIPT:alert(1)", " javascript:alert(1)", "\njavascript:alert(1)", "java&#115;cript:alert(1)",
     "data:text/html,x", "vbscript:x", "file:///etc/passwd", "//x.example", "x", "", "<javascript:alert(1)>",
     "\\javascript:alert(1)", "&#106;avascript:x", "https:javascript:x", "ftp://x", "http:x", "\thttp/x"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["[a]({})", "![a]({})", "[a]:{}", "[a]: {}"])
def test_what_leads_elsewhere_is_no_link(form, target):
    shown = guarded(form.format(target))
    assert not re.search(r"(?<!\\)\]\s*[(:]", shown), shown


@pytest.mark.parametrize(
    "target",
    ["https://example.org/a?b=c", "HTTP://example.org", "mailto:ada@example.org", "\n https://x.org"],
)
def test_what_leads_to_pages_and_mail_stays(target):
    for form in ("[a]({})", "[a]: {}"):
        assert guarded(form.format(target)) == form.format(target)


def test_a_card_may_be_written_by_hand():
    markdown = "# Anything\n\n## Limitations\nfree\n> one\n>two\n\n> three\nmore\n\n## Unknown\n> no\n\n## Citation\n"
    assert read_markdown(markdown).texts == {"limitations": "one\ntwo\n\nthree", "citation": ""}
    assert read_markdown(markdown).edition is None
    assert read_markdown(markdown.replace("\n", "\r\n")).texts["limitations"] == "one\ntwo\n\nthree"


@pytest.mark.parametrize(
    ("markdown", "said"),
    [("", "no heading"), ("# Title\n> x", "no heading"), ("---\na: 1\n", "no end"), ("---\na: [\n---\n## Data\n", "no YAML"),
     ("## Data\n## Data\n", "twice")],
)  # fmt: skip
def test_what_is_no_card_is_refused(markdown, said):
    with pytest.raises(Invalid, match=said):
        read_markdown(markdown)


@pytest.mark.parametrize("front", ["[]", "maestro: 3", "maestro: {edition: 3}", "x", "null"])
def test_other_front_matter_names_no_edition(front):
    assert read_markdown(f"---\n{front}\n---\n## Data\n").edition is None


def test_texts_as_they_are_kept():
    assert checked_text("a\r\nb\rc\x00\x1b\u2028d") == "a\nb\nc\ufffd\ufffd\ufffdd"
    assert checked_text(" \n\t") == ""
    assert len(checked_text("x" * TEXT_LIMIT)) == TEXT_LIMIT
    with pytest.raises(Invalid, match="65,537 characters"):
        checked_text("x" * (TEXT_LIMIT + 1))
    for key in ("", "Limitations", "limitations "):
        with pytest.raises(Invalid):
            checked_section(key)


# Metadata


def a_measured_card(**fields):
    run = a_run(1, source="cross_validation", params={"estimator": "sklearn.svm._classes.SVC"})
    target = Dataset(role="y", name="labels", kind="Series", fingerprint="f" * 64, sampled=False, shape=[9],
                     target={"task": "classification"})  # fmt: skip
    data = msgspec.structs.replace(target, role="X", name="X_train", fingerprint="e" * 64, target=None)
    metrics = [
        summary("accuracy_score_y_test", 0.93),
        summary("odd metric", 2.0),
        summary("gone", float("inf")),
    ]
    return a_card("svc", {"license": "Apache-2.0", "language": "en, de"}, tags=["tabular"],
                  detail=RunDetail(run=run, metrics=metrics, datasets=[target, data]), **fields)  # fmt: skip


def test_the_fields_of_hugging_face():
    front = metadata(a_measured_card())
    assert {key: front[key] for key in front if key not in {"maestro", "model-index"}} == {
        "license": "apache-2.0", "language": ["en", "de"], "library_name": "sklearn", "tags": ["tabular"],
        "pipeline_tag": "tabular-classification", "metrics": ["accuracy", "odd metric"],
    }  # fmt: skip
    (model,) = front["model-index"]
    (results,) = model["results"]
    assert results["dataset"] == {"name": "X_train", "type": "e" * 12}
    assert [metric["value"] for metric in results["metrics"]] == [0.93, 2.0]
    table = metadata(a_measured_card(type="dataset"))
    assert not {"pipeline_tag", "model-index", "library_name"} & set(table)


@pytest.mark.parametrize(
    ("license_", "language", "expected"),
    [("MIT", "en", ("mit", ["en"])), ("Ask Ada first.", "English only", ("other", None)), ("", "", (None, None)),
     ("bsd-3-clause\n", "pt-BR", ("bsd-3-clause", ["pt-BR"]))],
)  # fmt: skip
def test_licences_and_languages_in_words(license_, language, expected):
    front = metadata(a_card(texts={"license": license_, "language": language}))
    assert (front.get("license"), front.get("language")) == expected


def test_hugging_face_reads_it():
    hub = pytest.importorskip("huggingface_hub")
    card = hub.ModelCard(to_markdown(a_measured_card()))
    data = card.data
    assert isinstance(data, hub.ModelCardData)
    assert (data.license, data.language, data.library_name) == ("apache-2.0", ["en", "de"], "sklearn")
    assert (data.pipeline_tag, data.tags, data.model_name) == ("tabular-classification", ["tabular"], "svc")
    (first, second) = data.eval_results
    assert (first.task_type, first.dataset_name, first.metric_type) == (
        "tabular-classification",
        "X_train",
        "accuracy",
    )
    assert (first.metric_value, second.metric_name) == (0.93, "odd metric")
    assert "## Evaluation" in card.text
    again = hub.ModelCardData(**data.to_dict() | {"eval_results": data.eval_results, "model_name": "svc"})
    assert again.to_dict()["model-index"][0]["name"] == "svc"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hugging_face_reads_hostile_ones(payload):
    hub = pytest.importorskip("huggingface_hub")
    payload = checked_text(payload)
    card = hub.ModelCard(to_markdown(a_card(payload, {"license": payload, "language": payload})))
    assert card.data.tags == [payload]
    assert card.data.to_dict()["maestro"]["artifact"] == payload


# JSON


def test_json_gives_the_same_card_back():
    card = a_measured_card()
    assert msgspec.json.decode(msgspec.json.encode(card), type=CardDocument) == card


# Markup


def read(markup):
    reader = Reader()
    reader.feed(markup)
    reader.close()
    assert not reader.open
    return reader


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_people_write_is_markup(payload):
    written = f"{payload}\n\n- {payload}\n\n# {payload}\n\n**{payload}** `{payload}`\n\n```\n{payload}"
    card = a_card(payload, dict.fromkeys(SECTIONS, written))
    shown = read(card_view(card).html)
    assert set(shown.tags) <= ALLOWED
    assert set(shown.names) <= ATTRIBUTES
    page = card_page(card)
    assert "<script" not in page.lower().replace("&lt;script", "")
    assert page.count("<style>") == 1
    assert "default-src &#x27;none&#x27;" in page
    for control in ("\x1b", "\x07", "\x00", "\u202e"):
        assert control not in page
        assert control not in card_view(card).text


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>", "vbscript:x", "//x.example", "/x", "x",
     " javascript:x", "https:javascript:x", "file:///etc/passwd", "https://x\" onmouseover=\"alert(1)", "ftp://x"],
)  # fmt: skip
def test_links_lead_to_pages_and_mail_only(link):
    for text in (f"[x]({link})", f"<{link}>", link, f"[x]: {link}"):
        hrefs = re.findall(r'href="([^"]*)"', prose(text))
        assert all(re.match(r"(?i)https?://|mailto:", href) for href in hrefs), (text, hrefs)
        assert not set(read(prose(text)).names) - {"href", "rel"}


def test_prose():
    shown = prose(
        "# Head\nOne *two* **three** `f(x)`\nsame\n\n- a\n  more\n- b\n\n1. c\n2) d\n```py\nx < 1\n\n# no\n```\n"
        "[page](https://a.org/b) [mail](mailto:a@b.org) https://c.org/d?e=1. end"
    )
    for part in (
        '<div class="maestro-heading" role="heading" aria-level="4">Head</div>',
        "<p>One <em>two</em> <strong>three</strong> <code>f(x)</code>\nsame</p>",
        '<ul class="maestro-list"><li>a\nmore</li><li>b</li></ul>',
        '<ol class="maestro-list"><li>c</li><li>d</li></ol>',
        '<pre class="maestro-code"><code>x &lt; 1\n\n# no</code></pre>',
        '<a href="https://a.org/b" rel="noopener noreferrer">page</a>',
        '<a href="mailto:a@b.org" rel="noopener noreferrer">mail</a>',
    ):
        assert part in shown, part


@given(TEXTS)
def test_prose_loses_no_letter(text):
    """Whatever is no mark of Markdown's is shown."""
    letters = Counter(letter for letter in checked_text(text) if letter.isalpha())
    shown = Counter(entities.unescape(re.sub(r"<[^>]*>", " ", prose(checked_text(text)))))
    missing = {letter for letter in letters if shown[letter] < letters[letter]}
    # A fence's language and a link's address are not shown as text.
    assert not missing or "```" in text or "~~~" in text or "://" in text or "mailto:" in text


@pytest.mark.parametrize("text", ["[" * 60_000, "*" * 60_000, "`" * 60_001, "**a" * 20_000, "[a](" * 15_000, "https://" * 8_000,
                                  "]" * 60_000, "&amp;" * 12_000, "<" * 60_000, "- \n" * 20_000, "]\\" * 30_000, "# " * 30_000 + "x", "[a](" + " " * 60_000 + "x", "*" + "a" * 60_000, "&" + "amp;" * 15_000, "#" * 60_000 + " x"])  # fmt: skip
def test_no_text_takes_long(text):
    """Each takes milliseconds; where work grew with the square of the length, the tests' own limit would tell."""
    for _ in range(20):
        prose(text)
        assert unguarded(guarded(text)) == text
