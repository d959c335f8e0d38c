"""Child processes: how they begin and end, and what is known of one that does not do as it should."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from pytest_antipasta.engine.measuring.extender import SERVER as EXTENSIONS
from pytest_antipasta.engine.measuring.guard import SERVER
from pytest_antipasta.processes import child, limits
from pytest_antipasta.processes.child import Child, LoneChild
from pytest_antipasta.processes.limits import Excess, ResourceLimits, Watch
from tests.limits import KILL, NEEDS_PROC, find_children, is_there, wait_until
from tests.windows import NEEDS_SIGNALS


def add_site(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Have each Python that begins now run a text first."""
    (folder / "sitecustomize.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(folder))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(
            "import sys; sys.modules['complexipy'] = None",
            r"exit code 1: ModuleNotFoundError: .*complexipy.*",
            id="what it imports is missing",
        ),
        pytest.param("import os; os._exit(7)", "exit code 7", id="without a word"),
        pytest.param(
            "import sys; sys.exit('first\\n' + 'x' * 9999 + '\\nlast\\n\\n')",
            "exit code 1: last",
            id="many words",
        ),
        pytest.param("import sys; sys.exit(9999 * 'x')", f"exit code 1: {'x' * 200}", id="a long line"),
        pytest.param(
            "import os; os.abort()",
            "SIGABRT",
            id="a signal",
            marks=NEEDS_SIGNALS,
        ),
    ],
)
def test_why_it_does_not_begin_is_reported(
    text: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_site(tmp_path, monkeypatch, text)
    with pytest.raises(OSError, match=f"^{why}$"):
        LoneChild(SERVER, 5.0)
    assert find_children() == []


def test_one_that_does_not_begin_in_time_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "STARTUP_LIMIT", 0.2)
    add_site(tmp_path, monkeypatch, "import time; time.sleep(1000)")
    with pytest.raises(OSError, match=r"^the process did not start within 0\.2 s$"):
        LoneChild(SERVER, 5.0)
    assert find_children() == []


@NEEDS_PROC
def test_what_extensions_write_to_standard_error_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A measuring process writes next to nothing there, and an extension may do so at every file."""
    add_site(tmp_path, monkeypatch, "import sys; sys.stderr.write('at the start\\n')")
    with_end = {server: LoneChild(server, 5.0) for server in (SERVER, EXTENSIONS)}
    outputs = {server: os.readlink(f"/proc/{one.pid}/fd/2") for server, one in with_end.items()}
    for one in with_end.values():
        one.end()
    assert "(deleted)" in outputs[SERVER]
    assert outputs[EXTENSIONS] == os.devnull
    assert {one.last_words for one in with_end.values()} == {"at the start"}


def start_again(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let no thread be started, until the function that is returned is called."""
    start_new_thread = _thread.start_new_thread

    def refuse(*_: Any) -> int:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(_thread, "start_new_thread", refuse)
    return lambda: monkeypatch.setattr(_thread, "start_new_thread", start_new_thread)


def test_one_that_could_not_be_asked_can_be_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    one = LoneChild(SERVER, 5.0)
    allow = start_again(monkeypatch)
    for _ in range(2):
        with pytest.raises(OSError, match="can't start new thread"):
            one.ask(b"x = 1\n", 1)
    allow()
    one.ask(b"x = 1\n", 1)
    assert isinstance(one.wait(ResourceLimits(5, 500)), bytes)
    one.end()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked there")
def test_one_whose_pipes_another_process_holds_open_is_ended_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "_GIVE_UP", 0.1)
    # A fork of it, as an extension may make.
    add_site(
        tmp_path,
        monkeypatch,
        "import os, time\n"
        "if not os.fork():\n"
        f"    open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
        "    time.sleep(1000)\n"
        "    os._exit(0)\n",
    )
    one = Child(SERVER, SimpleQueue(), 5.0)
    wait_until((tmp_path / "pid").exists)
    ending = threading.Thread(target=one.end, daemon=True)
    ending.start()
    ending.join(30)
    assert not ending.is_alive()
    assert not is_there(one.pid)
    wait_until(lambda: bool((tmp_path / "pid").read_text()))
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
    monkeypatch.undo()
    one.end()


def test_one_that_the_system_does_not_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_GIVE_UP", 0.1)
    one = LoneChild(SERVER, 5.0)
    # Nothing else here survives being killed as a process does that waits for a disk.
    monkeypatch.setattr(one._process, "kill", lambda: None)
    ending = threading.Thread(target=one.end, daemon=True)
    ending.start()
    ending.join(30)
    assert not ending.is_alive()
    os.kill(one.pid, KILL)
    one._process.wait()


class Clock:
    """Time as a test has it pass."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)

    def look(self, watch: Watch, times: int, seconds: float) -> list[Excess]:
        """Look so many times, so many seconds apart; return what was found."""
        found = []
        for _ in range(times):
            self.now += seconds
            # This process may have more memory than one that measures.
            found.append(watch.find_excess(ResourceLimits(5, 1e6)))
        return [one for one in found if one is not None]


@NEEDS_PROC
def test_a_process_without_processor_time_is_given_up_after_half_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = LoneChild(SERVER, 5.0)
    os.kill(one.pid, signal.SIGSTOP)
    wait_until(lambda: Path(f"/proc/{one.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
    clock = Clock(monkeypatch)
    watch = Watch(one.pid)
    assert clock.look(watch, 60, 0.5) == []
    assert clock.look(watch, 1, 0.5) == [Excess("silence", 30)]
    one.end()


def test_a_process_that_has_some_is_given_up_later(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    used = iter(number / 100 for number in range(1000))
    monkeypatch.setattr(limits, "read_usage", lambda _: limits.Usage(next(used), 1.0))
    watch = Watch(1)
    assert clock.look(watch, 130, 1.0) == []
    assert clock.look(watch, 1, 1.0) == [Excess("silence", 130)]


def test_a_pause_of_all_processes_is_not_its_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-Z stops us, too, and time passes meanwhile."""
    clock = Clock(monkeypatch)
    watch = Watch(os.getpid())
    assert clock.look(watch, 5, 3600.0) == []


def test_python_is_not_started_where_it_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(OSError, match=r"can't find the path of the Python interpreter \(sys\.executable\)"):
        LoneChild(SERVER, 5.0)
