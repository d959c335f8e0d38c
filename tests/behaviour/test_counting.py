"""What a run does, counted: what makes it fast can't be timed in a test."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from tests.commits import commit_all
from tests.conftest import Repository
from tests.forked import ForkedPython, Run, start
from tests.memos import NEEDS_MEMOS

FILES = 30
CHECK = "from pytest_antipasta.cli import main; main(['check', '--quiet'])"
TREND = "from pytest_antipasta.cli import main; main(['trend', '--jobs', '1', '--format', 'csv'])"
# A memo of a small repository, whose files count as old enough.
MEMO = """\
import time
real = time.time
time.time = lambda: real() + 10
from pytest_antipasta.engine import memo_keeping
memo_keeping.SMALLEST_INDEX = 0
"""
HOOK = "from pytest_antipasta.cli import main; main(['hook'])"
PYTEST = "import pytest; pytest.main(['-p', 'antipasta', '--antipasta-only', '-q', '-p', 'no:cacheprovider'])"
# git's answer to what it ignores. Of the store the index, what the index does not know, and what the upkeep
# after a write looks at; a write for records and index, and one of the upkeep's.
COLD = {
    "reads": FILES,
    "parses": FILES,
    "folders": 3,
    "programs": 1,
    "get": 4 + FILES,
    "get_many": 1,
    "put_many": 2,
    "records": 0,
}
WARM = {**dict.fromkeys(COLD, 0), "folders": 3, "programs": 1, "get": 1, "get_many": 1, "records": FILES}
# What the worst numbers of a file say is within all limits is not looked up.
PASSING = {**WARM, "records": 0}


class Project:
    """A repository with some files, and what runs in it do."""

    def __init__(self, repository: Repository, run: Run) -> None:
        self._run = run
        self.path = repository.path
        self.git = repository.git
        for number in range(FILES):
            path = self.path / f"package{number % 3}" / f"module{number}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"def counted{number}(x):\n    return x if x > {number} else -x\n")
        self.write_limit(10)
        commit_all(self.path, "all")

    def write_limit(self, limit: int) -> None:
        text = f"[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = {limit}\n"
        (self.path / "pyproject.toml").write_text(text)

    def check(self) -> None:
        """Fill the store, in this process; files count as old enough to be taken at their word."""
        real_time = time.time_ns
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(time, "time_ns", lambda: real_time() + 10**10)
            patch.chdir(self.path)
            assert main(["check", "--quiet"]) == 0

    def count(self, program: str) -> dict[str, int]:
        """Run a program; return what it did."""
        return self._spy(program, self._run)[0]

    def start(self, program: str) -> tuple[dict[str, int], set[str]]:
        """Run a program in a Python of its own; return what it did, and imported of what it may not need."""
        counts, loaded = self._spy(program, start)
        return counts, {*loaded}

    def _spy(self, program: str, run: Run) -> tuple[dict[str, int], list[str]]:
        root = str(Path(__file__).parents[2])
        alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": root}
        done = run("tests.spy", [program], self.path, alone)
        assert done.returncode == 0, done
        counts, loaded = json.loads(done.stderr.splitlines()[-1])
        return counts, loaded


@pytest.fixture
def project(repository: Repository, forked_python: ForkedPython) -> Project:
    return Project(repository, forked_python.run)


@pytest.mark.parametrize(
    ("program", "own", "passing"),
    # pytest itself runs the last item, with its numbers.
    [
        pytest.param(CHECK, set(), PASSING, id="check"),
        pytest.param(
            PYTEST, {"logging", "pytest"}, {**PASSING, "get": 2}, id="pytest", marks=pytest.mark.slow
        ),
    ],
)
def test_each_file_is_read_and_parsed_once_and_then_never_again(
    project: Project, program: str, own: set[str], passing: dict[str, int]
) -> None:
    counts, loaded = project.start(program)
    assert counts == COLD
    assert loaded - own <= {"complexipy", "logging"}
    project.count(program)  # the index says now what the first run could not be sure of
    counts, loaded = project.start(program)
    assert counts == passing
    assert loaded == own
    project.write_limit(1)
    counts = project.count(program)
    assert counts == WARM


@pytest.mark.parametrize(
    ("program", "option"), [(CHECK, "--shard"), (PYTEST, "--antipasta-shard")], ids=["check", "pytest"]
)
def test_a_shard_asks_the_store_for_its_own_files_alone(project: Project, program: str, option: str) -> None:
    project.check()
    project.check()
    project.write_limit(1)
    shards = [project.count(program.replace("])", f", '{option}={number}/3'])")) for number in (1, 2, 3)]
    assert sum(counts["records"] for counts in shards) == FILES
    assert all(counts == {**WARM, "records": counts["records"]} for counts in shards)


def test_counting_uses_costs_one_write(project: Project) -> None:
    """However many records are found."""
    path = project.path / "pyproject.toml"
    path.write_text('[tool.pytest-antipasta]\ncache_eviction = "least-frequently-used"\n')
    project.check()
    project.check()
    counts = project.count(CHECK)
    # The index, and what the upkeep after a write looks at.
    assert counts == {**WARM, "get": 3, "put_many": 1}


def test_a_history_asks_for_all_that_it_needs_at_once(project: Project) -> None:
    """Each alone is asked for in the worktree's store, which knows it by another name; the rest is upkeep."""
    counts = project.count(TREND)
    # What each adds, its numbers where that is not known, and its error where there are none.
    cold = {"reads": 0, "get_many": 3, "records": 3 * FILES}
    assert counts == {**counts, **cold, "parses": FILES, "get": FILES + 3}
    counts = project.count(TREND)
    warm = {"reads": 0, "get_many": 1, "records": FILES}
    assert counts == {**counts, **warm, "parses": 0, "get": 0}


def test_nothing_is_asked_of_what_pytest_ignores(project: Project) -> None:
    project.check()
    project.check()
    project.write_limit(1)
    counts = project.count(PYTEST.replace("])", ", '--ignore=package0'])"))
    assert counts == {**WARM, "records": FILES - FILES // 3}


def test_one_changed_file_is_read_and_parsed_alone(project: Project) -> None:
    project.check()
    path: Path = project.path / "package1" / "module1.py"
    path.write_text("def counted1(): pass\n")
    counts = project.count(CHECK)
    assert counts == {**PASSING, "reads": 1, "parses": 1, "get": 5, "put_many": 1}


def test_a_branch_that_was_measured_is_read_and_not_parsed(project: Project) -> None:
    project.check()
    project.git("checkout", "--quiet", "-b", "other")
    path: Path = project.path / "package1" / "module1.py"
    before = path.read_text()
    path.write_text("def counted1(): pass\n")
    project.check()
    path.write_text(before)
    counts = project.count(CHECK)
    assert counts == {**PASSING, "reads": 1, "get": 2, "put_many": 1}


@pytest.mark.parametrize("program", [CHECK.replace("'--quiet'", "'--quiet', '--no-cache'"), PYTEST])
def test_equal_contents_are_parsed_once(project: Project, program: str) -> None:
    for number in range(31):
        (project.path / f"copy{number}.py").write_text("def counted(x):\n    return x\n")
    counts = project.count(program)
    assert counts["parses"] == FILES + 1


def test_equal_contents_are_measured_by_one_worker(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(31):
        (project.path / f"copy{number}.py").write_text("def counted(x):\n    return x\n")
    monkeypatch.chdir(project.path)
    assert main(["check", "--debug", "--jobs", "2", "copy0.py", "."]) == 0
    assert f"store: 0 hits, {FILES + 1} misses, 30 copies of other files, " in capsys.readouterr().out


def test_copies_of_what_the_run_has_stored_are_not_unchanged(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run stores 500 records at a time."""
    for number in range(500):
        (project.path / f"m{number}.py").write_text(f"x = {number}\n")
    for name in ("a.py", "z.py"):
        (project.path / name).write_text("def counted(x):\n    return x\n")
    monkeypatch.chdir(project.path)
    assert main(["check", "--debug", "--jobs", "1"]) == 0
    assert f"store: 0 hits, {FILES + 501} misses, 1 copy of other files, " in capsys.readouterr().out


@pytest.mark.slow
def test_a_commit_costs_what_it_changes(project: Project) -> None:
    path: Path = project.path / "package1" / "module1.py"
    path.write_text("def counted1(x):\n    return x\n")
    project.git("add", "--all")
    counts, loaded = project.start(HOOK)
    assert (counts["reads"], counts["parses"], counts["put_many"]) == (0, 1, 2)
    assert counts["programs"] <= 6
    assert not {"pathspec", "pytest", "radon", "yaml"} & loaded
    counts, loaded = project.start(HOOK)
    assert (counts["reads"], counts["parses"], counts["put_many"]) == (0, 0, 0)
    assert "complexipy" not in loaded


@pytest.mark.slow
def test_a_commit_pays_nothing_for_a_list_that_it_does_not_show(project: Project) -> None:
    project.check()
    path: Path = project.path / "package1" / "module1.py"
    path.write_text("def counted1(x):\n    return x\n")
    project.git("add", "--all")
    project.git("rm", "--quiet", "package2/module2.py")
    counts, loaded = project.start(HOOK)
    assert "pytest_antipasta.gate.listing" not in loaded
    assert counts["parses"] == 1
    counts, loaded = project.start(HOOK.replace("'hook'", "'check', '--staged', '--quiet'"))
    assert "pytest_antipasta.gate.listing" not in loaded
    assert counts["parses"] == 0
    counts = project.count(HOOK.replace("'hook'", "'check', '--staged'"))
    assert counts["parses"] == 0, "the numbers are known, and tell that the changed block is another one"


def test_a_commit_parses_nothing_to_know_that_what_is_over_its_limit_is_as_it_was(project: Project) -> None:
    path: Path = project.path / "package1" / "module1.py"
    over = "def over(x):\n" + "    if x: pass\n" * 20
    text = f"def first():\n    pass\n\n\n{over}\n\ndef counted():\n    pass\n"
    path.write_text(text)
    commit_all(project.path, "a block over its limit")
    project.count(CHECK)
    path.write_text(text.replace("counted():\n    pass", "counted():\n    return 1"))
    project.git("add", "--all")
    counts = project.count(HOOK)
    assert (counts["reads"], counts["parses"]) == (0, 1)


@NEEDS_MEMOS
def test_a_memo_leaves_nothing_to_be_looked_at(project: Project) -> None:
    for _ in range(2):  # the first can't be sure of files that young
        project.count(MEMO + CHECK)
    for options in ("", ", '--format', 'sarif'"):
        counts = project.count(MEMO + CHECK.replace("'--quiet'", f"'--quiet'{options}"))
        # Settings, where attributes are, HEAD, what is changed, and what is untracked and has flags; the
        # memo, and the index for what it is checked against.
        assert counts == {**dict.fromkeys(COLD, 0), "programs": 5, "get": 2}, options


# How often a report reads the numbers of all files.
READ = {
    "'--format', 'json'": 2,
    "'--format', 'markdown'": 1,
    "'--report', 'html=page.html'": 2,
    "'--report', 'junit=all.xml'": 1,
    "'--report', 'prometheus=all.prom'": 1,
}


def test_a_report_reads_the_numbers_of_a_large_tree_few_times(project: Project) -> None:
    """For the totals, and for the files."""
    project.check()
    project.check()
    large = f"from pytest_antipasta.engine import result; result._RECORDS_AHEAD = {FILES // 3};"
    for options, times in READ.items():
        counts = project.count(large + CHECK.replace("'--quiet'", options))
        assert (counts["records"], counts["get_many"]) == (times * FILES, 1 + times * 3), options


@NEEDS_MEMOS
def test_a_memo_of_files_that_fail_is_checked_by_one_read(project: Project) -> None:
    project.write_limit(1)
    for _ in range(2):
        project.count(MEMO + CHECK)
    counts = project.count(MEMO + CHECK)
    assert counts == {**dict.fromkeys(COLD, 0), "programs": 5, "get": 2, "get_many": 1, "records": FILES}


@NEEDS_MEMOS
def test_a_memo_has_what_a_hook_says_of_whole_files(project: Project) -> None:
    for _ in range(2):
        project.count(MEMO + CHECK)
    program = HOOK.replace("'hook'", "'hook', '--whole', 'package1/module1.py'")
    walking = project.count(program)
    counts = project.count(MEMO + program)
    assert walking == {**WARM, "records": 1}
    assert counts == {**dict.fromkeys(COLD, 0), "programs": 5, "get": 2}


def test_where_there_can_be_no_memo_git_is_asked_one_question_more(project: Project) -> None:
    project.git("config", "core.ignoreCase", "true")
    project.check()
    project.count(MEMO + CHECK)
    counts = project.count(MEMO + CHECK)
    assert counts == {**PASSING, "programs": 2, "get": 2}


# What pytest does with some options where there is a memo.
WITH_MEMO = {
    "": {"programs": 5, "get": 3},
    ", '--antipasta-report=sarif=r.sarif'": {"programs": 5, "get": 3},
    # The memo is checked only by a run over all files.
    ", '-k', 'module1'": {"programs": 5, "get": 2},
    ", '--collect-only'": {"programs": 5, "get": 1, "reads": 0},
}


@NEEDS_MEMOS
def test_a_memo_has_the_files_that_pass_for_pytest(project: Project) -> None:
    for _ in range(2):
        project.count(MEMO + PYTEST)
    for options, expected in WITH_MEMO.items():
        counts = project.count(MEMO + PYTEST.replace("])", f"{options}])"))
        # The memo, the index that it is checked against, and the last item: pytest runs it with its values.
        assert counts == {**dict.fromkeys(COLD, 0), "reads": 1, **expected}, options
