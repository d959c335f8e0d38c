"""What we take pytest and pytest-xdist for where they promise nothing."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from importlib.machinery import ExtensionFileLoader, PathFinder, SourceFileLoader
from importlib.util import find_spec
from pathlib import Path

import _pytest.config
import execnet
import pytest

from pytest_antipasta.plugin import pytest_internals
from pytest_antipasta.plugin.pytest_internals import (
    break_connection,
    guarded_imports,
    takes_marker,
    write_in_turn,
)
from pytest_antipasta.runtime.imports import ImportGuard
from tests.plugin.conftest import FAILING, PASSING, Project
from tests.windows import NEEDS_SIGNALS


def test_every_plugin_that_comes_with_pytest_is_known() -> None:
    """Of an unknown one somebody has to find out whether it has any business with source files."""
    installed = {f"_pytest.{name}" for name in _pytest.config.builtin_plugins}
    assert sorted(installed - pytest_internals._PYTEST) == []


@pytest.mark.parametrize(
    ("module", "phases"),
    [
        pytest.param("_pytest.runner", 1, id="a plugin that is known"),
        pytest.param("_pytest.runners", 3, id="one of pytest that is not"),
        pytest.param("_pytest.runner.inner", 3, id="a part of one that there is not"),
        pytest.param("somebody", 3, id="one of somebody else"),
    ],
)
def test_a_plugin_that_nobody_knows_has_three_phases(project: Project, module: str, phases: int) -> None:
    hook = "def pytest_runtest_setup(item):\n    with open('setups', 'a') as log:\n        log.write('x')\n"
    hook += f"pytest_runtest_setup.__module__ = {module!r}\n"
    project.write({"conftest.py": hook, "a.py": PASSING})
    project.run("--antipasta-only")
    # The last item is always pytest's own.
    assert len((project.path / "setups").read_text()) == (2 if phases == 3 else 1)


PHASES = """\
def pytest_runtest_logreport(report):
    if report.nodeid.startswith("a.py"):
        with open("phases", "a") as log:
            log.write(report.when + " ")
pytest_runtest_logreport.__module__ = "_pytest.reports"
def pytest_terminal_summary(terminalreporter):
    with open("remembered", "w") as log:
        log.write(" ".join(report.nodeid for report in terminalreporter.stats.get("", ())))
"""
WITH_ALL = "setup call teardown"
FOR_CALLS = ["--timeout=60", "-o", "timeout_func_only=true"]


@pytest.mark.parametrize(
    ("plugin", "module", "args", "phases"),
    [
        pytest.param(
            "rerunfailures", "pytest_rerunfailures", ["--reruns=1"], "call", id="it never reruns files"
        ),
        pytest.param("timeout", "pytest_timeout", [], "call", id="no limit of time is set"),
        pytest.param("timeout", "pytest_timeout", ["--timeout=60"], "call", id="the limit is for all phases"),
        pytest.param("timeout", "pytest_timeout", FOR_CALLS, WITH_ALL, id="the limit is for calls"),
        pytest.param("html", "pytest_html", [], "call", id="no page is asked for"),
        pytest.param("html", "pytest_html", ["--html=page.html"], WITH_ALL, id="a page is asked for"),
        pytest.param("sugar", "pytest_sugar", [], "call", id="it is not on a terminal"),
        pytest.param("sugar", "pytest_sugar", ["--force-sugar"], WITH_ALL, id="as on a terminal"),
    ],
)
def test_a_plugin_that_is_asked_for_nothing_costs_files_nothing(
    project: Project, plugin: str, module: str, args: list[str], phases: str
) -> None:
    pytest.importorskip(module)
    plugins = (plugin, "metadata") if plugin == "html" else (plugin,)
    project.write({"conftest.py": PHASES, "a.py": FAILING, "b.py": PASSING})
    project.run("--antipasta-only", "-p", "no:randomly", *args, plugins=plugins)
    assert (project.path / "phases").read_text().split() == phases.split()


def test_passed_phases_of_files_are_not_looked_through_for_each_failure(
    project: Project, workers: list[str]
) -> None:
    project.write(
        {"conftest.py": PHASES, "a.py": FAILING, "b.py": PASSING, "test_t.py": "def test_t(): pass\n"}
    )
    project.run("--antipasta", "--setup-show", *workers)
    assert {*WITH_ALL.split()} == {*(project.path / "phases").read_text().split()}
    assert (project.path / "remembered").read_text().split() == ["test_t.py::test_t"] * 2


def test_xdist_registers_and_runs_what_we_take_for_its_own(project: Project) -> None:
    conftest = (
        "import os\n"
        "def pytest_sessionfinish(session):\n"
        "    config = session.config\n"
        "    hooks = config.hook.pytest_runtest_logreport.get_hookimpls()\n"
        "    with open('seen-' + os.environ.get('PYTEST_XDIST_WORKER', 'controller'), 'w') as log:\n"
        "        names = {hook.function.__module__ for hook in hooks}\n"
        "        print(config.pluginmanager.hasplugin('dsession'), *names, file=log)\n"
    )
    project.write({"conftest.py": conftest, "test_t.py": "def test_t():\n    pass\n"})
    project.run("-n", "1", "test_t.py")
    seen = {name: (project.path / f"seen-{name}").read_text().split() for name in ("controller", "gw0")}
    assert (seen["controller"][0], seen["gw0"][0]) == ("True", "False")
    assert "__channelexec__" in seen["gw0"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("antipasta", True),
        ("not slow", True),
        ("antipasta and slow", False),
        ("not antipasta", False),
        ("(", False),
    ],
)
def test_pytest_says_what_an_expression_of_markers_selects(expression: str, expected: bool) -> None:
    assert takes_marker(expression, "antipasta") is expected


def test_assertions_of_ours_are_not_rewritten(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session within another puts its own finder before the guard of the first."""
    hook = vars(pytestconfig.pluginmanager)["rewrite_hook"]
    monkeypatch.setattr(sys, "meta_path", [hook, *sys.meta_path])
    path = sys.path[:]
    for _ in range(2):
        with guarded_imports():
            pass
    assert sys.path == path
    assert isinstance(sys.meta_path[0], ImportGuard)
    assert sum(isinstance(finder, ImportGuard) for finder in sys.meta_path) == 1
    found = find_spec("pytest_antipasta.plugin.session")
    assert found is not None
    assert type(found.loader) is SourceFileLoader


def test_compiled_modules_of_the_standard_library_are_not_found_in_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows, they are in another folder than the other modules."""
    compiled = find_compiled(sys.stdlib_module_names)
    for name in compiled:
        (tmp_path / f"{name}.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert find_compiled(compiled) == []
    with guarded_imports():
        assert find_compiled(compiled) == compiled != []


def find_compiled(names: Iterable[str]) -> list[str]:
    specs = map(PathFinder.find_spec, names)
    return [spec.name for spec in specs if spec and isinstance(spec.loader, ExtensionFileLoader)]


@NEEDS_SIGNALS
@pytest.mark.parametrize("way", ["popen", "socket//installvia=carrier"])
def test_a_connection_that_is_broken_ends_who_sends_and_who_waits(way: str) -> None:
    group = execnet.Group()
    group.makegateway("popen//id=carrier")
    gateway = group.makegateway(way)
    channel = gateway.remote_exec("import os; channel.send(os.getpid()); channel.receive()")
    pid = channel.receive()
    os.kill(pid, signal.SIGSTOP)

    def send() -> None:
        with suppress(OSError):
            channel.send(b"x" * 9_000_000)

    sending = threading.Thread(target=send, daemon=True)
    sending.start()
    sending.join(0.2)
    assert sending.is_alive()
    try:
        break_connection(gateway)
        sending.join(10)
        with pytest.raises(EOFError):
            channel.receive(10)
        assert not sending.is_alive()
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        group.terminate(1)
        if way.startswith("socket"):
            vars(gateway._io)["sock"].close()  # execnet leaves that to the interpreter's end


@NEEDS_SIGNALS
@pytest.mark.slow
def test_threads_write_to_a_socket_in_turn() -> None:
    group = execnet.Group()
    group.makegateway("popen//id=carrier")
    gateway = group.makegateway("socket//installvia=carrier")
    write_in_turn(gateway)
    source = "import os\nchannel.send(os.getpid())\nfor _ in range(9): channel.receive()\nchannel.send('all')"
    channel = gateway.remote_exec(source)
    pid = channel.receive()
    os.kill(pid, signal.SIGSTOP)

    def send() -> None:
        with suppress(OSError):
            channel.send(b"x" * 9_000_000)  # more than a socket takes at once

    try:
        for _ in range(9):
            threading.Thread(target=send, daemon=True).start()
        time.sleep(0.3)
        os.kill(pid, signal.SIGCONT)
        assert channel.receive(60) == "all"
    finally:
        group.terminate(1)
        vars(gateway._io)["sock"].close()
