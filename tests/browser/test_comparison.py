"""Runs side by side in JupyterLab: each view by mouse and by keys, runs that go on, and texts that attack."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from lab import MARKS
from lab_homes import attacks, fill_with_attacks
from playwright.sync_api import expect
from side import Side, view

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab import Lab, Notebook
    from playwright.sync_api import Browser, Locator

pytestmark = MARKS

LOAD = "%load_ext maestro_jupyter\nimport maestro_jupyter as maestro"
TRAIN = """for n in range(4):
    params = {'rate': 10.0 ** -n, 'depth': n, 'kind': 'ab'[n % 2], 'seed': 0}
    if n == 3: del params['depth']
    with maestro.start_run(f'run {n}', params=params):
        for step in range(20): maestro.log({'loss': n + 1 / (step + 1), 'accuracy': 1 - n / 10}, step=step)"""
COMPARE = "%maestro compare 'run 0' 'run 1' 'run 2' 'run 3'"
TABS = ["Table", "Parallel coordinates", "Scatter", "Curves", "Changes"]


@pytest.fixture(scope="module")
def lab(start: Callable[..., Lab]) -> Lab:
    return start()


def compared_in(notebook: Notebook, place: int) -> Locator:
    comparison = notebook.run(place).locator(".maestro-widget")
    expect(comparison.get_by_role("tab", name="Table")).to_be_visible(timeout=30_000)
    return comparison


def runs_in(comparison: Locator) -> Locator:
    return comparison.locator("[role=tabpanel]:not([hidden]) [role=toolbar] button")


def test_runs_are_compared_in_every_view_by_keys(
    lab: Lab, browser: Browser, axe: Callable[[Locator], None]
) -> None:
    notebook = lab.open(browser, "")
    for place, text in enumerate((LOAD, TRAIN, COMPARE)):
        notebook.type(place, text)
    notebook.run(0)
    notebook.run(1)
    comparison = compared_in(notebook, 2)
    press = notebook.page.keyboard.press
    focused = notebook.page.locator("*:focus")
    table = comparison.get_by_role("table", name="Comparison")
    row = table.get_by_role("row", name=re.compile("^loss"))
    expect(row).to_have_text(re.compile(r"loss ↓ lower is better★ best 0\.05"))
    expect(table.get_by_role("row", name=re.compile("^accuracy"))).to_contain_text("★ best 1")
    expect(table.get_by_role("row", name=re.compile("^depth"))).to_have_text("depth012unknown")
    expect(table.get_by_role("row", name=re.compile("^seed"))).to_have_count(0)
    expect(comparison.get_by_text("1 more is the same in all.")).to_be_visible()
    axe(comparison)
    comparison.get_by_label("Differences only").focus()
    press("Space")
    expect(table.get_by_role("row", name=re.compile("^seed"))).to_have_text("seed0000")

    comparison.get_by_role("tab", name="Table").focus()
    for name in TABS[1:]:
        press("ArrowRight")
        expect(focused).to_have_text(name)
        expect(focused).to_have_attribute("aria-selected", "true")
        expect(comparison.get_by_role("tabpanel")).to_have_count(1)
        expect(comparison.get_by_role("tabpanel")).to_have_accessible_name(name)
    expect(comparison.get_by_role("region", name="Changed cell")).to_have_count(0)
    expect(comparison.get_by_role("row", name=re.compile("^rate 1 0.1$"))).to_be_visible()
    expect(comparison.get_by_role("row", name=re.compile("^loss"))).to_contain_text("▼ worse")
    axe(comparison)
    press("ArrowRight")
    expect(focused).to_have_text("Table")
    press("End")
    press("Home")
    press("ArrowRight")
    assert notebook.page.locator(".jp-Notebook .jp-Cell").count() == 3

    # Parallel coordinates: magnitudes where rates span far, ranges by hand and by number, and a run's name.
    picture = comparison.get_by_role("img", name=re.compile("^4 runs, each a line across the axes"))
    expect(picture).to_have_accessible_name(re.compile("depth, kind, rate, loss, accuracy$"))
    expect(picture.get_by_text("0.01", exact=True)).to_be_visible()
    expect(picture.get_by_text("below the axes: unknown")).to_be_visible()
    box = picture.bounding_box()
    mouse = notebook.page.mouse
    x = box["x"] + picture.locator(".maestro-axis-grip").nth(2).evaluate(
        "grip => +grip.getAttribute('x') + 12"
    )
    mouse.move(x, box["y"] + 30)
    mouse.down()
    mouse.move(x, box["y"] + 140, steps=5)
    mouse.up()
    expect(comparison.get_by_text("2 of 4 runs are in the ranges.")).to_be_visible()
    comparison.get_by_role("button", name="Clear the ranges").click()
    expect(comparison.get_by_text("4 runs.")).to_be_visible()
    comparison.get_by_text("Axes and ranges").click()
    comparison.get_by_label("depth from", exact=True).fill("1")
    expect(comparison.get_by_text("2 of 4 runs are in the ranges.")).to_be_visible()
    comparison.get_by_label("kind to", exact=True).select_option("a")
    expect(comparison.get_by_text("1 of 4 runs are in the ranges.")).to_be_visible()
    expect(picture.locator(".maestro-in")).to_have_count(1)
    comparison.get_by_label("Move depth to the right").focus()
    press("Enter")
    expect(picture).to_have_accessible_name(re.compile("kind, depth, rate, loss, accuracy$"))
    expect(focused).to_have_accessible_name("Move depth to the right")
    comparison.get_by_role("checkbox", name="kind").uncheck()
    expect(picture).to_have_accessible_name(re.compile("axes depth, rate, loss, accuracy$"))
    comparison.get_by_label("Last axis").select_option("loss")
    expect(picture).to_have_accessible_name(re.compile("depth, rate, accuracy, loss$"))
    runs_in(comparison).first.focus()
    press("ArrowRight")
    expect(focused).to_contain_text("run 1")
    expect(
        comparison.get_by_text("run 1 – depth: 1 · rate: 0.1 · accuracy: 0.9 · loss: 1.05")
    ).to_be_visible()
    expect(picture.locator(".maestro-marked")).to_have_attribute("data-run", "1")
    press("Space")
    runs_in(comparison).last.hover()
    expect(picture.locator(".maestro-marked")).to_have_attribute("data-run", "3")
    picture.hover(position={"x": 3, "y": 3})
    expect(picture.locator(".maestro-marked")).to_have_attribute("data-run", "1")
    axe(comparison)

    comparison.get_by_role("tab", name="Scatter").click()
    points = comparison.get_by_role("img", name=re.compile("^3 runs by depth and"))
    expect(points).to_have_accessible_name(re.compile("1 is not drawn: one of the two is unknown"))
    expect(comparison.get_by_role("group", name="Across").get_by_label("log")).to_be_disabled()
    comparison.get_by_role("combobox", name="Across").select_option("rate")
    log = comparison.get_by_role("group", name="Across").get_by_label("log")
    expect(log).to_be_checked()
    log.uncheck()
    points = comparison.get_by_role("img", name=re.compile("^4 runs by rate and accuracy"))
    shapes = points.locator(".maestro-point path").evaluate_all(
        "all => all.map(one => one.getAttribute('d'))"
    )
    assert len(set(shapes)) == 4
    points.locator("[data-run='3']").hover()
    expect(points.locator(".maestro-point-label")).to_have_text("run 3")
    comparison.get_by_text("The points as a table").click()
    cells = comparison.get_by_role("row", name=re.compile("^run 2"))
    expect(cells).to_have_text("run 20.010.8")
    axe(comparison)

    comparison.get_by_role("tab", name="Curves").click()
    expect(comparison.get_by_text(re.compile(r"accuracy: 4 runs, 80 points drawn"))).to_be_visible()
    comparison.get_by_label("Metric", exact=True).select_option("loss")
    expect(comparison.get_by_text(re.compile(r"loss: 4 runs, 80 points drawn"))).to_be_visible()
    axe(comparison)

    saved = notebook.save()
    assert set(saved.cells[2].outputs[0].data) == {"text/html", "text/plain"}
    assert "★ 1" in saved.cells[2].outputs[0].data["text/plain"]
    notebook.reload()
    comparison = notebook.output(2).locator(".maestro-widget")
    expect(comparison.get_by_role("tab", name="Curves")).to_have_attribute(
        "aria-selected", "true", timeout=30_000
    )
    expect(comparison.get_by_text(re.compile(r"loss: 4 runs, 80 points drawn"))).to_be_visible()
    assert notebook.errors == []
    notebook.close()


def test_code_is_compared_cell_by_cell_and_runs_that_go_on_are_followed(
    lab: Lab, browser: Browser, axe: Callable[[Locator], None]
) -> None:
    fit = "with maestro.start_run('{}', project='two'):\n    rate = {}\n    maestro.log({{'loss': rate}})"
    going = (
        "import threading\n"
        "with maestro.start_run('after', project='two') as run: maestro.log({'loss': 1.0})\n"
        "def train():\n"
        "    with maestro.start_run('going', project='two'):\n"
        "        maestro.log({'loss': 0.5}); go.wait(120); maestro.log({'loss': 0.25})\n"
        "go = threading.Event(); thread = threading.Thread(target=train); thread.start()"
    )
    notebook = lab.open(
        browser,
        f"{LOAD}\n%maestro project two",
        fit.format("before", 0.9),
        going,
        "%maestro diff before after",
        "%maestro compare before going",
        "go.set(); thread.join()",
    )
    for place in range(3):
        notebook.run(place)
    diff = compared_in(notebook, 3)
    expect(diff.get_by_role("tab", name="Changes")).to_have_attribute("aria-selected", "true")
    cell = diff.get_by_role("region", name="Changed cell")
    expect(cell.locator(".maestro-added").first).to_have_text(re.compile(r"^\+import threading"))
    expect(diff.get_by_text("2 cells are the same.")).to_be_visible()
    expect(diff.get_by_role("row", name=re.compile("^loss"))).to_contain_text("▼ worse")
    diff.get_by_role("button", name="Turn round").click()
    expect(cell.locator(".maestro-removed").first).to_have_text(re.compile("^-import threading"))
    expect(diff.get_by_role("row", name=re.compile("^loss"))).to_contain_text("▲ better")
    axe(diff)

    table = compared_in(notebook, 4).get_by_role("table", name="Comparison")
    table.scroll_into_view_if_needed()
    expect(table).to_contain_text("● running")
    expect(table).to_contain_text("so far")
    expect(table).to_contain_text("★ best 0.5")
    notebook.run(5)
    expect(table).to_contain_text("★ best 0.25", timeout=30_000)
    expect(table).not_to_contain_text("● running")
    assert notebook.errors == []
    notebook.close()


def test_runs_of_a_table_and_of_the_panel_are_compared_in_place(
    lab: Lab, browser: Browser, axe: Callable[[Locator], None]
) -> None:
    fit = "for n in range(3):\n    with maestro.start_run(f'one {n}', project='chosen', params={'n': n}): maestro.log({'acc': n})"
    notebook = lab.open(browser, f"{LOAD}\n%maestro project chosen\n{fit}", "%maestro runs")
    page = notebook.page
    notebook.run(0)
    table = notebook.run(1).locator(".maestro-widget").first
    expect(table.locator("[data-row='2'] [data-column='0']")).to_have_text("one 0", timeout=30_000)
    for row in range(3):
        table.locator(f"[data-row='{row}'] [data-column='0']").click(modifiers=["Control"])
    table.get_by_role("button", name="Compare").click()
    panel = table.get_by_role("region", name="Side by side")
    expect(panel.get_by_role("row", name=re.compile("^acc"))).to_contain_text("★ best 2")
    panel.get_by_role("tab", name="Scatter").click()
    expect(panel.get_by_role("img", name=re.compile("^3 runs by n and acc"))).to_be_visible()
    axe(table)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(table.get_by_role("button", name="Compare")).to_be_focused()

    side = Side(page)
    side.scope("Notebook")
    expect(side.count).to_have_text("3 runs")
    side.run(0).click()
    expect(side.button("Compare")).to_be_disabled()
    side.run(1).click(modifiers=["Control"])
    side.run(2).click(modifiers=["Control"])
    side.button("Compare").click()
    comparison = view(page)
    expect(comparison.get_by_role("row", name=re.compile("^acc"))).to_have_text(
        "acc ↑ higher is better01★ best 2"
    )
    expect(comparison.get_by_role("button", name="✓ one 0")).to_be_visible()
    comparison.get_by_role("tab", name="Parallel coordinates").click()
    expect(comparison.get_by_role("img", name="3 runs, each a line across the axes n, acc")).to_be_visible()
    axe(comparison)
    comparison.get_by_role("tab", name="Curves").click()
    expect(
        comparison.get_by_text("None of these runs has a metric that was logged more than once.")
    ).to_be_visible()
    assert notebook.errors == []
    notebook.close()


def test_no_text_that_attacks_runs(start: Callable[..., Lab], browser: Browser) -> None:
    setup = (
        f"{LOAD}\nfound = maestro.search_runs(max_results=None)['run_id'].tolist()\n"
        f"attacks = {attacks()!r}\n"
        "with maestro.start_run('curves', params={str(n): attack for n, attack in enumerate(attacks)}) as run:\n"
        "    for step in range(3): maestro.log({attack: step for attack in attacks[:60]}, step=step)\n"
        "shell = get_ipython()"
    )
    groups = "for at in range(0, len(found), 50):\n    display(*[shell.run_line_magic('maestro', 'compare ' + ' '.join(found[at:at + 50]))])"
    source = "# <img src=x onerror=alert(1)>\nwith maestro.start_run('<script>alert(1)</script>'): maestro.log({'x': 1})"
    notebook = start(fill_with_attacks).open(
        browser, setup, groups, source, "%maestro diff latest previous", "%maestro compare latest previous"
    )
    page = notebook.page
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    notebook.run(0)
    shown = [notebook.run(1).locator(".maestro-widget")]
    notebook.run(2)
    shown += [notebook.run(place).locator(".maestro-widget") for place in (3, 4)]
    assert shown[0].count() * 50 >= len(attacks())
    for comparison in [each.nth(place) for each in shown for place in range(each.count())]:
        comparison.get_by_role("tab", name="Table").click(timeout=30_000)
        expect(comparison.get_by_role("table", name="Comparison")).to_be_visible(timeout=30_000)
        for name in ("Parallel coordinates", "Scatter", "Curves", "Changes"):
            comparison.get_by_role("tab", name=name).click()
            if name in {"Parallel coordinates", "Scatter"}:
                expect(runs_in(comparison).first).to_be_visible()
                runs_in(comparison).last.focus()
            for details in comparison.locator("[role=tabpanel]:not([hidden]) summary").all():
                details.click()
    cells = (
        shown[1].get_by_role("region", name="Changed cell").filter(has_text="<img src=x onerror=alert(1)>")
    )
    expect(cells.first).to_be_visible()
    page.wait_for_timeout(500)
    assert dialogs == []
    markup = page.locator(".maestro-widget :is(img, script, iframe, object, embed, base, link)")
    assert markup.count() == 0
    assert notebook.errors == []
    notebook.close()
