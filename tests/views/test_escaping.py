"""Nothing that a user wrote becomes markup, or steers a terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from card_examples import a_card, a_lineage
from examples import NOW, a_board, a_detail
from hostile import ALLOWED, ATTRIBUTES, PAYLOADS, Reader

from maestro_jupyter.models import (
    ArtifactDetail,
    ArtifactFit,
    ArtifactFits,
    ArtifactUse,
    ArtifactVersion,
    ForecastRecord,
    Impact,
    ModelForecast,
    ModelForecasts,
    ParameterEffect,
    ParameterImportance,
    ParameterInsight,
    ParameterPair,
    Project,
    SimilarDataset,
    Standing,
    Trend,
    TrialOutcome,
    TriedModel,
    Usage,
)
from maestro_jupyter.models import Status as RunStatus
from maestro_jupyter.provenance.diff import diff
from maestro_jupyter.recording.guard import Problem
from maestro_jupyter.store.found import Found, Hit
from maestro_jupyter.views.artifact_card import artifact_card
from maestro_jupyter.views.artifacts import artifacts_view, top_view, trending_view, unused_view
from maestro_jupyter.views.card import card_view
from maestro_jupyter.views.comparison import comparison
from maestro_jupyter.views.curves import Curve, curves_view
from maestro_jupyter.views.dashboard import dashboard_view
from maestro_jupyter.views.diff_view import diff_view
from maestro_jupyter.views.fits import fits_view
from maestro_jupyter.views.found import found_view
from maestro_jupyter.views.insight import insight_view
from maestro_jupyter.views.lineage import lineage_view
from maestro_jupyter.views.projects import projects_view
from maestro_jupyter.views.run_card import run_card
from maestro_jupyter.views.runs_table import runs_table
from maestro_jupyter.views.status import Status, status_view
from maestro_jupyter.views.suggestions import outcomes_view, suggestion_view, suggestions_view

if TYPE_CHECKING:
    from maestro_jupyter.views import View


def read(view: View) -> Reader:
    reader = Reader()
    reader.feed(view._repr_html_())
    reader.close()
    assert not reader.open
    return reader


def library_views_of(text):
    artifact = ArtifactVersion(
        name=text, version=1, type=text, format=text, project=text, owner=text, creator=text, created=NOW,
        description=text, tags=[text], aliases=[text], sha256=text, size=1, media_type=text, run_id=text,
        registration=text, about={text: [text, {text: text}]},
    )  # fmt: skip
    impact = Impact(name=text, status="unknown", reason=text)
    usage = Usage(name=text, type=text, created=NOW, projects=1, runs=1, last=NOW)
    use = ArtifactUse(name=text, version=1, project=text, user=text, time=NOW, run_id=text)
    detail = ArtifactDetail(artifact=artifact, versions=[artifact], uses=[use], impact=impact)
    fit = ArtifactFit(
        artifact=artifact, score=0.5, reasons=[text], columns=[text], impact=impact, usage=usage, how=[text]
    )
    facets = {name: {text: 1, "other": 2} for name in ("type", "tag", "project", "owner")}
    found = Found([Hit(artifact, 1.0, [text])], 3, facets, semantic=True, note=text)
    return {
        "artifacts": artifacts_view([artifact], now=NOW),
        "artifact": artifact_card(detail, now=NOW),
        "found": found_view(found, further=text),
        "top": top_view([Standing(impact=impact, usage=usage)], now=NOW),
        "trending": trending_view([Trend(name=text, status="unknown", recent=1, before=1, reason=text)]),
        "unused": unused_view([usage], 90, now=NOW),
        "fits": fits_view(ArtifactFits(fits=[fit], looked=3, semantic=True, note=text), now=NOW),
        "no fits": fits_view(ArtifactFits(note=text)),
    }


def views_of(text):
    one, other = a_detail(text), a_detail(f"{text}!", 2)
    problem = Problem(text, time.time(), text, text)
    status = Status(
        recording=False, mode="on", project=text, notebook=text, active_run=text, home=text, database=text,
        problems={text: 1}, latest=[problem],
    )  # fmt: skip
    return {
        "table": runs_table([one.run, other.run], histories={(one.run.run_id, text): [1.0, 2.0]}, now=NOW),
        "card": run_card(one, histories={text: [0.1, 0.2, 0.3]}, now=NOW),
        "diff": diff_view(diff(one, other)),
        "comparison": comparison([one.run, other.run], now=NOW),
        "curves": curves_view(text, [Curve(text, [0, 1], [0.1, 0.2])], note=text),
        "insight": insight_view(
            ParameterInsight(
                text,
                30,
                2,
                0.5,
                0.4,
                0.6,
                [
                    ParameterImportance(
                        text,
                        0.3,
                        0.2,
                        0.4,
                        matters=True,
                        effects=[
                            ParameterEffect(text, 0.5, 0.4, 0.6, promising=True),
                            ParameterEffect(f"{text}!", -0.5, -0.6, -0.4, promising=False),
                        ],
                        choice=text,
                    ),
                    ParameterImportance(f"{text}!", 0.0, 0.0, 0.1, matters=False),
                ],
                [ParameterPair((text, f"{text}!"), 0.2, 0.1, 0.3)],
                text,
            )
        ),
        "suggestions": suggestions_of(text),
        "suggestion": suggestion_view(a_forecast(text), text, text, an_outcome(text, None, error=text)),
        "suggestion without outcome": suggestion_view(a_forecast(text), text, text, None),
        "outcomes": outcomes_view([an_outcome(text, 0.8), an_outcome(text, None, error=text)], ""),
        "status": status_view(status),
        "lineage": lineage_view(a_lineage(text)),
        "model card": card_view(a_card(text, {"limitations": text})),
        "dashboard": dashboard_view(a_board(text, project=text), now=NOW),
        "dashboard of all": dashboard_view(a_board(text, project=None), now=NOW),
        "projects": projects_view([Project(text, 1, NOW)], text, now=NOW),
        **library_views_of(text),
    }


def an_outcome(text, score, **more):
    spread = None if score is None else 0.01
    return TrialOutcome(
        config=text, run_id=text, metric=text, mean=0.7, low=0.6, high=0.75, score=score, spread=spread, **more
    )  # fmt: skip


def a_forecast(text):
    near = SimilarDataset(name=text, likeness=0.4, score=0.9, rows=1000, columns=4, runs=[text])
    return ModelForecast(
        config=text, family=text, estimator=text, params={text: text}, mean=0.7, low=0.6, high=0.8, seconds=0.1,
        similar=[near],
    )  # fmt: skip


def suggestions_of(text):
    items = [
        a_forecast(text),
        ModelForecast(config=f"{text}!", family=text, estimator=text, params={}, mean=0.7, low=0.7, high=0.7),
    ]  # fmt: skip
    tried = [
        TriedModel(name=text, run_id=text, user=text, status=RunStatus.FINISHED, metric=text),
        TriedModel(name=text, run_id=text, user=text, status=RunStatus.FAILED, config=text),
        TriedModel(name=text, run_id=text, user=text, status=RunStatus.FINISHED, config=text, score=0.7),
    ]
    found = ModelForecasts(
        task=text,
        score=text,
        models=items,
        tried=tried,
        datasets=3,
        team_datasets=1,
        file_datasets=1,
        note=text,
    )
    came = [an_outcome(text, 0.5), an_outcome(f"{text}!", 0.8)]
    return suggestions_view(found, [text, text], (text, text), came, ForecastRecord(12, 9))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_a_user_wrote_stays_text(payload):
    assert len(PAYLOADS) >= 40
    for name, view in views_of(payload).items():
        reader = read(view)
        assert set(reader.tags) <= ALLOWED, name
        assert set(reader.names) <= ATTRIBUTES, name
        assert reader.tags.count("style") == 1
        for control in ("\x1b", "\x07", "\x00", "\u202e"):
            assert control not in view.text
            assert control not in view.html


def test_text_is_shown_as_it_was_written():
    for name, view in views_of("<b>&amp;'\"</b>").items():
        assert "<b>&amp;'\"</b>" in read(view).shown, name
        assert "<b>&amp;'\"</b>" in view.text, name
