"""Commands that messages advise are taken out of what is printed, run, and do what is said of them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import metadata
from pathlib import Path
from typing import NamedTuple

import pytest

import pytest_antipasta
from pytest_antipasta.cli import main
from tests.commits import commit_all
from tests.conftest import Repository
from tests.forked import ForkedPython
from tests.limits import WITHOUT_RIGHTS, reads_locked_folders
from tests.tables import ONE_LIMIT

NAME = "antipasta-baseline.json"
ENTRY = '{{"path": "a.py", "qualified_name": "{}", "metric": "cyclomatic_complexity", "value": {}}}'
BASELINE = '{{"schema_version": 1, "entries": [\n{},\nnull\n]}}\n'


def function(complexity: int, name: str = "f") -> str:
    """Return a function; the limit is 3."""
    return f"def {name}(a):\n" + "    if a: a()\n" * (complexity - 1)


class Project(Repository):
    """A repository with settings and a function that is over its limit, and a shell in it."""

    def __init__(self, path: Path, python: ForkedPython, capsys: pytest.CaptureFixture[str]) -> None:
        """Create it."""
        super().__init__(path)
        self._python, self._capsys = python, capsys
        self.configure()
        self.write("a.py", function(5))
        commit_all(self.path, "initial")

    def configure(self, lines: str = "", path: str = "pyproject.toml") -> None:
        """Write settings."""
        self.write(path, f"[tool.pytest-antipasta]\n{lines}\n{ONE_LIMIT}")

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def record(self, *entries: tuple[str, int]) -> None:
        """Write a baseline with functions of ``a.py``."""
        self.write(NAME, BASELINE.format(",\n".join(ENTRY.format(*entry) for entry in entries)))

    def run(self, command: str, folder: str = ".") -> tuple[int, str]:
        """Run a command; return its exit code and what it prints.

        One of ours is run in this process, and pytest in a fork; the rest is for a shell.
        """
        place = self.path / folder
        program, *arguments = shlex.split(command)
        if program == "pytest-antipasta" and "&&" not in arguments:
            return self._say(arguments, place)
        if program == "pytest":
            done = self._python.run("pytest", arguments, place, os.environ)
        else:
            done = subprocess.run(command, shell=True, cwd=place, capture_output=True, check=False)
        return done.returncode, os.fsdecode(done.stderr + done.stdout)

    def _say(self, arguments: Sequence[str], place: Path) -> tuple[int, str]:
        self._capsys.readouterr()
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(place)
            code = main(arguments)
        out, err = self._capsys.readouterr()
        return code, err + out


@pytest.fixture
def project(
    made_store: Path,
    tmp_path: Path,
    forked_python: ForkedPython,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Project:
    """A project."""
    programs = [str(forked_python.make_program()), str(Path(sys.executable).parent), os.environ["PATH"]]
    monkeypatch.setenv("PATH", os.pathsep.join(programs))
    monkeypatch.setenv("COLUMNS", "200")
    return Project(tmp_path / "project", forked_python, capsys)


Prepare = Callable[["Project"], object]


class Advice(NamedTuple):
    """A situation, and what is advised in it.

    Attributes:
        prepare: makes the situation.
        ask: the command that prints the advice.
        printed: a regular expression of the advice; its groups are the commands.
        done: a regular expression of what is printed afterwards by ``then``.
        code: its exit code.
        then: the command that shows that the advice was right; by default ``ask``, and for ``None`` the
            advised command itself.
        folder: where the user is.
        edit: what else the message asks for, before the command.
        use: how the user completes what is printed.
        file: what the user writes for ``FILE`` or ``PATH``; for ``REASON`` it is ``law``.
    """

    prepare: Prepare
    ask: str
    printed: str
    done: str
    code: int = 0
    then: str | None = ""
    folder: str = "."
    edit: Prepare = lambda _: None
    use: str = "{}"
    file: str = "a.py"


def nothing(project: Project) -> None:
    """Leave it."""


def configured(lines: str, path: str = "pyproject.toml") -> Prepare:
    return lambda project: project.configure(lines, path)


def written(path: str, text: str) -> Prepare:
    return lambda project: project.write(path, text)


def recorded(*entries: tuple[str, int]) -> Prepare:
    return lambda project: project.record(*entries)


def damaged(project: Project) -> None:
    project.record(("f", 5))
    commit_all(project.path, "recorded")
    project.write(NAME, "{")


def both(*steps: Prepare) -> Prepare:
    return lambda project: [step(project) for step in steps]


BASELINES = {
    "a baseline that an option names": Advice(
        nothing,
        "pytest-antipasta check --baseline 'my known.json'",
        "create it with `(.*?)`",
        "no violations",
    ),
    "a baseline of other settings": Advice(
        configured('baseline = "known.json"', "other.toml"),
        "pytest-antipasta check --config other.toml",
        "create it with `(.*?)`",
        "no violations",
    ),
    "a damaged baseline, from a folder": Advice(
        both(damaged, written("sub/b.py", "")),
        "pytest-antipasta check .. --no-cache",
        "restore it with `(.*?)`",
        "no violations",
        folder="sub",
    ),
    "a damaged baseline that is given up": Advice(
        damaged,
        "pytest-antipasta check",
        "or delete it and run `(.*?)`",
        "no violations",
        edit=lambda project: (project.path / NAME).unlink(),
    ),
    "no baseline to show": Advice(
        nothing,
        "pytest-antipasta baseline show",
        "create one with `(.*?)`",
        "a.py: f: cyclomatic_complexity 5",
    ),
    "a baseline that allows too much": Advice(
        recorded(("f", 9)), "pytest-antipasta check", "run `(.*?)` to update it", "1 violation tolerated\n"
    ),
    "a baseline that a check rejects": Advice(
        recorded(("f", 9), ("g", 7)),
        "pytest-antipasta baseline prune --check",
        "run `(.*?)` to tighten it",
        "^$",
    ),
    "a baseline with files that are excluded": Advice(
        both(recorded(("f", 5)), configured('exclude = ["a.py"]')),
        "pytest-antipasta baseline prune",
        "or run `(.*?)` to remove it",
        "^no entries|0 entries",
        then="pytest-antipasta baseline show",
    ),
    "a commit that is better than recorded": Advice(
        both(
            recorded(("f", 5)),
            written("a.py", function(4)),
            lambda project: project.git("add", "."),
        ),
        "pytest-antipasta hook",
        "update it with `(.*?)`",
        "f: cyclomatic_complexity 4",
        then="pytest-antipasta baseline show",
    ),
    "a commit with a baseline that is not part of it": Advice(
        both(
            written("a.py", function(6)),
            lambda project: project.git("add", "."),
            recorded(("f", 6)),
        ),
        "pytest-antipasta hook",
        "which is not staged; run `(git add .*?)`",
        "^new baseline: 1 entry for 1 file(?!.*not staged)",
    ),
    "violations that the baseline has": Advice(
        recorded(("f", 5)),
        "pytest-antipasta check --top 3",
        "`(--no-baseline)` lists them",
        "a.py\n    1:1  f ",
        code=1,
        then=None,
        use="pytest-antipasta check --top 3 {}",
    ),
}


def clone(project: Project, *options: str) -> None:
    """Make the project a clone with the same name."""
    origin = project.path.with_name("origin")
    project.path.rename(origin)
    command = ["git", "clone", "--quiet", *options, f"file://{origin}", str(project.path)]
    subprocess.run(command, check=True)


def shallow(project: Project) -> None:
    """Make the project a clone without history."""
    project.git("commit", "--quiet", "--allow-empty", "--message", "more")
    project.git("tag", "base", "HEAD~1")
    clone(project, "--depth", "1", "--no-single-branch")


def of_branch(project: Project) -> None:
    """Make the project a clone of a single branch without history."""
    project.git("branch", "dev")
    project.git("checkout", "--quiet", "-b", "mine")
    project.git("commit", "--quiet", "--allow-empty", "--message", "more")
    clone(project, "--depth", "1", "--branch", "mine")


def partial(project: Project) -> None:
    """Make the project a clone without contents, whose server is gone for a while."""
    shallow(project)
    shutil.rmtree(project.path)
    origin = project.path.with_name("origin")
    subprocess.run(["git", "-C", str(origin), "config", "uploadpack.allowFilter", "true"], check=True)
    command = ["git", "clone", "--quiet", "--filter=blob:none", "--no-checkout", f"file://{origin}"]
    subprocess.run([*command, str(project.path)], check=True)
    project.write("a.py", function(6))
    project.write("pyproject.toml", f"[tool.pytest-antipasta]\n\n{ONE_LIMIT}")
    project.git("read-tree", "HEAD")
    project.git("add", "a.py", "pyproject.toml")
    origin.rename(origin.with_name("away"))


def reachable(project: Project) -> None:
    project.path.with_name("away").rename(project.path.with_name("origin"))


def unmerged(project: Project) -> None:
    project.git("checkout", "--quiet", "-b", "other")
    project.write("a.py", function(2))
    project.git("commit", "--quiet", "--all", "--message", "other")
    project.git("checkout", "--quiet", "-")
    project.write("a.py", function(3))
    project.git("commit", "--quiet", "--all", "--message", "ours")
    project.run("git merge other")
    project.write("a.py", function(2))


def staged(project: Project) -> None:
    """Stage a function that is worse, in a repository with our hook."""
    project.run("pytest-antipasta hooks install")
    project.write("a.py", function(6))
    project.git("add", "a.py")


GIT = {
    "no repository": Advice(
        lambda project: shutil.rmtree(project.path / ".git"),
        "pytest-antipasta check --staged",
        "or run `(git init)` first",
        "no source file added or modified",
    ),
    "no repository for a hook": Advice(
        lambda project: project.run("rm -rf .git pyproject.toml"),
        "pytest-antipasta config init --yes --hook",
        "run `(git init)` first",
        "commit hook|installed",
    ),
    "a shallow clone": Advice(
        shallow,
        "pytest-antipasta check --diff base",
        "such as `(.*?)`",
        "no source file added or modified",
    ),
    "a shallow clone of another branch": Advice(
        of_branch,
        "pytest-antipasta check --diff dev",
        "this is a shallow clone: `(.*?)` gets",
        'did you mean "origin/dev"?',
        code=2,
    ),
    "a branch of a remote": Advice(
        both(of_branch, lambda project: project.git("fetch", "origin", "dev:refs/remotes/origin/dev")),
        "pytest-antipasta check --diff dev",
        'did you mean "(.*?)"?',
        "no source file added or modified",
        then=None,
        use="pytest-antipasta check --diff {}",
    ),
    "the history of a shallow clone": Advice(
        shallow, "pytest-antipasta trend", "older commits are missing; `(.*?)` gets them", "2 commits"
    ),
    "an unknown commit": Advice(
        nothing,
        "pytest-antipasta check --diff nobody",
        "`(git branch --all)` and `(git tag)` list",
        "",
        then=None,
    ),
    "a partial clone without its server": Advice(
        partial,
        "pytest-antipasta check --staged",
        "in a partial clone, run `(.*?)`",
        "a.py",
        code=1,
        edit=reachable,
    ),
    "more about a commit": Advice(
        staged, "git commit -m x", "simplify  (.*)", "cyclomatic_complexity 6", 0, then=None
    ),
    "a file with conflicts": Advice(
        unmerged,
        "pytest-antipasta check --staged",
        "resolve its conflicts, and `(git add)` it",
        "no source file added or modified",
        use="{} a.py",
    ),
    "a hook of an installation that is gone": Advice(
        both(
            lambda project: project.run("pytest-antipasta hooks install"),
            lambda project: project.run("sed -i 's/^python=.*/python=gone/' .git/hooks/pre-commit"),
        ),
        "pytest-antipasta hooks status",
        "`(pytest-antipasta hooks install --type pre-commit)` fixes it",
        "pre-commit: installed .*, runs (?!.*no longer)",
    ),
    "a range in place of a path": Advice(
        nothing, "pytest-antipasta trend HEAD..HEAD", "did you mean `(.*?)`", "1 commit", then=None
    ),
}


def spaced(project: Project) -> None:
    project.write("a b.py", "".join(function(5, name) for name in "fg") + function(2, "z"))


CHECKS = {
    "the worst function": Advice(
        spaced, "pytest-antipasta check 'a b.py'", "next: `(.*?)` shows how", "a b.py:1 function f", then=None
    ),
    "a file that can't be parsed": Advice(
        written("a.py", "x = (\n"),
        "pytest-antipasta check",
        "next: `(.*?)` shows the line",
        "a.py:1",
        3,
        then=None,
    ),
    "a function with a single colon": Advice(
        spaced, "pytest-antipasta check 'a b.py:f'", "or see `(.*?)`", "a b.py:1 function f", then=None
    ),
    "more functions to explain by other settings": Advice(
        both(
            spaced,
            configured("", "my other.toml"),
            lambda project: (project.path / "pyproject.toml").unlink(),
        ),
        "pytest-antipasta explain --config 'my other.toml' 'a b.py'",
        "next: `(.*?)` explains ",
        "must be <= 3",
        then=None,
    ),
    "more functions to explain by another baseline": Advice(
        both(
            spaced,
            lambda project: project.run("pytest-antipasta baseline write --baseline other.json"),
        ),
        "pytest-antipasta explain --baseline other.json 'a b.py'",
        "next: `(.*?)` explains ",
        "tolerated, over by 2: baseline",
        then=None,
    ),
    "a file that is excluded": Advice(
        configured('exclude = ["sub/"]'),
        "mkdir sub; touch sub/x.py; pytest-antipasta check sub",
        "run `(pytest-antipasta config show FILE)` to see",
        "# checked: no: .*pyproject.toml:2.: sub/ matches",
        then=None,
        file="sub/x.py",
    ),
    "comments with an effect": Advice(
        written("a.py", "# antipasta: ignore\n" + function(5)),
        "pytest-antipasta check",
        "`(.*?--list-suppressions)` lists them",
        "a.py:1",
        then=None,
    ),
    "a value that is missing": Advice(
        both(
            written("a.py", "def f():\n    raise;\n"),
            written("pyproject.toml", "[tool.pytest-antipasta.thresholds]\ncognitive_complexity = 1\n"),
        ),
        "pytest-antipasta check",
        "`(pytest-antipasta explain FILE)` shows the line",
        "a.py:2: complexipy: ",
        then=None,
    ),
    "settings of a folder above": Advice(
        written("my sub/pyproject.toml", "[project]\n"),
        "pytest-antipasta config init",
        "`(.*?)` proposes separate settings",
        r"\[tool.pytest-antipasta.thresholds\]",
        then=None,
        folder="my sub",
        use="pytest-antipasta config init {}",
    ),
}


def closed(project: Project) -> None:
    project.write("sub/b.py", function(5))
    (project.path / "sub").chmod(0)


def locked(command: str) -> str:
    """Return a command that root runs with no more rights than other users have."""
    return " ".join((*WITHOUT_RIGHTS, command)) if reads_locked_folders() else command


MORE = {
    "the worst function of a history": Advice(
        nothing, "pytest-antipasta trend", "next: `(.*?)` shows how", "a.py:1 function f", then=None
    ),
    "old code for new settings": Advice(
        both(written("a.py", function(30)), lambda project: (project.path / "pyproject.toml").unlink()),
        "pytest-antipasta config init --yes --preset functions",
        "after `(.*?)`, 1 file over a limit may stay",
        "2 violations tolerated",
        then="pytest-antipasta check",
    ),
    "new settings beside those of pre-commit": Advice(
        both(
            lambda project: (project.path / "pyproject.toml").unlink(),
            written(".pre-commit-config.yaml", "repos: []\n"),
        ),
        "pytest-antipasta config init --yes --hook",
        "and run `(pre-commit install)`",
        "pre-commit installed at",
        then=None,
    ),
    "coverage data that is missing": Advice(
        written("test_a.py", "import a\ndef test(): a.f(None)\n"),
        "pytest-antipasta check --coverage .coverage",
        "create it with `(.*?)`",
        "coverage: ",
        1,
        use="{} -p no:antipasta",
    ),
    "a folder that may not be read": Advice(
        closed,
        locked(f"{sys.executable} -m pytest_antipasta check"),
        "make it readable \\(`(chmod .*?)`\\)",
        "sub/b.py\n",
        1,
        use="{} sub",
    ),
    "limits of numbers that need coverage": Advice(
        both(
            written("pyproject.toml", "[tool.pytest-antipasta.thresholds]\ncrap = 3\n"),
            written("a.py", function(2) + "f(None)\n"),
            lambda project: project.run("coverage run a.py"),
        ),
        "pytest-antipasta check",
        "pass it with `(check --coverage PATH)`",
        "^(?!.*limits without effect)",
        then=None,
        use="pytest-antipasta {}",
        file=".coverage",
    ),
    "a hook beside another script": Advice(
        both(
            lambda project: project.run(
                "echo '#!/bin/sh' > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit"
            ),
            written("a.py", function(6)),
            lambda project: project.git("add", "."),
        ),
        "pytest-antipasta hooks install",
        "add the line `(.*?)` to it",
        "blocked by pytest-antipasta: 1 function got worse",
        1,
        then="git commit --message bad",
        use="echo '{}' >> .git/hooks/pre-commit; echo 'echo done' >> .git/hooks/pre-commit",
    ),
    "an exported store of another kind": Advice(
        written("other.bin", "x"),
        "pytest-antipasta cache import other.bin",
        "by `(pytest-antipasta cache export)`",
        "cache import|imported|0 ",
        then="pytest-antipasta cache import store.bin",
        use="{} store.bin",
    ),
}


PYTEST = {
    "markers that pytest refuses": Advice(
        written("pytest.ini", "[pytest]\naddopts = --strict-markers\nmarkers =\n  x\n"),
        "pytest --antipasta-only --ignore=b.py -m 'x and'",
        "next: `(.*?)` checks the same files",
        "1 function is over a limit",
        1,
        then=None,
    ),
    "a conftest.py that fails": Advice(
        written("conftest.py", "import nothing_of_that_name\n"),
        "pytest --antipasta-only",
        "or run `(.*?)`",
        "1 function is over a limit",
        1,
        then=None,
    ),
    "an option of a plugin that is not installed": Advice(
        lambda project: project.write("pytest.ini", "[pytest]\naddopts = --of-another\n"),
        "pytest --antipasta-only",
        "run `(pytest-antipasta check)`",
        "1 function is over a limit",
        1,
        then=None,
    ),
    "what failed": Advice(
        nothing,
        "pytest --antipasta-only",
        "with `(--lf)`, pytest runs only what failed",
        "1 failed",
        1,
        then=None,
        use="pytest --antipasta-only {}",
    ),
    "tests besides": Advice(
        both(written("a.py", function(2)), written("test_a.py", "def test(): pass\n")),
        "pytest --antipasta-only",
        "`(pytest --antipasta)` checks the files along with the tests",
        "3 passed",
        then=None,
    ),
}


# They start programs, and lead to commands that other rows lead to as well.
SLOW = (
    "more: a folder that may not be read",
    "more: coverage data that is missing",
    "more: limits of numbers that need coverage",
    "more: new settings beside those of pre-commit",
    "pytest: tests besides",
)


def name_rows(**tables: dict[str, Advice]) -> list[object]:
    names = {f"{table}: {name}" for table, rows in tables.items() for name in rows}
    assert {*SLOW} <= names
    return [
        pytest.param(
            advice,
            id=f"{table}: {name}",
            marks=[pytest.mark.slow] if f"{table}: {name}" in SLOW else [],
        )
        for table, rows in tables.items()
        for name, advice in rows.items()
    ]


@pytest.mark.parametrize(
    "advice", name_rows(baseline=BASELINES, git=GIT, check=CHECKS, more=MORE, pytest=PYTEST)
)
def test_an_advised_command_does_what_is_said(project: Project, advice: Advice) -> None:
    advice.prepare(project)
    _, said = project.run(advice.ask, advice.folder)
    found = re.search(advice.printed, said)
    assert found, said
    advice.edit(project)
    for command in filter(None, found.groups()):
        command = advice.use.format(re.sub("FILE|PATH", advice.file, command).replace("REASON", "law"))
        code, out = project.run(command, advice.folder)
        if advice.then is not None:
            assert code in (0, 1), out
            code, out = project.run(advice.then or advice.ask, advice.folder)
        assert re.search(advice.done, out, re.DOTALL), out
        assert code == advice.code, out


def test_extras_that_messages_name_exist() -> None:
    package = Path(pytest_antipasta.__file__).parent
    texts = (path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    named = {name for text in texts for name in re.findall(r"pytest-antipasta\[(\w+)\]", text)}
    assert named
    assert named <= {*(metadata("pytest-antipasta").get_all("Provides-Extra") or ())}
