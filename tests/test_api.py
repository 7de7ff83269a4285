"""The one interface that surfaces read through."""

from __future__ import annotations

from datetime import timedelta

import pytest
from store_of_runs import store_of

from maestro_jupyter.api import Actor, LocalApi
from maestro_jupyter.errors import NotFound
from maestro_jupyter.models import Run, Status
from maestro_jupyter.store.audit import Anchor
from maestro_jupyter.store.filters import EPOCH


def a_run(number, **fields):
    return Run(
        run_id=f"{number:04x}" * 8, name=f"run {number}", project="p", user="u", source="api",
        status=Status.FINISHED, start_time=EPOCH + timedelta(seconds=number), **fields,
    )  # fmt: skip


def _nothing(sha256):
    raise NotFound(sha256)


def test_answers(tmp_path):
    store = store_of([a_run(1, metrics={"m": 1.0}), a_run(2, metrics={"m": 2.0}, parent_id="0001" * 8)])
    api = LocalApi(store, Actor("ada", owner=True), _nothing, str, Anchor(tmp_path))
    assert [run.name for run in api.search("metrics.m > 1")] == ["run 2"]
    assert len(api.search_frame()) == api.count() == 2
    assert [run.name for run in api.children("0001")] == ["run 2"]
    detail = api.detail("0001")
    assert [metric.key for metric in detail.metrics] == api.metric_keys("0001") == ["m"]
    assert [run.name for run in detail.children] == ["run 2"]
    assert api.diff("0001", "0002").summary() == ["m: 1 → 2 (+1)"]
    with pytest.raises(NotFound):
        api.artifact_bytes("ab")
    assert api.projects()[0].runs == 2
    with pytest.raises(NotFound):
        api.get("ffff")
    store.read.dispose()
