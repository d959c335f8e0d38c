"""The way of one file through the package: how often a call leaves its module, and for which modules.

A hop is a call of a named function of the package by another module of it; what lies between them in other
packages is skipped, as are imports, generators that go on, and what trying a plan calls. A module that one
file enters often has a reason here, which ``docs/maintaining.md`` lists.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from inspect import CO_GENERATOR, CO_OPTIMIZED
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

PACKAGE = Path(__file__).parent.parent / "pytest_antipasta"
_FOLDER = f"{PACKAGE}{os.sep}"
_TARGET = "PYTEST_ANTIPASTA_STATIONS"
_GIT = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org")
_BEFORE = "def decide(a, b):\n    if a:\n        return b\n    return a\n"
_AFTER = _BEFORE.replace("return b\n", "return b\n" + "    if b: pass\n" * 12, 1)
_MOST = 5
OFTEN = 10
"""A module that is entered more often in one way needs a reason."""
REASONS = {
    "engine/result": "each part of a report asks the result for one fact",
    "engine/storage/storage": "looking up, writing and closing are steps at different times",
    "files/locations": "each settings file and source is named from the top or the root",
    "gate/snapshots": "both sides of a change, asked by each step of the gate",
    "gate/rule_files": "each file that may have settings or a baseline is asked for",
    "git/time_budget": "each process of git asks for its time, and spends it",
    "logs/spans": "each phase and step is timed by a call",
    "messages": "small functions that make texts printable",
    "metrics/following/file_version": "properties of one version of a file",
    "metrics/nodes": "small questions about a node: its first and last line, its keyword, its parameters",
    "metrics/source": "decoding, parsing and comparing contents are functions of their own",
    "metrics/walk": "properties of each scope, and of its operators",
    "model/judged": "properties of a verdict",
    "model/limits": "limits of a path, narrowed to a function; numbers in names",
    "model/measured": "a number is looked up by the name of its metric",
    "plugin/checker": "each hook of pytest asks whether the run is open",
    "plugin/items": "pytest and its plugins ask an item for its properties",
    "plugin/pytest_internals": "each use of a private name of pytest is a function",
    "plugin/remote": "hooks of pytest-xdist, for each worker",
    "plugin/xdist": "hooks of pytest-xdist, for each worker and report",
    "policy/limits": "comparing a value with a limit is a function of its own",
    "report/terminal": "each column of a row is measured and coloured",
    "report/wording": "small functions that word values, counts and places",
    "settings/globs": "each pattern becomes a regular expression",
    "settings/rule_files": "each folder above may have settings, so it depends on how deep the project is",
    "store/local": "each lookup and each write of the store",
}
"""Why a file enters a module often, for each such module."""
_TRYING = "advice/"
# Seconds until the status of a file says for sure that its content is the same.
_YOUNG = 2.5


class Hop(NamedTuple):
    """A call that crosses modules: the module that calls, the one that is called, and its function."""

    caller: str
    called: str
    function: str


class Recorder:
    """Notes the hops of this process while it is on."""

    def __init__(self) -> None:
        """Begin without any."""
        self.hops: list[Hop] = []

    def __call__(self, frame: FrameType, event: str, arg: Any) -> None:
        """Note a call, if it crosses modules; see ``sys.setprofile``."""
        code = frame.f_code
        name = code.co_filename
        if event != "call" or not name.startswith(_FOLDER) or code.co_name.startswith("<"):
            return
        if _goes_on(frame) or code.co_name == "find_spec":  # which Python calls for each import
            return
        caller = frame.f_back
        while caller is not None and not caller.f_code.co_filename.startswith(_FOLDER):
            caller = caller.f_back
        if caller is not None and not caller.f_code.co_flags & CO_OPTIMIZED:
            return  # from the body of a module or a class: an import
        origin = caller.f_code.co_filename if caller else _FOLDER
        if origin != name:
            self.hops.append(Hop(_name_module(origin), _name_module(name), code.co_name))


def _goes_on(frame: FrameType) -> bool:
    """Whether a call is that of a generator that has yielded before."""
    code = frame.f_code
    return bool(code.co_flags & CO_GENERATOR) and frame.f_lineno != code.co_firstlineno


def _name_module(file: str) -> str:
    return file.removeprefix(_FOLDER).removesuffix(".py").removesuffix("/__init__").replace(os.sep, "/")


def begin(target: Path) -> None:
    """Record this process, and write its hops as lines of JSON to a file of a folder when it ends."""
    import atexit

    recorder = Recorder()

    def write() -> None:
        sys.setprofile(None)
        lines = "".join(f"{json.dumps(hop)}\n" for hop in recorder.hops)
        (target / f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}.jsonl").write_text(lines)

    atexit.register(write)
    sys.setprofile(recorder)


def pytest_load_initial_conftests() -> None:
    """Record a worker of pytest-xdist, which is begun with the plugins of its controller."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        begin(Path(os.environ[_TARGET]))


class Way(NamedTuple):
    """One way in, with one file to check.

    Attributes:
        title: for the table.
        program: the module that is run.
        arguments: of it.
        begins: the first module to count from, and ``ends`` the last one to count; empty for all.
        is_cold: whether the store is empty.
        process: whose hops are counted.
    """

    title: str
    program: str
    arguments: tuple[str, ...]
    begins: str = ""
    ends: str = ""
    is_cold: bool = False
    process: str = "main"


_ONLY = ("-p", "antipasta", "-p", "xdist", "--antipasta-only")
_BESIDE = ("-p", "antipasta", "-p", "xdist", "-p", "tests.stations", "--antipasta", "-n", "2")
WAYS = (
    Way("check, warm", "pytest_antipasta", ("check",)),
    Way("check, cold", "pytest_antipasta", ("check",), is_cold=True),
    Way("pytest --antipasta-only -n auto, warm", "pytest", (*_ONLY, "-n", "auto")),
    Way("pytest --antipasta -n 2, controller", "pytest", _BESIDE),
    Way("pytest --antipasta -n 2, worker", "pytest", _BESIDE, process="gw0"),
    Way(
        "a changed function, index to message", "pytest_antipasta", ("hook",), "gate", "report", is_cold=True
    ),
)


def record(way: Way, folder: Path, environment: Mapping[str, str]) -> list[Hop]:
    """Return the hops of one run over a tree of one file.

    Args:
        way: in.
        folder: with a repository of one file that is changed.
        environment: of the run, with the store.
    """
    target = folder.parent / "hops"
    target.mkdir(exist_ok=True)
    for old in target.iterdir():
        old.unlink()
    code = (
        f"import sys, runpy; sys.path.insert(0, {os.fspath(PACKAGE.parent)!r}); "
        f"from pathlib import Path; from tests.stations import begin; begin(Path({os.fspath(target)!r})); "
        f"sys.argv[1:] = {list(way.arguments)!r}; runpy.run_module({way.program!r}, run_name='__main__')"
    )
    environment = {**environment, _TARGET: os.fspath(target), "PYTHONPATH": os.fspath(PACKAGE.parent)}
    done = subprocess.run((sys.executable, "-c", code), cwd=folder, env=environment, capture_output=True)
    file = target / f"{way.process}.jsonl"
    if not file.exists():
        raise SystemExit(f"{way.title}: nothing was recorded\n{done.stdout.decode()}{done.stderr.decode()}")
    every = [Hop(*json.loads(line)) for line in file.read_text().splitlines()]
    hops = [hop for hop in every if not hop.caller.startswith(_TRYING)]
    return _cut(hops, way.begins, way.ends)


def _cut(hops: list[Hop], begins: str, ends: str) -> list[Hop]:
    """Return the hops from the first into one package to the last into another."""
    called = [hop.called.partition("/")[0] for hop in hops]
    start = called.index(begins) if begins else 0
    stop = len(called) - called[::-1].index(ends) if ends else len(called)
    return hops[start:stop]


def make_repository(folder: Path, environment: Mapping[str, str]) -> None:
    """Make a repository of one file that passes."""
    folder.mkdir()
    (folder / "shop.py").write_text(_BEFORE)
    while time.time() < (folder / "shop.py").stat().st_ctime + _YOUNG:
        time.sleep(0.1)
    for words in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "-m", "one")):
        subprocess.run((*_GIT, *words), cwd=folder, env=environment, check=True)


def measure_ways() -> dict[str, list[Hop]]:
    """Return the hops of each way, each over its own copy of one repository, warm where it has to be."""
    found: dict[str, list[Hop]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTEST_"))},
            "HOME": temporary,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        folder = Path(temporary, "repository")
        make_repository(folder, environment)
        for number, way in enumerate(WAYS):
            if way.begins:
                (folder / "shop.py").write_text(_AFTER)
                subprocess.run((*_GIT, "add", "."), cwd=folder, env=environment, check=True)
            environment["PYTEST_ANTIPASTA_CACHE_DIR"] = os.path.join(temporary, f"store-{number}")
            for _ in range(0 if way.is_cold else 2):  # one measures, one notes for the day what is in use
                record(way, folder, environment)
            found[way.title] = record(way, folder, environment)
    return found


def find_often(ways: Mapping[str, Sequence[Hop]]) -> dict[str, tuple[int, str]]:
    """Return the modules that a file enters often: how often at most, and in which way."""
    entered = (
        (number, title, module)
        for title, hops in ways.items()
        for module, number in Counter(hop.called for hop in hops).items()
    )
    return {module: (number, title) for number, title, module in sorted(entered) if number > OFTEN}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, all hops where asked for, and the modules that a file enters often."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="print each hop, too")
    options = parser.parse_args(arguments)
    ways = measure_ways()
    for title, hops in ways.items():
        entered = Counter(hop.called for hop in hops)
        often = ", ".join(f"{module} {number}" for module, number in entered.most_common(_MOST))
        print(f"{title}: {len(hops)} hops, {len(entered)} modules; {often}")  # noqa: T201
        for hop in hops if options.all else ():
            print(f"    {hop.caller} -> {hop.called}.{hop.function}")  # noqa: T201
    for module, (number, title) in sorted(find_often(ways).items()):
        print(f"{module}: {number} in {title}: {REASONS.get(module, 'NO REASON')}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
