"""Source files checked in the same session as tests."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import FAILING, PASSING, Project, outcomes, told

TESTS = """\
import pytest

@pytest.fixture(scope="session")
def of_session():
    yield
    open("log", "a").write("session\\n")

@pytest.fixture(scope="module")
def of_module():
    yield
    open("log", "a").write("module\\n")

def test_good(of_session, of_module):
    pass

def test_bad():
    assert False
"""
SOURCES = {"a.py": FAILING, "z/b.py": PASSING, "z/c.py": FAILING}
GOOD, BAD = "tests/test_t.py::test_good", "tests/test_t.py::test_bad"
A, B, C, T = (f"{path}::antipasta" for path in ("a.py", "z/b.py", "z/c.py", "tests/test_t.py"))
EVERYTHING = {GOOD: "passed", BAD: "failed", A: "failed", B: "passed", C: "failed", T: "passed"}


@pytest.fixture
def tree(project: Project) -> Project:
    """Three source files, and a test module with a test that fails."""
    project.write(SOURCES | {"tests/test_t.py": TESTS})
    return project


def test_both_run_and_both_count(tree: Project, xdist_args: list[str]) -> None:
    result = tree.run("--antipasta", *xdist_args)
    assert outcomes(result) == EVERYTHING
    assert result.parseoutcomes() == {"failed": 3, "passed": 3}
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_without_the_option_there_are_only_tests(tree: Project) -> None:
    assert outcomes(tree.run()) == {GOOD: "passed", BAD: "failed"}


def test_source_files_come_last_and_what_is_collected_is_counted(tree: Project) -> None:
    result = tree.run("--antipasta", "--collect-only", "-q")
    assert result.outlines[:6] == [GOOD, BAD, A, T, B, C]
    result = tree.run("--antipasta", "-m", "antipasta")
    result.stdout.fnmatch_lines(["collected 6 items / 2 deselected / 4 selected"])


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        pytest.param([GOOD, "z"], {GOOD, B, C}, id="a test's node id and a folder"),
        pytest.param(["tests"], {GOOD, BAD, T}, id="a folder narrows both"),
        pytest.param(["tests/test_t.py"], {GOOD, BAD, T}, id="a test module is a source file too"),
        pytest.param([B], {B}, id="a node id of ours collects no tests"),
        pytest.param(["-k", "bad or z"], {BAD, B, C}, id="-k speaks of both"),
    ],
)
def test_a_command_line_selects(tree: Project, args: list[str], expected: set[str]) -> None:
    result = tree.run("--antipasta", *args)
    assert outcomes(result) == {name: EVERYTHING[name] for name in expected}


def test_workers_select_likewise(tree: Project) -> None:
    result = tree.run("--antipasta", "-n", "1", GOOD, A)
    assert outcomes(result) == {name: EVERYTHING[name] for name in (GOOD, A)}


def test_a_test_that_is_asked_for_is_run_without_a_word_of_ours(tree: Project) -> None:
    result = tree.run("--antipasta", GOOD)
    assert outcomes(result) == {GOOD: "passed"}
    result.stdout.no_fnmatch_line("*= antipasta =*")


@pytest.mark.parametrize(
    ("select", "line", "code"),
    [
        pytest.param("--antipasta -k test_good", "0 of 4 files, limited to `-k test_good`", 0, id="typed"),
        pytest.param(
            "-k test_good -n 2",
            "0 of 4 files, limited to `-k test_good`",
            0,
            id="in workers",
            marks=pytest.mark.slow,
        ),
        pytest.param("-m nobody", "warning: 0 of 4 files, limited to `-m nobody`", 5, id="nothing"),
        pytest.param(
            "-k test_good --antipasta-only",
            "warning: 0 of 4 files, limited to `-k test_good`",
            5,
            id="tests where none run",
        ),
        pytest.param(
            "-x",
            "warning: 0 of 4 files, stopped early (stopping after 1 failures)",
            1,
            id="stopped by a test, without a selection",
        ),
        pytest.param(
            "tests/test_t.py::test_gone z -n 2",
            "warning: 0 of 4 files, stopped early (workers reported a usage error; `-n 0` shows it)",
            5,
            id="a test that is not there, in workers",
        ),
    ],
)
def test_nothing_checked_is_a_warning_unless_tests_were_selected_and_run(
    tree: Project, select: str, line: str, code: int
) -> None:
    if "--antipasta " not in select:
        tree.write({"pytest.ini": "[pytest]\naddopts = --antipasta\nmarkers = nobody\n"})
    result = tree.run(*select.split())
    assert (told(result)[0], result.ret) == (f"{line}: nothing was checked", code)


def test_a_limit_that_no_file_was_checked_by_fails_a_selection_of_tests(tree: Project) -> None:
    tree.write({"pyproject.toml": '[tool.pytest-antipasta.thresholds]\n"nobody:points" = 3\n'})
    result = tree.run("--antipasta", "-k", "test_good")
    first, fault = told(result)
    assert first == "0 of 4 files, limited to `-k test_good`: nothing was checked"
    assert ("extension nobody is not installed" in fault, result.ret) == (True, 3)


def test_a_module_named_as_one_asks_for_its_tests(tree: Project) -> None:
    tree.write({"tests/__init__.py": ""})
    assert outcomes(tree.run("--antipasta", "--pyargs", "tests.test_t", "z")) == {
        name: EVERYTHING[name] for name in (GOOD, BAD, B, C)
    }
    (line,) = told(tree.run("--antipasta", "--pyargs", "tests.test_t"))
    assert line.startswith("warning: nothing was checked: module names select only tests")
    wrong = tree.run("--antipasta", "--pyargs", "gone.py::antipasta", "tests.test_t")
    assert wrong.ret == pytest.ExitCode.USAGE_ERROR
    assert "gone.py" in wrong.stderr.str()
    wrong = tree.run("--antipasta-only", "--pyargs", "tests.test_t")
    assert wrong.stderr.lines[0] == (
        "ERROR: file or directory not found: tests.test_t"
        " (module names select only tests; name files or folders to check)"
    )


@pytest.mark.parametrize(
    "args",
    [
        pytest.param([], id="to the end"),
        pytest.param(["-x", "--deselect", BAD], id="stopped by a source file"),
        pytest.param(["--maxfail=2"], id="stopped by a source file after a test"),
        pytest.param(["-n", "1"], id="in workers", marks=pytest.mark.slow),
    ],
)
def test_fixtures_are_torn_down_once_and_in_order(tree: Project, args: list[str]) -> None:
    tree.run("--antipasta", *args)
    assert (tree.path / "log").read_text().split() == ["module", "session"]


def test_a_modules_fixtures_are_torn_down_before_source_files_are_checked(tree: Project) -> None:
    noting = """\
def pytest_runtest_logstart(nodeid):
    if nodeid.endswith("::antipasta"):
        open("log", "a").write("source\\n")
"""
    tree.write({"conftest.py": noting})
    tree.run("--antipasta")
    assert (tree.path / "log").read_text().split() == ["module", *["source"] * 5, "session"]


def test_a_fixture_that_fails_at_the_very_end_is_an_error_and_no_more(tree: Project) -> None:
    tree.write(
        {"tests/test_t.py": TESTS.replace('open("log", "a").write("session\\n")', "assert 0, 'too late'")}
    )
    result = tree.run("--antipasta")
    assert result.parseoutcomes() == {"failed": 3, "passed": 3, "errors": 1}
    assert told(result)[0] == "2 of 7 functions are over a limit, in 2 of 4 files"


def test_last_failed_holds_for_both(tree: Project) -> None:
    tree.run("--antipasta")
    found = outcomes(tree.run("--antipasta", "--lf", "-n", "1"))
    assert found == {BAD: "failed", A: "failed", C: "failed"}


def test_a_test_module_that_breaks_is_an_error_of_pytests_and_a_source_file_of_ours(tree: Project) -> None:
    tree.write({"tests/test_broken.py": "def ("})
    result = tree.run("--antipasta", "--continue-on-collection-errors")
    found = outcomes(result)
    assert found["tests/test_broken.py"] == "error"
    assert found["tests/test_broken.py::antipasta"] == "failed"
    assert told(result)[0] == "2 of 7 functions are over a limit, in 2 of 5 files, 1 file not measured"


def test_a_test_of_our_items_name_is_a_test(project: Project) -> None:
    project.write({"a.py": PASSING, "test_t.py": "def antipasta():\n    assert False\n"})
    result = project.run("--antipasta", "-o", "python_functions=antipasta")
    result.assert_outcomes(passed=2, failed=1)
    assert "no violations in 2 files" in told(result)
