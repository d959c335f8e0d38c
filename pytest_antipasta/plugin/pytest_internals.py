"""Private names of pytest, pytest-xdist and execnet that we depend on.

No other module uses them, and ``docs/maintaining.md`` says what would replace them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pytest_antipasta.runtime.library import LIBRARY

# The plugins included in pytest 8 and 9, by name: later ones may act on items of any kind.
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
# xdist, its code in a worker (sent as text), and ourselves; and plugins that only look at test functions, at
# failures, or, like randomly, at state that a test may depend on. Those that would run items again never do.
_INDIFFERENT = (
    "xdist.",
    "__channelexec__",
    "pytest_antipasta.",
    "_hypothesis_pytestplugin",
    "anyio.pytest_plugin",
    "dash.testing.",
    "inline_snapshot.",
    "langsmith.",
    "pyfakefs.",
    "pytest_asyncio.plugin",
    "pytest_bdd.",
    "pytest_benchmark.",
    "pytest_check.",
    "pytest_cov.",
    "pytest_dependency",
    "pytest_factoryboy.",
    "pytest_github_actions_annotate_failures.",
    "pytest_playwright.",
    "pytest_randomly",
    "pytest_rerunfailures",
    "pytest_socket",
    "pytest_subtests.",
    "pytest_trio.",
    "syrupy",
    "xprocess.",
)
# Plugins that many have and few ask for something in a run: how to find out whether a hook of theirs acts.
_ON_DEMAND: Mapping[str, Callable[[pytest.Config, str], object]] = {
    "pytest_html.plugin": lambda config, _: config.getoption("htmlpath"),
    # It is a terminal reporter, on terminals only.
    "pytest_sugar": lambda config, _: "pytest_sugar" in type(find_reporter(config)).__module__,
    # It limits the time of all phases together, or only that of the call.
    "pytest_timeout": lambda config, hook: (
        hook == "pytest_runtest_protocol" or config.getini("timeout_func_only")
    ),
}
_LOGGING = "_pytest.logging"
# Plugins that only forward the messages of workers, or mark where the logs of an item begin.
_DEAF = ("xdist.", _LOGGING)
# PyCharm's reporter shows a comparison that failed beside the failure of the item that it was told of last.
_WATCHING = ("teamcity.",)
_TERMINAL = "_pytest.terminal"
# Modules imported by the scripts of pytest 8 and 9.
_STARTING = frozenset(("console_main", "_console_main"))


def is_left_to_us(config: pytest.Config, hooks: Iterable[str]) -> bool:
    """Return whether all plugins that implement some hooks are known to ignore source items."""
    return not any(
        module not in _ON_DEMAND or _ON_DEMAND[module](config, name)
        for name in hooks
        for module in iter_strangers(config, name)
    )


def iter_strangers(config: pytest.Config, name: str) -> Iterator[str]:
    """Yield the modules that implement a hook and are not known to ignore source items."""
    for module in _iter_answering(config, name):
        if module not in _PYTEST and not module.startswith(_INDIFFERENT):
            yield module


def find_hooked_folder(config: pytest.Config, folder: Path) -> Path:
    """Return the nearest folder, from one upwards, for which pytest has loaded conftests.

    For a folder in which it has collected nothing, it calls no conftest, not even those above.
    """
    find: Any = config.pluginmanager._getconftestmodules
    return next(filter(find, (folder, *folder.parents)), folder)


def run_phases(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Run the three phases of an item as pytest does if no other plugin handles it."""
    runner: Any = item.config.pluginmanager.get_plugin("runner")
    is_done: bool = runner.pytest_runtest_protocol(item=item, nextitem=nextitem)
    return is_done


def find_watchers(config: pytest.Config) -> list[Callable[[pytest.Item], object]]:
    """Return the functions of plugins that must be told of an item, and leave it to others to run it."""
    caller: Any = config.hook.pytest_runtest_protocol
    functions = [implementation.function for implementation in caller.get_hookimpls()]
    return [function for function in functions if function.__module__.startswith(_WATCHING)]


def report_collected(config: pytest.Config, items: Iterable[pytest.Item]) -> None:
    """Call the plugins that take down which items there are, as Spyder's reporter does.

    Modules are not called: conftests, and plugins that they name, give tests other names in this hook, by
    functions that source files don't have.
    """
    manager = config.pluginmanager
    modules = [plugin for plugin in manager.get_plugins() if isinstance(plugin, ModuleType)]
    hook = manager.subset_hook_caller("pytest_itemcollected", modules)
    if hook.get_hookimpls():
        for item in items:
            hook(item=item)


def select_unprinted(config: pytest.Config) -> Callable[..., Any]:
    """Return the hook for reports without the terminal, which prints where nobody reads it in a worker."""
    return _call_without(config, "terminalreporter", "pytest_runtest_logreport")


def select_unsorted(config: pytest.Config) -> Callable[..., Any]:
    """Return the hook for items without pytest's sort by fixtures: it takes half the time of making them."""
    return _call_without(config, "funcmanage", "pytest_collection_modifyitems")


def _call_without(config: pytest.Config, plugin: str, name: str) -> Callable[..., Any]:
    manager = config.pluginmanager
    return manager.subset_hook_caller(name, [manager.get_plugin(plugin)])


def is_heard(config: pytest.Config, name: str) -> bool:
    """Return whether a hook around items has another implementation than sending a message."""
    deaf: tuple[str, ...] = _DEAF
    spreads = is_spreading(config)
    if name == "pytest_runtest_logstart" and not _prints_start(config, spreads=spreads):
        deaf += (_TERMINAL,)
    if not spreads and _shows_logs(config):
        deaf = tuple(module for module in deaf if module != _LOGGING)
    return not all(module.startswith(deaf) for module in _iter_answering(config, name))


def _prints_start(config: pytest.Config, *, spreads: bool) -> bool:
    """Return whether the terminal shows that an item starts: its name, or its file unless workers run it."""
    reporter = find_reporter(config)
    is_verbose, names_files = (getattr(reporter, name, True) for name in ("showlongtestinfo", "showfspath"))
    return is_verbose or (names_files and not spreads)


def find_reporter(config: pytest.Config) -> Any:
    """Return the plugin that writes to the terminal, if there is one."""
    return config.pluginmanager.get_plugin("terminalreporter")


def _shows_logs(config: pytest.Config) -> bool:
    """Return whether the terminal shows the logs of an item while it runs."""
    if not config.pluginmanager.hasplugin("logging"):  # its options are unknown then
        return False
    return bool(config.getini("log_cli") or config.getoption("log_cli_level") is not None)


def _iter_answering(config: pytest.Config, name: str) -> Iterator[str]:
    """Yield the modules of the functions that implement a hook."""
    caller: Any = getattr(config.hook, name)
    for implementation in caller.get_hookimpls():
        yield implementation.function.__module__


def is_spreading(config: pytest.Config) -> bool:
    """Return whether this process distributes items to workers of xdist, and runs none itself."""
    return config.pluginmanager.hasplugin("dsession")


def copy_nothing(config: pytest.Config) -> bool:
    """Keep xdist from copying pytest to remote workers; return whether it copies nothing else.

    xdist copies it before a worker starts, and deletes other files with this name there.
    """
    if config.getoption("rsyncdir") or config.getini("rsyncdirs"):
        return False
    spreading: Any = config.pluginmanager.get_plugin("dsession")
    spreading.nodemanager.roots.clear()
    return True


def break_connection(gateway: Any) -> None:
    """Close a connection of execnet; pending sends and receives fail.

    execnet's own methods send a message first, which waits if the other side does not read.
    """
    io = gateway._io
    if hasattr(io, "sock"):  # whose kill does nothing
        io.close_read()
        io.close_write()
    else:
        io.kill()


def write_in_turn(gateway: Any) -> None:
    """Make threads write to a socket of execnet one after another; its pipes have their own lock.

    Part of another message inside a large one would break the connection.
    """
    io = gateway._io
    if hasattr(io, "sock"):
        write, lock = io.write, io.execmodel.Lock()

        def write_alone(data: bytes) -> None:
            with lock:
                write(data)

        io.write = write_alone


def takes_marker(expression: str, marker: str) -> bool:
    """Return whether ``-m`` selects items that have only this marker."""

    def has_marker(name: str, /, **_: object) -> bool:
        return name == marker

    try:
        from _pytest.mark.expression import Expression

        return Expression.compile(expression).evaluate(has_marker)
    except Exception:  # an invalid expression, which pytest has reported, or a pytest without that module
        return False


def is_program() -> bool:
    """Return whether this process was started to run pytest, and ends with it."""
    if "PYTEST_CURRENT_TEST" in os.environ:
        return False
    started = sys.modules["__main__"]
    name = getattr(getattr(started, "__spec__", None), "name", "")
    return name == "pytest.__main__" or not _STARTING.isdisjoint(vars(started))


@contextmanager
def guarded_imports() -> Iterator[None]:
    """Guard imports of our modules from here on; in the block, prefer pytest's own folder on the path.

    The setting ``pythonpath`` puts folders of the project before those of our dependencies, so that a
    ``msgspec.py`` there would be imported. Later, the guard prevents this; it needs msgspec itself.

    xdist gives its workers the controller's path, which may belong to another Python: compiled modules can't
    be imported from there.
    """
    path, trusted = sys.path[:], (*LIBRARY, str(Path(pytest.__file__).parents[1]))
    own = () if LIBRARY[0] in path else trusted
    sys.path[:] = sorted((*own, *path), key=lambda entry: not entry.startswith(trusted))
    try:
        from pytest_antipasta.runtime.imports import guard_imports

        guard_imports()
        yield
    finally:
        sys.path[:] = path


def find_junit(config: pytest.Config) -> Any | None:
    """Return the JUnit XML writer of this process, if there is one."""
    try:
        from _pytest.junitxml import xml_key
    except ImportError:
        return None
    return config.stash.get(xml_key, None)


def leave_out_of_junit(config: pytest.Config, report: pytest.TestReport) -> None:
    """Prevent a second test case for a report whose item is finished."""
    if (xml := find_junit(config)) is not None:
        xml.node_reporters_ordered.remove(xml.node_reporter(report))
