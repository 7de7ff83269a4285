"""Real datasets that statsmodels carries, and tasks derived from them."""

from __future__ import annotations

import functools
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from maestro_jupyter.recommend.datasets import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

_Table: TypeAlias = "tuple[pd.DataFrame, pd.Series[Any]]"
_Row: TypeAlias = "tuple[str, str, Callable[..., Any], tuple[Any, ...]]"

_PACKAGE = "statsmodels"
_PUBLIC = "public domain"
_GRANTED = "used with express permission of the author"
_UNSTATED = "not stated"
_WORLD_BANK = "World Bank terms of use"
_LICENCES = {
    "ccard": _GRANTED,
    "fair": _GRANTED,
    "star98": _GRANTED,
    "cancer": _UNSTATED,
    "heart": _UNSTATED,
    "interest_inflation": _UNSTATED,
    "fertility": _WORLD_BANK,
}


def _data(name: str) -> pd.DataFrame:
    found: pd.DataFrame = import_module(f"statsmodels.datasets.{name}").load_pandas().data
    return found


def _target(name: str, column: str, drop: Sequence[str] = ()) -> _Table:
    frame = _data(name)
    return frame.drop(columns=[column, *drop]), frame[column]


def _above(name: str, column: str, share: float, drop: Sequence[str] = ()) -> _Table:
    """Predict whether a column is above a quantile of it."""
    X, y = _target(name, column, drop)
    return X, y > y.quantile(share)


def _lags(values: pd.Series[Any], count: int) -> _Table:
    """Predict a value of a series from those before it."""
    import pandas as pd

    lagged = pd.DataFrame({f"lag{lag}": values.shift(lag) for lag in range(1, count + 1)})
    return lagged.iloc[count:], values.iloc[count:]


def _next(name: str, column: str, count: int) -> _Table:
    return _lags(_data(name)[column], count)


def _rises(name: str, column: str, count: int) -> _Table:
    X, y = _next(name, column, count)
    known = y.notna() & X["lag1"].notna()
    return X[known], y[known] > X["lag1"][known]


def _next_quarter(column: str) -> _Table:
    """Predict how a series of the economy changes from how all changed in the quarter before."""
    frame = _data("macrodata").drop(columns=["year", "quarter"])
    changes = frame.diff()
    return changes.shift(1).iloc[2:], changes[column].iloc[2:]


def _inflation_rises() -> _Table:
    X, y = _next_quarter("infl")
    return X, y > 0


def _mode_of_travel() -> _Table:
    """Give each traveller one row: four modes' times and costs, and which was taken."""
    import pandas as pd

    frame = _data("modechoice")
    wide = frame.pivot_table(index="individual", columns="mode", values=["ttme", "invc", "invt", "gc"])
    wide.columns = pd.Index([f"{pair[0]}_{int(pair[1])}" for pair in wide.columns.tolist()])
    people = frame.groupby("individual")[["hinc", "psize"]].first()
    taken = frame[frame["choice"] == 1].set_index("individual")["mode"]
    return wide.join(people), taken.loc[wide.index].astype(int)


def _fertility() -> _Table:
    """Predict a country's fertility of 2010 from every fourth year up to 2000."""
    frame = _data("fertility")
    return frame[[str(year) for year in range(1960, 2001, 4)]], frame["2010"]


def _share_above() -> _Table:
    frame = _data("star98")
    return frame.drop(columns=["NABOVE", "NBELOW"]), frame["NABOVE"] / (frame["NABOVE"] + frame["NBELOW"])


def _most_above() -> _Table:
    X, y = _share_above()
    return X, y > 0.5


def _any(name: str, column: str) -> _Table:
    X, y = _target(name, column)
    return X, y > 0


def _as_classes(name: str, column: str, drop: Sequence[str] = ()) -> _Table:
    X, y = _target(name, column, drop)
    return X, y.astype(str)


def _december() -> _Table:
    return _target("elnino", "DEC", ("YEAR",))


def _season() -> _Table:
    """Predict the quarter of a year from the temperatures of the sea in its three months."""
    import pandas as pd

    frame = _data("elnino").drop(columns="YEAR")
    quarters = [frame.iloc[:, start : start + 3].set_axis(["a", "b", "c"], axis=1) for start in (0, 3, 6, 9)]
    quarter = [f"Q{number}" for number in range(1, 5) for _ in range(len(frame))]
    return pd.concat(quarters, ignore_index=True), pd.Series(quarter)


_CLASSES: list[_Row] = [
    ("election_vote", "anes96", _target, ("anes96", "vote", ("popul",))),
    ("election_party", "anes96", _as_classes, ("anes96", "PID", ("popul", "vote"))),
    ("election_income", "anes96", _above, ("anes96", "income", 0.5, ("popul",))),
    ("marriage_affair", "fair", _any, ("fair", "affairs")),
    ("marriage_rating", "fair", _as_classes, ("fair", "rate_marriage", ("affairs",))),
    ("doctor_visited", "randhie", _any, ("randhie", "mdvis")),
    ("doctor_often", "randhie", _above, ("randhie", "mdvis", 0.9)),
    ("travel_mode", "modechoice", _mode_of_travel, ()),
    ("transplant_died", "heart", _as_classes, ("heart", "censors")),
    ("schools_above", "star98", _most_above, ()),
    ("inflation_rises", "macrodata", _inflation_rises, ()),
    ("sunspots_rise", "sunspots", _rises, ("sunspots", "SUNACTIVITY", 6)),
    ("carbon_rises", "co2", _rises, ("co2", "co2", 10)),
    ("grunfeld_firm", "grunfeld", _as_classes, ("grunfeld", "firm", ("year",))),
    ("credit_owner", "ccard", _as_classes, ("ccard", "OWNRENT")),
    ("sea_season", "elnino", _season, ()),
    ("cancer_many", "cancer", _above, ("cancer", "cancer", 0.75)),
]

_NUMBERS: list[_Row] = [
    ("election_age", "anes96", _target, ("anes96", "age", ("popul",))),
    ("election_leaning", "anes96", _target, ("anes96", "selfLR", ("popul",))),
    ("marriage_years", "fair", _target, ("fair", "yrs_married")),
    ("marriage_affairs", "fair", _target, ("fair", "affairs")),
    ("doctor_visits", "randhie", _target, ("randhie", "mdvis")),
    ("doctor_disease", "randhie", _target, ("randhie", "disea", ("mdvis",))),
    ("schools_share", "star98", _share_above, ()),
    ("schools_lunches", "star98", _target, ("star98", "LOWINC", ("NABOVE", "NBELOW"))),
    ("unemployment_change", "macrodata", _next_quarter, ("unemp",)),
    ("consumption_change", "macrodata", _next_quarter, ("realcons",)),
    ("sunspots_next", "sunspots", _next, ("sunspots", "SUNACTIVITY", 11)),
    ("carbon_next", "co2", _next, ("co2", "co2", 12)),
    ("nile_next", "nile", _next, ("nile", "volume", 3)),
    ("grunfeld_invest", "grunfeld", _target, ("grunfeld", "invest")),
    ("credit_expense", "ccard", _target, ("ccard", "AVGEXP", ("INCOMESQ",))),
    ("sea_december", "elnino", _december, ()),
    ("cancer_deaths", "cancer", _target, ("cancer", "cancer")),
    ("engel_food", "engel", _target, ("engel", "foodexp")),
    ("fertility_2010", "fertility", _fertility, ()),
    ("interest_rate", "interest_inflation", _target, ("interest_inflation", "R")),
    ("state_murder", "statecrime", _target, ("statecrime", "murder", ("violent",))),
    ("danish_money", "danish_data", _target, ("danish_data", "lrm")),
    ("strike_duration", "strikes", _target, ("strikes", "duration")),
    ("transplant_survival", "heart", _target, ("heart", "survival")),
]

PROBLEMS = [
    Problem(
        name=name,
        task=task,
        group=source,
        origin=_PACKAGE,
        licence=_LICENCES.get(source, _PUBLIC),
        load=functools.partial(load, *given),
        needs=_PACKAGE,
    )
    for task, rows in (("classification", _CLASSES), ("regression", _NUMBERS))
    for name, source, load, given in rows
]
