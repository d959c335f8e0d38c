"""A limit that can't be checked fails: valid code that complexipy's own parser rejects, in every way in."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import NamedTuple

import pytest

import pytest_antipasta
from pytest_antipasta.cli import main
from pytest_antipasta.editor.buffers import Committed, judge_buffer
from pytest_antipasta.editor.marks import find_marks
from tests.conftest import Repository
from tests.metrics.notebook.making import make_notebook
from tests.plugin.conftest import Project
from tests.plugin.conftest import project as project

REJECTED = "def f(a):\n    if a:\n        raise;\n"
TOLD = (
    "not measured (no_value): the limit of cognitive_complexity can't be checked: complexipy can't parse the "
    "file"
)
ADVICE = (
    "`pytest-antipasta explain FILE` shows the line; rewrite it, exclude the file, or set the limit to level "
    '= "warning"'
)
NO_FUNCTIONS = "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 1\ncognitive_complexity = false\n"
WARNING = '[tool.pytest-antipasta.thresholds]\ncognitive_complexity = { limit = 15, level = "warning" }\n'


class Said(NamedTuple):
    """What our command line answers."""

    code: int
    out: str


class Root(Repository):
    """A repository with a commit, and our command line in it."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Create it."""
        super().__init__(path)
        self._capsys = capsys
        self.write("good.py", "x = 1\n")
        self.record()

    def write(self, path: str, content: str) -> None:
        """Write a file and stage it."""
        (self.path / path).write_text(content)
        self.git("add", "--", path)

    def record(self) -> None:
        """Commit what is staged past the hook."""
        self.git("commit", "--quiet", "--no-verify", "--message", "a commit")

    def say(self, *args: str, given: str = "") -> Said:
        """Run a command, with standard input."""
        self._capsys.readouterr()
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.path)
            patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
            code = main(args)
        said = self._capsys.readouterr()
        return Said(code, said.out + said.err)

    def push(self, word: str) -> Said:
        """Run a hook for the commit of HEAD, as git does before a push or on a server that has its parent."""
        commit, old = (self.git("rev-parse", name).strip() for name in ("HEAD", "HEAD~1"))
        lines = {
            "--push": f"refs/heads/x {commit} refs/heads/x {old}\n",
            "--receive": f"{old} {commit} refs/heads/x\n",
        }
        self.git("checkout", "--quiet", "--detach")
        self.git("branch", "--force", "main", old)
        return self.say("hook", word, given=lines[word])


@pytest.fixture
def root(made_store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Root:
    """A repository."""
    return Root(tmp_path / "root", capsys)


COMMANDS = (
    "check",
    "check --jobs=2",
    "check --format=concise",
    "check --staged",
    "check --diff=HEAD",
    "hook",
)


def test_it_fails_in_each_command(root: Root) -> None:
    root.write("a.py", REJECTED)
    for command in COMMANDS:
        for options in (["--no-cache"], []):
            said = root.say(*command.split(), *options)
            assert said.code == 3, command
            assert f"a.py: {TOLD}\n" in said.out or f"a.py:1: {TOLD}" in said.out, command
            assert (ADVICE in said.out) == ("concise" not in command), command


def test_it_fails_where_commits_are_pushed(root: Root) -> None:
    root.write("a.py", REJECTED)
    root.record()
    for word in ("--push", "--receive"):
        said = root.push(word)
        assert (said.code, f"a.py: {TOLD}\n" in said.out) == (3, True), word


def test_it_fails_on_standard_input(root: Root) -> None:
    assert root.say("check", "-", given=REJECTED)[0] == 3


@pytest.mark.parametrize(
    "args", [(), pytest.param(("-n", "2"), marks=pytest.mark.slow), ("--antipasta-staged",)], ids=" ".join
)
def test_it_fails_in_pytest(project: Project, args: tuple[str, ...]) -> None:
    project.write({"pyproject.toml": "", "a.py": REJECTED, "good.py": "x = 1\n"})
    git = Repository(project.path)
    git.git("add", "a.py", "good.py")
    result = project.run("--antipasta-only", *args)
    assert result.ret == 1
    assert f"FAILED a.py::antipasta - {TOLD}" in result.outlines
    assert "PASSED good.py::antipasta" in result.outlines


def test_it_fails_for_programs_and_editors(root: Root) -> None:
    root.write("a.py", REJECTED)
    report = pytest_antipasta.check(root=root.path, use_store=False)
    assert report.status == "not measured"
    assert [finding.message for finding in report.findings if finding.fails] == [TOLD]
    judged = judge_buffer(root.path, str(root.path / "a.py"), REJECTED, Committed())
    assert judged
    assert [(mark.line, mark.level, mark.message) for mark in find_marks(judged)] == [(0, "error", TOLD)]


def test_everything_else_is_judged(root: Root) -> None:
    root.write("a.py", REJECTED)
    root.write("pyproject.toml", NO_FUNCTIONS.replace("false", "15"))
    said = root.say("check", "--format=json")
    assert said.code == 1
    report = json.loads(said.out)
    record = next(file for file in report["files"] if file["path"] == "a.py")
    assert [item["metric"] for item in record["violations"]] == ["cyclomatic_complexity"]
    assert [(error["kind"], error["severity"]) for error in record["missing"]] == [("no_value", "error")]
    assert (record["unjudged"], report["summary"]["errors"]) == ([], 1)
    assert report["run"]["errors"] == {"no_value": 1}
    text = root.say("check").out
    assert "1 function is over a limit, in 1 of 2 files, 1 file not fully measured\n" in text
    for command in ("check", "check --top=1", "check --staged", "hook"):
        assert TOLD in root.say(*command.split()).out, command


def test_a_limit_that_only_warns_fails_nothing(root: Root) -> None:
    root.write("a.py", REJECTED)
    root.write("pyproject.toml", WARNING)
    said = root.say("check")
    assert said.code == 0
    assert "not checked: cognitive_complexity of a.py, no value\n" in said.out
    assert root.say("check", "--warnings-fail").code == 3


@pytest.mark.parametrize(
    ("settings", "args"),
    [
        pytest.param(NO_FUNCTIONS.replace("= 1\n", "= 10\n"), (), id="no limit"),
        pytest.param("", ("--metric=cyclomatic_complexity",), id="another metric alone"),
    ],
)
def test_it_fails_for_its_own_limit_alone(root: Root, settings: str, args: tuple[str, ...]) -> None:
    root.write("a.py", REJECTED)
    root.write("pyproject.toml", settings)
    said = root.say("check", *args)
    assert said.code == 0
    assert "no_value" not in said.out and "no value" not in said.out


def test_where_errors_are_warnings_it_is_one(root: Root) -> None:
    root.write("a.py", REJECTED)
    root.write("pyproject.toml", '[tool.pytest-antipasta]\non_error = "warn"\n')
    for command in ("check", "check --staged", "hook"):
        said = root.say(*command.split())
        assert (said.code, f"warning: a.py: {TOLD}\n" in said.out) == (0, True), command


def test_what_could_not_be_measured_before_hides_nothing(root: Root) -> None:
    """The violation may be old; the missing value is of the file as it is."""
    root.write("pyproject.toml", NO_FUNCTIONS.replace("false", "15"))
    root.write("a.py", f"x = {'-' * 100_000}1\n")
    root.record()
    root.write("a.py", REJECTED)
    said = root.say("hook")
    assert said.code == 3
    assert f"a.py: {TOLD}\n" in said.out


@pytest.mark.parametrize(
    "comment", ["ignore[cyclomatic<=2, cognitive<=20]", "ignore[cognitive<=20]", "ignore"]
)
def test_a_comment_about_what_is_missing_is_not_unused(root: Root, comment: str) -> None:
    cyclomatic = 1 if "cyclomatic" in comment else 2
    limits = f"[tool.pytest-antipasta.thresholds]\ncyclomatic = {cyclomatic}\ncognitive = 0\n"
    root.write("pyproject.toml", f'[tool.pytest-antipasta]\nunused_suppressions = "fail"\n{limits}')
    root.write("a.py", REJECTED.replace(":\n", f":  # antipasta: {comment}\n", 1))
    said = root.say("check")
    assert TOLD in said.out
    assert "unused" not in said.out


@pytest.mark.parametrize("command", ["write", "prune"])
def test_entries_of_what_is_missing_stay(root: Root, command: str) -> None:
    root.write("pyproject.toml", "[tool.pytest-antipasta.thresholds]\ncognitive_complexity = 0\n")
    root.write("a.py", REJECTED.replace(";", ""))
    root.say("baseline", "write")
    baseline = root.path / "antipasta-baseline.json"
    before = baseline.read_text()
    root.write("a.py", REJECTED)
    assert "no longer needed" not in root.say("check").out
    said = root.say("baseline", command)
    assert (said.code, baseline.read_text()) == (3, before)
    assert f"warning: a.py: {TOLD}; its entries for these values are unchanged\n" in said.out


@pytest.mark.parametrize(
    ("path", "text", "place"),
    [
        pytest.param("a.py", REJECTED, "a.py:3", id="in a file"),
        pytest.param("a.ipynb", make_notebook("x = 1\n", REJECTED), "a.ipynb:cell 2:3", id="in a cell"),
    ],
)
def test_the_line_is_explained(root: Root, path: str, text: str, place: str) -> None:
    root.write(path, text)
    assert root.say("explain", path).out.splitlines()[:3] == [
        f"{path}: {TOLD}",
        f"{place}: complexipy: Expected an expression",
        "       3          raise;",
    ]
