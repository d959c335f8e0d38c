"""A user's mistake is told in a line or two, with exit code 4 and without a traceback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugin.conftest import PASSING, Project, outcomes, told

YAML = "languages:\n- name: python\n  metrics:\n  - type: cyclomatic\n    treshold: 3\n"


def test_wrong_settings_name_file_line_key_and_the_nearest_key(project: Project) -> None:
    project.write({"a.py": PASSING, "pyproject.toml": "\n[tool.pytest-antipasta]\nexlude = ['x']\n"})
    result = project.run("--antipasta", "-n", "2")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = (line for line in result.errlines if line)
    assert line.startswith("ERROR: pyproject.toml:3: tool.pytest-antipasta.exlude: ")
    assert line.endswith('did you mean "exclude"?')
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


def test_a_commit_that_is_not_there_is_reported_before_tests_are_collected(project: Project) -> None:
    project.write({"a.py": PASSING, "pyproject.toml": "", "test_t.py": "open('log', 'w')\n"})
    subprocess.run(["git", "init", "-q"], cwd=project.path, check=True)
    result = project.run("--antipasta-diff", "nosuch")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "unknown commit 'nosuch'" in result.stderr.str()
    assert not (project.path / "log").exists()


def test_help_judges_no_change(project: Project) -> None:
    project.write({"a.py": PASSING, "pytest.ini": "[pytest]\naddopts = --antipasta-diff nosuch\n"})
    subprocess.run(["git", "init", "-q"], cwd=project.path, check=True)
    for args in ([], ["-n", "auto", "--antipasta-only"]):
        assert project.run(*args, "--help").ret == pytest.ExitCode.OK
        assert project.run(*args, "--markers").ret == pytest.ExitCode.OK
    assert project.run().ret == pytest.ExitCode.USAGE_ERROR


def test_a_path_of_the_settings_that_is_not_there_is_reported(project: Project) -> None:
    project.write({"a.py": PASSING, "pyproject.toml": "[tool.pytest-antipasta]\npaths = ['a.py', 'srcs']\n"})
    result = project.run("--antipasta-only", "-n", "1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert 'pyproject.toml:2: tool.pytest-antipasta.paths[1]: no such file or folder: "srcs"' in (
        result.stdout.str() + result.stderr.str()
    )
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize(
    ("files", "args", "expected"),
    [
        pytest.param(
            {"pyproject.toml": "", ".antipasta.yaml": YAML},
            [],
            [".antipasta.yaml:*threshold*"],
            id="the older file",
        ),
        pytest.param(
            {},
            ["--antipasta-policy-from=HEAD"],
            ["--antipasta-policy-from needs --antipasta-diff or --antipasta-staged"],
            id="a policy without a change",
        ),
    ],
)
def test_settings_that_can_not_be_used_are_reported(
    project: Project, files: dict[str, str | bytes], args: list[str], expected: list[str]
) -> None:
    project.write(files)
    result = project.run("--antipasta-only", *args)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    lines = [line for line in result.errlines if line]
    pytest.LineMatcher([line.removeprefix("ERROR: ") for line in lines]).fnmatch_lines(
        expected, consecutive=True
    )
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


def test_wrong_settings_do_not_matter_to_who_asks_for_no_check(project: Project) -> None:
    project.write(
        {"pyproject.toml": "[tool.pytest-antipasta]\nexlude = 1\n", "test_t.py": "def test(): pass\n"}
    )
    assert outcomes(project.run()) == {"test_t.py::test": "passed"}


def test_a_note_on_settings_is_reported_once(project: Project) -> None:
    project.write({"pyproject.toml": "", "a.py": PASSING, ".antipasta.yaml": "languages:\n- name: Java\n"})
    result = project.run("--antipasta-only", "-n", "2")
    assert outcomes(result) == {"a.py::antipasta": "passed"}
    notes = [line for line in result.outlines if "java" in line]
    assert notes == ['.antipasta.yaml:2: languages[0]: ignored: "java" is not measured here']


def test_another_settings_file_can_be_named(project: Project) -> None:
    project.write({"a.py": PASSING, "sub/strict.toml": "[tool.pytest-antipasta]\n", "sub/b.py": PASSING})
    result = project.run("--antipasta-only", "--antipasta-config=sub/strict.toml", "-n", "1")
    assert outcomes(result) == {"sub/b.py::antipasta": "passed"}


def test_the_plugin_can_be_switched_off(project: Project) -> None:
    project.write({"a.py": PASSING})
    result = project.run("-p", "no:antipasta", "--antipasta")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*unrecognized arguments: --antipasta*"])


def test_the_marker_is_known(project: Project) -> None:
    result = project.run("--markers", "--strict-markers")
    result.stdout.fnmatch_lines(["@pytest.mark.antipasta: the complexity check of one source file"])


def test_the_options_are_in_the_help(project: Project) -> None:
    result = project.run("--help")
    result.stdout.fnmatch_lines(
        [
            "complexity of source files:",
            "*--antipasta *",
            "*--antipasta-only *",
            "*--antipasta-cache-dir=DIR*",
        ]
    )


def test_two_dashes_are_not_a_value(project: Project) -> None:
    """Up to Python 3.12.4 argparse makes an empty list of them."""
    project.write({"a.py": PASSING})
    subprocess.run(["git", "init", "-q"], cwd=project.path, check=True)
    result = project.run("--antipasta-only", "--antipasta-diff=--")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize(
    ("argument", "name"),
    [
        ("--antipasta-baseline=old.json", "--antipasta-baseline"),
        ("--antipasta-report=json=r.json", "--antipasta-report"),
        ("test_a.py::antipasta", "'test_a.py::antipasta'"),
    ],
)
def test_what_asks_for_a_check_needs_an_option(project: Project, argument: str, name: str) -> None:
    project.write({"test_a.py": "raise SystemExit('imported')\n"})
    result = project.run(argument)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"ERROR: {name} needs --antipasta or --antipasta-only" in result.errlines


def test_where_the_store_is_may_be_said_without_a_check(project: Project) -> None:
    project.write({"test_a.py": "def test_a(): pass\n"})
    assert project.run("--antipasta-no-cache", "--antipasta-cache-dir=x").ret == pytest.ExitCode.OK


@pytest.mark.parametrize("hook", ["pytest_configure(config)", "pytest_sessionstart(session)"])
def test_a_session_that_another_plugin_refuses_leaves_no_store_open(
    pytester: pytest.Pytester, cache_dir: Path, hook: str
) -> None:
    pytester.makepyfile("x = 1\n")
    pytester.inline_run("--antipasta-only")
    pytester.makeconftest(f"import pytest\ndef {hook}:\n    raise pytest.UsageError('refused')\n")
    result = pytester.inline_run("--antipasta-only", "-n", "auto")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    if sys.platform == "win32":
        shutil.rmtree(cache_dir)  # which fails for files that are open
        return
    files = [os.readlink(entry.path) for entry in os.scandir("/proc/self/fd") if os.path.islink(entry.path)]
    assert [file for file in files if file.startswith(str(cache_dir))] == []


STRICT = """\
[tool.pytest.ini_options]
addopts = ["--strict-config"]
of_a_plugin_that_is_not_there = 3
"""


@pytest.mark.parametrize("args", [["--antipasta-only"], ["--antipasta", "-n", "2"]])
def test_what_pytest_itself_refuses_is_why_nothing_was_checked(project: Project, args: list[str]) -> None:
    project.write(
        {"a.py": PASSING, "b.py": PASSING, "pyproject.toml": STRICT, "test_t.py": "def test(): 0\n"}
    )
    result = project.run("--ignore=a.py", "--antipasta-report=json=report.json", *args)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    reason = "pytest reported a usage error"
    assert told(result)[0] == f"warning: 0 of 3 files, stopped early ({reason}): nothing was checked"
    step = "next: `pytest-antipasta check` checks the same files without pytest"
    assert (step in told(result)) == (args == ["--antipasta-only"])
    run = json.loads((project.path / "report.json").read_bytes())["run"]
    assert (run["stopped"], run["complete"]) == (reason, False)


def test_an_internal_error_of_pytest_is_in_reports(project: Project) -> None:
    project.write({"a.py": PASSING, "conftest.py": "def pytest_collection_modifyitems():\n    1 / 0\n"})
    result = project.run("--antipasta-only", "--antipasta-report=json=report.json")
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    run = json.loads((project.path / "report.json").read_bytes())["run"]
    assert (run["stopped"], run["complete"]) == ("pytest had an internal error", False)


def test_options_of_plugins_that_are_not_there_are_reported_with_another_way_to_check(
    project: Project,
) -> None:
    project.write({"a.py": PASSING, "pytest.ini": "[pytest]\naddopts = --cov=a -n 2\n"})
    hint = "  hint: *`pytest-antipasta check`*"
    result = project.run("-p", "no:xdist", "--antipasta-only")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*unrecognized arguments: --cov=a -n*", hint], consecutive=True)
    project.run("-p", "no:xdist").stderr.no_fnmatch_line(hint)
    project.write({"pytest.ini": "[pytest]\n"})
    project.run("--antipasta-only", "--cov=a").stderr.no_fnmatch_line(hint)
