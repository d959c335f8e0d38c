"""Inlay hints: which values stand behind the lines of functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.editor.buffers import Committed, judge_buffer
from pytest_antipasta.editor.hovers import format_hover
from pytest_antipasta.editor.inlays import Shown, find_inlays

SETTINGS = """\
[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 4
cognitive_complexity = 10
length = {limit = 20, comparison = "<"}
"""
TEXT = """\
class Shop:
    def far(self):
        return 1

    def near(
        self, a,
    ):
        if a: return 2
        if a: return 2
        if a: return 2

    def over(self, a):  # antipasta: ignore[cyclomatic_complexity<=6]
        if a: return 2
        if a: return 2
        if a: return 2
        return a and a
"""
ALL = {
    1: "cyclomatic 1/4, cognitive 0/10, length 2 (< 20)",
    4: "cyclomatic 4/4, cognitive 3/10, length 6 (< 20)",
    11: "cyclomatic 5/4, cognitive 4/10, length 5 (< 20)",
}


@pytest.mark.parametrize(
    ("shown", "lines", "expected"),
    [
        pytest.param("near", (1, 99), {4: "cyclomatic 4/4", 11: "cyclomatic 5/4"}, id="near or over"),
        pytest.param("all", (1, 99), ALL, id="all"),
        pytest.param("off", (1, 99), {}, id="none"),
        pytest.param("near", (6, 12), {11: "cyclomatic 5/4"}, id="that begin in some lines"),
        pytest.param("near", (12, 5), {}, id="in no line"),
    ],
)
def test_what_is_shown(
    tmp_path: Path, shown: Shown, lines: tuple[int, int], expected: dict[int, str]
) -> None:
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    judged = judge_buffer(tmp_path, str(tmp_path / "shop.py"), TEXT, Committed())
    assert judged is not None
    assert {inlay.line: inlay.text for inlay in find_inlays(judged, *lines, shown)} == expected


def test_questions_about_a_buffer_do_not_read_the_settings_again(tmp_path: Path) -> None:
    settings = tmp_path / "pyproject.toml"
    settings.write_text(SETTINGS)
    judged = judge_buffer(tmp_path, str(tmp_path / "shop.py"), TEXT, Committed())
    assert judged is not None
    settings.unlink()
    assert {inlay.line: inlay.text for inlay in find_inlays(judged, 1, 99, "all")} == ALL
    assert "cyclomatic_complexity 1, must be <= 4" in str(format_hover(judged, 2))
