"""A program that is told to end, or killed, keeps what it has measured and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from tests.limits import (
    DEEP,
    LARGE,
    LONG,
    WITH_PROCESSORS,
    find_children,
    find_cpu_seconds,
    is_there,
    wait_until,
)
from tests.plugin.conftest import PASSING
from tests.windows import NEEDS_SIGNALS

FILES = 50
CHECK = ("-m", "pytest_antipasta", "check")
# With no plugins but ours and xdist, and without a file of its own.
PLAIN = ("-p", "antipasta", "-p", "xdist", "-p", "no:cacheprovider")
SETTINGS = "[tool.pytest-antipasta]\nfile_timeout = 60\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files that are soon measured, and behind them one that is not."""
    folder = tmp_path / "tree"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "temporary").mkdir()
    for number in range(FILES):
        (folder / f"a{number}.py").write_text(f"x = {number}\n{PASSING}")
    (folder / "z.py").write_bytes(DEEP)
    (folder / "pyproject.toml").write_text(SETTINGS)
    return folder


@pytest.fixture
def start(tree: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a program of Python and have it killed at the end."""
    started: list[subprocess.Popen[str]] = []

    def start(*args: str, stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *args],
            text=True,
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def wait_for_last_file(process: subprocess.Popen[str]) -> list[int]:
    """Wait until a program has nothing to do but to measure ``z.py``; return its children."""

    def is_at_last_file() -> bool:
        children = find_children(process.pid)
        # A worker that is still alone takes half a second to start; the file takes three.
        return len(children) == 1 and find_cpu_seconds(children[0]) > 1

    wait_until(is_at_last_file)
    return find_children(process.pid)


def assert_nothing_is_left(tree: Path, children: Sequence[int]) -> None:
    assert [child for child in children if is_there(child)] == []
    assert list((tree.parent / "temporary").iterdir()) == []


def count_hits(capsys: pytest.CaptureFixture[str]) -> int:
    """Check the files again but the last one, and return how many of them the store has."""
    Path("z.py").unlink()
    capsys.readouterr()
    main(["check", "--debug"])
    match = re.search(r"store: (\d+) hit", capsys.readouterr().out)
    assert match
    return int(match[1])


@NEEDS_SIGNALS
@pytest.mark.parametrize(
    ("number", "code", "word", "jobs"),
    [
        pytest.param(signal.SIGINT, 130, "interrupted", "1", id="Ctrl-C"),
        pytest.param(
            signal.SIGTERM, 143, "terminated", "2", id="SIGTERM, with workers", marks=pytest.mark.slow
        ),
        pytest.param(
            getattr(signal, "SIGHUP", 1), 129, "terminated", "1", id="SIGHUP", marks=pytest.mark.slow
        ),
    ],
)
def test_a_check_that_is_told_to_end(
    tree: Path,
    start: Callable[..., subprocess.Popen[str]],
    number: int,
    code: int,
    word: str,
    jobs: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    process = start(*CHECK, "--jobs", jobs)
    children = wait_for_last_file(process)
    process.send_signal(number)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (code, f"{word}\n")
    scope = f"{FILES} of {FILES + 1} files checked, stopped early (interrupted)"
    assert output.splitlines()[0] == f"no violations; {scope}"
    assert_nothing_is_left(tree, children)
    assert count_hits(capsys) == FILES


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")
def test_nobody_is_told_to_record_a_part(tree: Path, start: Callable[..., subprocess.Popen[str]]) -> None:
    bad = "def f(a):\n" + "    if a: a()\n" * 12
    for number in range(11):
        (tree / f"b{number}.py").write_text(bad)
    controller, terminal = os.openpty()
    process = start(*CHECK, "--jobs", "1", stdout=terminal)
    os.close(terminal)
    wait_for_last_file(process)
    process.send_signal(signal.SIGINT)
    process.wait(60)
    shown = b""
    with suppress(OSError):  # as Linux ends it
        while more := os.read(controller, 4096):
            shown += more
    os.close(controller)
    assert b"`--all` shows all 11 functions" in shown
    assert b"baseline write" not in shown


@NEEDS_SIGNALS
@pytest.mark.slow
def test_telling_it_twice_at_once_does_not_stop_it_from_ending(
    tree: Path, start: Callable[..., subprocess.Popen[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    process = start(*CHECK, "--jobs", "2")
    children = wait_for_last_file(process)
    # As a terminal does it: to all of them.
    os.killpg(process.pid, signal.SIGINT)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "interrupted\n")
    assert_nothing_is_left(tree, children)
    assert count_hits(capsys) == FILES


@pytest.mark.parametrize(
    ("module", "number", "code", "word"),
    [
        ("cli.check", signal.SIGINT, 130, "interrupted"),
        ("engine.executor.pool", signal.SIGTERM, 143, "terminated"),
    ],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_one_that_is_told_while_it_still_imports(
    tree: Path, start: Callable[..., subprocess.Popen[str]], module: str, number: int, code: int, word: str
) -> None:
    program = f"""if True:
        import signal, sys

        class Finder:
            def find_spec(name, path=None, target=None):
                if name == "pytest_antipasta.{module}":
                    signal.raise_signal({int(number)})

        from pytest_antipasta.cli import run
        sys.meta_path.insert(0, Finder)
        sys.argv[1:] = ["check", "--jobs", "2"]
        run()
    """
    process = start("-c", program)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (code, f"{word}\n")


@NEEDS_SIGNALS
def test_a_second_signal_while_it_ends_is_ignored_and_a_third_is_not(
    tree: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    """Git sends its hook the Ctrl-C that the hook has from the terminal."""
    program = """if True:
        import io, os, signal, sys

        class Errors(io.StringIO):
            def write(self, text):
                os.write(2, text.encode())
                signal.raise_signal(signal.SIGINT)

        class Finder:
            def find_spec(name, path=None, target=None):
                if name == "pytest_antipasta.cli.check":
                    signal.raise_signal(signal.SIGINT)

        from pytest_antipasta.cli import run
        sys.meta_path.insert(0, Finder)
        sys.stderr = Errors()
        sys.argv[1:] = ["check"]
        run()
    """
    process = start("-c", program)
    errors = process.communicate(timeout=60)[1]
    assert (process.returncode, errors) == (-signal.SIGINT, "interrupted\n")  # by two writes


@NEEDS_SIGNALS
def test_git_ends_with_a_pytest_that_is_told_to_end_with_its_group(
    tree: Path, start: Callable[..., subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `timeout` does it; pytest itself does nothing on SIGTERM."""
    programs, mark = tree.parent / "programs", tree.parent / "began"
    programs.mkdir()
    (programs / "git").write_text(
        f"#!/bin/sh\ncase $* in *ls-files*) echo $$ > {mark}.part; mv {mark}.part {mark}; sleep 600;; esac\n"
    )
    (programs / "git").chmod(0o755)
    (tree / ".git").mkdir()
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    process = start("-m", "pytest", *PLAIN, "--antipasta-only")
    wait_until(mark.exists)
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=60)
    wait_until(lambda: not is_there(int(mark.read_text())))


@NEEDS_SIGNALS
@pytest.mark.slow
def test_half_a_report_is_not_written(tree: Path, start: Callable[..., subprocess.Popen[str]]) -> None:
    process = start(*CHECK, "--format=json", "--output=report.json")
    wait_for_last_file(process)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60) == ("", "interrupted\n")
    assert not (tree / "report.json").exists()


@NEEDS_SIGNALS
@pytest.mark.slow
def test_nor_is_one_beside_the_text(tree: Path, start: Callable[..., subprocess.Popen[str]]) -> None:
    process = start(*CHECK, "--report=json=report.json", "--report=sarif=-")
    wait_for_last_file(process)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert output == ""
    assert errors.startswith(
        f"no violations; {FILES} of {FILES + 1} files checked, stopped early (interrupted)\n"
    )
    assert not (tree / "report.json").exists()


@NEEDS_SIGNALS
@pytest.mark.slow
def test_what_was_measured_is_printed(tree: Path, start: Callable[..., subprocess.Popen[str]]) -> None:
    process = start("-m", "pytest_antipasta", "measure")
    wait_for_last_file(process)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert output.count(": maintainability index") == FILES
    assert (process.returncode, errors) == (130, "interrupted\n")


@NEEDS_SIGNALS
@pytest.mark.slow
@pytest.mark.parametrize("workers", ["0", pytest.param("auto", marks=WITH_PROCESSORS)])
def test_pytest_is_interrupted_as_ever_and_keeps_what_was_measured(
    tree: Path, start: Callable[..., subprocess.Popen[str]], workers: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(4):
        (tree / f"a{number}.py").write_bytes(LONG)
    process = start("-m", "pytest", "--antipasta-only", "-n", workers, *PLAIN)
    children = wait_for_last_file(process)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == pytest.ExitCode.INTERRUPTED
    assert f"no violations; {FILES} of {FILES + 1} files checked, stopped early (interrupted)" in output
    assert_nothing_is_left(tree, children)
    assert count_hits(capsys) == FILES


@NEEDS_SIGNALS
@pytest.mark.slow
def test_a_child_inside_of_c_code_is_ended_by_the_system(start: Callable[..., subprocess.Popen[str]]) -> None:
    """So that it does not outlive a program that is killed, and can't look whether there is one."""
    limit = "from pytest_antipasta.processes.serving import limit_next_file; limit_next_file(0.1)"
    code = f"{limit}; sum(iter(int, 1))"
    process = start("-c", code)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGXCPU


def test_a_child_that_waits_ends_with_a_program_that_is_killed(
    tree: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    (tree / "large.py").write_bytes(LARGE)
    code = (
        "from pathlib import Path; from pytest_antipasta.files.source import Source;"
        "from pytest_antipasta.engine.measuring.measurer import open_measurer;"
        "from pytest_antipasta.settings.values import Settings;"
        "measurer = open_measurer(Settings(root=Path(), source=None), None);"
        "measurer.measure(Source('large.py', 'large.py')); print('done', flush=True); input()"
    )
    process = start("-c", code)
    assert process.stdout
    assert process.stdout.readline() == "done\n"
    (child,) = find_children(process.pid)
    process.kill()
    process.wait()
    wait_until(lambda: not is_there(child))


@NEEDS_SIGNALS
def test_ctrl_c_before_all_is_imported_ends_without_a_traceback(
    tmp_path: Path, start: Callable[..., subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module of the environment interrupts the first import of the command line's own modules."""
    (tmp_path / "sitecustomize.py").write_text(
        "import signal, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'pytest_antipasta.cli.program':\n"
        "            print('interrupted', flush=True)\n"
        "            signal.raise_signal(signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder())\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    process = start(*CHECK)
    assert process.communicate(timeout=60) == ("interrupted\n", "")
    assert process.returncode == -signal.SIGINT


def test_a_signal_that_is_to_be_ignored_is_ignored(
    tree: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    """As `nohup` and a shell's background jobs have it."""
    (tree / "z.py").write_text(PASSING)
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN);"
        "from pytest_antipasta import cli; from pytest_antipasta.processes.interrupts import obey_signals;"
        "obey_signals(); signal.raise_signal(signal.SIGINT); raise SystemExit(cli.main(['check']))"
    )
    process = start("-c", code)
    process.communicate(timeout=60)
    assert process.returncode == 0


SLOW_GIT = "#!/bin/sh\nexec sleep 600\n"


@NEEDS_SIGNALS
@pytest.mark.parametrize(
    "how",
    [
        pytest.param(CHECK, id="check"),
        pytest.param(("-m", "pytest", "--antipasta-only", *PLAIN), id="pytest", marks=pytest.mark.slow),
    ],
)
def test_git_is_ended_too(
    tree: Path,
    start: Callable[..., subprocess.Popen[str]],
    how: Sequence[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tree / ".git").mkdir()
    script = tree.parent / "bin" / "git"
    script.parent.mkdir()
    script.write_text(SLOW_GIT)
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")
    process = start(*how)
    wait_until(lambda: [read_name(child) for child in find_children(process.pid)] == ["sleep"])
    children = find_children(process.pid)
    wait_until(lambda: is_asleep(process.pid))  # until it waits for the answer
    interrupt(process)
    assert_nothing_is_left(tree, children)


def interrupt(process: subprocess.Popen[str]) -> None:
    """Press Ctrl-C until a program ends: Python loses a signal that meets a callback of an import."""
    for _ in range(5):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=10)
            return


def is_asleep(pid: int) -> bool:
    """Whether a process waits, whenever one looks."""
    for _ in range(30):
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "S":
            return False
        time.sleep(0.01)
    return True


def read_name(pid: int) -> str:
    """Return what a process runs, nothing for one that is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""
