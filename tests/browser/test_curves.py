"""Curves in JupyterLab: zoomed into by hand and by keys, told apart, and drawn on while their runs go on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lab import MARKS
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab import Lab
    from playwright.sync_api import Browser, Locator

pytestmark = MARKS

TRAIN = """%load_ext maestro_jupyter
import maestro_jupyter as maestro, time
for rate in range(3):
    with maestro.start_run(f'rate <b>{rate}</b>', project='curves'):
        for step in range(20_000): maestro.log({'loss': 1 / (step + 1 + rate), 'acc': step}, step=step)
%maestro project curves"""
PLOT_IT = """import threading
def train():
    with maestro.start_run('goes on', project='curves'):
        for step in range(600): maestro.log({'rising': step}, step=step); go.wait(0.1)
go = threading.Event()
thread = threading.Thread(target=train); thread.start(); time.sleep(1)
%maestro plot rising"""


def test_curves_are_zoomed_into_and_go_on(
    start: Callable[..., Lab], browser: Browser, axe: Callable[[Locator], None]
) -> None:
    notebook = start().open(browser, TRAIN, "%maestro plot loss", PLOT_IT, "go.set(); thread.join()")
    notebook.run(0)
    chart = notebook.run(1).locator(".maestro-widget")
    drawn = chart.get_by_text(re.compile(r"loss: 3 runs, [\d,]+ points drawn"))
    expect(drawn).to_be_visible(timeout=30_000)
    expect(chart.get_by_role("button", name="rate <b>0</b>")).to_have_attribute("aria-pressed", "true")
    dashes = chart.locator(".maestro-legend line").evaluate_all(
        "lines => lines.map(line => line.getAttribute('stroke-dasharray'))"
    )
    assert len(set(dashes)) == 3
    axe(chart)

    box = chart.locator(".u-over").bounding_box()
    mouse = notebook.page.mouse
    mouse.move(box["x"] + 10, box["y"] + 50)
    mouse.down()
    mouse.move(box["x"] + 14 + box["width"] / 100, box["y"] + 60, steps=4)
    mouse.up()
    expect(chart.get_by_text(re.compile(r"points drawn of a part\."))).to_be_visible()
    chart.get_by_role("group", name=re.compile("^loss by step")).focus()
    notebook.page.keyboard.press("0")
    expect(chart.get_by_text(re.compile(r"points drawn\."))).to_be_visible()
    notebook.page.keyboard.press("+")
    expect(chart.get_by_text(re.compile(r"points drawn of a part\."))).to_be_visible()
    chart.get_by_role("button", name="Show all").click()
    expect(chart.get_by_text(re.compile(r"points drawn\."))).to_be_visible()

    chart.get_by_label("log").check()
    chart.get_by_role("slider").fill("0.9")
    chart.get_by_role("button", name="rate <b>1</b>").click()
    expect(chart.get_by_role("button", name="rate <b>1</b>")).to_have_attribute("aria-pressed", "false")
    chart.get_by_label("Metric").select_option("acc")
    expect(chart.get_by_text(re.compile(r"acc: 3 runs"))).to_be_visible()
    chart.get_by_label("Along").select_option("time")
    expect(chart.get_by_role("group", name=re.compile("^acc by seconds"))).to_be_visible()

    going = notebook.run(2).locator(".maestro-widget")
    # What nobody sees does not ask.
    going.scroll_into_view_if_needed()
    expect(going.get_by_text("● running")).to_be_visible()
    first = going.locator(".maestro-value").inner_text()
    expect(going.locator(".maestro-value")).not_to_have_text(first)
    notebook.run(3)
    expect(going.get_by_text("● running")).to_be_hidden(timeout=30_000)
    expect(going.locator(".maestro-value")).to_have_text("599")
    assert notebook.errors == []
    notebook.close()
