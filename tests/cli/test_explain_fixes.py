"""``explain`` says what complexipy's own fixes would make of a block: as its command does, on real files."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.engine.measuring import measure
from pytest_antipasta.metrics import apply_fixes
from pytest_antipasta.model import BLOCK_METRICS
from tests.corpora import CorpusUnavailableError, python_files

NESTED = """\
def each(items):
    for item in items:
        if item:
            if item > 1:
                print(item)
    return 1
"""


# Blocks of a code base, and of one of its files, that are explained, fixed and measured.
ENOUGH, ENOUGH_OF_ONE = 6, 2


def fix(folder: Path, command: str) -> None:
    """Run complexipy's command in a folder; it ends with 1 for functions over the limit."""
    program, *arguments = shlex.split(command)
    beside = Path(sys.executable).parent / program
    done = subprocess.run([beside, *arguments], cwd=folder, capture_output=True)
    assert done.returncode in (0, 1), done.stderr


def explain(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    """Return the blocks that the command explains."""
    capsys.readouterr()
    assert main(["explain", "--no-cache", "--format", "json", *arguments]) == 0
    blocks: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["blocks"]
    return blocks


def has_fixes(path: Path) -> bool:
    """Whether complexipy can write anything in a file."""
    text = path.read_text(encoding="utf-8")
    return bool(apply_fixes(text, 1, text.count("\n") + 1)[1])


def iter_fixed(capsys: pytest.CaptureFixture[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the blocks of the file that complexipy can change, with what the command says of that."""
    for planned in explain(capsys, "--all", "source.py"):
        name = planned["qualified_name"]
        for one in explain(capsys, f"source.py::{name}") if planned["plans"] else ():
            if one["fixed"]:
                yield name, one["fixed"]


@pytest.mark.parametrize("name", ["flask", "black", "requests"])
def test_its_numbers_are_those_after_complexipy_s_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    try:
        files = sorted(python_files(name), key=lambda path: path.stat().st_size)
    except CorpusUnavailableError as error:
        pytest.skip(str(error))
    monkeypatch.chdir(tmp_path)
    number = 0
    for path in filter(has_fixes, files):
        shutil.copyfile(path, "source.py")
        for block, said in dict(islice(iter_fixed(capsys), ENOUGH_OF_ONE)).items():
            shutil.copyfile(path, "source.py")
            fix(tmp_path, said["command"])
            after = {one.qualified_name: one for one in measure(Path("source.py").read_bytes()).blocks}
            assert said["numbers"] == {name: getattr(after[block], name) for name in BLOCK_METRICS}, block
            number += 1
        if number >= ENOUGH:
            break
    assert number >= {"flask": 3, "black": ENOUGH}.get(name, 0)


def test_the_text_has_the_numbers_and_the_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.py").write_text(NESTED)
    assert main(["explain", "--no-cache", "a.py::each"]) == 0
    said = capsys.readouterr().out
    command = "complexipy --isolated --no-ignore --max-complexity-allowed 5 --fix a.py"
    assert "after complexipy's own fixes (C007), measured:\n  cognitive_complexity 6 → 4\n" in said
    assert f"  preview: `{command} --dry-run`\n  write:   `{command}`\n" in said
    fix(tmp_path, f"{command} --dry-run")
    assert Path("a.py").read_text() == NESTED


@pytest.mark.parametrize(
    ("name", "source"),
    [
        pytest.param("f", "def f(a):\n    return a\n", id="no plan"),
        pytest.param("each", NESTED.replace("\n", "\r\n"), id="other ends of lines"),
    ],
)
def test_without_a_fix_nothing_is_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    source: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.py").write_bytes(source.encode())
    (block,) = explain(capsys, f"a.py::{name}")
    assert block["fixed"] is None
