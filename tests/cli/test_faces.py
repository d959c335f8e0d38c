"""Every command on real terminals of several widths, with and without colours."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import pytest

from pytest_antipasta.cli import main, program
from tests.commits import commit_all, stage_all
from tests.conftest import Repository

if sys.platform == "win32":
    pytest.skip("Windows has no such terminals", allow_module_level=True)

from tests.terminals import read_shown

Show: TypeAlias = Callable[..., list[str]]

CODES = re.compile(r"\x1b\[[0-9;]*m")
# What can't be broken: commands and comments to be copied, and lines of source.
COPIED = re.compile(r"(simplify|record)  | {10}# |[ +\d]*\d  ")
WIDE = 1000
NESTED = "        if b:\n            if a:\n                if b > 1:\n                    b()\n"
DEEP = f"def entangled_function_with_a_name(a):\n    for b in a:\n{NESTED * 5}"
SETTINGS = "[tool.pytest-antipasta]\nunused_suppressions = 'fail'\n"
FIX = "fix package/a.py::entangled_function_with_a_name --dry-run"
# A line for each number, a diff, and lines for a file of settings.
DATA = (
    FIX,
    "check --format concise",
    "check --format agent",
    "config show",
    "config show package/a.py",
    "config init",
)
# What leaves something behind stands behind what could see it.
COMMANDS = [
    "check",
    "check --all --debug",
    "check --top 3",
    "check --sort path --quiet",
    "check --staged",
    "check --diff HEAD",
    "check --format concise",
    "check --format agent",
    "check --list-suppressions",
    "check nowhere.py",
    "check --lmit",
    "measure",
    "measure --top 3",
    "explain package/a.py::entangled_function_with_a_name",
    "explain package/a.py",
    FIX,
    f"{FIX} --quiet",
    "trend",
    "trend package/a.py::entangled_function_with_a_name",
    "trend --hotspots",
    "report merge 1.shard",
    "config show",
    "config show package/a.py",
    "config validate",
    "config init",
    "config init --yes",
    "cache status",
    "cache verify",
    "cache inspect package/a.py",
    "cache prune",
    "hook",
    "hook --whole",
    "hooks install",
    "hooks status",
    "hooks uninstall",
    "baseline write",
    "baseline show",
    "baseline prune",
    "cache clear",
    "--version",
    "--help",
    *(f"{name} --help" for name in ("check", "measure", "explain", "baseline", "trend", "report", "config")),
    *(f"{name} --help" for name in ("cache", "hook", "hooks", "cache warm", "config init", "report merge")),
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository in which much is over its limit, and more so in what is staged; the current folder."""
    repository = Repository(tmp_path)
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "package").mkdir()
    for number, name in enumerate("abcdefghijklmn"):
        (tmp_path / "package" / f"{name}.py").write_text(DEEP + "\n# antipasta: ignore\n" * (number % 2))
    (tmp_path / "package" / "broken.py").write_text("def f(:\n")
    (tmp_path / "package" / "\x1b[31mred.py").write_text(DEEP)
    commit_all(repository.path, "a commit of many functions \x1b[2J " * 3)
    (tmp_path / "package" / "a.py").write_text(DEEP + NESTED + DEEP.replace("entangled", "another"))
    stage_all(tmp_path)
    monkeypatch.chdir(tmp_path)
    main(["check", "--shard=1/1", "--output", "1.shard", "--quiet"])
    return tmp_path


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Show:
    """Runs a command with a terminal of a width as standard output and error, and returns its lines."""
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)

    def run(command: str, width: int) -> list[str]:
        def act() -> None:
            with suppress(SystemExit):
                assert main(command.split()) in (0, 1, 2, 3)

        return read_shown(act, width, "stdout", "stderr").splitlines()

    return run


def test_every_command_is_shown() -> None:
    served = {"lsp"}  # which speaks to an editor, and not to a terminal
    assert {command.split()[0] for command in COMMANDS} >= {*program.COMMANDS} - served


def find_words(lines: list[str]) -> set[str]:
    """Return the words of lines, with no numbers in them, as those may differ between two runs."""
    text = CODES.sub("", " ".join(lines))
    return {word for word in re.sub(r"\d[\d.]*", "0", text).split() if re.search(r"[a-z]", word)}


@pytest.mark.parametrize(
    ("color", "widths"),
    [
        pytest.param("colour", (80,), id="colour"),
        pytest.param("colour", (120,), id="colour, wider", marks=pytest.mark.slow),
        # Colours take no room: wider lines are the same.
        pytest.param("plain", (80,), id="plain", marks=pytest.mark.slow),
    ],
)
def test_no_line_is_too_wide_no_word_is_broken_and_no_code_is_text(
    project: Path, show: Show, widths: tuple[int, ...], color: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if color == "plain":
        monkeypatch.setenv("NO_COLOR", "1")
    words = COMMANDS if color == "colour" else ()
    whole = {word for command in words for word in find_words(show(command, WIDE))}
    wrong = [
        one
        for width in widths
        for command in COMMANDS
        for one in _iter_wrong(command, show(command, width), width, whole)
    ]
    assert not wrong, "\n".join(map(str, wrong))


NARROW = (
    *("check", "check --top 3", "check --all", "check --near 0.1", "check --staged", "hook", "measure"),
    "measure --sort cognitive_complexity",
)


def test_a_narrow_terminal_breaks_no_word(project: Path, show: Show) -> None:
    lines = [(command, CODES.sub("", line)) for command in NARROW for line in show(command, 40)]
    assert [(command, line) for command, line in lines if not _fits(line, 40)] == []


def _iter_wrong(command: str, lines: list[str], width: int, whole: set[str]) -> Iterator[tuple[str, ...]]:
    """Yield what is wrong with the lines of a command."""
    bare = [CODES.sub("", line) for line in lines]
    # A file's name and a subject are the only texts with an escape in them, and are shown with one of ours.
    is_code = "\x1b" in "".join(bare) or re.search(r"\\x1b(?!\[31mred|\[2J)", "".join(bare))
    if is_code or ("NO_COLOR" in os.environ and bare != lines):
        yield command, "codes", *lines
    if command not in DATA:
        yield from ((command, "too wide", line) for line in bare if not _fits(line, width))
    yield from ((command, "broken", *bare[number : number + 2]) for number in _iter_broken(bare, whole))


def _iter_broken(lines: list[str], whole: set[str]) -> Iterator[int]:
    """Yield the numbers of lines that end in a part of a word, the rest of which begins the next one."""
    for number, (line, after) in enumerate(pairwise(lines)):
        if line.split() and after.split():
            last, first = line.split()[-1], after.split()[0]
            if find_words([last + first]) & whole - find_words([last]):
                yield number


def test_colours_are_shown_where_there_is_something_to_show(project: Path, show: Show) -> None:
    for command in ("check", "check nowhere.py", "hook", "trend", "explain package/a.py"):
        assert CODES.search("".join(show(command, 80))), command


def _fits(line: str, width: int) -> bool:
    """Whether a line is no wider than its terminal, or has nowhere to be broken."""
    if len(line) <= width or COPIED.match(line):
        return True
    longest = max(re.findall(r"`[^`]*`\S*|\S+", line), key=len)
    return len(line) - len(line.lstrip()) + len(longest) >= width - 2


def test_colours_change_no_line_of_source(project: Path, show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    command = "explain package/a.py::entangled_function_with_a_name"
    colored = show(command, 40)
    monkeypatch.setenv("NO_COLOR", "1")
    assert [CODES.sub("", line) for line in colored] == show(command, 40)
