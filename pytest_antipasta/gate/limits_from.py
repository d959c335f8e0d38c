"""Read the rules of the commit that an option names, to judge files by them instead of their own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.baseline import locate_baseline, parse_named
from pytest_antipasta.engine import Rules
from pytest_antipasta.files import path_from
from pytest_antipasta.gate.committed_settings import open_commit, read_settings, replace_place
from pytest_antipasta.git import GitError, Repository
from pytest_antipasta.model import BaselineEntry, UsageError
from pytest_antipasta.settings import Settings, decode


def read_policy(repository: Repository, name: str, root: Path, config: Path | None) -> Settings:
    """Return the settings of a commit.

    Args:
        repository: the repository of the commit.
        name: the name of the commit.
        root: the folder where the search for settings starts.
        config: the settings file that an option names.

    Raises:
        UsageError: the settings are invalid, or the commit is unknown.
    """
    start = path_from(repository.top, os.path.realpath(root))
    named = None if config is None else repository.name(config)
    try:
        commit = repository.history.resolve(name)
        tree = open_commit(repository, commit)
        return read_settings(tree, named, "" if start.startswith("..") else start, must_exist=False)
    except GitError as error:
        raise UsageError(f"could not read the settings of {name}: {error}") from error


def take_limits(
    rules: Rules,
    folder: Path,
    name: str,
    config: Path | None,
    adjust: Callable[[Settings], Settings] = lambda settings: settings,
) -> Rules:
    """Return rules with the settings and the baseline of a commit.

    Args:
        rules: the rules of the root.
        folder: a folder in the repository.
        name: the name of the commit.
        config: the settings file that an option names.
        adjust: applies the options of the command line to settings.

    Raises:
        UsageError: the settings are invalid, or the commit is unknown.
    """
    try:
        repository = Repository(folder)
    except GitError as error:
        raise UsageError(f"could not read the settings of {name}: {error}") from error
    found = adjust(read_policy(repository, name, rules.settings.root, config))
    # Current settings in folders below the root must not change those of the commit.
    found = replace(replace_place(found, rules.settings), nested=False)
    recorded = _read_baseline(repository, name, found, rules) if rules.has_baseline else None
    place = None if recorded is None else locate_baseline(found, rules.named)
    return replace(rules, settings=replace(found, baseline=place), recorded=recorded)


def _read_baseline(
    repository: Repository, name: str, settings: Settings, rules: Rules
) -> tuple[BaselineEntry, ...] | None:
    path = repository.name(locate_baseline(settings, rules.named))
    place = f"{name}:{path}"
    try:
        data = repository.objects.read_file(repository.history.resolve(name), path)
    except GitError as error:
        raise UsageError(f"could not read the baseline of {name}: {error}") from error
    if data is None:
        return None
    return parse_named(decode(Path(place), data), place, "use another commit")
