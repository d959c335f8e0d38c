"""Read the rules of a commit that an option names, or that a server receives, without a working tree."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.baseline.file import locate_baseline, parse_named
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.files.locations import path_from
from pytest_antipasta.gate.sides import Side, load_settings_of, open_side
from pytest_antipasta.gate.trees import CommitTree, Tree
from pytest_antipasta.git.process import reporting_git_errors
from pytest_antipasta.git.repository import Repository
from pytest_antipasta.git.time_budget import TimeBudget
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import BaselineEntry
from pytest_antipasta.settings.documents import decode
from pytest_antipasta.settings.load import keep_if_set
from pytest_antipasta.settings.rule_files import RuleFiles

_FROM_COMMIT = "it is read from the pushed commit"
_RESTORE = "restore it in a commit and push that commit"


def read_policy(repository: Repository, name: str, start: Path, config: Path | None) -> Side:
    """Return a commit with its settings, and without a baseline.

    Args:
        repository: the repository of the commit.
        name: the name of the commit.
        start: the folder where the search for settings starts.
        config: the settings file that an option names; if the commit lacks it, its settings are searched for.

    Raises:
        UsageError: the settings are invalid, or the commit is unknown.
    """
    if not Path(os.path.realpath(start)).is_relative_to(repository.top):
        start = repository.top
    with reporting_git_errors(f"could not read the settings of {name}"):
        tree = CommitTree(repository, repository.history.resolve(name))

        def load(files: RuleFiles) -> Rules:
            return Rules(load_settings_of(tree, start, keep_if_set(config, files), files))

        return open_side(tree, start, load, None).complete(())


def take_limits(rules: Rules, folder: Path, name: str, budget: TimeBudget | None = None) -> Rules:
    """Return rules with the settings and the baseline of a commit.

    Args:
        rules: the rules of the root.
        folder: a folder in the repository.
        name: the name of the commit.
        budget: the time of a commit that waits for git.

    Raises:
        UsageError: the settings are invalid, or the commit is unknown.
        SlowGitError: git does not answer in the time of the commit.
    """
    with reporting_git_errors(f"could not read the settings of {name}"):
        repository = Repository(folder, budget)
    side = read_policy(repository, name, rules.settings.root, rules.named_config)
    found = side.rules.settings.with_store_of(rules.settings)
    recorded, place = None, locate_baseline(found, rules.named_baseline)
    if rules.has_baseline:
        path = repository.name(place)
        with reporting_git_errors(f"could not read the baseline of {name}"):
            recorded = _read_baseline(side.files, place, f"{name}:{path}", "use another commit")
    # Current settings in folders below the root must not change those of the commit.
    settings = replace(found, has_all_projects=True, baseline=None if recorded is None else place)
    return replace(rules, settings=settings, recorded=recorded, has_other_limits=True, is_of_commit=True)


def open_received(
    tree: CommitTree,
    config: Path | None,
    baseline: Path | None,
    *,
    has_baseline: bool,
    honours_suppressions: bool,
) -> Side:
    """Return the side of a commit that a server receives: nothing is read from disk.

    Args:
        tree: the commit.
        config: path in the commit of the settings file that an option names.
        baseline: path in the commit of the baseline that an option names.
        has_baseline: whether recorded violations are tolerated.
        honours_suppressions: whether suppression comments count.

    Raises:
        UsageError: the rules are invalid, or the commit does not have a named file.
        GitError: git can't read them.
    """
    top = tree.repository.top

    def load(files: RuleFiles) -> Rules:
        named = None if config is None else _find_config(tree, config, files)
        settings = load_settings_of(tree, top, named, files)
        place = top / baseline if baseline else locate_baseline(settings)
        is_named = baseline is not None or settings.baseline is not None
        recorded = _find_baseline(tree, place, files, is_named=is_named) if has_baseline else None
        settings = replace(settings, baseline=place)
        return Rules(
            settings,
            recorded,
            honours_suppressions,
            named_config=named,
            named_baseline=place if baseline else None,
            has_baseline=has_baseline,
        )

    return open_side(tree, top, load, None)


def _find_config(tree: Tree, config: Path, files: RuleFiles) -> Path:
    """Return the location of a settings file that an option names by its path in a commit."""
    named = tree.repository.top / os.path.normpath(config)
    if config.is_absolute() or ".." in config.parts or files.read(named) is None:
        raise UsageError(f"{tree.label}:{config}: settings file not found; {_FROM_COMMIT}")
    return named


def _find_baseline(
    tree: Tree, place: Path, files: RuleFiles, *, is_named: bool
) -> tuple[BaselineEntry, ...] | None:
    """Return the baseline of a commit; there must be one if a setting or an option names it."""
    where = f"{tree.label}:{path_from(tree.repository.top, os.fspath(place))}"
    recorded = _read_baseline(files, place, where, _RESTORE)
    if recorded is None and is_named:
        raise UsageError(f"{where}: baseline not found; {_FROM_COMMIT}")
    return recorded


def _read_baseline(
    files: RuleFiles, place: Path, where: str, advice: str
) -> tuple[BaselineEntry, ...] | None:
    """Return the baseline of a commit, if there is one; ``where`` names it in errors."""
    data = files.read(place)
    return None if data is None else parse_named(decode(Path(where), data), where, advice)
