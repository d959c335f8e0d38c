"""A process that is forked is like one that is started."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forked import ForkedPython, start
from tests.limits import _Test, find_children

LOOKING = """\
import os, signal, sys
if __name__ == "__main__":
    print(sys.argv[1:], os.getcwd(), sys.path[0], sys.stdin.read(), sorted(os.environ.items()), sep="\\n")
    print(signal.getsignal(signal.SIGINT))
    print("to errors", file=sys.stderr)
    if sys.argv[1:] == ["killed"]:
        os.kill(os.getpid(), signal.SIGKILL)
    sys.exit(" ".join(sys.argv[1:]) or None)
"""
ENDING = """\
import atexit, os, sys, threading, time
if __name__ == "__main__":
    atexit.register(print, "at the end", end="")
    threading.Thread(target=lambda: (time.sleep(0.05), print("of a thread"))).start()
    exec(sys.argv[1])
"""
TESTS = """\
import os, sys
import pytest

@pytest.mark.parametrize("number", range(4))
def test_where_it_runs(number):
    print(os.getcwd(), sys.path, sys.argv, os.environ.get("OTHER"))
    assert number
"""


@pytest.mark.parametrize(
    "arguments", [[], ["a", "b c"], ["killed"]], ids=["none", "two", "one that kills it"]
)
def test_a_module_finds_the_same(
    tmp_path: Path, forked_python: ForkedPython, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setenv("OTHER", "caf\udce9")
    (tmp_path / "looking.py").write_text(LOOKING)
    expected = start("looking", arguments, tmp_path, os.environ)
    found = forked_python.run("looking", arguments, tmp_path, os.environ)
    assert (found.returncode, found.stdout, found.stderr) == (
        expected.returncode,
        expected.stdout,
        expected.stderr,
    )


@pytest.mark.parametrize(
    "end",
    ["pass", "sys.exit(258)", "sys.exit('why')", "1 / 0", "raise KeyboardInterrupt", "print(); os.close(1)"],
)
def test_a_module_ends_the_same(tmp_path: Path, forked_python: ForkedPython, end: str) -> None:
    (tmp_path / "ending.py").write_text(ENDING)
    expected, found = (
        (done.returncode, done.stdout, done.stderr.splitlines()[-1:])
        for done in (
            start("ending", [end], tmp_path, os.environ),
            forked_python.run("ending", [end], tmp_path, os.environ),
        )
    )
    assert found == expected


@pytest.mark.parametrize(
    ("line", "environment"),
    [
        pytest.param(["check", "-q", "-"], {}, id="something that fails"),
        pytest.param(["check", "-q", "-", "--stdin-filename=caf\udce9 b.py"], {}, id="with a name"),
        pytest.param(["check", "nothing.py"], {}, id="a wrong argument"),
        pytest.param(["check", "-q", "good.py"], {"GIT_DIR": "nowhere"}, id="in an environment"),
        pytest.param(["--version"], {"PYTHONVERBOSE": "1"}, id="as Python is to start"),
    ],
)
def test_the_program_does_the_same(
    tmp_path: Path, forked_python: ForkedPython, line: list[str], environment: dict[str, str]
) -> None:
    (tmp_path / "good.py").write_text("x = 1\n")
    (tmp_path / "pyproject.toml").write_text(
        "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 1\n"
    )
    (tmp_path / "json.py").write_text("raise Exception")  # a program finds no modules where it runs
    expected, found = (
        subprocess.run(
            ["pytest-antipasta", *line],
            cwd=tmp_path,
            env={**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", **environment},
            input=b"def f(a):\n    return 1 if a else 2\n",
            capture_output=True,
        )
        for folder in (Path(sys.executable).parent, forked_python.make_program())
    )
    assert (found.returncode, found.stdout) == (expected.returncode, expected.stdout)
    if environment.keys() != {"PYTHONVERBOSE"}:
        assert found.stderr == expected.stderr
    else:
        assert b"import 'encodings'" in found.stderr


def test_it_is_nobodys_child(tmp_path: Path, forked_python: ForkedPython) -> None:
    forked_python.run("this", [], tmp_path, os.environ)
    assert find_children() == []


@pytest.mark.slow
def test_workers_of_xdist_find_the_same(
    tmp_path: Path, forked_python: ForkedPython, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHER", "o")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins/of_path.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "plugins"))
    arguments = ["-p", "of_path", "-p", "xdist", "-n", "2", "-p", "no:cacheprovider", "-rP", "-vv"]
    expected, found = (
        sorted(re.sub(r"gw[01]|\[ *\d+%\]|in \d.*s|=+", "", done.stdout.decode()).splitlines())
        for done in (
            start("pytest", arguments, tmp_path, os.environ),
            forked_python.run("pytest", arguments, tmp_path, os.environ),
        )
    )
    assert found == expected
    assert len([line for line in found if line.endswith("] o")]) == 4


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
def test_a_child_of_an_earlier_test_is_not_taken_for_one_of_this(monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert process.pid in find_children()
        assert process.pid in find_children(os.getpid())
        monkeypatch.setattr(_Test, "began", _Test.began + 1_000_000)  # as if another test had begun
        assert process.pid not in find_children()
        process.communicate(b"\n")
