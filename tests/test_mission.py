"""The page of what was asked for: how it is made, and that a small one can be; nothing is timed."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from benchmarks.figures import read_figures
from benchmarks.mission import Goal, format_page, main
from tests.corpora import CorpusUnavailableError, corpus

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize(
    ("goal", "holds"),
    [
        pytest.param(Goal("t", 2, 1.9, "s", "c"), True, id="under a limit"),
        pytest.param(Goal("t", 2, 2.0, "s", "c"), False, id="at a limit"),
        pytest.param(Goal("t", 80, 95, "%", "c", is_least=True), True, id="over the least"),
        pytest.param(Goal("t", 80, 80, "%", "c", is_least=True), False, id="at the least"),
        pytest.param(Goal("t", 0, 0, "", "c"), True, id="none"),
        pytest.param(Goal("t", 0, 1, "", "c"), False, id="one where there may be none"),
    ],
)
def test_what_holds(goal: Goal, holds: bool) -> None:
    assert goal.holds == holds
    assert ("**missed**" in format_page([goal], [], 5)) != holds


def test_a_row_has_what_was_asked_what_was_measured_and_the_command() -> None:
    page = format_page(
        [
            Goal("10 files", 0.5, 0.31415, "s", "pytest --antipasta-only"),
            Goal("hits", 80, 95.2, "%", "check", is_least=True),
            Goal("differences", 0, 0, "", "compare"),
        ],
        ["radon==6.0.1"],
        5,
    )
    assert "| 10 files | under 0.5 s | 0.314 s | holds | `pytest --antipasta-only` |\n" in page
    assert "| hits | over 80 % | 95.2 % | holds | `check` |\n" in page
    assert "| differences | 0 | 0 | holds | `compare` |\n" in page
    assert page.endswith("## Versions\n\nradon==6.0.1\n")


@pytest.mark.slow
def test_a_page_can_be_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the environment of the tests, whose commands may be slow on a busy machine."""
    try:
        corpus("django"), corpus("requests")
    except CorpusUnavailableError as error:
        pytest.skip(str(error))
    output = tmp_path / "mission.md"
    options = ("--files", "10", "50", "--rounds", "1", "--corpora", "requests", "--output", str(output))
    code = main(options, lambda *_: Path(sys.executable).parent)
    page = output.read_text(encoding="utf-8")
    assert page == capsys.readouterr().out.removesuffix("\n")
    rows = re.findall(
        r"^\| (.+) \| (?:under .+|over .+|0) \| \S+ ?\S* \| (holds|\*\*missed\*\*) \|", page, re.MULTILINE
    )
    assert len(rows) == 11
    assert code == int("**missed**" in page)
    kept = dict(rows)
    # What no busy machine changes.
    assert kept["files of 50 found in the store after a twentieth has changed"] == "holds"
    assert [kept[text] for text in kept if text.startswith("numbers of ")] == ["holds"]


def test_the_figures_that_are_committed_are_those_of_the_page() -> None:
    """`python -m benchmarks --compare docs/benchmarks.json` is for clones, too."""
    path = DOCS / "benchmarks.json"
    if not path.exists():
        pytest.skip("`python -m benchmarks` writes it")
    page = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    figures = read_figures(str(path))
    for text, value in re.findall(r"^\| ([^|]+) \| ([\d.]+) \| [\d.]+ \| (?:holds|\*\*)", page, re.MULTILINE):
        assert f"{figures.ratios[text].value:.3f}" == value
    assert f"on {figures.machine}, " in page
