"""The page of results: a section that is measured anew replaces itself, and nothing else."""

from __future__ import annotations

from pathlib import Path

from benchmarks.sections import SECTIONS, kept, replaced

PAGE = (Path(__file__).parents[1] / "benchmarks" / "RESULTS.md").read_text()


def test_a_section_leaves_all_others_as_they_are() -> None:
    once = replaced(PAGE, "Of this test", "| a |\n| --- |\n| 1 |")
    assert once.startswith(PAGE)
    twice = replaced(once, "Of this test", "measured again")
    assert twice.startswith(PAGE)
    assert twice.endswith("\n\n## Of this test\n\nmeasured again\n")
    between = replaced(replaced(once, "Last", "of all"), "Of this test", "anew")
    assert between == f"{PAGE}\n## Of this test\n\nanew\n\n## Last\n\nof all\n"


def test_the_table_of_peers_leaves_sections_as_they_are() -> None:
    titles = [section.title for section in SECTIONS]
    old = replaced(PAGE, titles[0], "some figures\n\nMeasured at some time.")
    new = kept(old, "# Figures\n\n## What was timed\n- other rows\n", titles)
    assert new.startswith("# Figures\n\n## What was timed\n- other rows\n\n## ")
    assert f"## {titles[0]}\n\nsome figures\n\nMeasured at some time.\n" in new
    assert "## Machine" not in new


def test_each_section_of_the_page_was_written_by_the_benchmarks() -> None:
    for section in SECTIONS:
        _, heading, rest = PAGE.partition(f"\n## {section.title}\n")
        assert heading, section.title
        assert "\nMeasured on " in rest.partition("\n## ")[0]
