"""Which items there are, and which of them a command line selects."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.conftest import Repository
from tests.plugin.conftest import FAILING, PASSING, SETTINGS, Project, outcomes, told
from tests.windows import NEEDS_LINKS, can_be_on_disk

A, B, C, D = (f"{path}::antipasta" for path in ("a.py", "pkg/b.py", "pkg/sub/c.py", "d_e.py"))
INIT, CONFTEST = "pkg/__init__.py::antipasta", "conftest.py::antipasta"
FILES = {
    "a.py": FAILING,
    "pkg/__init__.py": "",
    "pkg/b.py": PASSING,
    "pkg/sub/c.py": FAILING,
    "d_e.py": PASSING,
}


@pytest.fixture
def tree(project: Project) -> Project:
    """Five files, two of which fail."""
    project.write(FILES)
    return project


def test_each_source_file_is_an_item(tree: Project) -> None:
    result = tree.run("--antipasta-only", "--collect-only", "-q")
    assert result.ret == 0
    assert result.outlines[:5] == [A, D, "pkg/__init__.py::antipasta", B, C]
    assert result.outlines[6].startswith("5 tests collected")
    result.stdout.no_fnmatch_line("*= antipasta =*")
    assert result.stderr.lines == []


def test_each_item_is_in_a_file(tree: Project) -> None:
    lines = tree.run("--antipasta-only", "--collect-only").outlines
    assert lines[lines.index("<SourceFile pkg/b.py>") + 1] == "  <SourceItem antipasta>"


def test_every_file_is_judged(tree: Project, xdist_args: list[str]) -> None:
    found = tree.check(*xdist_args)
    assert found == {
        A: "failed",
        B: "passed",
        C: "failed",
        D: "passed",
        "pkg/__init__.py::antipasta": "passed",
    }


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        pytest.param(["-k", "pkg/sub or d_e"], {C, D}, id="-k with two parts of a path"),
        pytest.param(["pkg/sub::antipasta"], {C}, id="a node id of a folder"),
        pytest.param(["-m", "antipasta", "-k", "a.py"], {A}, id="-m with our marker"),
        pytest.param(["-m", "not antipasta"], set(), id="-m without our marker"),
        pytest.param(
            ["--deselect", "pkg/", "--deselect", A], {D}, id="--deselect with a folder and a node id"
        ),
        pytest.param([C, A], {A, C}, id="two node ids"),
        pytest.param(
            ["pkg", "pkg/sub", C], {"pkg/__init__.py::antipasta", B, C}, id="one file named three times"
        ),
    ],
)
def test_a_command_line_selects(tree: Project, args: list[str], expected: set[str]) -> None:
    assert set(tree.check(*args)) == expected


@pytest.mark.parametrize(
    ("args", "folder", "expected"),
    [
        pytest.param(["--ignore=sub", "--ignore=../a.py"], "pkg", {D, INIT, B}, id="from a subfolder"),
        pytest.param(
            ["--ignore=PKG/Sub", "--ignore-glob=*_E.py"],
            ".",
            {A, INIT, B},
            id="in another case",
            marks=pytest.mark.skipif(sys.platform != "win32", reason="pytest ignores case on Windows alone"),
        ),
        pytest.param(["--ignore-glob=*_e.py"], ".", {A, INIT, B, C}, id="a pattern of files"),
        pytest.param(
            ["pkg", "a.py", "--ignore=pkg/sub", "--ignore=a.py"], ".", {INIT, B}, id="what is named"
        ),
        pytest.param(
            ["-n", "1", "--ignore=pkg", "--ignore-glob=*_e.py"],
            ".",
            {A},
            id="in workers",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_what_pytest_is_reported_to_ignore_is_left_out(
    tree: Project, args: list[str], folder: str, expected: set[str]
) -> None:
    result = tree.run("--antipasta-only", "--rootdir", str(tree.path), *args, folder=folder)
    found = {os.path.normpath(f"{folder}/{name}").replace(os.sep, "/") for name in outcomes(result)}
    assert found == expected


def test_what_is_ignored_is_reported(tree: Project) -> None:
    args = ["--antipasta-only", "--antipasta-report=json=report.json", "--ignore=pkg", "--ignore-glob=*_e.py"]
    result = tree.run(*args)
    assert told(result)[0] == (
        "1 function is over a limit, in 1 file; 1 of 5 files checked, limited to `--ignore pkg`, "
        "`--ignore-glob *_e.py`"
    )
    run = json.loads((tree.path / "report.json").read_bytes())["run"]
    assert run["narrowed_by"] == ["--ignore pkg", "--ignore-glob *_e.py"]
    assert (run["total"], run["complete"]) == (5, False)
    whole = tree.run("--antipasta-only", "--ignore=nowhere")
    assert told(whole)[0] == "2 of 4 functions are over a limit, in 2 of 5 files"


def test_what_a_conftest_ignores_is_about_tests(tree: Project) -> None:
    tree.write(
        {"conftest.py": "collect_ignore = ['a.py']\n", "pytest.ini": "[pytest]\nnorecursedirs = pkg\n"}
    )
    assert set(tree.check()) == {A, B, C, D, INIT, "conftest.py::antipasta"}


def test_workers_select_likewise(tree: Project) -> None:
    assert set(tree.check("-n", "1", "-k", "not b.py", C, A, B)) == {A, C}


def test_files_are_not_sorted_by_fixtures(tree: Project, workers: list[str]) -> None:
    conftest = "from _pytest import fixtures\nfixtures.reorder_items = None\n"
    tree.write({"conftest.py": conftest})
    assert set(tree.check(*workers)) == {A, B, C, D, INIT, "conftest.py::antipasta"}


ONE_PARENT = """\
from pytest_antipasta.plugin.items import SourceFile

make, made = SourceFile.from_parent, []

def from_parent(*args, **kwargs):
    made.append(args)
    assert len(made) == 1
    return make(*args, **kwargs)

SourceFile.from_parent = from_parent
"""


def test_only_the_last_item_of_a_process_has_a_parent(tree: Project, workers: list[str]) -> None:
    """The last one runs in pytest's three phases."""
    tree.write({"conftest.py": ONE_PARENT})
    found = tree.check(*workers)
    assert found == {A: "failed", B: "passed", C: "failed", D: "passed", INIT: "passed", CONFTEST: "passed"}


def test_last_failed_runs_only_them(tree: Project) -> None:
    tree.check()
    tree.write({"a.py": PASSING})
    assert tree.check("--lf", "-n", "1") == {A: "passed", C: "failed"}
    assert tree.check("--lf") == {C: "failed"}


def test_failed_first_runs_them_first(tree: Project) -> None:
    tree.check()
    result = tree.run("--antipasta-only", "--ff", "-v", "-r", "N")
    order = [line.split()[0] for line in result.outlines if "::antipasta " in line]
    assert order == [A, C, D, "pkg/__init__.py::antipasta", B]


@NEEDS_LINKS
def test_newest_first_passes_over_files_that_are_not_there(tree: Project) -> None:
    tree.check("pkg")
    (tree.path / "gone.py").symlink_to("nowhere")
    result = tree.run("--antipasta-only", "--nf", "-v", "-r", "N", "pkg", "a.py", "gone.py")
    order = [line.split()[0] for line in result.outlines if "::antipasta " in line]
    assert set(order[:2]) == {A, "gone.py::antipasta"}
    assert len(order) == 5


@pytest.mark.slow
def test_stepwise_goes_on_where_it_stopped(tree: Project) -> None:
    assert tree.check("--sw") == {A: "failed"}
    tree.write({"a.py": PASSING})
    again = tree.check("--sw")
    assert again[A] == "passed"
    assert again[C] == "failed"
    assert set(tree.check("--sw")) == {C}


def test_a_run_stops_after_some_failures(tree: Project) -> None:
    tree.write({"pkg/sub/z.py": FAILING, "z.py": FAILING})
    result = tree.run("--antipasta-only", "--maxfail=2")
    assert result.parseoutcomes()["failed"] == 2
    scope = f"{len(outcomes(result))} of 7 files checked, stopped early (stopping after 2 failures)"
    first, _, rest = told(result)[0].partition("; ")
    assert (first.startswith("2 of "), rest) == (True, scope)


def test_from_a_subfolder_all_files_of_the_root_are_judged_and_paths_are_relative_to_it(
    tree: Project,
) -> None:
    assert len(tree.check(folder="pkg/sub")) == len(FILES)
    # pytest shows node ids relative to the current folder.
    assert set(tree.check("sub", "../a.py", folder="pkg")) == {"../a.py::antipasta", "sub/c.py::antipasta"}
    named = {"../a.py::antipasta", "b.py::antipasta"}
    assert set(tree.check(*sorted(named), folder="pkg")) == named


def test_node_ids_are_relative_to_pytests_own_root(tree: Project) -> None:
    tree.write({"pkg/pytest.ini": "[pytest]\n"})
    args = ["--antipasta-only", "-c", "pkg/pytest.ini"]
    outside = f"{tree.path.as_posix()}/a.py::antipasta"
    collected = tree.run(*args, "--collect-only", "-q", "a.py", "pkg").outlines[:4]
    assert collected == [outside, "__init__.py::antipasta", "b.py::antipasta", "sub/c.py::antipasta"]
    assert outcomes(tree.run(*args, outside)) == {A: "failed"}


def test_paths_in_our_words_are_relative_to_the_settings(tree: Project) -> None:
    tree.write({"pkg/pytest.ini": "[pytest]\n"})
    result = tree.run("--antipasta-only", "-c", "pkg/pytest.ini")
    titles = sorted(line.strip("_ ") for line in result.outlines if line.startswith("___"))
    assert [title for title in titles if "broken" not in title] == ["a.py", "pkg/sub/c.py"]


def test_the_settings_paths_count_and_not_those_of_the_tests(tree: Project) -> None:
    tree.write(
        {
            "pyproject.toml": "[tool.pytest-antipasta]\npaths = ['pkg/sub', 'a.py']\n",
            "pytest.ini": "[pytest]\ntestpaths = pkg\npython_files = b.py\n",
        }
    )
    assert set(tree.check()) == {A, C}


def test_a_file_named_by_hand_is_checked_even_if_excluded_or_ignored(tree: Project) -> None:
    tree.write(
        {
            "pyproject.toml": "[tool.pytest-antipasta]\nexclude = ['pkg/']\n",
            ".gitignore": "a.py\n",
            "script": PASSING,
        }
    )
    assert set(tree.check()) == {D}
    named = ["a.py", "pkg/b.py", "script"]
    assert set(tree.check(*named)) == {A, B, "script::antipasta"}
    assert tree.check("pkg") == {}


@pytest.mark.parametrize(
    ("args", "summary"),
    [
        pytest.param([], "2 of 4 functions are over a limit, in 2 of 5 files", id="all"),
        pytest.param([B], "no violations in 1 file", id="a node id"),
        pytest.param(
            ["-k", "d_e"], "no violations; 1 of 5 files checked, limited to `-k d_e`", id="some deselected"
        ),
    ],
)
def test_the_summary_says_what_it_is_about_and_a_run_over_all_what_has_no_effect(
    tree: Project, args: list[str], summary: str
) -> None:
    settings = f"[tool.pytest-antipasta]\ncritical_paths = ['gone/']\n{SETTINGS}"
    tree.write({"pyproject.toml": settings})
    line = 'critical_paths[0] has no effect: "gone/" matches no source file'
    first, *others = told(tree.run("--antipasta-only", *args))
    assert (first, line in others) == (summary, not args)


def test_a_folder_without_source_files_is_a_warning(tree: Project) -> None:
    tree.write({"docs/index.rst": ""})
    result = tree.run("--antipasta-only", "docs")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert told(result)[0] == (
        "warning: 0 of 5 files, limited to `docs`: nothing was checked; run `pytest-antipasta config "
        "show FILE` to see why a file is excluded"
    )


def test_a_folder_outside_of_the_root_is_reported_with_the_root(tree: Project, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "test_it.py").write_text("def test_it(): pass\n")
    for args in ([], ["-n", "1"], ["a.py"]):
        result = tree.run("--antipasta-only", str(other), *args)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        (line,) = (line for line in result.errlines if line)
        assert line.startswith(f"ERROR: {other.as_posix()} is outside the root (")
    result = tree.run("--antipasta", str(other))
    assert (result.ret, result.parseoutcomes()) == (0, {"passed": 1})
    assert told(result)[1].startswith(f"{other.as_posix()} is outside the root (")


def test_no_source_files_at_all_is_a_warning(project: Project) -> None:
    result = project.run("--antipasta-only")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    hint = "check `paths`, `include` and `exclude` in the settings; symlinks are not followed"
    assert told(result)[0] == f"warning: 0 files: nothing was checked; {hint}"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(
            ["b.py::antipasta"],
            "ERROR: file or directory not found: b.py",
            id="a node id of a file that is not there",
        ),
        pytest.param(
            ["a.py::decide"],
            "ERROR: not found: a.py::decide (the only item of a source file is a.py::antipasta)",
            id="a node id that is not ours",
        ),
    ],
)
def test_what_is_not_there_is_a_usage_error(tree: Project, args: list[str], message: str) -> None:
    result = tree.run("--antipasta-only", *args)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert [line for line in result.errlines if line] == [message]


def test_a_git_that_fails_is_told_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    Repository(project.path)
    project.write({"a.py": PASSING, "local.py": PASSING, ".git/info/exclude": "local.py\n"})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    result = project.run("--antipasta-only", "-n", "2")
    assert result.parseoutcomes()["passed"] == 2
    first, warning = told(result)[:2]
    assert first == "no violations in 2 files"
    start = "only .gitignore files are used to find ignored files, as git failed: detected dubious ownership "
    assert warning.startswith(start)
    assert warning.endswith(f": git config --global --add safe.directory {project.path.as_posix()}")
    assert str(result.stdout).count(start) == 1


def test_files_may_have_any_name(project: Project) -> None:
    not_utf8 = b"caf\xe9.py".decode("utf-8", "surrogateescape")
    tried = ["with space.py", "quo'te\".py", "ünïcode.py", "dash-[x].py", "a::b.py", "%d{}.py", not_utf8]
    names = [*filter(can_be_on_disk, tried)]
    project.write(dict.fromkeys(names, FAILING))
    result = project.run("--antipasta-only", "-n", "2")
    total = len(names)
    assert result.parseoutcomes()["failed"] == total
    assert told(result)[0] == f"{total} of {total} functions are over a limit, in {total} of {total} files"
    expected = "failed" if not_utf8 in names else None
    assert outcomes(result).get("caf\\xe9.py::antipasta") == expected
