"""``docs/troubleshooting.md``: the messages that it shows are those that are printed."""

from __future__ import annotations

import re
import time
from math import inf
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import Program, Repository
from tests.plugin.conftest import FAILING, PASSING, Project
from tests.plugin.conftest import project as project  # a fixture

PAGE = Path(__file__).parents[2] / "docs" / "troubleshooting.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_pytest_without_the_plugin_says_what_is_shown(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = "*: error: unrecognized arguments: --antipasta"
    assert message[1:] in TEXT
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    assert "`-p pytest_antipasta.plugin`" in TEXT
    project.write({"test_a.py": "def test_a():\n    pass\n"})
    project.run("--antipasta").stderr.fnmatch_lines([message])
    result = project.run("-p", "pytest_antipasta.plugin", "--antipasta")
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("conftest.py", "import nothing_like_that\n"),
        ("pytest.ini", "[pytest]\nfilterwarnings =\n    error\n    ignore::nothing_like_that.Warn\n"),
        ("pytest.ini", "[pytest]\naddopts = --nothing-like-that\n"),
        ("pytest.ini", "[pytest]\nrequired_plugins = nothing-like-that\n"),
    ],
)
def test_pytest_that_needs_other_packages_says_what_is_shown(project: Project, name: str, text: str) -> None:
    project.write({name: text, "cart.py": PASSING})
    failed = project.run("--antipasta-only")
    said = "\n".join([*failed.outlines, *failed.errlines])
    rows = re.findall(r"^\| (`.+`) \| .+ \| `(-.+)` \|$", TEXT, re.MULTILINE)
    (options,) = (more for found, more in rows if any(one in said for one in re.findall("`(.+?)`", found)))
    project.run("--antipasta-only", *options.split(" ")).assert_outcomes(passed=1 + (name == "conftest.py"))


def test_in_a_tree_of_links_named_files_are_checked(project: Project, tmp_path: Path) -> None:
    assert "In a tree of links, such as Bazel's runfiles, name each file" in TEXT
    source = tmp_path / "source.py"
    source.write_text(PASSING)
    (project.path / "cart.py").symlink_to(source)
    nothing = project.run("--antipasta-only").outlines
    (line,) = (line for line in nothing if line.startswith("warning: 0 files: nothing was checked"))
    assert line.endswith("; symlinks are not followed")
    project.run("--antipasta-only", "cart.py").assert_outcomes(passed=1)


def test_a_path_limits_source_files_and_testpaths_do_not(project: Project) -> None:
    assert "\n## `limited to tests`\n" in TEXT
    test = {"tests/test_t.py": "def test_t():\n    pass\n", "pytest.ini": "[pytest]\ntestpaths = tests\n"}
    project.write({"cart.py": FAILING, **test})
    limited = project.run("--antipasta", "tests")
    limited.assert_outcomes(passed=2)
    assert "no violations; 1 of 2 files checked, limited to `tests`" in limited.outlines
    project.run("--antipasta").assert_outcomes(passed=2, failed=1)


@pytest.mark.slow
def test_little_to_measure_starts_no_worker(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(cart="def f():\n    pass\n")
    result = pytester.runpytest_subprocess("--antipasta-only", "-n", "auto", "--antipasta-debug")
    (line,) = (line for line in result.outlines if line.startswith("debug: using 0 workers"))
    assert line.partition(", and ")[0] in TEXT


def test_a_commit_out_of_time_says_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    repository = Repository(tmp_path)
    (tmp_path / "cart.py").write_text("def f():\n    return 1\n", encoding="utf-8")
    repository.git("add", ".")
    monkeypatch.chdir(tmp_path)
    clock = SimpleNamespace(monotonic=lambda: inf, perf_counter=time.perf_counter)
    monkeypatch.setattr("pytest_antipasta.gate.measuring.time", clock)
    said = "".join(program("hook", "--no-cache"))
    assert "\n## `not checked, time_budget of 5 s exceeded`\n" in TEXT
    assert "warning: not checked, time_budget of 5 s exceeded: cart.py" in said
