"""The program: how it starts, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pytest

import pytest_antipasta
from pytest_antipasta.cli import main, running
from pytest_antipasta.engine.measuring import guard
from pytest_antipasta.messages import suggest
from pytest_antipasta.runtime.environment import python_minor
from tests.commits import commit_all
from tests.conftest import Program, Repository
from tests.plugin.conftest import FAILING, PASSING, SETTINGS
from tests.windows import NEEDS_SIGNALS

VERSIONS = f"radon {version('radon')}, complexipy {version('complexipy')}, Python {python_minor()}"
PROGRAM = (sys.executable, "-m", "pytest_antipasta")

NEEDS_SHELL = pytest.mark.skipif(sys.platform == "win32", reason="no shell of Windows closes an output")


def start(folder: Path, *args: str, program: Sequence[str] = PROGRAM) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*program, *args],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_both_names_of_the_program_are_one(tmp_path: Path) -> None:
    script = Path(sysconfig.get_path("scripts"), "pytest-antipasta")
    for program in (PROGRAM, (str(script),)):
        with start(tmp_path, "--version", program=program) as process:
            output, errors = process.communicate(timeout=30)
        assert (output.decode().splitlines(), errors) == (
            [f"pytest-antipasta {pytest_antipasta.__version__} ({VERSIONS})"],
            b"",
        )


@pytest.mark.skipif(sys.platform != "win32", reason="Windows alone has such paths")
@pytest.mark.parametrize("prefix", ["\\\\?\\", "//?/"])
def test_a_path_may_have_the_prefix_of_windows(
    repository: Repository, program: Program, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository.path / "bad.py").write_text(FAILING, encoding="utf-8")
    settings = f"[tool.pytest-antipasta]\ntime_budget = 60\n\n{SETTINGS}"
    (repository.path / "pyproject.toml").write_text(settings, encoding="utf-8")
    repository.git("add", ".")
    monkeypatch.chdir(repository.path)
    path = f"{prefix}{repository.path}\\bad.py"
    for words in (
        ["check", path],
        ["hook", path],
        ["explain", f"{path}::decide"],
        ["fix", "--dry-run", path],
    ):
        said = program(*words, code=None)
        assert "bad.py" in said.out
        assert "?" not in said.out + said.err


COMMANDS = "check, measure, explain, fix, baseline, trend, report, config, cache, hook, hooks, lsp"
MISTAKES = [
    pytest.param(
        ["hooks"],
        "the following arguments are required: action; expected one of: install, uninstall, status",
        id="no action",
    ),
    pytest.param(["--verison"], 'unknown option --verison; did you mean "--version"?', id="an option alone"),
    pytest.param(
        ["--debug"], "option --debug before the command; put options after it", id="an option and no command"
    ),
    pytest.param(["chekc"], 'unknown command "chekc"; did you mean "check"?', id="a command"),
    pytest.param(
        ["hallo"], f'unknown command "hallo"; expected one of: {COMMANDS}', id="a command like none"
    ),
    *(
        pytest.param(
            [command],
            f'unknown command "{command}"; did you mean `pytest-antipasta {meant}`?',
            id=f"{meant}, by another word, {command}",
        )
        for command, meant in (
            ("metrics", "check"),
            ("analyze", "check"),
            ("install", "hooks install"),
            ("init", "config init"),
        )
    ),
    pytest.param(["cache", "statsu"], 'unknown action "statsu"; did you mean "status"?', id="an action"),
    pytest.param(
        ["check", "--fromat", "json"], 'unknown option --fromat; did you mean "--format"?', id="an option"
    ),
    pytest.param(
        ["check", "a.py", "--stdin_filname=x"],
        'unknown option --stdin_filname; did you mean "--stdin-filename"?',
        id="an option with a value behind a path",
    ),
    pytest.param(
        ["check", "--dif", "HEAD"], 'unknown option --dif; did you mean "--diff"?', id="a part of an option"
    ),
    pytest.param(["check", "--max-workers=4"], "unknown option --max-workers", id="another tool's option"),
    pytest.param(
        ["check", "--profile", "check.prof"],
        "unknown option --profile; use `python -m cProfile -m pytest_antipasta check`",
        id="a profile",
    ),
    pytest.param(["check", "--frobnicate"], "unknown option --frobnicate", id="an option like none"),
    *(
        pytest.param(
            ["check", *option.split(" ")],
            (
                f"unknown option {option.split(' ')[0].partition('=')[0]}; to set a limit for one run, use "
                "--limit METRIC=N, such as --limit cyclomatic_complexity=10"
            ),
            id=f"an option of other tools, {option}",
        )
        for option in ("--max-complexity 5", "--max-complexity=5", "--max-cyclomatic 5", "--threshold=3")
    ),
    pytest.param(["measure", "--max-complexity=5"], "unknown option --max-complexity", id="without limits"),
    pytest.param(
        ["check", "--format", "jsno"],
        '--format: unknown value "jsno"; did you mean "json"?',
        id="a value of an option",
    ),
    pytest.param(
        ["--quiet", "check"], "option --quiet before the command; put options after it", id="too early"
    ),
    pytest.param(
        ["cache", "--quiet", "status"],
        "option --quiet before the action; put options after it",
        id="too early for an action",
    ),
    pytest.param(
        [os.devnull],
        f"no command before {os.devnull}; did you mean `pytest-antipasta check {os.devnull}`?",
        id="a path instead of a command",
    ),
    pytest.param(["config", "show", "a", "b"], "too many arguments: b", id="one path too many"),
    pytest.param(["config", "show", "a", "--", "--b"], "too many arguments: --b", id="no option behind --"),
    pytest.param(
        ["config", "show", "a", "--quite", "--", "b"],
        'unknown option --quite; did you mean "--quiet"?',
        id="an option in front of --",
    ),
]


@pytest.mark.parametrize(("args", "message"), MISTAKES)
def test_wrong_usage_is_reported_first(
    args: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a line that begins as those of all other mistakes do, and then where the right usage stands."""
    with pytest.raises(SystemExit) as caught:
        main(args)
    assert caught.value.code == 2
    error, usage = capsys.readouterr().err.splitlines()
    assert error == f"error: {message}"
    assert re.fullmatch(r"see `pytest-antipasta( [a-z]+){0,2} --help`", usage)


def test_without_a_command_the_help_is_printed(program: Program) -> None:
    said = program()
    assert said.out.startswith("usage: pytest-antipasta [options] COMMAND ...")
    assert not said.err


def test_two_dashes_are_not_a_value(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Up to Python 3.12.4 argparse makes an empty list of them."""
    (repository.path / "a.py").write_text("x = 1\n")
    commit_all(repository.path, "first")
    monkeypatch.chdir(repository.path)
    options = [f"check --{name}=--" for name in ("diff", "jobs", "config", "baseline", "report", "limit")]
    for command in (*options, "trend --ref=--", "explain a.py --config=--", "hook --baseline=--"):
        try:
            code = main(command.split())
        except SystemExit as error:
            code = error.code  # type: ignore[assignment]
        first, *_ = capsys.readouterr().err.splitlines()
        assert (code, first.startswith("error: ")) == (2, True), command


def test_of_words_that_differ_only_in_their_looks_all_are_listed() -> None:
    assert suggest("xyz", ["no-cache", "no_cache"]) == "expected one of: no-cache, no_cache"


@NEEDS_SIGNALS
def test_an_interrupted_program_says_so_and_nothing_else(tmp_path: Path) -> None:
    with start(tmp_path, "measure", "-") as process:
        assert process.stdin
        process.stdin.write(b"x = 1\n")
        process.stdin.flush()
        deadline = time.monotonic() + 20
        while not is_waiting_for_input(process.pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (130, b"", b"interrupted\n")


def is_waiting_for_input(pid: int) -> bool:
    """Whether a process waits in a read of a pipe; from then on Python has all its handlers."""
    try:
        return Path(f"/proc/{pid}/wchan").read_text() in ("pipe_read", "anon_pipe_read", "pipe_wait_readable")
    except OSError:
        return False


@pytest.mark.parametrize(("form", "unbuffered"), [("text", "1"), ("json", "")])
def test_a_reader_that_has_had_enough_is_harmless(
    tmp_path: Path, form: str, unbuffered: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    # More than a pipe has with what Python 3.14 reads at once, 128 kB.
    for number in range(300):
        (tmp_path / f"a{number}.py").write_text(FAILING.replace("decide", "decide" * 200))
    (tmp_path / "pyproject.toml").write_text(
        "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 1\n"
    )
    with start(tmp_path, "check", "--format", form) as process:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    # As a shell reports a program that the closed pipe ended: violations must not become a success.
    assert process.returncode == 141


@pytest.mark.skipif(sys.platform == "win32", reason="Windows deletes no folder that is in use")
def test_a_current_folder_that_is_gone_is_reported(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    command = f"rmdir {folder}; exec {sys.executable} -m pytest_antipasta check"
    environment = os.environ | {"PYTHONPATH": str(Path(pytest_antipasta.__file__).parents[1])}
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == b"error: the current folder no longer exists\n"


def test_a_terminal_that_knows_only_ascii_gets_utf8(tmp_path: Path) -> None:
    (tmp_path / "ünïcode.py").write_text(PASSING)
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    limit = "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 0\n"
    (tmp_path / "ünïcode.toml").write_text(limit)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    for command in (["explain", "ünïcode.py"], ["hook", "--config", "ünïcode.toml"]):
        done = subprocess.run([*PROGRAM, *command], cwd=tmp_path, env=environment, capture_output=True)
        assert (done.returncode in (0, 1), done.stderr) == (True, b""), command
        assert "ünïcode" in done.stdout.decode(), command
    done = subprocess.run(
        [*PROGRAM, "check", "nö.py"], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (2, False)
    assert done.stderr.decode().startswith("error: no such file or folder: nö.py")


def test_a_file_system_that_knows_only_ascii_has_names_in_utf8(tmp_path: Path) -> None:
    for name in ("ünïcode.py", "ö.py"):
        (tmp_path / name).write_text(PASSING)
    (tmp_path / "pyproject.toml").write_text("[tool.pytest-antipasta]\nexclude = ['ö*']\n", encoding="utf-8")
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run([*PROGRAM, "check"], cwd=tmp_path, env=environment, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b""), done.stdout
    assert b"no violations in 1 file" in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have names in UTF-8 anyway")
def test_names_are_utf8_wherever_they_come_from(tmp_path: Path) -> None:
    (tmp_path / "ünï").mkdir()
    (tmp_path / "ünï" / "ö.py").write_text("def größe(a):\n" + "    if a: print()\n" * 11, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[tool.pytest-antipasta]\npaths = ['ünï']\n", encoding="utf-8")
    covering = [sys.executable, "-m", "coverage", "run", "--data-file=dätei", "ünï/ö.py"]
    subprocess.run(covering, cwd=tmp_path, check=True)
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for command, code, expected in (
        (["check", "--jobs", "2"], 1, "größe  cyclomatic 12/10"),
        (["check", "--coverage", "dätei"], 1, "größe  cyclomatic 12/10"),
        (["explain", "ünï/ö.py::größe"], 0, "ünï/ö.py:1 function größe"),
        (["baseline", "write", "--reason", "später"], 0, "1 entry for 1 file (1 added)"),
        (["baseline", "show"], 0, "ünï/ö.py: größe: cyclomatic_complexity 12; reason: später"),
    ):
        done = subprocess.run([*PROGRAM, *command], cwd=tmp_path, env=environment, capture_output=True)
        assert (done.returncode, done.stderr) == (code, b""), command
        assert expected in done.stdout.decode(), command


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have names in UTF-8 anyway")
def test_a_file_system_that_knows_only_ascii_hides_no_violation(tmp_path: Path) -> None:
    (tmp_path / "ö").mkdir()
    (tmp_path / "ö" / "ö.py").write_text("def f(a):\n" + "    if a: print()\n" * 11)
    for command in (["init", "--quiet"], ["add", "ö"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    pytest_program = [sys.executable, "-m", "pytest", "-p", "antipasta", "--antipasta-only"]
    for program, expected in (
        ([*PROGRAM, "check"], "1:1  f  cyclomatic 12/10"),
        ([*PROGRAM, "hook"], "baseline write --staged 'ö/ö.py'"),
        (pytest_program, r"FAILED \xf6/\xf6.py::antipasta - f cyclomatic 12/10"),
    ):
        done = subprocess.run(program, cwd=tmp_path, env=environment, capture_output=True)
        assert (done.returncode, expected in done.stdout.decode()) == (1, True), (done.stdout, done.stderr)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is full")
def test_an_output_that_takes_nothing_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(PASSING)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*PROGRAM, "check"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True
        )
    expected = "error: can't write to standard output: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, expected)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is full")
def test_a_commit_does_not_pass_because_nobody_can_read_why_it_fails(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f(a):\n" + "    if a: print()\n" * 11)
    for command in (["init", "--quiet"], ["add", "a.py"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*PROGRAM, "hook"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True
        )
    expected = "error: can't write to standard output: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, expected)


@NEEDS_SHELL
def test_an_output_that_is_closed_is_reported(tmp_path: Path) -> None:
    command = [*PROGRAM, "config", "show"]
    done = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *command], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (2, "error: standard output is closed\n")


@NEEDS_SHELL
def test_an_output_for_messages_that_is_closed_changes_nothing(tmp_path: Path) -> None:
    """Least of all does the answer's output get them."""
    (tmp_path / "a.py").write_text("def f(a):\n" + "    if a: print()\n" * 11)
    full = "2>/dev/full" if os.path.exists("/dev/full") else "2>&-"
    cases: list[tuple[list[str], str, int]] = [
        (["check", "--format", "json", "--debug"], full, 1),
        (["check", "none.py"], "2>&-", 2),
        (["hook"], "2>&-", 0),  # outside of a repository, which it says
    ]
    for command, stream, code in cases:
        line = ["sh", "-c", f'"$@" {stream}', "sh", *PROGRAM, *command]
        done = subprocess.run(line, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        assert done.returncode == code, (command, stream)
        assert done.stdout[:1] == ("{" if code == 1 else ""), (command, stream)


def test_an_internal_error_is_one_line_and_no_violation(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(running, "open_run", fail)
    errors = program("check", code=3).err
    assert errors.startswith("internal error: ZeroDivisionError: oops (test_main.py:")
    assert errors.endswith(
        "; this is a bug in pytest-antipasta; please report it; run with --debug for details\n"
    )
    assert errors.count("\n") == 1
    assert "Traceback (most recent call last):\n" in program("check", "--debug", code=3).err


def test_a_file_that_an_internal_error_fails_has_its_traceback_with_debug(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("x = 1\n")

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(guard, "measure", fail)
    assert "ZeroDivisionError: oops\n" in program("check", "--debug", "--jobs", "1", code=3).err
    assert "Traceback" not in "".join(program("check", "--jobs", "1", code=3))


def test_python_does_not_go_through_all_objects_at_the_end(tmp_path: Path) -> None:
    program = (
        "import atexit, gc\n"
        "from pytest_antipasta.cli import run\n"
        "atexit.register(lambda: print(len(gc.get_objects()) < gc.get_freeze_count() / 20))\n"
        "run()\n"
    )
    command = [sys.executable, "-c", program, "config", "validate", "--quiet"]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "True"
