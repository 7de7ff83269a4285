"""The engine, through its public form: right from no trial to many, for histories of any size and with any gaps."""

from __future__ import annotations

import doctest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from simulated_tables import regrets, table

from maestro_jupyter.errors import Conflict, Invalid, NotFound
from maestro_jupyter.recommend import Engine

if TYPE_CHECKING:
    from maestro_jupyter.recommend import Session

Array = np.ndarray[Any, np.dtype[Any]]

DOCUMENT = Path(__file__).parents[2] / "docs" / "recommend.md"

HISTORY = table(60, seed=1)
NEW = table(40, seed=2)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(seed=0).fit(*HISTORY)


def play(session: Session, scores: Array, trials: int) -> list[int]:
    chosen = []
    for _ in range(trials):
        chosen.append(session.next())
        session.tell(chosen[-1], scores[chosen[-1]])
    return chosen


def mean_regret(engine: Engine, new: Any, trials: int) -> float:
    lost = regrets(new.scores)
    found = [
        lost[row, play(engine.start(new.metafeatures[row]), new.scores[row], trials)].min()
        for row in range(len(new.scores))
    ]
    return float(np.mean(found))


def portfolio_regret(history: Array, new: Array, trials: int) -> float:
    """What a greedy portfolio of the history finds, without metafeatures or feedback."""
    past, lost = regrets(history), regrets(new)
    best, chosen = np.ones(len(past)), []
    for _ in range(trials):
        chosen.append(int(np.minimum(best[:, None], past).mean(axis=0).argmin()))
        best = np.minimum(best, past[:, chosen[-1]])
    return float(lost[:, chosen].min(axis=1).mean())


def test_metafeatures_beat_the_average_from_the_first_trial(engine: Engine) -> None:
    lost = regrets(NEW.scores)
    average = lost[:, regrets(HISTORY.scores).mean(axis=0).argmin()].mean()
    assert mean_regret(engine, NEW, 1) < 0.5 * average


def test_scores_that_are_told_tell_the_kind_where_metafeatures_do_not() -> None:
    blind = np.zeros((60, 2))
    engine = Engine(seed=0).fit(HISTORY.scores, blind)
    new = NEW._replace(metafeatures=np.zeros((40, 2)))
    assert mean_regret(engine, new, 3) < 0.7 * mean_regret(engine, new, 1)
    assert mean_regret(engine, new, 8) < 0.2 * mean_regret(engine, new, 1)


def test_more_history_is_no_worse() -> None:
    by_size = [mean_regret(Engine(seed=0).fit(*table(size, seed=3)), NEW, 2) for size in (5, 20, 80)]
    assert by_size[2] <= by_size[1] <= by_size[0]


def test_regret_falls_as_the_history_grows() -> None:
    """Of datasets that scores tell apart only with some noise."""
    past, new = table(80, seed=12, noise=0.5), table(60, seed=13, noise=0.5)
    by_size = [
        np.mean([mean_regret(engine, new, trials) for trials in (1, 3, 5)])
        for size in (5, 20, 80)
        for engine in (Engine(seed=0).fit(past.scores[:size], past.metafeatures[:size]),)
    ]
    assert by_size[1] < 0.9 * by_size[0]
    assert by_size[2] < 0.9 * by_size[1]


def test_a_short_history_is_no_worse_than_its_portfolio() -> None:
    """Few datasets explain little of what is told: believing it costs more than trying what differs."""
    new = table(40, seed=13, noise=1.0)
    ours, portfolio = [], []
    for seed in range(8):
        past = table(5, seed=100 + seed, noise=1.0)
        engine = Engine(seed=0).fit(past.scores, np.zeros((5, 1)))
        blind = new._replace(metafeatures=np.zeros((40, 1)))
        ours += [mean_regret(engine, blind, trials) for trials in (3, 5)]
        portfolio += [portfolio_regret(past.scores, new.scores, trials) for trials in (3, 5)]
    assert np.mean(ours) < np.mean(portfolio) + 0.002


def test_metafeatures_tell_how_hard_a_dataset_is_where_the_best_are_the_same() -> None:
    rng = np.random.default_rng(0)
    ease = rng.random(60)
    scores = ease[:, None] + np.linspace(0, 0.1, 20) + 0.01 * rng.normal(size=(60, 20))
    engine = Engine(seed=0).fit(scores, np.column_stack([ease, rng.random(60)]))
    for one in (0.1, 0.5, 0.9):
        mean, low, high = engine.start([one, 0.5]).predict()
        np.testing.assert_allclose(mean, one + np.linspace(0, 0.1, 20), atol=0.12)
        assert (high - low).max() < 0.5


def test_metafeatures_tell_something_from_a_history_too_short_to_calibrate() -> None:
    told, blind = [], []
    for seed in range(8):
        past = table(11, seed=200 + seed)
        engine = Engine(seed=0).fit(past.scores, past.metafeatures[:, :3])
        assert not engine.is_calibrated
        told.append(mean_regret(engine, NEW._replace(metafeatures=NEW.metafeatures[:, :3]), 1))
        blind.append(regrets(NEW.scores)[:, regrets(past.scores).mean(axis=0).argmin()].mean())
    assert np.mean(told) < 0.8 * np.mean(blind)


@pytest.mark.parametrize("datasets", [1, 2, 5, 11])
def test_a_short_history_is_used_and_called_uncalibrated(datasets: int) -> None:
    past = table(datasets, seed=4)
    session = Engine(seed=0).fit(*past).start(NEW.metafeatures[0])
    assert not session.is_calibrated
    assert sorted(play(session, NEW.scores[0], 30)) == list(range(30))
    mean, low, high = session.predict()
    assert (mean == NEW.scores[0]).all()
    assert (low == mean).all()
    assert (high == mean).all()


def test_twelve_groups_are_enough_to_calibrate() -> None:
    past = table(24, seed=5)
    assert Engine(seed=0).fit(*past, groups=[row % 12 for row in range(24)]).is_calibrated
    assert not Engine(seed=0).fit(*past, groups=[row % 11 for row in range(24)]).is_calibrated


def test_a_history_of_thousands_of_datasets() -> None:
    engine = Engine(seed=0).fit(*table(5000, seed=6))
    assert mean_regret(engine, table(10, seed=2), 2) < 0.05


@pytest.mark.parametrize(("missing", "bound"), [(0.5, 0.06), (0.9, 0.15)])
def test_gaps_cost_little(missing: float, bound: float) -> None:
    past = table(300, seed=7)
    gaps = np.random.default_rng(0).random(past.scores.shape) < missing
    engine = Engine(seed=0).fit(np.where(gaps, np.nan, past.scores), past.metafeatures)
    assert mean_regret(engine, NEW, 2) < bound


def test_features_of_configs_help_those_that_were_seldom_tried() -> None:
    rng = np.random.default_rng(0)
    depth = np.linspace(-1, 1, 40)
    shift = rng.normal(size=(80, 1))
    scores = shift - (depth - 0.5) ** 2 + 0.01 * rng.normal(size=(80, 40))
    scores[:, 25:35] = np.nan
    scores[0, 30] = shift[0, 0]
    blind = Engine(seed=0).fit(scores, np.zeros((80, 1)))
    seeing = Engine(seed=0).fit(scores, np.zeros((80, 1)), config_features=pd.DataFrame({"depth": depth}))
    truth = -((depth - 0.5) ** 2)

    def error(engine: Engine) -> float:
        session = engine.start([0.0])
        for config in (0, 10, 20, 39):
            session.tell(config, truth[config])
        return float(np.abs(session.predict()[0] - truth)[25:35].mean())

    assert error(seeing) < 0.7 * error(blind)


def test_a_dataset_with_one_score_or_none_and_columns_that_nobody_tried() -> None:
    scores = HISTORY.scores.copy()
    scores[0] = np.nan
    scores[1, 1:] = np.nan
    scores[:, 7] = np.nan
    engine = Engine(seed=0).fit(scores, HISTORY.metafeatures)
    session = engine.start(NEW.metafeatures[0])
    assert np.isfinite(session.predict()).all()
    assert sorted(play(session, NEW.scores[0], 30)) == list(range(30))


def test_one_score_a_dataset_is_no_history_to_replay() -> None:
    scores = np.where(np.eye(20, 30) > 0, HISTORY.scores[:20], np.nan)
    session = Engine(seed=0).fit(scores, HISTORY.metafeatures[:20]).start(NEW.metafeatures[0])
    assert not session.is_calibrated
    assert np.isfinite(session.predict()).all()
    assert len(set(play(session, NEW.scores[0], 10))) == 10


def test_metafeatures_may_be_unknown_constant_huge_or_absent() -> None:
    features = np.hstack([HISTORY.metafeatures, np.ones((60, 1)), np.full((60, 1), np.nan)])
    features[::3, 0] = np.nan
    features[5, 1], features[6, 1] = np.inf, -np.inf
    features[7, 2] = 1e300
    engine = Engine(seed=0).fit(HISTORY.scores, features)
    for row in (np.full(10, np.nan), np.full(10, np.inf), np.append(NEW.metafeatures[0], [2.0, 3.0])):
        session = engine.start(row)
        play(session, NEW.scores[0], 5)
        assert np.isfinite(session.predict()).all()
    nothing = Engine(seed=0).fit(HISTORY.scores, np.empty((60, 0))).start([])
    play(nothing, NEW.scores[0], 5)
    assert np.isfinite(nothing.predict()).all()


def test_dataframes_are_read_by_their_columns() -> None:
    names = [f"feature{column}" for column in range(8)]
    features = pd.DataFrame(HISTORY.metafeatures, columns=names)
    scores = pd.DataFrame(HISTORY.scores, columns=[f"config{column}" for column in range(30)])
    engine = Engine(seed=0).fit(scores, features, groups=pd.Series(range(60)))
    row = pd.Series(NEW.metafeatures[0], index=names)
    plain = Engine(seed=0).fit(*HISTORY).start(NEW.metafeatures[0])
    assert play(engine.start(row[::-1]), NEW.scores[0], 6) == play(plain, NEW.scores[0], 6)


def test_the_same_seed_gives_the_same_answers() -> None:
    some, same = (Engine(seed=3).fit(*HISTORY).start(NEW.metafeatures[1]) for _ in range(2))
    assert play(some, NEW.scores[1], 10) == play(same, NEW.scores[1], 10)
    assert np.array_equal(some.predict(), same.predict())


def test_offsets_and_scales_of_datasets_change_no_choice_that_matters() -> None:
    rng = np.random.default_rng(0)
    scale, offset = np.exp(rng.normal(scale=2, size=(60, 1))), 10 * rng.normal(size=(60, 1))
    moved = Engine(seed=0).fit(HISTORY.scores * scale + offset, HISTORY.metafeatures)
    plain = Engine(seed=0).fit(*HISTORY)
    for row in range(10):
        here = play(plain.start(NEW.metafeatures[row]), NEW.scores[row], 4)
        there = play(moved.start(NEW.metafeatures[row]), NEW.scores[row] * scale[row] + offset[row], 3)
        assert here[:3] == there


# What may be proposed, and what is told


def test_only_candidates_are_proposed_and_each_once(engine: Engine) -> None:
    candidates = np.arange(30) % 3 == 0
    session = engine.start(NEW.metafeatures[0], candidates)
    assert sorted(play(session, NEW.scores[0], 10)) == list(range(0, 30, 3))
    with pytest.raises(Conflict, match="None of the 10 candidates is left"):
        session.next()


def test_where_time_is_limited_what_takes_less_of_it_comes_first(engine: Engine) -> None:
    """A twin of the best config that is as good, and a hundred times as slow."""
    best = int(regrets(HISTORY.scores).mean(axis=0).argmin())
    twins = np.hstack([HISTORY.scores, HISTORY.scores[:, [best]]])
    engine = Engine(seed=0).fit(twins, HISTORY.metafeatures)
    seconds = np.ones(31)
    seconds[best] = 100.0
    only = np.isin(np.arange(31), [best, 30])
    session = engine.start(NEW.metafeatures[0], only)
    assert session.next(seconds) == 30
    assert session.next(seconds[::-1]) == best
    unknown = np.where(np.arange(31) == 30, np.nan, 1.0)
    unknown[0] = 50.0
    assert session.next(unknown) == best, "what was never timed is taken for slow"
    session.tell(best, NEW.scores[0, best])
    assert session.next(seconds) == 30


def test_nothing_told_changes_no_proposal(engine: Engine) -> None:
    session = engine.start(NEW.metafeatures[0])
    assert session.next() == session.next()


def test_what_was_tried_beyond_the_candidates_counts(engine: Engine) -> None:
    candidates = np.arange(30) < 4
    session = engine.start(NEW.metafeatures[0], candidates)
    before = session.predict()[0]
    session.tell(20, NEW.scores[0, 20])
    assert session.predict()[0][20] == NEW.scores[0, 20]
    assert not np.array_equal(before[:4], session.predict()[0][:4])
    assert session.next() < 4


@pytest.mark.parametrize("failure", [np.nan, None, -np.inf])
def test_a_failure_is_not_proposed_again_and_no_score(engine: Engine, failure: float | None) -> None:
    session = engine.start(NEW.metafeatures[0])
    first = session.next()
    session.tell(first, failure)
    assert np.isfinite(session.predict()).all()
    assert session.next() != first
    for _ in range(29):
        session.tell(session.next(), failure)
    with pytest.raises(Conflict):
        session.next()


def test_failures_point_to_another_kind_of_config() -> None:
    halves = np.hstack([np.tile([1.0, 0.0], (20, 1)).repeat(5, axis=1), np.full((20, 1), 0.5)])
    halves[::2, :10] = halves[::2, 9::-1]
    noise = 0.01 * np.random.default_rng(0).normal(size=halves.shape)
    session = Engine(seed=0).fit(halves + noise, np.zeros((20, 1))).start([0.0])
    for config in range(3):
        session.tell(config, np.nan)
    assert session.next() >= 5


def test_a_failure_in_the_history_is_worse_than_not_tried() -> None:
    scores = HISTORY.scores.copy()
    best = int(regrets(scores).mean(axis=0).argmin())
    failed, untried = scores.copy(), scores.copy()
    failed[:, best], untried[:, best] = -np.inf, np.nan
    nothing = np.zeros((60, 1))
    expected = [
        Engine(seed=0).fit(each, nothing).start([0.0]).predict()[0][best] for each in (failed, untried)
    ]
    assert expected[0] < expected[1]


def test_what_is_told_again_replaces(engine: Engine) -> None:
    session, other = engine.start(NEW.metafeatures[0]), engine.start(NEW.metafeatures[0])
    session.tell(4, 0.1)
    session.tell(4, 0.6)
    other.tell(4, 0.6)
    assert np.array_equal(session.predict(), other.predict())


# What cannot be used


@pytest.mark.parametrize(
    ("scores", "metafeatures", "options", "sentence"),
    [
        ([[0.1, 0.2]], [[1.0], [2.0]], {}, "1 rows of scores, 2 of metafeatures"),
        ([[0.1, 0.2]], [[1.0]], {"groups": [1, 2]}, "and 2 groups"),
        ([[np.nan, np.nan]], [[1.0]], {}, "no score"),
        ([], [], {}, "dimensions"),
        (np.empty((3, 0)), [[1.0]] * 3, {}, "no config to learn of"),
        ([["good"]], [[1.0]], {}, "no table of numbers"),
        ([[np.inf]], [[1.0]], {}, "infinite"),
        ([[0.1, 0.2]], [[1.0]], {"config_features": [[1.0]]}, "features of 1 configs"),
    ],
)
def test_bad_tables_get_one_sentence(scores: Any, metafeatures: Any, options: Any, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        Engine(seed=0).fit(scores, metafeatures, **options)


def test_bad_questions_get_one_sentence(engine: Engine) -> None:
    with pytest.raises(Conflict, match="no history"):
        Engine(seed=0).start([1.0])
    with pytest.raises(Invalid, match="3 metafeatures, and the table has 8"):
        engine.start([1.0, 2.0, 3.0])
    with pytest.raises(Invalid, match="mask of candidates"):
        engine.start(NEW.metafeatures[0], [True])
    session = engine.start(NEW.metafeatures[0])
    wrong: tuple[Any, ...] = (-1, 30, 1.5, None, "forest")
    for config in wrong:
        with pytest.raises(Invalid, match="no config"):
            session.tell(config, 0.5)
    with pytest.raises(Invalid, match="infinite"):
        session.tell(0, np.inf)


# A history that grows


def test_an_added_dataset_counts_from_the_next_session_on() -> None:
    engine = Engine(seed=0).fit(*HISTORY)
    odd = regrets(HISTORY.scores).mean(axis=0)
    row = engine.add(odd, NEW.metafeatures[0])
    assert row == 60
    assert not engine.is_outgrown
    for again in range(6):
        engine.add(odd + again, NEW.metafeatures[0])
    assert engine.is_outgrown
    assert engine.start(NEW.metafeatures[0]).next() == odd.argmax()


def test_a_recorded_run_changes_what_is_expected() -> None:
    engine = Engine(seed=0).fit(*HISTORY)
    before = engine.start(HISTORY.metafeatures[3]).predict()[0][5]
    engine.record(3, 5, 5.0)
    assert engine.start(HISTORY.metafeatures[3]).predict()[0][5] > before
    with pytest.raises(NotFound, match="no dataset 99"):
        engine.record(99, 5, 5.0)


@pytest.mark.parametrize("seed", range(5))
def test_it_does_not_matter_whether_one_asks_between_what_is_taken_in(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = np.where(rng.random((20, 30)) < 0.3, np.nan, HISTORY.scores[:20])
    vouched = np.arange(20) < 12
    at_once, one_by_one = (
        Engine(seed=0).fit(scores, HISTORY.metafeatures[:20], vouched=vouched) for _ in range(2)
    )
    for number in range(12):
        row = np.where(rng.random(30) < 0.5, np.nan, rng.random(30))
        place, config, score = rng.integers(20), rng.integers(30), rng.choice([rng.random(), -np.inf])
        for engine in (at_once, one_by_one):
            if number % 3 == 0:
                place = engine.add(row, HISTORY.metafeatures[30 + number], vouched=number % 2 == 0)
            engine.record(place, config, score)
        one_by_one.start(NEW.metafeatures[0])
    one, other = (engine.start(NEW.metafeatures[0]) for engine in (at_once, one_by_one))
    assert one.next() == other.next()
    np.testing.assert_array_equal(one.predict(), other.predict())


def test_a_dataset_without_scores_is_not_known_until_it_is_added() -> None:
    scores = HISTORY.scores.copy()
    scores[2] = np.nan
    engine = Engine(seed=0).fit(scores, HISTORY.metafeatures)
    with pytest.raises(NotFound):
        engine.record(2, 0, 0.5)
    engine.record(3, 0, 0.5)
    with pytest.raises(Invalid, match="no score"):
        engine.add(np.full(30, np.nan), HISTORY.metafeatures[2])


def test_a_session_does_not_change_when_the_engine_learns() -> None:
    engine = Engine(seed=0).fit(*HISTORY)
    session, other = engine.start(NEW.metafeatures[0]), engine.start(NEW.metafeatures[0])
    expected = play(other, NEW.scores[0], 6)
    for _ in range(3):
        engine.add(np.arange(30.0), NEW.metafeatures[0])
    assert play(session, NEW.scores[0], 6) == expected


# What must not be learnt from


def test_a_history_that_says_nothing_costs_no_more_than_the_portfolio() -> None:
    rng = np.random.default_rng(0)
    shuffled = HISTORY.scores[rng.permutation(60)]
    engine = Engine(seed=0).fit(shuffled, HISTORY.metafeatures)
    for trials in (2, 5):
        assert mean_regret(engine, NEW, trials) < portfolio_regret(shuffled, NEW.scores, trials) + 0.03


def test_a_history_turned_round_is_soon_believed_no_more() -> None:
    """It agrees with itself in everything; that its best configs are poor is seen when they are tried."""
    past, new = (level(table(60, seed=seed, noise=0.3)) for seed in (1, 2))
    turned = past.scores.max(axis=1, keepdims=True) + past.scores.min(axis=1, keepdims=True) - past.scores
    engine = Engine(seed=0).fit(turned, past.metafeatures)
    assert mean_regret(engine, new, 1) > 0.8
    assert mean_regret(engine, new, 3) < 0.5 * portfolio_regret(turned, new.scores, 3)
    assert mean_regret(engine, new, 5) < 0.3 * portfolio_regret(turned, new.scores, 5)


def test_a_history_turned_round_is_no_worse_than_its_portfolio_where_scores_are_noisy() -> None:
    """It is not told from other odd datasets by how far off forecasts are, but by what its opposite forecasts."""
    past, new = (level(table(60, seed=seed, noise=1.0)) for seed in (1, 2))
    turned = past.scores.max(axis=1, keepdims=True) + past.scores.min(axis=1, keepdims=True) - past.scores
    engine = Engine(seed=0).fit(turned, past.metafeatures)
    budgets = (1, 3, 5, 10)
    ours = np.mean([mean_regret(engine, new, trials) for trials in budgets])
    assert ours < 0.95 * np.mean([portfolio_regret(turned, new.scores, trials) for trials in budgets])


def test_data_on_which_all_score_less_are_no_sign_of_a_history_turned_round() -> None:
    """A few datasets do not tell how hard data may be; what they saw fail is not tried for that."""
    past, new = (level(table(size, configs=20, seed=seed)) for size, seed in ((20, 0), (20, 100)))
    engine = Engine(seed=0).fit(*past)
    as_usual, hard = (poorest_tried(engine, new, new.scores - less) for less in (0.0, 0.3))
    assert hard < as_usual + 0.15


def poorest_tried(engine: Engine, new: Any, scores: Array) -> float:
    """The mean regret of the poorest among the first four configs."""
    tried = [play(engine.start(row), told, 4) for row, told in zip(new.metafeatures, scores, strict=True)]
    return float(np.mean([regrets(told)[chosen].max() for told, chosen in zip(scores, tried, strict=True)]))


def level(some: Any) -> Any:
    return some._replace(scores=some.scores - some.scores.mean(axis=1, keepdims=True) + 0.6)


@pytest.mark.parametrize("kind", ["turned", "shuffled"])
def test_datasets_that_contradict_those_vouched_for_do_no_harm(kind: str) -> None:
    sure, more = table(40, seed=1, noise=0.5), table(40, seed=14, noise=0.5)
    new = table(40, seed=2, noise=0.5)
    wrong = {
        "turned": more.scores.max(axis=1, keepdims=True)
        + more.scores.min(axis=1, keepdims=True)
        - more.scores,
        "shuffled": np.random.default_rng(0).permuted(more.scores, axis=1),
    }[kind]
    scores, features = np.vstack([sure.scores, wrong]), np.vstack([sure.metafeatures, more.metafeatures])
    vouched = np.arange(80) < 40
    alone = Engine(seed=0).fit(*sure)
    believing = Engine(seed=0).fit(scores, features)
    doubting = Engine(seed=0).fit(scores, features, vouched=vouched)
    added = Engine(seed=0).fit(*sure)
    for row in range(3):
        added.add(wrong[row], more.metafeatures[row], vouched=False)
    for trials in (1, 3):
        regret = mean_regret(alone, new, trials)
        assert mean_regret(doubting, new, trials) < regret + 0.03
        assert mean_regret(added, new, trials) < regret + 0.03
    assert kind == "shuffled" or mean_regret(believing, new, 1) > mean_regret(doubting, new, 1) + 0.05
    with pytest.raises(Invalid, match="79 are vouched for or not"):
        Engine(seed=0).fit(scores, features, vouched=vouched[:79])


def test_one_source_does_not_suffer_for_another() -> None:
    """What somebody imported turned round takes no trust from the team's own runs."""
    sure, good, more = (table(size, seed=seed, noise=0.5) for size, seed in ((8, 1), (60, 14), (60, 3)))
    new = table(40, seed=2, noise=0.5)
    turned = more.scores.max(axis=1, keepdims=True) + more.scores.min(axis=1, keepdims=True) - more.scores
    scores = np.vstack([sure.scores, good.scores, turned])
    features = np.vstack([sure.metafeatures, good.metafeatures, more.metafeatures])
    vouched, sources = np.arange(128) < 8, ["prior"] * 8 + ["good"] * 60 + ["wrong"] * 60
    alone = mean_regret(Engine(seed=0).fit(*sure), new, 1)
    apart = Engine(seed=0).fit(scores, features, vouched=vouched, sources=sources)
    pooled = Engine(seed=0).fit(scores, features, vouched=vouched)
    added = Engine(seed=0).fit(scores[:68], features[:68], vouched=vouched[:68], sources=sources[:68])
    for row in range(68, 74):
        added.add(scores[row], features[row], vouched=False, source="wrong")
    assert mean_regret(apart, new, 1) < alone - 0.03
    assert mean_regret(added, new, 1) < alone - 0.03
    assert mean_regret(pooled, new, 1) > alone
    with pytest.raises(Invalid, match="127 have a source"):
        Engine(seed=0).fit(scores, features, vouched=vouched, sources=sources[:127])


def test_metafeatures_that_say_nothing_are_not_believed() -> None:
    """They cost next to nothing beside none at all."""
    noise = np.random.default_rng(0).normal(size=(100, 8))
    new = NEW._replace(metafeatures=noise[60:])
    believing = Engine(seed=0).fit(HISTORY.scores, noise[:60])
    blind = Engine(seed=0).fit(HISTORY.scores, np.zeros((60, 8)))
    for trials in (1, 2, 4):
        assert mean_regret(believing, new, trials) < mean_regret(blind, new, trials) + 0.01


def test_duplicates_do_not_make_metafeatures_look_better_than_they_are() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(15, 3))
    scores = table(15, seed=8, noise=2.0).scores
    eight = (np.repeat(scores, 8, axis=0), np.repeat(noise, 8, axis=0) + 1e-6 * rng.normal(size=(120, 3)))
    grouped = Engine(seed=0).fit(*eight, groups=np.repeat(np.arange(15), 8))
    fooled = Engine(seed=0).fit(*eight)
    once = Engine(seed=0).fit(scores, noise)

    def width(engine: Engine) -> float:
        _, low, high = engine.start(rng.normal(size=3)).predict()
        return float((high - low).mean())

    assert width(fooled) < 0.5 * width(grouped)
    assert width(grouped) > 0.6 * width(once)


# Intervals


@pytest.fixture(scope="module")
def noisy() -> Engine:
    return Engine(seed=0).fit(*table(120, seed=10, noise=1.0))


@pytest.mark.parametrize("trials", [0, 1, 3, 5, 9])
def test_intervals_cover_what_they_say(noisy: Engine, trials: int) -> None:
    new = table(120, seed=11, noise=1.0)
    covered = []
    for scores, features in zip(new.scores, new.metafeatures, strict=True):
        session = noisy.start(features)
        told = play(session, scores, trials)
        _, low, high = session.predict()
        held = (low <= scores) & (scores <= high)
        covered.append(np.delete(held, told).mean())
    assert 0.74 < np.mean(covered) < 0.86


def test_a_dataset_far_from_all_history_is_flagged(engine: Engine) -> None:
    near = [engine.start(features).is_far for features in NEW.metafeatures]
    assert np.mean(near) < 0.2
    assert engine.start(NEW.metafeatures[0] + 50).is_far
    assert engine.is_calibrated


def test_the_example_of_the_document() -> None:
    ran = doctest.testfile(str(DOCUMENT), module_relative=False)
    assert ran.attempted > 0
    assert ran.failed == 0
