"""Internals of pytest, pytest-xdist and execnet that we depend on, which are not in their public interface.

Each stands here alone, and ``CONTRIBUTING.md`` says what would replace it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

# The plugins that come with pytest 8 and 9, by name: a later one may act on items of every kind.
_PYTEST = frozenset(
    f"_pytest.{name}"
    for name in (
        "assertion", "cacheprovider", "capture", "debugging", "doctest", "faulthandler", "fixtures",
        "freeze_support", "helpconfig", "junitxml", "legacypath", "logging", "main", "mark", "monkeypatch",
        "nose", "pastebin", "pytester", "pytester_assertions", "python", "python_path", "recwarn", "reports",
        "runner", "setuponly", "setupplan", "skipping", "stepwise", "subtests", "terminal",
        "terminalprogress", "threadexception", "tmpdir", "unittest", "unraisableexception", "warnings",
    )
)  # fmt: skip
# xdist, what it runs in a worker, sent there as text, and ourselves; and plugins that look at test functions
# only, at failures, or, as randomly does, at what a test may depend on.
_INDIFFERENT = (
    "xdist.",
    "__channelexec__",
    "pytest_antipasta.",
    "_hypothesis_pytestplugin",
    "anyio.pytest_plugin",
    "pytest_asyncio.plugin",
    "pytest_bdd.",
    "pytest_benchmark.",
    "pytest_cov.",
    "pytest_github_actions_annotate_failures.",
    "pytest_randomly",
    "pytest_socket",
    "syrupy",
)
# Those that look at what a worker sends around an item only to hand it on.
_DEAF = ("xdist.", "_pytest.logging")
_TERMINAL = "_pytest.terminal"
# What the script of pytest 8, and of pytest 9, imports.
_STARTING = frozenset(("console_main", "_console_main"))


def is_left_to_us(config: pytest.Config, hooks: Iterable[str]) -> bool:
    """Whether all plugins that answer some hooks are known to have no business with source items."""
    return all(
        module in _PYTEST or module.startswith(_INDIFFERENT)
        for name in hooks
        for module in _iter_answering(config, name)
    )


def run_phases(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Run the three phases of an item as pytest does where no other plugin does it."""
    runner: Any = item.config.pluginmanager.get_plugin("runner")
    is_done: bool = runner.pytest_runtest_protocol(item=item, nextitem=nextitem)
    return is_done


def is_heard(config: pytest.Config, name: str) -> bool:
    """Whether a hook around items has a listener, and is more than a message."""
    deaf: tuple[str, ...] = _DEAF
    # pytest 8.0 has no verbosity of its own for items.
    verbosity = config.get_verbosity(getattr(config, "VERBOSITY_TEST_CASES", None))
    if name == "pytest_runtest_logstart" and verbosity <= 0:
        deaf += (_TERMINAL,)  # it names an item that begins in verbose output only
    return not all(module.startswith(deaf) for module in _iter_answering(config, name))


def _iter_answering(config: pytest.Config, name: str) -> Iterator[str]:
    """Yield the modules of the functions that answer a hook."""
    caller: Any = getattr(config.hook, name)
    for implementation in caller.get_hookimpls():
        yield implementation.function.__module__


def is_spreading(config: pytest.Config) -> bool:
    """Whether this process hands items out to workers of xdist, and runs none itself."""
    return config.pluginmanager.hasplugin("dsession")


def copy_nothing(config: pytest.Config) -> bool:
    """Keep xdist from copying pytest into the folders of remote workers; whether it copies nothing else.

    It copies it before a worker begins, and deletes what else has that name there.
    """
    if config.getoption("rsyncdir") or config.getini("rsyncdirs"):
        return False
    spreading: Any = config.pluginmanager.get_plugin("dsession")
    spreading.nodemanager.roots.clear()
    return True


def break_connection(gateway: Any) -> None:
    """End a connection of execnet's, at which whatever is being sent or waited for fails.

    Its own ways to close one send a word first, which waits behind what the other side does not read.
    """
    io = gateway._io
    if hasattr(io, "sock"):  # whose kill does nothing
        io.close_read()
        io.close_write()
    else:
        io.kill()


def write_in_turn(gateway: Any) -> None:
    """Have threads write to a socket of execnet's one after another; its pipes have a lock of their own.

    A part of another message in the midst of a large one ends the connection.
    """
    io = gateway._io
    if hasattr(io, "sock"):
        write, lock = io.write, io.execmodel.Lock()

        def write_alone(data: bytes) -> None:
            with lock:
                write(data)

        io.write = write_alone


def takes_marker(expression: str, marker: str) -> bool:
    """Whether ``-m`` selects items that have this marker and no other."""

    def has_marker(name: str, /, **_: object) -> bool:
        return name == marker

    try:
        from _pytest.mark.expression import Expression

        return Expression.compile(expression).evaluate(has_marker)
    except (
        Exception
    ):  # of an expression that is wrong, which pytest has told, or a pytest without that module
        return False


def is_program() -> bool:
    """Whether this process was started to run pytest, and ends with it: no program or test has called it."""
    if "PYTEST_CURRENT_TEST" in os.environ:
        return False
    started = sys.modules["__main__"]
    name = getattr(getattr(started, "__spec__", None), "name", "")
    return name == "pytest.__main__" or not _STARTING.isdisjoint(vars(started))


@contextmanager
def plain_imports(config: pytest.Config) -> Iterator[None]:
    """Import without pytest's rewriting of assertions, and what stands beside pytest before all else.

    The rewriting takes all of a plugin's modules for tests. There are no assertions in ours, and going
    through its hook takes longer than a warm check of a small project: 35 ms beside the 190 ms of an empty
    run.

    The setting ``pythonpath`` puts folders of the project before those of our dependencies: a ``msgspec.py``
    there would be imported. From then on ``trusted_first`` sees to that, which needs msgspec itself.

    xdist gives its workers the path of the controller, which may be another Python's: nothing compiled can
    be imported from there.
    """
    path, finders = sys.path[:], sys.meta_path
    library = os.path.dirname(os.__file__)
    trusted = (library, str(Path(pytest.__file__).parents[1]))
    hook: Any = getattr(config.pluginmanager, "rewrite_hook", None)
    place = finders.index(hook) if hook in finders else None
    own = () if library in path else trusted
    sys.path[:] = sorted((*own, *path), key=lambda entry: not entry.startswith(trusted))
    if place is not None:
        del finders[place]
    try:
        yield
    finally:
        if place is not None:
            finders.insert(place, hook)
        sys.path[:] = path


def find_junit(config: pytest.Config) -> Any | None:
    """Return what writes JUnit XML in this process, if anything does."""
    try:
        from _pytest.junitxml import xml_key
    except ImportError:
        return None
    return config.stash.get(xml_key, None)


def leave_out_of_junit(config: pytest.Config, report: pytest.TestReport) -> None:
    """Keep a report from becoming a test case of its own, beside the finished one of its item."""
    if (xml := find_junit(config)) is not None:
        xml.node_reporters_ordered.remove(xml.node_reporter(report))
