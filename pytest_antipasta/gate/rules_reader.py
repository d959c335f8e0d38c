"""Read the rules of the parents of a change: the settings and the baseline before it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.baseline.file import DEFAULT_NAME, locate_baseline
from pytest_antipasta.baseline.text import BaselineError, parse_baseline
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.files.locations import path_from
from pytest_antipasta.gate.rule_files import TreeRuleFiles
from pytest_antipasta.gate.sides import Side, load_settings_of, open_side
from pytest_antipasta.gate.snapshots import ChangeStates, SideFiles
from pytest_antipasta.gate.trees import CommitTree, Tree
from pytest_antipasta.git.diffs import FileDiff
from pytest_antipasta.git.process import LostContentError, RefusalError
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import BaselineEntry
from pytest_antipasta.settings.load import keep_if_set, load_settings
from pytest_antipasta.settings.rule_files import RuleFiles
from pytest_antipasta.settings.values import SETTINGS_NAMES, Settings

# Why git can't read a content that it should have; not that it does not answer.
_UNREADABLE = (RefusalError, LostContentError)


class RulesReader:
    """The rules of one parent of a change, each part read on first use."""

    def __init__(self, states: ChangeStates, index: int) -> None:
        """Read nothing yet.

        Args:
            states: the change, by the rules after it.
            index: the index of the parent.
        """
        self._diffs = states.change_set.diffs_by_parent[index]
        self._states = states
        self._tree = states.change_set.parent_trees[index]

    @cached_property
    def recorded(self) -> tuple[BaselineEntry, ...] | None:
        """The entries of the baseline, none if it is damaged or unreadable; ``None`` without a baseline.

        Of the settings, only those in the file of the root are read: they may name another baseline.
        """
        return self._read_entries(self._locate_baseline())

    def read(self) -> Side | None:
        """Return the side of the parent; ``None`` if the parent has no files.

        Raises:
            UsageError: the settings are invalid, or git does not have them.
            GitError: a git command failed.
        """
        if self._states.rules.is_of_commit:
            return self._states.side
        if (before := self._find_side()) is None:
            return None
        rules = before.rules
        place = rules.baseline_path
        recorded = self._read_entries(place) if rules.has_baseline else None
        # As of rules that are loaded: the file that was read.
        settings = replace(rules.settings, baseline=place if recorded else None)
        return before._replace(rules=replace(rules, settings=settings, recorded=recorded))

    def _find_side(self) -> Side | None:
        """Return the side with its settings, which are read only if they may differ."""
        side, other = self._states.side, self._states.change_set.settings_tree
        if other is None and not side.may_change_settings(self._diffs):
            return Side(self._tree, side.rules, self._reader, side.start)
        tree = other or self._tree
        if not tree.entries:
            return None
        return self._open(tree)

    def _open(self, tree: CommitTree) -> Side:
        """Return the side of a commit, by the options that the side after the change has."""
        from pytest_antipasta.settings.asked import with_asked  # few changes are of settings

        side = self._states.side
        root = side.rules.settings.root
        # A new file that an option names may replace another one in its folder, such as an `.antipasta.yaml`.
        start = side.start if self._config is None else root

        def load(files: RuleFiles) -> Rules:
            config = keep_if_set(self._config, files)
            settings = load_settings_of(tree, start, config, files)
            if settings.root != root and (settings.source is None or config != self._config):
                settings = Settings(root, None)  # the change adds the first ones for this root
            return replace(side.rules, settings=with_asked(settings, side.rules.settings.asked))

        paths = (path for diff in self._diffs for path in (diff.path, diff.old_path) if path is not None)
        try:
            before = open_side(tree, side.start, load, self._others).complete(paths)
        except _UNREADABLE as error:  # as in a clone without the contents of earlier commits
            raise UsageError(f"could not read the settings of {tree.label}: {error}") from error
        settings = before.rules.settings.with_store_of(side.rules.settings)
        return before._replace(rules=replace(before.rules, settings=settings))

    @cached_property
    def _config(self) -> Path | None:
        """The settings file that an option names, where it was."""
        named = self._states.rules.named_config
        return None if named is None else self._find_old(named, _name_link(self._states, named))

    @cached_property
    def _others(self) -> Sequence[Tree] | None:
        """The trees that must not have a file of the user, with the commit that is checked out."""
        side = self._states.side
        if not side.files.sees_disk:
            return None
        return side.tree, CommitTree(side.tree.repository, "HEAD")

    @cached_property
    def _reader(self) -> TreeRuleFiles:
        return TreeRuleFiles(self._tree, self._states.side.start, self._others)

    def _locate_baseline(self) -> Path:
        rules = self._states.rules
        settings = rules.settings
        if rules.named_baseline is not None or not self._states.side.may_change_settings(self._diffs):
            return rules.baseline_path
        source = self._config or settings.source
        if source is None or source.suffix != ".toml":
            source = settings.root / SETTINGS_NAMES[0]
        default = settings.root / DEFAULT_NAME
        try:
            if self._reader.read(source) is None:
                return default
            return locate_baseline(load_settings(settings.root, source, self._reader).settings)
        except (UsageError, *_UNREADABLE):  # no settings for pytest-antipasta, or invalid ones
            return default

    def _read_entries(self, baseline: Path) -> tuple[BaselineEntry, ...] | None:
        """Return the entries of a baseline, none if it is damaged or unreadable; ``None`` without one."""
        name, now = _name_link(self._states, baseline), self._states.rules.baseline_path
        # A link may have had another target; git's differences are those of regular files.
        is_changed = any(name in (diff.path, diff.old_path, diff.link) for diff in self._diffs)
        may_differ = is_changed or self._states.side.files.is_link(baseline)
        if not may_differ and (baseline == now or name == _name_link(self._states, now)):
            return self._states.rules.recorded
        try:
            is_named = self._states.rules.named_baseline is not None
            data = self._reader.read(self._find_old(baseline, name) if is_named else baseline)
            return None if data is None else tuple(parse_baseline(data.decode()))
        except (BaselineError, UsageError, UnicodeDecodeError, *_UNREADABLE):
            return ()

    def _find_old(self, place: Path, name: str) -> Path:
        """Return where a file was that an option names by its new path alone, as it may be renamed."""
        renamed = (diff.old_path for diff in self._diffs if diff.path == name)
        old = next(renamed, None)
        return place if old is None else self._states.repository.top / old


def may_change_baseline(files: SideFiles, diffs: Iterable[FileDiff]) -> bool:
    """Return whether files that differ may include the baseline, or the target of a link to it."""
    place = files.rules.baseline_path
    names = _name_link(files, place), files.repository.name(place)
    if any(path in names for diff in diffs for path in (diff.path, diff.old_path, diff.link)):
        return True
    return bool(files.rules.recorded) and files.side.files.is_link(place)


def _name_link(files: SideFiles, place: Path) -> str:
    """Return the path of a file from the top. If the file is a link, it is not resolved."""
    return path_from(files.repository.top, os.path.join(os.path.realpath(place.parent), place.name))
