"""Names and messages that would steer a terminal: escaped in every output for people."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pytest_antipasta.cli import main
from tests.plugin.conftest import FAILING, SETTINGS, Project
from tests.windows import can_be_on_disk, decode_name

NAMES = tuple(filter(can_be_on_disk, (
    decode_name(b"red\x1b[31m.py"), decode_name(b"line\nend.py"), "\u202eyp.exe.py", "c1\x9b2J.py", "a\rb.py",
    decode_name(b"b\xff.py"), "\\xff.py", decode_name(b"\xff.py"), "bell\x07/deep\u2066.py",
    "no\ufffe.py", "mark\u200f\u061c.py", "mark.py", "zero\u200b.py",
)))  # fmt: skip
UNWANTED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufffe]")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files of such names: one in two has a syntax error, all others are over a limit."""
    for number, name in enumerate(NAMES):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(FAILING if number % 2 else "def f(:\n")
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "--quiet"], check=True)
    subprocess.run(["git", "add", "."], check=True)
    return tmp_path


MARKUP = tuple(filter(can_be_on_disk, (
    "[bold]a[/].py", "[/red].py", "[link=x]b.py", "-rf.py", "--output=x.py", "a::b.py", "%s{0}.py",
    "$(id).py", "'q' \"d\".py", "<b>&amp;.py", "=cmd.py",
)))  # fmt: skip


@pytest.fixture
def marked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files whose names mean something to a shell, to a spreadsheet or to a parser of options."""
    monkeypatch.chdir(tmp_path)
    for name in MARKUP:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(FAILING)
    Path("pyproject.toml").write_text(SETTINGS)
    subprocess.run(["git", "init", "--quiet"], check=True)
    subprocess.run(["git", "add", "."], check=True)
    return tmp_path


def test_names_are_names_and_nothing_else(
    marked_up: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # as for a terminal
    for command in (["check"], ["check", "--staged"], ["hook"], ["measure"]):
        main(command)
        said = capsys.readouterr().out
        assert [name for name in MARKUP if name not in said] == [], command


def test_what_is_proposed_next_can_be_run(marked_up: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in MARKUP:
        main(["check", f"./{name}"])
        match = re.search("^next: `pytest-antipasta (.*?)` shows", capsys.readouterr().out, re.MULTILINE)
        assert match, name
        assert main(shlex.split(match[1])) == 0
        assert capsys.readouterr().out.startswith(f"{name}:1 ")


def test_programs_get_the_names_of_the_files(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("measure", "check"):
        main([command, "--format", "json"])
        said = capsys.readouterr().out
        assert UNWANTED.findall(said) == []
        paths = {file["path"] for file in json.loads(said)["files"]}
        assert len(paths) == len(NAMES)
        not_text = {decode_name(b"b\xff.py"), decode_name(b"\xff.py")} & {*NAMES}
        assert {name for name in NAMES if name not in paths} == not_text
        assert not not_text or paths.issuperset({"b\\xff.py", "\\xff.py", "\\\\xff.py"})


def test_files_of_any_name_are_recorded_and_tolerated(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["baseline", "write"]) == 3
    assert main(["check", "--quiet"]) == 3
    said = capsys.readouterr().out
    assert "/10" not in said
    assert main(["baseline", "prune"]) == 3
    number = len(NAMES) // 2
    assert f"up to date, {number} entries for {number} files" in capsys.readouterr().out


def test_pytest_and_junit(project: Project) -> None:
    project.write(dict.fromkeys(NAMES, FAILING))
    result = project.run("--antipasta-only", "-v", "--junitxml=report.xml", "--antipasta-debug")
    assert UNWANTED.findall(result.stdout.str() + result.stderr.str()) == []
    cases = ElementTree.parse(project.path / "report.xml").findall(".//testcase")
    assert len(cases) == len(NAMES)
    assert len({line for line in result.outlines if line.startswith("FAILED ")}) == len(NAMES)
