"""The program of ``tests.forked``: a Python that has imported what runs need, and forks a process for each.

It reads requests from standard input, a line of JSON each, and answers with the exit code of each. A process
of its own takes those of ``program.py``, which come while others run: from the socket whose descriptor is
the only argument.

Python takes all objects apart before it ends, which copies each page that a forked process shares with this
one and costs more than half of a short run. Here it ends after what is registered for its end.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import gc
import importlib
import itertools
import json
import marshal
import os
import runpy
import select
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping
from importlib.metadata import Distribution, distributions
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

# What a run of pytest or of our command line imports of others, as far as it is here. Of pytest's plugins
# xdist alone: it rewrites the assertions of those that it imports itself.
_PACKAGES = (
    "_pytest._argcomplete", "complexipy", "contextvars", "coverage", "coverage.cmdline", "email.parser",
    "encodings.ascii", "encodings.utf_8_sig", "execnet", "faulthandler", "filelock", "git", "msgspec.json",
    "msgspec.msgpack", "msgspec.structs", "pdb", "pickle", "platformdirs", "pygls.lsp.server", "pytest",
    "readline", "resource", "sqlite3", "tomllib", "xdist.dsession", "xdist.newhooks", "xdist.plugin",
    "xdist.remote", "xdist.scheduler", "xdist.workermanage", "yaml",
)  # fmt: skip
# And of ours, with what these import. Not `engine.measuring.measurement`, as tests replace it.
_OURS = (
    "advice.aims", "baseline.review", "baseline.update", "cli.baseline", "cli.check", "cli.check_text",
    "cli.config", "cli.hook", "cli.measure", "cli.program", "engine.baseline_recording",
    "engine.memo_keeping",
    "engine.storage.storage", "gate.listing", "gate.opening", "git.history", "git.tree", "metrics.blocks",
    "metrics.cognitive", "metrics.following.bodies", "metrics.following.similar", "metrics.halstead",
    "metrics.maintainability", "metrics.raw", "metrics.walk", "plugin.checker", "plugin.collection",
    "plugin.garbage", "plugin.crash", "plugin.junit", "plugin.remote", "plugin.session", "plugin.watching",
    "plugin.worker_judge", "policy.suppressions.comments", "processes.cgroups", "report.baseline",
    "report.changes", "report.failure", "report.findings", "report.measure",
    "report.records", "settings.antipasta_yaml", "settings.globs", "settings.table", "settings.toml_file",
    "settings.toml_lines", "settings.toml_text", "store.filesystem", "store.inventory", "store.local",
    "store.upkeep", "store.writer", "trend",
)  # fmt: skip


class Request(NamedTuple):
    """What to run, and where.

    Attributes:
        module: what Python's option ``-m`` would be given.
        arguments: those of the command line.
        folder: the current folder.
        environment: all variables.
        output: the files for standard output and errors; none where they are in their place.
        imports: what is searched for modules before all else.
    """

    module: str
    arguments: list[str]
    folder: str
    environment: dict[str, str]
    output: list[str]
    imports: str


class _Ending:
    """The exit code of this process, and who asks for it.

    There is none as long as it runs, and where Python has an error to show.
    """

    code: int | None = None
    connection: socket.socket | None = None


def _run_to_the_end(program: Callable[[], object]) -> None:
    try:
        program()
    except SystemExit as end:
        _Ending.code = (end.code or 0) if end.code is None or isinstance(end.code, int) else 1
        raise
    _Ending.code = 0


def _leave() -> None:
    """End at once, as the last that is registered for the end."""
    if _Ending.code is not None:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError):
            return  # Python tells of it
        if _Ending.connection:
            _Ending.connection.sendall(str(_Ending.code & 0xFF).encode())
        os._exit(_Ending.code & 0xFF)


def serve() -> Request | None:
    """Fork a process for each request; return twice or more: in each of them, and at the end."""
    with os.fdopen(os.dup(0)) as requests, os.fdopen(os.dup(1), "w") as answers:
        _redirect(0, os.devnull, os.O_RDONLY)
        for line in requests:
            pid = os.fork()
            if not pid:
                request = json.loads(line)
                return Request(**request, imports=request["folder"])
            _, status = os.waitpid(pid, 0)
            answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
            answers.flush()
    return None


def listen(connections: socket.socket) -> Request | None:
    """Fork a process for each program, as ``serve`` does, until nobody can write to standard input."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them: each tells its exit code itself
    waiting = select.poll()
    waiting.register(connections, select.POLLIN)
    waiting.register(0, 0)  # only its end
    while all(descriptor == connections.fileno() for descriptor, _ in waiting.poll()):
        connection, _ = connections.accept()
        if not os.fork():
            connections.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return _take(connection)
        connection.close()
    return None


def _take(connection: socket.socket) -> Request | None:
    """Read what a program has to do, and put its input and outputs in their places."""
    with connection.makefile("rb") as file:
        _, descriptors, _, _ = socket.recv_fds(connection, 1, 3)
        arguments, folder, environment = marshal.load(file)
    if _read_at_start(environment) != _read_at_start(os.environ):
        connection.sendall(b"start")
        return None
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    _Ending.connection = connection
    return Request("pytest_antipasta", arguments, folder, environment, [], os.path.dirname(sys.executable))


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what Python reads when it starts, as ``tests.forked`` knows it."""
    names = {name for name in environment if name.startswith(("PYTHON", "LANG", "LC_", "LD_", "TZ"))}
    return {name: environment[name] for name in names - {"PYTHONPATH"}}


def run(request: Request) -> None:
    """Be the process that was asked for."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, path in enumerate(request.output, 1):
        _redirect(number, path, os.O_WRONLY)
    _settle(request.folder, request.environment)
    sys.path[:0] = [request.imports, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    sys.argv = ["-m", *request.arguments]
    if request.module == "pytest":
        if xdist := sys.modules.get("xdist.plugin"):
            vars(xdist)["_sys_path"][:] = sys.path  # noted when it is imported, for the workers
        _lend_workers(request.arguments)
    _run_to_the_end(lambda: runpy.run_module(request.module, run_name="__main__", alter_sys=True))


def _redirect(number: int, path: str, flags: int) -> None:
    opened = os.open(path, flags)
    os.dup2(opened, number)
    os.close(opened)


def _settle(folder: str, environment: dict[str, str]) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    importlib.invalidate_caches()


class _Spare(NamedTuple):
    """A process that waits to become a worker of xdist."""

    pid: int
    stdin: int
    stdout: int


def _lend_workers(arguments: list[str]) -> None:
    """Fork the workers that are asked for while there is nothing in this process, and give them to xdist."""
    spares: list[_Spare] = []
    for _ in range(_count_workers(arguments)):
        spares.append(_fork_spare(spares))
    if spares:
        _give_to_xdist(spares)


def _count_workers(arguments: list[str]) -> int:
    """Return how many workers of this Python are asked for."""
    numbers = [number for option, number in itertools.pairwise(arguments) if option == "-n"]
    places = [one for one in arguments if one.startswith("--tx=popen") and "python=" not in one]
    return sum(int(number) for number in numbers if number.isdigit()) + len(places)


def _fork_spare(others: list[_Spare]) -> _Spare:
    (reads, stdin), (stdout, writes) = os.pipe(), os.pipe()
    pid = os.fork()
    if not pid:
        for descriptor in (stdin, stdout, *(one for other in others for one in other[1:])):
            os.close(descriptor)
        os.dup2(reads, 0)
        os.dup2(writes, 1)
        os.close(reads)
        os.close(writes)
        _wait_for_work()
    os.close(reads)
    os.close(writes)
    return _Spare(pid, stdin, stdout)


def _wait_for_work() -> None:
    """Do what a new Python does that execnet starts; the first line has what a child has of its parent."""
    sys.stdin = os.fdopen(0, closefd=False)
    if not (line := sys.stdin.readline()):
        os._exit(0)
    _settle(*json.loads(line))
    sys.argv = ["-c"]
    sys.path[0] = ""
    _run_to_the_end(lambda: exec(eval(sys.stdin.readline()), {"__name__": "__main__"}))
    sys.exit()


def _give_to_xdist(spares: list[_Spare]) -> None:
    if find_spec("execnet") is None:
        return
    from execnet import gateway_base, gateway_io

    start = gateway_io.Popen2IOMaster

    class Worker(gateway_base.Popen2IO):
        """What execnet knows of a process that it has started."""

        def __init__(self, spare: _Spare, execmodel: Any) -> None:
            self._pid = spare.pid
            super().__init__(os.fdopen(spare.stdin, "wb"), os.fdopen(spare.stdout, "rb"), execmodel)
            self.write(f"{json.dumps([os.getcwd(), dict(os.environ)])}\n".encode())

        def wait(self) -> int | None:
            try:
                return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
            except ChildProcessError:
                return None

        def kill(self) -> None:
            os.kill(self._pid, signal.SIGKILL)

    def lend(args: list[str], execmodel: Any) -> object:
        return (
            Worker(spares.pop(0), execmodel)
            if spares and args[0] == sys.executable
            else start(args, execmodel)
        )

    vars(gateway_io)["Popen2IOMaster"] = lend


def main() -> None:
    if os.fork():
        # Nobody's child: tests look at the children that they have.
        os._exit(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with its standard input
    del sys.path[0]
    atexit.register(_leave)  # what is registered first is called last, when all threads have ended
    for name in _PACKAGES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for name in importlib.import_module("_pytest.config").builtin_plugins:
        _list_what_plugins_have(importlib.import_module(f"_pytest.{name}"))
    for name in _OURS:
        importlib.import_module(f"pytest_antipasta.{name}")
    for name in [one for one in sys.modules if one.startswith(("pytest_antipasta.plugin", "xdist.plugin"))]:
        _list_what_plugins_have(sys.modules[name])
    parser = argparse.ArgumentParser()
    parser.add_argument("--option", nargs="?")
    parser.format_help()  # compiles patterns that each parser needs
    # Else pytest warns that it can't rewrite the assertions in what is there already. None is one of a test.
    for name in ("pytest_antipasta", "xdist", "xdist.plugin"):
        if name in sys.modules:
            vars(sys.modules[name])["__doc__"] = "PYTEST_DONT_REWRITE"
    _read_distributions()
    tempfile.tempdir = None
    # Each process would go through all of it for garbage, at its end at the latest, and copy the pages.
    gc.collect()
    gc.freeze()
    if request := _find_request():
        run(request)


def _list_what_plugins_have(module: ModuleType) -> None:
    """Let a plugin of pytest's list its hooks and fixtures alone, as pytest looks at all that each lists.

    With objects of its classes, which are plugins as well, that is a quarter of a short run.
    """
    kind = getattr(importlib.import_module("_pytest.fixtures"), "FixtureFunctionDefinition", None)
    if kind is not None:  # older versions of pytest have functions in place of it
        names = {name for name, value in vars(module).items() if isinstance(value, kind)}
        names |= {name for name in vars(module) if name.startswith("pytest_")}
        vars(module)["__dir__"] = lambda: names
    for value in vars(module).values():
        if isinstance(value, type) and (hooks := {one for one in dir(value) if one.startswith("pytest_")}):
            type.__setattr__(value, "__dir__", lambda _, hooks=hooks: hooks)


def _read_distributions() -> None:
    """Read once of what is installed beside pytest what each pytest reads of all of it to find plugins.

    Nothing is installed there while tests run. Other folders are read by each process as ever: tests install
    extensions into that of their own Python.
    """
    for name in ("entry_points", "files", "metadata"):
        _keep_of_installed(name)
    for distribution in distributions():
        if any(point.group == "pytest11" for point in distribution.entry_points):
            _ = distribution.files, distribution.metadata


def _keep_of_installed(name: str) -> None:
    """Have a property of distributions look once at each that is installed beside pytest."""
    read, kept = vars(Distribution)[name].fget, dict[str, object]()
    installed = str(Path(str(importlib.import_module("pytest").__file__)).parents[1]) + os.sep

    def find(distribution: Distribution) -> object:
        place = str(getattr(distribution, "_path", ""))
        if not place.startswith(installed):
            return read(distribution)
        if place not in kept:
            kept[place] = read(distribution)
        return kept[place]

    setattr(Distribution, name, property(find))


def _find_request() -> Request | None:
    """Return what this process is to run, nothing for one that forks others."""
    with socket.socket(fileno=int(sys.argv[1])) as connections:
        if not os.fork():
            return listen(connections)
    return serve()


if __name__ == "__main__":
    main()
