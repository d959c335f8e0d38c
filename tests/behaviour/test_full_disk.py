"""A disk without room costs the store, and no verdict; what can't be written is an error that says so.

The disk is a small file system in memory, which only root can make.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.engine import memo_keeping
from pytest_antipasta.engine.memo import Recalled
from pytest_antipasta.store.local import LAYOUT
from pytest_antipasta.store.location import ELSEWHERE
from tests.commits import commit_all, stage_all
from tests.conftest import Program, Repository
from tests.forked import ForkedPython
from tests.gate.conftest import SETTINGS, function
from tests.memos import watch_memos

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0, reason="only root on Linux can make a small disk"
    ),
]
SIZE = 400
FILES = 40
DISABLED = "store disabled for this run: "


class Disk:
    """A disk of 400 KB.

    Attributes:
        path: where it is.
        store: the folder of the store there.
    """

    def __init__(self, path: Path) -> None:
        """Mount it."""
        self.path, self.store = path, path / "cache" / LAYOUT
        path.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}k", "none", str(path)]
        if subprocess.run(command, capture_output=True).returncode:
            path.rmdir()
            pytest.skip("this machine lets nobody mount a disk")

    def fill(self, left: int = 0) -> None:
        """Leave so many KB."""
        with open(self.path / "fill", "wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        size = (self.path / "fill").stat().st_size
        os.truncate(self.path / "fill", max(0, size - 1024 * left))

    def free(self) -> None:
        """Make room again."""
        (self.path / "fill").unlink()


@pytest.fixture
def disk(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """A disk for the store, beside a project with a staged function over its limit."""
    monkeypatch.chdir(repository.path)
    Path("pyproject.toml").write_text(SETTINGS.format(""))
    for number in range(FILES):
        Path(f"a{number}.py").write_text(function(number % 5 + 1, f"f{number}"))
    commit_all(repository.path, "first")
    Path("b.py").write_text(function(5, "bad"))
    stage_all(repository.path)
    disk = Disk(tmp_path / "disk")
    monkeypatch.setenv("PYTEST_ANTIPASTA_CACHE_DIR", str(disk.path / "cache"))
    yield disk
    subprocess.run(["umount", str(disk.path)], check=True)


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[str], list[str]]:
    """Return the exit code of a command, the lines about code that it prints, and those about the store."""
    capsys.readouterr()
    code = main(words)
    lines = "\n".join(capsys.readouterr()).splitlines()
    about = [line.removeprefix("warning: ") for line in lines if DISABLED in line]
    return code, [line for line in lines if line.startswith("    ") or line.endswith(".py")], about


@pytest.mark.parametrize(
    "words", [("check",), ("check", "--jobs=2"), ("check", "--diff=HEAD"), ("hook",)], ids=" ".join
)
def test_at_each_stage_the_verdict_is_the_same(
    disk: Disk, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Making the store, writing into it, noting the run, and writing a changed file."""
    code, rows, _ = ask(capsys, *words, "--no-cache")
    assert (code, "    1:1  bad" in "".join(rows)) == (1, True)
    for left in (0, 8, 40, 64, 100):
        disk.fill(left)
        said = ask(capsys, *words)
        full = f"{DISABLED}database or disk is full ({disk.store}); free some space, or {ELSEWHERE}"
        assert said == (code, rows, [full]), left
        disk.free()
    assert ask(capsys, *words) == (code, rows, [])
    for path in disk.store.glob("runs.jsonl"):
        path.unlink()
    disk.fill()
    assert ask(capsys, *words)[:2] == (code, rows)
    Path("b.py").write_text(function(6, "bad"))
    stage_all(Path())
    changed = ask(capsys, *words)
    assert changed[:2] == ask(capsys, *words, "--no-cache")[:2]
    assert len(changed[2]) <= 1


def test_a_memo_that_has_no_room_is_made_later(
    disk: Disk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, rows, _ = ask(capsys, "check")
    monkeypatch.setattr(memo_keeping, "SMALLEST_INDEX", 0)
    seen = list[Recalled | None]()
    watch_memos(monkeypatch, seen.append)
    disk.fill()
    *said, warnings = ask(capsys, "check")
    assert (said, len(warnings)) == ([code, rows], 1)
    disk.free()
    assert [ask(capsys, "check") for _ in range(2)] == 2 * [(code, rows, [])]
    assert [recalled is not None for recalled in seen] == [False, False, True]


def test_a_store_that_can_not_be_cleared_says_what_may_help(disk: Disk, program: Program) -> None:
    program("check", code=1)
    disk.fill()
    said = f"disk I/O error ({disk.store}); free some space if the disk is full, or {ELSEWHERE}"
    assert said in program("cache", "clear", code=2).err


@pytest.mark.parametrize("workers", ["0", "2"])
def test_under_pytest(disk: Disk, workers: str, forked_python: ForkedPython) -> None:
    report = f"--antipasta-report=csv={disk.path / 'report.csv'}"
    options = ["--antipasta-only", "-n", workers, "-p", "no:cacheprovider"]
    for left in (0, 100):
        disk.fill(left)
        done = forked_python.run("pytest", options, Path.cwd(), os.environ)
        said = done.stdout.decode()
        assert (done.returncode, said.count(DISABLED), "17 failed, 24 passed" in said) == (1, 1, True), said
        disk.free()
    disk.fill()
    done = forked_python.run("pytest", [*options, report], Path.cwd(), os.environ)
    assert b"No space left on device" in done.stdout + done.stderr
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert not (disk.path / "report.csv").exists()


BASELINE = '{\n"schema_version": 1,\n"entries": [\nnull\n]\n}\n'


@pytest.mark.parametrize(
    ("words", "what", "older"),
    [
        (["check", "--report=json={}"], "report", "precious"),
        (["check", "--format=html", "--output={}"], "report", "precious"),
        (["baseline", "write", "--baseline={}"], "baseline", BASELINE),
    ],
    ids=["a report beside the text", "a report", "a baseline"],
)
def test_what_there_is_no_room_for_is_an_error_and_what_was_there_stays(
    disk: Disk, words: list[str], what: str, older: str, program: Program
) -> None:
    file = disk.path / "file"
    command = [word.format(file) for word in (*words, "--no-cache")]
    said = f"error: can't write the {what} {file}: No space left on device"
    disk.fill()
    assert said in program(*command, code=2).err
    assert [path.name for path in disk.path.iterdir()] == ["fill"]
    disk.free()
    file.write_text(older)
    disk.fill()
    assert said in program(*command, code=2).err
    assert file.read_text() == older
    assert {path.name for path in disk.path.iterdir()} == {"file", "fill"}
