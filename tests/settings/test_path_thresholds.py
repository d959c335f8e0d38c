"""The thresholds of one file, and where each comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.extension.metrics import default_thresholds
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.settings.path_thresholds import ThresholdFinder, trace_thresholds
from pytest_antipasta.settings.values import Override, Settings

ROOT = Path("/root")
LOW = Threshold("blank_lines", 1, "<=")
HIGH = Threshold("blank_lines", 2, "<=")


def _settings(*globs: str) -> Settings:
    return Settings(root=ROOT, source=None, overrides=(Override(globs, {"blank_lines": LOW}),))


MATCHES = [
    pytest.param(["tests/"], "tests/a.py", True, id="a folder means all below it"),
    pytest.param(["tests/"], "src/tests/a.py", True, id="at any depth"),
    pytest.param(["/tests/"], "src/tests/a.py", False, id="but not with a leading slash"),
    pytest.param(["test_*.py"], "a/test_b.py", True, id="a name is looked for at any depth"),
    pytest.param(["a/*.py"], "a/b.py", True, id="a star stands for a name"),
    pytest.param(["a/*.py"], "a/b/c.py", False, id="and not for folders"),
    pytest.param(["a/**/*.py"], "a/b/c/d.py", True, id="two stars stand for folders"),
    pytest.param(["a/*", "!a/b.py"], "a/b.py", False, id="an exclamation mark takes back"),
    pytest.param(["a/", "!a/b.py"], "a/b.py", True, id="but nothing in a folder that is selected as a whole"),
    pytest.param(["a.py", "b.py"], "b.py", True, id="any of them"),
    pytest.param(["*.py"], "/elsewhere/a.py", False, id="nothing matches an absolute path"),
    pytest.param(["*.py"], "../a.py", False, id="nor one above the root"),
]


@pytest.mark.parametrize(("globs", "path", "expected"), MATCHES)
def test_globs_are_gitignore_s(globs: list[str], path: str, expected: bool) -> None:
    """Relative to the root."""
    assert ("blank_lines" in trace_thresholds(_settings(*globs), path)) is expected


def test_each_threshold_has_its_origin() -> None:
    """Later overrides win, and what is off has one, too."""
    cyclomatic = Threshold("cyclomatic_complexity", 8, "<=")
    settings = Settings(
        root=ROOT,
        source=None,
        thresholds={
            "cyclomatic_complexity": cyclomatic,
            "halstead_volume": default_thresholds()["halstead_volume"],
            "halstead_effort": default_thresholds()["halstead_effort"],
        },
        overrides=(
            Override(("a/",), {"blank_lines": LOW, "halstead_effort": None}),
            Override(("a/b.py",), {"blank_lines": HIGH}),
        ),
    )
    assert trace_thresholds(settings, "a/b.py") == {
        "cyclomatic_complexity": (cyclomatic, "settings"),
        "cognitive_complexity": (None, "settings"),
        "maintainability_index": (None, "settings"),
        "halstead_volume": (default_thresholds()["halstead_volume"], "default"),
        "halstead_difficulty": (None, "settings"),
        "halstead_effort": (None, "overrides[0]"),
        "blank_lines": (HIGH, "overrides[1]"),
    }


def test_an_override_can_switch_a_metric_on() -> None:
    """And a later one off again."""
    on = Override(("*.py",), {"blank_lines": LOW})
    off = Override(("b.py",), {"blank_lines": None})
    settings = Settings(root=ROOT, source=None, overrides=(on, off))
    assert trace_thresholds(settings, "a.py")["blank_lines"] == (LOW, "overrides[0]")
    assert trace_thresholds(settings, "b.py")["blank_lines"] == (None, "overrides[1]")


def test_the_finder_gives_the_same_for_one_file_after_another() -> None:
    """Whatever set of overrides speaks of each."""
    settings = Settings(
        root=ROOT,
        source=None,
        overrides=(
            Override(("a/",), {"blank_lines": LOW, "halstead_effort": None}),
            Override(("b.py",), {"blank_lines": HIGH}),
        ),
    )
    finder = ThresholdFinder(settings)
    paths = ("a/a.py", "a/b.py", "b.py", "c.py", "a/c.py", "/a/b.py")
    expected = [
        [threshold for threshold, _ in trace_thresholds(settings, path).values() if threshold]
        for path in paths
    ]
    assert [list(finder.find(path).thresholds) for path in paths] == expected
    assert len({tuple(found) for found in map(tuple, expected)}) == 4
