"""What came from what: both ways, to a depth and a width, and only as far as somebody may see it."""

from __future__ import annotations

import msgspec
import pytest
from registering import Shelf

from maestro_jupyter import events
from maestro_jupyter.store import library, library_edits, schema
from maestro_jupyter.store.lineage import lineage_of_run, lineage_of_version
from maestro_jupyter.store.lineage_graph import Extent


class Work(Shelf):
    """Journals of runs that read data, use artifacts and make some."""

    def run(self, number, *, user="ada", parent=None, reads=(), uses=(), source="fit"):
        """Record a run; give its id."""
        run = f"{number:04x}" * 8
        self.journal.append(
            events.RunStarted(run, f"run {number}", 100.0 + number, "churn", user, source, parent)
        )
        for role, content in reads:
            self.journal.append(
                events.DatasetSeen(
                    run, role, f"{content}_{role}", "DataFrame", f"{content:0>8}", False, [10, 2]
                )
            )
        for registration in uses:
            self.use(registration, run)
        self.journal.append(events.RunEnded(run, 200.0 + number, "FINISHED"))
        return run

    def of(self, registration, user=None, **extent):
        return lineage_of_version(self.store, registration, Extent(**extent), user=user)

    def of_run(self, run, user=None, **extent):
        return lineage_of_run(self.store, run, Extent(**extent), user=user)


@pytest.fixture
def work(config, store):
    return Work(config, store)


def names(lineage):
    return {node.name for node in lineage.nodes}


def ties(lineage):
    named = {node.id: node.name for node in lineage.nodes}
    return {(named[edge.source], edge.kind, named[edge.target], edge.role) for edge in lineage.edges}


def chain(work):
    """Data, a feature pipeline, a model that was made with it, and a run that uses the model."""
    first = work.run(1, reads=[("X", "raw")])
    scaler = work.register("scaler", b"s", run=first)
    second = work.run(2, reads=[("X", "raw"), ("y", "target")], uses=[scaler])
    model = work.register("model", b"m", type="model", run=second)
    work.run(3, uses=[model])
    work.collect()
    return scaler, model


def test_from_data_to_later_runs(work):
    scaler, model = chain(work)
    found = work.of(model)
    assert names(found) == {"model:1", "run 2", "run 3", "scaler:1", "run 1", "raw_X", "target_y"}
    assert ties(found) == {
        ("raw_X", "read", "run 1", "X"), ("run 1", "made", "scaler:1", ""), ("scaler:1", "used", "run 2", ""),
        ("raw_X", "read", "run 2", "X"), ("target_y", "read", "run 2", "y"), ("run 2", "made", "model:1", ""),
        ("model:1", "used", "run 3", ""),
    }  # fmt: skip
    assert found.nodes[0].id == found.root
    assert {(node.more_before, node.more_after) for node in found.nodes} == {(0, 0)}
    root = found.node(found.root)
    assert (root.kind, root.about, root.reference, root.project) == ("artifact", "model", "model:1", "churn")
    (raw,) = (node for node in found.nodes if node.name == "raw_X")
    assert (raw.kind, raw.about, raw.reference) == ("data", "10 × 2", "00000raw")
    assert names(work.of_run("0002" * 8)) == names(found)
    assert names(work.of(scaler)) == names(found) - {"target_y"}


def test_depth(work):
    _, model = chain(work)
    near = work.of(model, depth=1)
    assert names(near) == {"model:1", "run 2", "run 3"}
    (maker,) = near.before(near.root)
    assert (maker.name, maker.more_before, maker.more_after) == ("run 2", 3, 0)
    assert work.of(model, depth=0).node(f"artifact:{model}").more_after == 1


def test_a_diamond_is_told_once(work):
    first = work.run(1)
    left, right = work.register("left", b"l", run=first), work.register("right", b"r", run=first)
    second = work.run(2, uses=[left, right])
    end = work.register("end", b"e", run=second)
    work.collect()
    found = work.of(end)
    assert len(found.nodes) == 5
    assert len(found.edges) == 5
    assert {(node.more_before, node.more_after) for node in found.nodes} == {(0, 0)}


@pytest.mark.parametrize("depth", [1, 2, 5, 50])
def test_a_run_that_uses_what_it_made(work, depth):
    run = work.run(1)
    made = work.register("made", b"m", run=run)
    work.use(made, run)
    work.collect()
    for found in (work.of(made, depth=depth), work.of_run(run, depth=depth)):
        assert names(found) == {"made:1", "run 1"}
        assert ties(found) == {("run 1", "made", "made:1", ""), ("made:1", "used", "run 1", "")}
        assert {(node.more_before, node.more_after) for node in found.nodes} == {(0, 0)}


def test_runs_that_are_said_to_be_part_of_themselves_and_each_other(work):
    one, two, three = (f"{number:04x}" * 8 for number in (1, 2, 3))
    work.run(1, parent=one)
    work.run(2, parent=three)
    work.run(3, parent=two)
    work.collect()
    assert names(work.of_run(one)) == {"run 1"}
    assert names(work.of_run(two)) == {"run 2", "run 3"}
    for found in (work.of_run(one), work.of_run(two)):
        assert {(node.more_before, node.more_after) for node in found.nodes} == {(0, 0)}


def test_parts(work):
    search = work.run(1, source="search", reads=[("X", "raw")])
    for number in range(2, 14):
        work.run(number, parent=search, source="candidate")
    work.collect()
    found = work.of_run(search, width=5)
    assert names(found) == {"run 1", "raw_X", *(f"run {number}" for number in range(9, 14))}
    assert found.nodes[0].more_after == 7
    assert names(work.of_run("0003" * 8)) == {"run 3", "run 1", "raw_X"}


def test_a_thousand_runs_use_one_artifact(work):
    scaler = work.register("scaler")
    for number in range(1, 1001):
        work.run(number, uses=[scaler])
    work.collect()
    found = work.of(scaler)
    assert names(found) == {"scaler:1", *(f"run {number}" for number in range(993, 1001))}
    assert found.nodes[0].more_after == 992
    most = work.of(scaler, width=1000, limit=50)
    assert (len(most.nodes), most.nodes[0].more_after) == (50, 951)


def test_a_use_counts_once_whichever_projects_it_is_noted_for(work):
    scaler = work.register("scaler")
    run = work.run(1, uses=[scaler])
    work.use(scaler, run, project="another")
    work.use(scaler)
    work.collect()
    found = work.of(scaler)
    assert names(found) == {"scaler:1", "run 1"}
    assert found.nodes[0].more_after == 0


def shared(work, *, hidden):
    """Bob's runs and artifacts, and with `hidden`, among them Ada's."""
    first = work.run(1, user="bob", reads=[("X", "raw")])
    scaler = work.register("scaler", b"s", user="bob", run=first)
    if hidden:
        work.run(2, user="ada", reads=[("X", "raw"), ("X2", "secret")], uses=[scaler])
        work.run(3, user="ada", parent=first)
        secret = work.register("secret", b"x", user="ada", private=True, run="0001" * 8)
        work.register("scaler", b"private", user="ada", private=True)
        work.run(4, user="bob", uses=[secret], parent="0002" * 8)
    else:
        work.run(4, user="bob")
    last = work.run(5, user="bob", uses=[scaler])
    if hidden:
        work.register("hers", b"h", user="ada", private=True, run=last)
        work.run(6, user="ada", uses=[scaler], parent=last)
    work.collect()
    return scaler, first, last


@pytest.mark.parametrize("extent", [{}, {"depth": 1}, {"width": 1}, {"limit": 2}])
def test_what_is_hidden_changes_nothing(config, store, tmp_path, extent):
    """With another's runs and private artifacts in the store, the answers are the same, byte for byte."""
    told = []
    for hidden in (False, True):
        with store.write.begin() as connection:
            for table in reversed(schema.metadata.sorted_tables):
                connection.execute(table.delete())
        home = tmp_path / f"home{hidden}"
        placed = type(config)(
            environ={"MAESTRO_HOME": str(home), "MAESTRO_DATABASE_URL": config.database_url}
        )
        work = Work(placed, store, f"j{hidden}")
        _, first, last = shared(work, hidden=hidden)
        scaler = library.versions(store, "scaler", user="bob")[0].registration
        answers = [work.of(scaler, "bob", **extent)]
        answers += [work.of_run(run, "bob", **extent) for run in (first, "0004" * 8, last)]
        told.append(msgspec.json.encode(answers).replace(scaler.encode(), b"scaler"))
        if hidden:
            everything = names(work.of(scaler))
            assert {"run 2", "run 6"} <= everything
    assert told[0] == told[1]


def test_artifacts_that_are_put_away_are_told_so(work):
    scaler = work.register("scaler")
    work.run(1, uses=[scaler])
    work.collect()
    library_edits.set_archived(work.store, work.anchor, library.Reference("scaler", 1), "ada", archived=True)
    assert work.of_run("0001" * 8).nodes[1].about == "feature pipeline, archived"


def test_data_that_could_not_be_read_is_left_out(work):
    run = work.run(1)
    work.journal.append(events.DatasetSeen(run, "X", "X", "Odd", "", False, []))
    work.collect()
    assert names(work.of_run(run)) == {"run 1"}
