"""What a front end is told of a kernel's recording."""

from __future__ import annotations

from maestro_jupyter import kernel_state
from maestro_jupyter.app import current


def test_the_state_is_what_the_commands_have_set(cells):
    assert kernel_state.said().data["recording"] is True
    cells.magic("off")
    assert kernel_state.said().data["recording"] is False
    cells.magic("on")
    cells.magic("project other")
    cells("import maestro_jupyter as m\nwith m.start_run('one'): m.log({'x': 1.0, 'y': 2.0})")
    said = kernel_state.said().data
    assert (said["recording"], said["project"], said["points"], said["problems"]) == (True, "other", 2, 0)
    current().recorder.problems.add("a hook", ValueError("bad"))
    said = kernel_state.said().data
    assert (said["problems"], said["latest"]) == (1, "a hook: ValueError: bad")


def test_a_front_end_reads_it_as_json(cells):
    evaluated = cells.shell.user_expressions(
        {"maestro": "__import__('maestro_jupyter.kernel_state', fromlist=['said']).said()"}
    )
    assert evaluated["maestro"]["data"]["application/json"]["mode"] == "on"


def test_where_maestro_is_not_loaded_there_is_nothing(cells):
    cells("%unload_ext maestro_jupyter")
    assert kernel_state.said() is None
