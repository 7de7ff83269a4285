"""The server's counters: what they count, and what their labels never say."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from maestro_jupyter.server.routes import ROUTES

RUN = "0001" * 8


async def counted(ask):
    status, headers, body = await ask("metrics")
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain")
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


def requests(found, route, status="200", verb="GET"):
    return found.get(("maestro_requests_total", ("route", route), ("status", status), ("verb", verb)), 0.0)


async def test_requests_are_counted_by_route(ask):
    before = await counted(ask)
    await ask(f"runs/{RUN}")
    await ask("runs/ffff")
    await ask("nothing/here")
    after = await counted(ask)
    assert requests(after, "runs/{run_id}") - requests(before, "runs/{run_id}") == 1
    assert requests(after, "runs/{run_id}", "404") - requests(before, "runs/{run_id}", "404") == 1
    assert requests(after, "none", "404") - requests(before, "none", "404") == 1
    assert after[("maestro_collector_ok",)] == 1
    assert after[("maestro_subscribers",)] == 0


async def test_what_is_collected_is_counted(ask, home):
    import asyncio

    import maestro_jupyter as maestro

    with maestro.start_run("counted"):
        maestro.log({"loss": 1.0})
    key = ("maestro_collected_total", ("kind", "points"))
    while not (await counted(ask))[key]:  # the test's time-out ends it
        await asyncio.sleep(0.1)
    assert (await counted(ask))[key] == 1


async def test_labels_name_no_user_run_or_path(ask):
    await ask(f"runs/{RUN}/metrics/loss", user="bob")
    await ask("projects/secret-project")
    routes = {route.path for route in ROUTES} | {"none"}
    for name, *labels in await counted(ask):
        said = dict(labels)
        assert name.startswith("maestro_")
        assert set(said) <= {"route", "verb", "status", "kind", "le"}
        assert said.get("route", "none") in routes
