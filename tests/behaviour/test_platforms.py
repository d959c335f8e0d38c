"""What differs on Windows and macOS, with their rules for paths, or without what Linux has and they lack."""

from __future__ import annotations

import ntpath
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import pytest

from pytest_antipasta import messages
from pytest_antipasta.cli import main
from pytest_antipasta.files import reading
from pytest_antipasta.files.locations import path_from
from pytest_antipasta.git.objects import Objects
from pytest_antipasta.git.process import GitRunner
from pytest_antipasta.git.time_budget import TimeBudget
from pytest_antipasta.report import paths
from pytest_antipasta.settings import patterns
from tests.conftest import Program, Repository
from tests.plugin.conftest import FAILING, PASSING
from tests.windows import decode_name

BAD = "def f(a):\n" + "    if a: a += 1\n" * 10 + "    return a\n"

# Run by every Python that starts, ours and its children.
WITHOUT = """\
import os, selectors, signal, subprocess, sys, tempfile, threading
for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules[name] = None
for name in (
    "O_NOFOLLOW", "O_DIRECTORY", "O_NONBLOCK", "O_CLOEXEC", "fork", "getuid", "geteuid", "getpgid", "killpg",
    "mkfifo", "nice", "sched_getaffinity", "setsid", "uname", "getloadavg",
):
    vars(os).pop(name, None)
os.process_cpu_count = os.cpu_count  # as it is there, from 3.13 on
for name in ("SIGHUP", "SIGALRM", "SIGSTOP", "SIGXCPU", "setitimer", "alarm"):
    vars(signal).pop(name, None)
sys.platform = "other"
"""


class WindowsStatus(NamedTuple):
    """What ``os.stat`` has of a file there."""

    st_size: int
    st_mtime_ns: int
    st_birthtime_ns: int
    st_ctime_ns: int
    st_ino: int


class OlderStatus(NamedTuple):
    """What it has until Python 3.11."""

    st_size: int
    st_mtime_ns: int
    st_ctime_ns: int
    st_ino: int


@pytest.mark.parametrize(
    ("listed", "opened", "others"),
    [
        pytest.param(
            WindowsStatus(10, 5, 3, 3, 0),
            WindowsStatus(10, 5, 3, 5, 281474976710700),
            [WindowsStatus(11, 5, 3, 3, 0), WindowsStatus(10, 6, 3, 3, 0), WindowsStatus(10, 5, 4, 4, 0)],
            id="since Python 3.12, ctime differs",
        ),
        pytest.param(
            OlderStatus(10, 5, 3, 0),
            OlderStatus(10, 5, 3, 281474976710700),
            [OlderStatus(11, 5, 3, 0), OlderStatus(10, 6, 3, 0), OlderStatus(10, 5, 4, 0)],
            id="before, only the inode",
        ),
    ],
)
def test_a_listing_and_an_open_file_have_one_signature_on_windows(
    listed: Any, opened: Any, others: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`DirEntry.stat` has no inode there, and the time of creation in place of that of the last change."""
    monkeypatch.setattr(reading, "_IS_WINDOWS", True)
    assert reading.sign(listed) == reading.sign(opened)
    for other in others:
        assert reading.sign(other) != reading.sign(opened)


def test_a_file_has_one_signature(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    os.utime(tmp_path / "a.py", (10**9, 10**9))
    (entry,) = os.scandir(tmp_path)
    with open(entry) as file:
        opened = reading.sign(os.fstat(file.fileno()))
    assert reading.sign(entry.stat(follow_symlinks=False)) == reading.sign(os.stat(entry)) == opened


@pytest.mark.parametrize(
    ("folder", "location", "expected"),
    [
        pytest.param(r"C:\shop", r"C:\shop\src\cart.py", "src/cart.py", id="below"),
        pytest.param(r"C:\shop", r"c:\SHOP\cart.py", "cart.py", id="below, in other letters"),
        pytest.param(r"C:\shop\src", r"C:\shop\cart.py", "../cart.py", id="above"),
        pytest.param(r"C:\shop", r"D:\other\cart.py", "D:/other/cart.py", id="on another drive"),
        pytest.param(r"\\host\share\shop", r"\\host\share\shop\cart.py", "cart.py", id="on a share"),
        pytest.param(r"\\host\share", r"C:\cart.py", "C:/cart.py", id="not on the share"),
    ],
)
def test_paths_of_windows(folder: str, location: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = path_from(folder, location, ntpath)
    assert found == expected
    monkeypatch.setattr(patterns, "os", SimpleNamespace(name="nt", path=ntpath))
    assert patterns.is_outside(found) == (not PureWindowsPath(location).is_relative_to(folder))


@pytest.mark.parametrize(
    ("folder", "expected"),
    [(r"C:\shop\src", "../cart.py"), (r"D:\other", "C:/shop/cart.py")],
    ids=["on the same drive", "from another drive"],
)
def test_what_is_printed_can_be_opened_on_windows(
    folder: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "os", SimpleNamespace(path=ntpath, sep=ntpath.sep, curdir=ntpath.curdir))
    monkeypatch.setattr(ntpath, "realpath", str)
    show = paths.show_from(PureWindowsPath(r"C:\shop"), folder)  # type: ignore[arg-type]
    assert show("cart.py") == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/cart.py::Cart.total", "src/cart.py::Cart.total"),
        ("my shop/cart.py", '"my shop/cart.py"'),
        ("$(calc).py", "'$(calc).py'"),
        ("`calc.py", "'`calc.py'"),
        ("-cart.py", "./-cart.py"),
        ("cart,1.py", '"cart,1.py"'),
        ("@cart.py", '"@cart.py"'),
        ("cart@1.py", "cart@1.py"),
        ("src\\cart.py::Cart.total", "src/cart.py::Cart.total"),
        ("..\\it's.toml", '"../it\'s.toml"'),
    ],
)
def test_a_path_to_type_has_the_quotes_that_all_shells_of_windows_know(
    path: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "os", SimpleNamespace(name="nt"))
    assert messages.format_argument(path) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a&b.py", True),
        ("$(calc).py", True),
        ("$&calc&.py", False),
        ("`&calc&.py", False),
        ("it's.py", True),
        ("it's$.py", False),
        ("\u201d;calc;\u201d.py", False),
        ("\u2019;calc;\u2019$.py", False),
        ("it\u2019s.py", True),
    ],
)
def test_no_command_is_proposed_that_a_shell_of_windows_takes_for_two(
    name: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "os", SimpleNamespace(name="nt"))
    assert messages.can_be_typed(f"pytest-antipasta explain {messages.format_argument(name)}") == expected


def test_a_path_in_a_message_has_slashes_as_those_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    project = PureWindowsPath("C:/project")
    monkeypatch.setattr(messages, "Path", SimpleNamespace(cwd=lambda: project))
    assert messages.format_path(cast("Path", project / "lib/pyproject.toml")) == "lib/pyproject.toml"


def test_each_command_of_several_has_a_line_on_windows(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    """Its PowerShell, 5.1, does not know `&&`."""
    (repository.path / "cart.py").write_text(BAD, encoding="utf-8")
    repository.git("add", "cart.py")
    monkeypatch.chdir(repository.path)
    monkeypatch.setattr(messages, "os", SimpleNamespace(**{**vars(os), "name": "nt"}))
    *_, record, stage = program("hook", code=1).out.splitlines()
    assert record == "record    pytest-antipasta baseline write --staged cart.py"
    assert stage == "          git add antipasta-baseline.json"


def decode_as_windows(data: str | bytes) -> str:
    """Decode as `os.fsdecode` does there (PEP 529)."""
    return data.decode("utf-8", "surrogatepass") if isinstance(data, bytes) else os.fspath(data)


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["check", "--diff", "HEAD"], id="of a change"),
        pytest.param(["trend"], id="of the history"),
        pytest.param(["baseline", "write", "--staged"], id="of the index"),
    ],
)
def test_windows_reads_names_that_other_systems_have_committed(
    args: list[str], repository: Repository, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    """Git has bytes for names, and that of `café.txt` in Latin-1 is not UTF-8."""
    (repository.path / "cart.py").write_text(PASSING, encoding="utf-8")
    repository.git("add", "--all")
    name, blob = decode_name(b"caf\xe9.txt"), repository.git("hash-object", "cart.py").strip()
    repository.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{name}")
    repository.git("commit", "--message", "names")
    (repository.path / "cart.py").write_text(BAD, encoding="utf-8")
    repository.git("add", "cart.py")
    monkeypatch.chdir(repository.path)
    monkeypatch.setattr(os, "fsdecode", decode_as_windows)
    said = program(*args, code=None)
    assert "internal error" not in said.err


class Recording(GitRunner):
    """Git, and how long its command lines were."""

    lengths: list[int]

    def run(self, *arguments: str, asked: bytes | None = None) -> bytes:
        """Note it."""
        self.lengths.append(sum(len(argument) + 3 for argument in arguments))
        return super().run(*arguments, asked=asked)


def test_no_command_line_is_longer_than_windows_allows(repository: Repository) -> None:
    """Nested settings may stand in thousands of folders, all of which git is asked about."""
    names = [f"{'x' * 60}/{number:04}/pyproject.toml" for number in range(400)]
    for name in names:
        path = repository.path / name
        path.parent.mkdir(parents=True)
        path.touch()
    repository.git("add", "--all")
    runner = Recording(repository.path, TimeBudget())
    runner.lengths = []
    assert list(Objects(runner).list_staged([*names, "not/there"])) == names
    assert len(runner.lengths) > 1
    assert max(runner.lengths) < 32_767 - 1_000  # git's own location and options
    assert Objects(runner).list_staged([]) == {}


def test_names_that_differ_only_in_case_are_different_files(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Patterns and recorded paths mean the letters that they have, on every system."""
    monkeypatch.chdir(repository.path)
    (repository.path / "cart.py").write_text(PASSING, encoding="utf-8")
    (repository.path / "Cart.py").write_text(BAD, encoding="utf-8")
    if len(list(repository.path.glob("*.py"))) == 1:
        pytest.skip("this file system has no such files")
    assert main(["check", "--exclude", "cart.py"]) == 1
    assert capsys.readouterr().out.startswith("Cart.py\n")
    assert main(["check", "--exclude", "Cart.py"]) == 0
    assert main(["baseline", "write"]) == 0
    assert '"Cart.py"' in (repository.path / "antipasta-baseline.json").read_text(encoding="utf-8")
    assert main(["check"]) == 0


def run_without(
    repository: Repository, args: Sequence[str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run a command of ours where every Python lacks what Windows lacks."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(WITHOUT, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest_antipasta", *args],
        cwd=repository.path,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lacks it all by itself")
@pytest.mark.parametrize(
    "args",
    [
        pytest.param(
            ["check", "--jobs", "2", "--log-file", "run.log"],
            id="check by processes, with a log",
            marks=pytest.mark.slow,
        ),
        pytest.param(["hook"], id="hook"),
        pytest.param(["cache", "status"], id="cache", marks=pytest.mark.slow),
    ],
)
def test_nothing_needs_what_other_systems_lack(
    args: list[str], repository: Repository, tmp_path: Path, cache_dir: Path
) -> None:
    for number in range(20):
        (repository.path / f"m{number}.py").write_text(FAILING, encoding="utf-8")
    repository.git("add", "--all")
    for _ in range(2):  # with a store that is new, and one that is there
        done = run_without(repository, args, tmp_path / "without")
        assert done.returncode in (0, 1), done.stderr
        assert "internal error" not in done.stderr
        assert "Traceback" not in done.stderr
