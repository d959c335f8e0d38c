"""Read pytest's command line: our options, paths, node ids, and options that deselect items."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from pytest_antipasta.messages import hide_passwords, make_printable
from pytest_antipasta.model.run import Workers
from pytest_antipasta.plugin.items import ITEM_NAME, SUFFIX
from pytest_antipasta.plugin.pytest_internals import iter_strangers, takes_marker
from pytest_antipasta.runtime.fileio import read_regular

# Keys are pytest's names of the options.
_DESELECTING = {
    "keyword": "-k",
    "markexpr": "-m",
    "deselect": "--deselect",
    "lf": "--lf",
    "stepwise": "--sw",
    "splits": "--splits",  # pytest-split
    "testmon": "--testmon",  # pytest-testmon
}

PATHS_ONLY = "module names select only tests; name files or folders to check"
_SELECTING = "pytest_collection_modifyitems"
_WITH_VALUE = ("-k", "-m", "--deselect")


def take_arguments(config: pytest.Config) -> tuple[tuple[str, ...] | None, bool]:
    """Return the requested locations and whether no tests are collected; take out our node ids.

    pytest would treat such a node id as a test, and import the module to find it.

    Raises:
        pytest.UsageError: a file or folder does not exist, or a node id is unknown.
    """
    only = bool(config.getoption("antipasta_only"))
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        return None, only
    ours = take_node_ids(config)
    others = config.args
    only = only or not others
    paths = [argument for argument in others if _is_path(argument, only)]
    folder = config.invocation_params.dir
    if config.getoption("pyargs") and not only:
        # An argument that is not a path is a module's name, which selects only its tests.
        paths = [path for path in paths if os.path.lexists(folder / path)]
    return tuple(_locate(config, path) for path in ours + paths), only


def take_node_ids(config: pytest.Config) -> list[str]:
    """Remove our node ids from pytest's arguments, and return their paths."""
    ours = [argument for argument in config.args if argument.endswith(SUFFIX)]
    config.args[:] = [argument for argument in config.args if not argument.endswith(SUFFIX)]
    return [argument.removesuffix(SUFFIX) for argument in ours]


def drop_places(config: pytest.Config) -> tuple[str, ...]:
    """Return pytest's arguments without files and folders to check, for workers that receive these.

    An existing path that is an option's value is joined with the option: xdist rejects other paths outside
    the folders that it copies.
    """
    given, arguments = list(map(str, config.invocation_params.args)), list[str]()
    places = set(_find_places(given, config.option.file_or_dir))
    for number, argument in enumerate(given):
        if number in places:
            continue
        if arguments and os.path.lexists(argument.partition("::")[0]):
            arguments[-1] += f"={argument}" if arguments[-1].startswith("--") else argument
        else:
            arguments.append(argument)
    return tuple(arguments)


def _find_places(given: Sequence[str], asked: Iterable[str]) -> Iterator[int]:
    """Yield the indexes of paths in arguments; of equal ones, an option's value is the last to count."""
    befores = ("", *given)
    for path, number in Counter(asked).items():
        found = [place for place, argument in enumerate(given) if argument == path]
        found.sort(key=lambda place: (befores[place] in _WITH_VALUE, befores[place].startswith("-")))
        yield from found[:number]


def iter_deselecting(config: pytest.Config) -> Iterator[str]:
    """Yield the options that may deselect our items, of pytest and others, as on the command line."""
    for name, option in _DESELECTING.items():
        value = config.getoption(name, None)
        if name == "markexpr" and value and takes_marker(value, ITEM_NAME):
            continue  # our items have only this marker, and many projects set an expression
        for item in value if isinstance(value, list) else [value]:
            if item:
                yield option if item is True else f"{option} {item}"


def iter_dropping(config: pytest.Config) -> Iterator[str]:
    """Yield the hook that may drop items without reporting that, and the modules that implement it."""
    if modules := sorted(set(iter_strangers(config, _SELECTING))):
        yield f"{_SELECTING} of {', '.join(modules)}"


def iter_own_words(config: pytest.Config) -> Iterator[str]:
    """Yield the user's own arguments: from ``PYTEST_ADDOPTS`` and the command line.

    ``@file`` stands for the lines of a file.
    """
    words = (*shlex.split(os.environ.get("PYTEST_ADDOPTS", "")), *map(str, config.invocation_params.args))
    return _expand_files(config.invocation_params.dir, words)


def _expand_files(folder: Path, words: Iterable[str]) -> Iterator[str]:
    """Yield arguments, with ``@file`` replaced by the lines of the file, as in argparse."""
    for word in words:
        if not word.startswith("@"):
            yield word
            continue
        with suppress(OSError):  # pytest reads it since 8.2
            yield from _expand_files(folder, os.fsdecode(read_regular(folder / word[1:])).splitlines())


def count_asked(config: pytest.Config, kind: str = "") -> int:
    """Return how many workers of xdist a ``--tx`` with some word requests; 0 without xdist."""
    if config.getoption("dist", "no") == "no":
        return 0
    asked = (spec.partition("*") for spec in config.getoption("tx") if kind in spec)  # such as ``2*popen``
    return sum(int(number) if star and number.isdecimal() else 1 for number, star, _ in asked)


def describe_workers(config: pytest.Config, own: Workers | None, used: Collection[str]) -> Workers | None:
    """Return how many workers judged a file, and why; ``None`` without xdist."""
    if asked := count_asked(config):
        return Workers(len(used), f"{asked} requested, --dist {config.getoption('dist')}")
    asked_for_none = config.getoption("numprocesses", None) is not None
    return own or (Workers(0, "requested") if asked_for_none else None)


def limit_restarts(config: pytest.Config) -> None:
    """Limit restarts of workers to four for each, as xdist does by itself with ``-n``."""
    if config.getoption("maxworkerrestart") is None:
        config.option.maxworkerrestart = str(4 * count_asked(config))


def is_list_asked_for(config: pytest.Config) -> bool:
    """Return whether pytest runs no test; ``--setup-plan`` also sets ``--setup-only``."""
    names = ("collectonly", "showfixtures", "show_fixtures_per_test", "setuponly", "cacheshow")
    return any(config.getoption(name, False) for name in names)


def _is_path(argument: str, only: bool) -> bool:
    """Return whether an argument is a file or folder; a test's node id selects no files to check."""
    if "::" not in argument:
        return True
    if only:
        path = argument.split("::", 1)[0]
        message = f"not found: {argument} (the only item of a source file is {path}{SUFFIX})"
        raise pytest.UsageError(make_printable(hide_passwords(message)))
    return False


def _locate(config: pytest.Config, path: str) -> str:
    location = os.path.normpath(config.invocation_params.dir / path)
    if not os.path.lexists(location):
        hint = f" ({PATHS_ONLY})" if config.getoption("pyargs") else ""
        raise pytest.UsageError(f"file or directory not found: {make_printable(hide_passwords(path))}{hint}")
    return location
