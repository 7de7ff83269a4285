"""What journals say comes out as evidence: who used what, on which problem, how well, and how often."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from journals import journal_of

from maestro_jupyter import events
from maestro_jupyter.library.impact import estimate
from maestro_jupyter.models import Impact
from maestro_jupyter.store import audit, library_edits
from maestro_jupyter.store.collector import Collector
from maestro_jupyter.store.library import Reference
from maestro_jupyter.store.library_evidence import observations, top, trending, unused
from maestro_jupyter.store.library_memory import memory_of

if TYPE_CHECKING:
    from maestro_jupyter.config import Maestro
    from maestro_jupyter.models import Observation
    from maestro_jupyter.store.engine import Store

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = 86_400.0


class Past:
    """A journal that says what has happened, so many days ago."""

    def __init__(self, config: Maestro, store: Store) -> None:
        self.config, self.store = config, store
        self.journal = journal_of(config, "a")
        self.count = 0

    def next_id(self) -> str:
        self.count += 1
        return f"{self.count:032x}"

    def register(self, name: str, days: float = 400, **fields: object) -> str:
        content = f"{name} {self.count}".encode()
        sha256 = hashlib.sha256(content).hexdigest()
        self.config.spool.mkdir(parents=True, exist_ok=True)
        (self.config.spool / sha256).write_bytes(content)
        known: dict[str, object] = {
            "registration": self.next_id(), "name": name, "type": "feature_pipeline", "format": "source",
            "sha256": sha256, "size": len(content), "media_type": "text/x-python", "project": "library",
            "user": "ada", "time": NOW.timestamp() - days * DAY,
        }  # fmt: skip
        self.journal.append(event := events.ArtifactRegistered(**(known | fields)))
        return event.registration

    def use(
        self, registration: str, project: str, run: str | None = None, days: float = 50, user: str = "ada"
    ) -> None:
        self.journal.append(
            events.ArtifactUsed(registration, project, user, NOW.timestamp() - days * DAY, run)
        )

    def run(
        self,
        project: str,
        metrics: dict[str, float | str],
        *used: str,
        user: str = "ada",
        source: str = "fit",
        status: str | None = "FINISHED",
        params: dict[str, object] | None = None,
        x: str = "x",
        y: str | None = "y",
        task: str = "classification",
    ) -> str:
        run, time = self.next_id(), NOW.timestamp() - 50 * DAY
        say = self.journal.append
        say(events.RunStarted(run, "n", time, project, user, source))
        say(events.ParamsLogged(run, params or {}))
        say(events.MetricsLogged(run, 0, time, metrics))
        say(events.DatasetSeen(run, "X", "X", "ndarray", x, False, [9, 2]))
        if y is not None:
            say(events.DatasetSeen(run, "y", "y", "ndarray", y, False, [9], target={"task": task}))
        for registration in used:
            self.use(registration, project, run, user=user)
        if status is not None:
            say(events.RunEnded(run, time + 1, status))
        return run

    def collect(self) -> None:
        Collector(self.store, self.config, own="a").collect()

    def seen(self, **asked: object) -> list[Observation]:
        self.collect()
        return observations(self.store, **asked)


@pytest.fixture
def past(config: Maestro, store: Store) -> Past:
    return Past(config, store)


def test_impacts_are_estimated_anew_only_once_something_has_changed(past: Past) -> None:
    memory, made = memory_of(past.store), []

    def estimated() -> list[Impact]:
        made.append(1)
        return [Impact(name="scaler", status="unknown", reason=str(len(made)))]

    def reason(user: str | None = None) -> str:
        return memory.worked_out(past.store, ("impacts", user), estimated)[0].reason

    past.register("scaler")
    past.collect()
    assert [reason(), reason()] == ["1", "1"]
    assert [reason("bob"), reason("bob"), reason()] == ["2", "2", "1"], "each sees their own"
    past.run("churn", {"accuracy_score": 0.9})
    past.collect()
    assert [reason(), reason("bob"), reason()] == ["3", "4", "3"]


def test_a_run_says_what_it_used_and_how_well_it_did(past: Past) -> None:
    scaler, model = past.register("scaler"), past.register("model")
    run = past.run("churn", {"accuracy_score_y_test": 0.9, "charm": 3.0}, scaler, model, user="bob")
    (seen,) = past.seen()
    assert (seen.run, seen.project, seen.team, seen.value) == (run, "churn", "bob", 0.9)
    assert (seen.task, seen.metric, seen.dataset) == ("classification", "accuracy", "y")
    assert seen.artifacts == {"scaler", "model"}


def test_only_finished_runs_count_and_no_candidates(past: Past) -> None:
    past.run("p", {"accuracy_score": 0.1}, status="FAILED")
    past.run("p", {"accuracy_score": 0.2}, status="KILLED")
    past.run("p", {"accuracy_score": 0.3}, status=None)
    past.run("p", {"cv_accuracy_mean": 0.4}, source="candidate")
    past.run("p", {"accuracy_score": "nan"})
    past.run("p", {"training_accuracy_score": 0.5})
    past.run("p", {"best_cv_score": 0.6}, params={"scoring": "accuracy", "refit": True})
    assert [(seen.metric, seen.value) for seen in past.seen()] == [("cv_accuracy", 0.6)]


def test_data_is_told_by_the_target_for_features_are_what_artifacts_change(past: Past) -> None:
    past.run("plain", {"accuracy_score": 0.5}, x="as it was")
    past.run("scaled", {"accuracy_score": 0.6}, x="scaled")
    past.run("no target", {"accuracy_score": 0.7}, x="as it was", y=None)
    past.run("unread", {"accuracy_score": 0.8}, x="", y="")
    assert [seen.dataset for seen in past.seen()] == ["y", "y", "as it was", None]


def test_what_made_an_artifact_has_not_used_it(past: Past) -> None:
    first = past.register("scaler")
    other = past.register("other")
    run = past.run("p", {"accuracy_score": 0.9}, first, other)
    second = past.register("scaler", run=run)
    past.run("q", {"accuracy_score": 0.8}, second)
    assert [seen.artifacts for seen in past.seen()] == [{"other"}, {"scaler"}]


def test_versions_are_pooled_unless_they_are_asked_for(past: Past) -> None:
    for registration in (past.register("scaler"), past.register("scaler")):
        past.run("p", {"accuracy_score": 0.9}, registration)
    assert [seen.artifacts for seen in past.seen()] == [{"scaler"}, {"scaler"}]
    assert [seen.artifacts for seen in past.seen(by_version=True)] == [{"scaler:1"}, {"scaler:2"}]


def test_a_use_outside_of_any_run_is_nobodys(past: Past) -> None:
    past.use(past.register("scaler"), "p")
    past.run("p", {"accuracy_score": 0.9})
    assert [seen.artifacts for seen in past.seen()] == [set()]


def test_runs_and_artifacts_that_one_may_not_see_are_not_there(past: Past) -> None:
    secret, ours = past.register("secret", private=True), past.register("ours")
    past.run("p", {"accuracy_score": 0.9}, secret, ours, user="ada")
    past.run("q", {"accuracy_score": 0.8}, secret, ours, user="bob")
    assert [(seen.team, seen.artifacts) for seen in past.seen(user="bob")] == [("bob", {"ours"})]
    assert [(seen.team, seen.artifacts) for seen in past.seen(user="ada")] == [("ada", {"secret", "ours"})]
    assert len(past.seen()) == 2
    assert [seen.project for seen in past.seen(project="q")] == ["q"]
    for ask in (top, unused, lambda store, user: trending(store, NOW, user=user)):
        assert "secret" not in {each.name for each in ask(past.store, user="bob")}


def test_a_private_artifact_and_a_common_one_of_one_name_are_not_mixed(past: Past) -> None:
    mine, common = past.register("scaler", private=True), past.register("scaler", user="bob")
    past.run("p", {"accuracy_score": 0.9}, mine)
    past.run("q", {"accuracy_score": 0.8}, common)
    past.run("r", {"accuracy_score": 0.7}, common, user="bob")
    past.collect()
    assert [seen.artifacts for seen in observations(past.store, user="ada")] == [{"scaler"}, set()]
    assert [seen.artifacts for seen in observations(past.store, user="bob")] == [{"scaler"}]
    assert [usage.projects for usage in top(past.store, user="ada")] == [1]
    assert [usage.projects for usage in top(past.store, user="bob")] == [1]


def test_what_is_gathered_gives_an_impact(past: Past) -> None:
    scaler = past.register("scaler")
    for number in range(12):
        spread = (number * 5 % 12) / 200
        past.run(f"with {number}", {"score_X_test": 0.8 + spread}, scaler, x=f"scaled {number}")
        past.run(f"without {number}", {"score_X_test": 0.7 + spread})
    impact = estimate(past.seen())["scaler"]
    assert (impact.status, impact.comparison, impact.metric) == ("estimated", "dataset", "accuracy")
    assert (impact.projects_with, impact.projects_without, impact.runs_with) == (12, 12, 12)
    assert 0.06 < impact.low * impact.scale < 0.1 < impact.high * impact.scale < 0.12


def test_an_empty_store_says_nothing(store: Store) -> None:
    assert (observations(store), top(store), trending(store, NOW), unused(store)) == ([], [], [], [])


def test_top_counts_projects_before_runs(past: Past) -> None:
    wide, deep = past.register("wide"), past.register("deep", type="model")
    past.register("idle")
    for project in ("a", "b"):
        past.run(project, {}, wide)
    for _ in range(5):
        past.run("a", {}, deep)
    past.use(deep, "a", days=20)
    past.collect()
    found = [(usage.name, usage.type, usage.projects, usage.runs) for usage in top(past.store)]
    assert found == [("wide", "feature_pipeline", 2, 2), ("deep", "model", 1, 5)]
    assert top(past.store)[1].last == NOW - timedelta(days=20)
    assert [usage.name for usage in top(past.store, limit=1)] == ["wide"]
    assert [usage.name for usage in top(past.store, project="b")] == ["wide"]


def test_what_is_used_more_than_before_is_trending(past: Past) -> None:
    rising, steady, fading = past.register("rising"), past.register("steady"), past.register("fading")
    for day in range(35):
        if day < 7:
            past.use(rising, f"p{day}", days=day + 0.5)
        if day % 2 == 0:
            past.use(steady, f"p{day}", days=day + 0.5)
        if day >= 7:
            past.use(fading, f"p{day}", days=day + 0.5)
    past.use(past.register("seldom"), "p", days=3)
    past.use(past.register("long ago"), "p", days=36)
    past.use(new := past.register("new", days=10), "p", days=3)
    past.use(new, "q", days=2)
    past.collect()
    found = trending(past.store, NOW)
    assert [trend.name for trend in found] == ["rising", "steady", "fading", "new", "seldom"]
    assert [(trend.recent, trend.before) for trend in found[:3]] == [(7, 0), (4, 14), (0, 28)]
    high, middle, low = found[:3]
    assert high.low > 1 > low.high
    assert middle.low < 1 < middle.high
    assert [trend.reason for trend in found[3:]] == [
        "Unknown: it was registered only 10 days ago.",
        "Unknown: it takes 5 uses in 35 days, not 1.",
    ]


def test_a_project_that_uses_something_in_every_run_is_no_trend(past: Past) -> None:
    scaler = past.register("scaler")
    for number in range(50):
        past.use(scaler, "loop", f"{number:032x}", days=2)
    past.collect()
    (trend,) = trending(past.store, NOW)
    assert (trend.recent, trend.status) == (1, "unknown")


def test_what_others_use_changes_nothing_of_what_a_member_is_told(past: Past) -> None:
    common = past.register("common")
    for day in range(10):
        past.use(common, f"mine {day}", days=day + 0.5, user="bob")
    past.use(past.register("other"), "p", days=100, user="bob")

    def told(user: str | None) -> list[object]:
        past.collect()
        asked = (top(past.store, user=user), trending(past.store, NOW, user=user))
        return [*asked, unused(past.store, user=user, now=NOW)]

    before, all_before = told("bob"), told(None)
    for day in range(10):
        past.run(f"hidden {day}", {"accuracy_score": 0.9}, common, user="ada")
        past.use(common, f"hidden {day}", days=day + 0.5)
    past.use("2".zfill(32), "hidden", days=1)
    assert told("bob") == before
    assert told(None) != all_before


def test_what_nobody_has_used_for_long(past: Past) -> None:
    old, lately = past.register("old"), past.register("lately")
    past.register("never")
    past.register("new", days=10)
    away = past.register("away")
    past.use(old, "p", days=100)
    past.use(lately, "p", days=100)
    past.use(lately, "q", days=80)
    past.use(away, "p", days=100)
    past.collect()
    anchor = audit.Anchor(past.config.home_path)
    library_edits.set_archived(past.store, anchor, Reference("away"), "ada", archived=True)
    assert [usage.name for usage in unused(past.store, now=NOW)] == ["never", "old"]
    assert [usage.name for usage in unused(past.store, 70, now=NOW)] == ["never", "old", "lately"]
    assert "away" not in {usage.name for usage in top(past.store)}
