"""A path in a folder that the user may not enter is the user's mistake, and said in a line."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commits import commit_all
from tests.conftest import Repository
from tests.limits import WITHOUT_RIGHTS, reads_locked_folders
from tests.plugin.conftest import PASSING

# All commands in one process, as its start takes longer than they do.
PROGRAM = """
import sys
from pytest_antipasta.cli import main
for command in sys.argv[1:]:
    code = main(command.split())
    print(f"exit code {code}", file=sys.stderr)
"""
# What is printed, and the exit code; a run over all files can't measure the folder itself.
COMMANDS = {
    "check --report json=closed/in/a.json": (
        "error: can't write the report closed/in/a.json: Permission denied",
        2,
    ),
    "check --format json --output closed/in/a": (
        "error: can't write the report closed/in/a: Permission denied",
        2,
    ),
    "check --log-file closed/in/a": ("warning: can't write the log closed/in/a: Permission denied", 3),
    "check closed/a.py": ("error: closed/a.py: can't be read: Permission denied", 2),
    "explain closed/a.py::f": ("error: closed/a.py: can't be read: Permission denied", 2),
    "check --config closed/a.toml": ("error: closed/a.toml: can't be read: Permission denied", 2),
    "trend --html closed/in/a.html": ("error: can't write the report closed/in/a.html: Permission denied", 2),
    "config init --yes --config closed/in/a.toml": (
        "error: closed/in/a.toml: folder not found; create it first",
        2,
    ),
}
# In the folder that commands are started in, as after `sudo -u` in that of another user.
ENTERED = f"""
import os
os.chdir("entered")
os.chmod(".", 0)
{PROGRAM}
"""
NOT_ENTERED = "can't run git: can't enter folder entered"
IN_ENTERED = {
    "check": ["exit code 3"],
    "hook": [f"warning: antipasta did not check this commit: {NOT_ENTERED}", "exit code 0"],
    "hooks install": [f"error: {NOT_ENTERED}", "exit code 2"],
    "config init --yes": ["exit code 0"],
}
OPTIONS = {
    "--antipasta-report=json=closed/in/a.json": "can't write the report closed/in/a.json: Permission denied",
    "--antipasta-log-file=closed/in/a": "can't write the log closed/in/a: Permission denied",
}


@pytest.fixture
def project(repository: Repository) -> Iterator[Path]:
    """A repository with a folder that nobody may enter."""
    (repository.path / "a.py").write_text(PASSING)
    commit_all(repository.path, "x")
    closed = repository.path / "closed"
    closed.mkdir(mode=0)
    yield repository.path
    closed.chmod(0o755)


def run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    rights = WITHOUT_RIGHTS if reads_locked_folders() else ()
    if rights and shutil.which(rights[0]) is None:
        pytest.skip("root enters all folders: `apt-get install util-linux`")
    command = [*rights, sys.executable, *words]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def test_commands_say_so(project: Path) -> None:
    said = run(project, "-c", PROGRAM, *COMMANDS).stderr.splitlines()
    expected = [line for why, code in COMMANDS.values() for line in (why, f"exit code {code}")]
    said = [line.replace(f"{project}/", "") for line in said]
    assert [line for line in said if line.startswith(("error", "exit", "internal", "warning"))] == expected


def test_commands_in_it_say_so(project: Path) -> None:
    entered = project / "entered"
    entered.mkdir()
    done = run(project, "-c", ENTERED, *IN_ENTERED)
    entered.chmod(0o755)
    expected = [line for lines in IN_ENTERED.values() for line in lines]
    assert done.stderr.replace(f"{project}/", "").splitlines() == expected
    assert ".: not measured (unreadable): the folder can't be read: Permission denied\n" in done.stdout


def test_pytest_says_so(project: Path) -> None:
    done = run(project, "-m", "pytest", "-p", "no:cacheprovider", "--antipasta-only", *OPTIONS)
    said = (done.stdout + done.stderr).replace(f"{project}/", "")
    for option, why in OPTIONS.items():
        assert why in said, option
    assert "INTERNALERROR" not in said
