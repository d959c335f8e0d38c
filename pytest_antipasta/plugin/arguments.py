"""Reading pytest's command line: our options, paths, node ids, and what deselects items."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from pytest_antipasta.messages import hide_passwords, make_printable
from pytest_antipasta.plugin.grouping import ITEM_NAME, SUFFIX
from pytest_antipasta.plugin.pytest_internals import takes_marker
from pytest_antipasta.runtime import read_regular

# By the names that pytest has for them.
_DESELECTING = {"keyword": "-k", "markexpr": "-m", "deselect": "--deselect", "lf": "--lf", "stepwise": "--sw"}

_WITH_VALUE = ("-k", "-m", "--deselect")


class Asked(NamedTuple):
    """What to check.

    Attributes:
        locations: absolute files and folders; ``None`` for all source files.
        only: whether no tests are collected.
        items: how many of the locations, from the first, were named by the node ids of items.
    """

    locations: tuple[str, ...] | None
    only: bool
    items: int = 0


def take_arguments(config: pytest.Config) -> Asked:
    """Return what is asked for, and take our node ids out of pytest's own arguments.

    pytest would take such a node id for a test in the module, and import the module to find it.

    Raises:
        pytest.UsageError: a file or folder is not there, or a node id is not one of ours.
    """
    only = bool(config.getoption("antipasta_only"))
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        return Asked(None, only)
    ours = take_node_ids(config)
    others = config.args
    only = only or not others
    paths = ours + [argument for argument in others if _is_path(argument, only)]
    folder = config.invocation_params.dir
    if config.getoption("pyargs") and not only:
        # What is no path is a module's name, and asks for its tests alone.
        paths = [path for path in paths if os.path.lexists(folder / path)]
    return Asked(tuple(_locate(folder, path) for path in paths), only, len(ours))


def take_node_ids(config: pytest.Config) -> list[str]:
    """Take our node ids out of pytest's own arguments, and return their paths."""
    ours = [argument for argument in config.args if argument.endswith(SUFFIX)]
    config.args[:] = [argument for argument in config.args if not argument.endswith(SUFFIX)]
    return [argument.removesuffix(SUFFIX) for argument in ours]


def drop_places(config: pytest.Config) -> tuple[str, ...]:
    """Return what pytest was asked for without files and folders to check, for workers that are sent those.

    An existing path that is the value of an option goes along in one argument with it: xdist refuses any
    other that is in no folder that it copies.
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
    """Yield where paths stand among arguments; of equal ones the value of an option is the last to be one."""
    befores = ("", *given)
    for path, number in Counter(asked).items():
        found = [place for place, argument in enumerate(given) if argument == path]
        found.sort(key=lambda place: (befores[place] in _WITH_VALUE, befores[place].startswith("-")))
        yield from found[:number]


def iter_deselecting(config: pytest.Config) -> Iterator[str]:
    """Yield the options of pytest that may have our items deselected, as they stand on the command line."""
    for name, option in _DESELECTING.items():
        value = config.getoption(name, None)
        if name == "markexpr" and value and takes_marker(value, ITEM_NAME):
            continue  # our items have that one marker, and many a project's settings have an expression
        for one in value if isinstance(value, list) else [value]:
            if one:
                yield option if one is True else f"{option} {one}"


def is_typed(config: pytest.Config) -> bool:
    """Whether the user asks for the check in this run, and not ``addopts`` in every run."""
    return any(word.startswith("--antipasta") for word in iter_own_words(config))


def iter_own_words(config: pytest.Config) -> Iterator[str]:
    """Yield the words that are the user's own: of ``PYTEST_ADDOPTS`` and the command line.

    A file that is named as ``@file`` stands for its lines.
    """
    words = (*shlex.split(os.environ.get("PYTEST_ADDOPTS", "")), *map(str, config.invocation_params.args))
    return _expand_files(config.invocation_params.dir, words)


def _expand_files(folder: Path, words: Iterable[str]) -> Iterator[str]:
    """Yield words, with the lines of a file in place of ``@file``, as argparse reads it."""
    for word in words:
        if not word.startswith("@"):
            yield word
            continue
        with suppress(OSError):  # before 8.2 pytest does not read it
            yield from _expand_files(folder, os.fsdecode(read_regular(folder / word[1:])).splitlines())


def is_list_asked_for(config: pytest.Config) -> bool:
    """Whether pytest collects and runs nothing; ``--setup-plan`` is ``--setup-only`` as well."""
    names = ("collectonly", "showfixtures", "show_fixtures_per_test", "setuponly")
    return any(config.getoption(name, False) for name in names)


def _is_path(argument: str, only: bool) -> bool:
    """Whether an argument is a file or folder; a test's node id narrows the check to nothing."""
    if "::" not in argument:
        return True
    if only:
        path = argument.split("::", 1)[0]
        message = f"not found: {argument} (the only item of a source file is {path}{SUFFIX})"
        raise pytest.UsageError(make_printable(hide_passwords(message)))
    return False


def _locate(folder: Path, path: str) -> str:
    location = os.path.normpath(folder / path)
    if not os.path.lexists(location):
        raise pytest.UsageError(f"file or directory not found: {make_printable(hide_passwords(path))}")
    return location
