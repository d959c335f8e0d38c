"""Names of files and texts of a repository in the log of a CI service, which obeys some lines of it."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.report.formats.outputs import find_formats
from pytest_antipasta.report.next_step import Invocation, suggest_recording
from tests.commits import commit_all
from tests.conftest import Repository
from tests.forked import ForkedPython
from tests.windows import decode_name

if sys.platform == "win32":
    pytest.skip("there are no such names", allow_module_level=True)

# GitHub trims white space and looks for the first; all look for the others anywhere.
OBEYED = re.compile(r"^\s*::|##(?:vso|teamcity)?\[", re.IGNORECASE)
# What has no width or no ink, and is printable to Python.
INVISIBLE = "\u034f\u115f\u1160\u17b4\u180b\u2029\u2800\u3164\ufe0f\uffa0\ufffe\U000e0100"
NAMES = (
    "::stop-commands::x.py",
    "::error ::a.py",
    " ::error ::b.py",
    "\u3000::error ::c.py",
    "##[set-output name=d]e.py",
    "##vso[task.prependpath]f.py",
    "##TeamCity[g].py",
    "###[h].py",
    "\x1b[31m\n::error ::i.py",
    "\u202egnp.py",
    "c1\x9b2J\r.py",
    decode_name(b"\xff.py"),
    f"j{INVISIBLE}.py",
    "::folder::/##[k].py",
    "::broken::.py",
    ";=1.py",
    "\uff1d1+1.py",
)
BAD = (
    "def f(a):  # antipasta: ignore[cognitive_complexity] ##vso[reason]\n"
    + "    if a or a or a: print()\n" * 8
)
SUBJECT = "::error ::subject ##[command]"


@pytest.fixture
def project(made_store: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository that has such names, the current folder."""
    monkeypatch.chdir(repository.path)
    for name in NAMES:
        path = repository.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("def (:\n" if "broken" in name else BAD)
    commit_all(repository.path, SUBJECT)
    return repository.path


def find_obeyed(text: str, form: str = "") -> list[str]:
    """Return the lines that a service or a terminal would obey, or that don't show all that is in them."""
    found = []
    for line in text.split("\n"):
        rest = re.sub("^::(?:error|warning|notice) title=", "", line) if form == "github" else line
        is_odd = any(unicodedata.category(char) in ("Cc", "Cf", "Zl") or char in INVISIBLE for char in rest)
        if OBEYED.search(rest) or is_odd:
            found.append(line)
    return found


COMMANDS = {
    "text": "check --all",
    "brief": "check -q",
    "hook": "hook --whole",
    "debug": "check --debug --jobs 2",
    "suppressions": "check --list-suppressions",
    "measure": "measure",
    "measure csv": "measure --format csv",
    "measure json": "measure --format json",
    "measure top": "measure --sort cyclomatic_complexity --top 30",
    "measure top csv": "measure --sort cyclomatic_complexity --top 30 --format csv",
    "trend": "trend --hotspots",
    "trend json": "trend --format json --hotspots",
    "trend csv": "trend --format csv",
    "trend html": "trend --html -",
    "baseline": "baseline write",
    "baseline show": "baseline show",
    "baseline show json": "baseline show --format json",
    "baseline again": "baseline prune",
    "config": "config show",
    "init": "config init",
    "verify": "cache verify",
    "status json": "cache status --format json",
}


def test_no_report_has_what_is_obeyed(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Any of them may be printed, but a shard, which is no text."""
    forms = (form for form in find_formats() if form != "shard")
    reports = {form: project.with_name(f"report.{form}") for form in forms}
    options = [word for form, path in reports.items() for word in ("--report", f"{form}={path}")]
    assert main(["check", "-q", *options]) == 1
    assert find_obeyed("".join(capfd.readouterr())) == []
    for form, path in reports.items():
        assert find_obeyed(path.read_text(encoding="utf-8"), form) == [], form


@pytest.mark.usefixtures("project")
def test_no_command_prints_what_is_obeyed(capfd: pytest.CaptureFixture[str]) -> None:
    found = {}
    for command, words in COMMANDS.items():
        main(words.split())
        said = capfd.readouterr()
        assert said.out + said.err, command
        found[command] = find_obeyed(said.out + said.err)
    assert {command: lines for command, lines in found.items() if lines} == {}


@pytest.mark.usefixtures("project")
def test_no_command_about_one_file_prints_it(capfd: pytest.CaptureFixture[str]) -> None:
    # All are in the project of the tests above; these have each thing that makes one dangerous.
    for name in ("\x1b[31m\n::error ::i.py", "::folder::/##[k].py"):
        for words in iter_commands_about(name):
            with suppress(SystemExit):  # of argparse
                main(words)
            said = capfd.readouterr()
            assert said.out + said.err, words
            assert find_obeyed(said.out + said.err) == [], words


def test_a_proposed_command_for_named_files_has_none(tmp_path: Path) -> None:
    step = suggest_recording(Invocation(tmp_path, tmp_path, None), NAMES)
    assert find_obeyed(step) == []


def iter_commands_about(name: str) -> Iterator[list[str]]:
    """Yield commands with a name in each place where one can be."""
    yield from (
        ["check", name],
        ["explain", name],
        ["explain", f"{name}::f"],
        ["explain", f"{name}::::error ::g"],
        ["config", "show", name],
        ["cache", "inspect", name],
        ["check", f"{name}.nothing"],
        ["check", "--config", name],
        ["check", "--cache-dir", name, "--debug"],
        ["check", "--baseline", name],
        ["check", "--limit", f"{name}=3"],
        ["check", "--format", name],
        ["check", "--diff", name],
        ["check", "--report", name],
        ["check", "--output", name],
        ["check", "--exclude", f"{name}.nothing"],
        [name],
        ["check", "--log-level", name],
        *(["trend", f"{name}::f", "--format", form] for form in ("text", "csv")),
    )


def test_no_setting_of_a_project_is_printed_so(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for number, text in enumerate(["::error ::x = 1", "exclude = [3]", "cache_dir = 3", 'judge = "##[x]"']):
        key = text if number else '"::error ::##[x]" = 1\n"\\u001b[31m##vso[x]" = 2'
        (project / "pyproject.toml").write_text(f"[tool.pytest-antipasta]\n{key}\n")
        assert main(["check"]) == 2
        said = capfd.readouterr()
        assert said.err
        assert find_obeyed(said.out + said.err) == []


@pytest.mark.parametrize(
    "options",
    [["-v", "-rA", "--antipasta-debug"], ["--collect-only", "-q"]],
    ids=" ".join,
)
def test_neither_does_pytest(project: Path, forked_python: ForkedPython, options: list[str]) -> None:
    words = ("-p", "no:cacheprovider", "--antipasta-only", *options)
    done = forked_python.run("pytest", words, project, {**os.environ})
    text = (done.stdout + done.stderr).decode()
    assert "stop-commands" in text
    assert find_obeyed(text) == []


def test_a_commit_prints_none_either(
    project: Path, repository: Repository, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in NAMES:
        path = project / name
        path.write_text(path.read_text().replace("print()", "print(1)\n    if a: print()"))
    repository.git("add", ".")
    for words in (["hook"], ["check", "--staged"]):
        assert main(words) == 1
        said = capfd.readouterr()
        assert "stop-commands" in said.out + said.err
        assert find_obeyed(said.out + said.err) == []
