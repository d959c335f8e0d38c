"""The figures of the benchmarks, written and compared; no test times anything."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from benchmarks.__main__ import main
from benchmarks.claims import EMPTY, IMPORT_GIT, Claim
from benchmarks.figures import (
    Figures,
    Ratio,
    collect_figures,
    compare_figures,
    read_figures,
    write_figures,
)
from benchmarks.page import Results, format_page
from benchmarks.timing import Command, Sample, Series, time_in_turn


def series(name: str, *seconds: float) -> Series:
    return Series(name, [Sample(one, one, 1000) for one in seconds])


@pytest.fixture
def figures() -> Figures:
    """What a small run has measured."""
    tree = [series(EMPTY, 1, 1, 2), series("check, warm", 2, 3, 3), series("slow peer", 9)]
    commit = [series(IMPORT_GIT, 1), series("hook, 5 files", 2)]
    return collect_figures(
        [Claim("cold by empty", 1.5, 2.0, 1.2, 1.7, 3)],
        {10: {one.name: one for one in tree}},
        {885: {one.name: one for one in commit}},
        {"walk": [0.5, 0.4, 0.6]},
    )


def test_they_are_ratios_to_what_ran_in_the_same_round(figures: Figures) -> None:
    assert figures.ratios == {
        "cold by empty": Ratio(1.5, 1.2, 1.7),
        "walk by ast.parse": Ratio(0.5, 0.4, 0.6),
        "check, warm, 10 files, by pytest, empty folder": Ratio(2.0, 1.5, 3.0),
        "slow peer, 10 files, by pytest, empty folder": Ratio(9.0, 9.0, 9.0),
        "hook, 5 files, 885 files, by python -c 'import git'": Ratio(2.0, 2.0, 2.0),
    }
    assert figures.seconds["check, warm, 10 files"] == [2, 3, 3]
    assert figures.peaks["slow peer, 10 files"] == 1000


def test_what_is_written_can_be_read(figures: Figures, tmp_path: Path) -> None:
    write_figures(figures, tmp_path / "benchmarks.json")
    assert read_figures(str(tmp_path / "benchmarks.json")) == figures


def test_the_page_has_each_promise_and_the_cost_of_each_command() -> None:
    small = [series(EMPTY, 1), series("check, warm", 2), series("slow peer", 9)]
    large = [series(EMPTY, 2), series("check, warm", 3)]
    page = format_page(
        Results(
            {files: {each.name: each for each in tree} for files, tree in ((10, small), (6725, large))},
            {885: {each.name: each for each in (series(IMPORT_GIT, 1), series("hook, 5 files", 2))}},
            {"ast.parse": [1.0], "walk": [0.5, 0.4, 0.6]},
            [Claim("cold by empty", 1.5, 2.0, 1.2, 1.7, 3), Claim("warm by empty", 2.5, 2.0, 2.2, 2.7, 3)],
        ),
        ["radon==6.0.1"],
        5,
    )
    for row in (
        "| cold by empty | 1.500 | 2.000 | holds |",
        "| warm by empty | 2.500 | 2.000 | **missed** |",
        "| files | 10 | 6,725 | MB, 10 |",
        "| check, warm | 2.00 | 3.00 | 0 |",
        "| slow peer | 9.00 |  | 0 |",
        "| hook, 5 files | 2.00 | 0 |",
    ):
        assert f"{row}\n" in page


@pytest.mark.skipif(sys.platform == "win32", reason="programs are timed by what only POSIX counts")
def test_what_is_timed_has_figures(tmp_path: Path) -> None:
    commands = [Command(name, [sys.executable, "-c", ""], tmp_path) for name in (EMPTY, "check")]
    found = collect_figures([], {1: time_in_turn(commands, 2)}, {}, {})
    assert list(found.ratios) == ["check, 1 files, by pytest, empty folder"]
    assert all(len(rounds) == 2 for rounds in found.seconds.values())


def test_runs_are_compared_by_what_is_apart_in_all_rounds(figures: Figures) -> None:
    after = replace(
        figures,
        ratios={
            "cold by empty": Ratio(2.0, 1.8, 2.1),
            "walk by ast.parse": Ratio(0.3, 0.2, 0.35),
            "check, warm, 10 files, by pytest, empty folder": Ratio(3.1, 2.9, 3.3),
            "slow peer, 10 files, by pytest, empty folder": Ratio(9.0, 9.0, 9.0),
            "new": Ratio(1.0, 1.0, 1.0),
        },
    )
    assert list(compare_figures(figures, after)) == [
        f"2 of 4 ratios differ from those on {figures.machine}",
        "cold by empty: 1.500 (1.200 to 1.700) → 2.000 (1.800 to 2.100), +33%",
        "walk by ast.parse: 0.500 (0.400 to 0.600) → 0.300 (0.200 to 0.350), -40%",
        "not measured here: hook, 5 files, 885 files, by python -c 'import git'",
        "not measured before: new",
    ]


@pytest.mark.parametrize("text", [None, "{}", "no JSON"])
def test_a_file_without_figures_is_reported_before_anything_runs(
    tmp_path: Path, text: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "earlier.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SystemExit, match="2"):
        main(["--compare", str(path)])
    assert f"{path} has no figures of a run: " in capsys.readouterr().err
