"""Read the rules on each side of a change: the settings and the baseline before it, and after it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import chain
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from pytest_antipasta.baseline import DEFAULT_NAME, BaselineError, locate_baseline, parse_baseline
from pytest_antipasta.engine import Rules
from pytest_antipasta.files import path_from
from pytest_antipasta.gate.committed_rules import CommitTree, open_listing, read_settings, replace_place
from pytest_antipasta.gate.snapshots import ChangedFiles
from pytest_antipasta.git import FileDiff, GitError, Repository
from pytest_antipasta.model import BaselineEntry, UsageError
from pytest_antipasta.settings import SETTINGS_NAMES, Settings, load_settings

_BEFORE = "the commit before this change"


def _leave(settings: Settings) -> Settings:
    return settings


class PolicySource(Struct, frozen=True):
    """The sources of the policy and the limits for a change, from options.

    Attributes:
        policy_from: the commit whose ``new_waivers`` counts; ``None`` for the commit before the change.
        config: the settings file that an option names.
        adjust: applies the options of the command line to settings.
        has_limits: whether an option takes settings and baseline from a commit, so that the change can't
            affect them.
    """

    policy_from: str | None = None
    config: Path | None = None
    adjust: Callable[[Settings], Settings] = _leave
    has_limits: bool = False

    def name_config(self, repository: Repository) -> str | None:
        """Return the path of the settings file that an option names, from the top of a repository."""
        return None if self.config is None else repository.name(self.config)


OWN_POLICY = PolicySource()
"""The policy source without options."""


class RulesBefore:
    """The rules of one parent of a change, each part read on first use.

    Attributes:
        diffs: the files that differ from the parent.
    """

    def __init__(self, files: ChangedFiles, place: int) -> None:
        """Read nothing yet.

        Args:
            files: the change, by the rules after it.
            place: the index of the parent.
        """
        self.diffs = files.change_set.parents[place]
        self._files = files
        self._list_all = files.change_set.list_before[place]

    @cached_property
    def recorded(self) -> tuple[BaselineEntry, ...]:
        """The entries of the baseline; none if it does not exist or is damaged.

        Of the settings, only those in the file of the root are read: they may name another baseline.
        """
        return self._read_entries(self._locate_baseline())

    def read(self, policy: PolicySource) -> Rules | None:
        """Return the settings with the baseline that they name; ``None`` if the parent has no files.

        Raises:
            UsageError: the settings are invalid, or git does not have them.
            GitError: there is no commit.
        """
        rules, changes = self._files.rules, self._files.change_set
        if policy.has_limits:
            return rules
        settings, config = rules.settings, policy.name_config(self._files.repository)
        if changes.list_rules is not None or may_change_settings(self._files, self.diffs, config):
            tree = open_listing(self._files.repository, _BEFORE, changes.list_rules or self._list_all)
            if not tree.list_all():
                return None
            settings = _read_settings(self._files, tree, policy)
            if config is not None and tree.read(config) is None and settings.root != rules.settings.root:
                return None  # the parent has another root, which the option does not name
        place = locate_baseline(settings, rules.named_baseline)
        return replace(
            rules, settings=settings, recorded=self._read_entries(place) if rules.has_baseline else None
        )

    def _locate_baseline(self) -> Path:
        rules, repository = self._files.rules, self._files.repository
        settings = rules.settings
        if rules.named_baseline is not None:
            return self._files.baseline
        default = settings.root / DEFAULT_NAME
        is_toml = settings.source is not None and settings.source.suffix == ".toml"
        source = settings.source if settings.source and is_toml else settings.root / SETTINGS_NAMES[0]
        change = _find_change(self.diffs, repository.name(source))
        if change is None:
            return self._files.baseline
        if change.old_path is None:
            return default
        data = repository.objects.read_blobs([change.old_blob]).get(change.old_blob, b"")
        try:
            return locate_baseline(load_settings(settings.root, source, lambda _: data).settings)
        except UsageError:  # no settings for pytest-antipasta, or invalid ones
            return default

    def _read_entries(self, baseline: Path) -> tuple[BaselineEntry, ...]:
        rules, repository = self._files.rules, self._files.repository
        name = name_link(repository, baseline)
        change = _find_change(self.diffs, name)
        is_regular = not is_link(self._files, baseline)
        now = self._files.baseline
        if is_regular and change is None and (baseline == now or name == name_link(repository, now)):
            return rules.recorded or ()
        try:
            if is_regular and change is not None and self._is_same(change, name):
                data = repository.objects.read_blobs([change.old_blob]).get(change.old_blob)
            else:
                # A link may have had another target; git's differences are those of regular files.
                data = open_listing(repository, _BEFORE, self._list_all).read(name)
            return _parse(data)
        except (BaselineError, GitError, UnicodeDecodeError):
            return ()

    def _is_same(self, change: FileDiff, name: str) -> bool:
        """Return whether the old file of a diff was the baseline: an option names the new path alone."""
        is_named = self._files.rules.named_baseline is not None
        return change.old_path == name or (is_named and change.old_path is not None)


def read_rules_after(files: ChangedFiles, policy: PolicySource) -> Rules | None:
    """Return the rules of a commit that is judged by rules of the working tree or of a server.

    ``None`` if the commit does not change the rules, or its rules can't be read.
    """
    rules, changes = files.rules, files.change_set
    if policy.has_limits or not changes.is_commit or changes.list_all is None:
        return None
    diffs = list(chain.from_iterable(changes.parents))
    has_settings = may_change_settings(files, diffs, policy.name_config(files.repository))
    if not (has_settings or may_change_baseline(files, diffs)):
        return None
    tree = open_listing(files.repository, "the commit", changes.list_all)
    try:
        settings = _read_settings(files, tree, policy) if has_settings else rules.settings
        if settings.root != rules.settings.root:
            settings = rules.settings
        place = name_link(files.repository, locate_baseline(settings, rules.named_baseline))
        recorded = _parse(tree.read(place)) if rules.has_baseline else None
        return replace(rules, settings=settings, recorded=recorded)
    except (UsageError, GitError, BaselineError, UnicodeDecodeError):
        return None


def _read_settings(files: ChangedFiles, tree: CommitTree, policy: PolicySource) -> Settings:
    """Return the settings of a commit; those of the rules if their root is outside the repository."""
    settings, top = files.rules.settings, files.repository.top
    root = path_from(top, os.path.realpath(settings.root))
    if root.startswith(".."):
        return settings
    try:
        found = read_settings(tree, policy.name_config(files.repository), root, must_exist=False)
    except GitError as error:  # as in a clone without the contents of earlier commits
        raise UsageError(f"could not read the settings of {tree.label}: {error}") from error
    return replace_place(policy.adjust(found), settings)


def may_change_settings(files: ChangedFiles, diffs: Iterable[FileDiff], config: str | None) -> bool:
    """Return whether files that differ may include the settings.

    Args:
        files: the change. If its settings file is a link, any file may be the target.
        diffs: the files that differ.
        config: path from the top of the settings file that an option names.
    """
    paths = (path for diff in diffs for path in (diff.path, diff.old_path) if path is not None)
    if any(path == config or path.rpartition("/")[2] in SETTINGS_NAMES for path in paths):
        return True
    settings = files.rules.settings
    sources = (project.source for project in (settings, *settings.projects))
    return any(source is not None and is_link(files, source) for source in sources)


def may_change_baseline(files: ChangedFiles, diffs: Iterable[FileDiff]) -> bool:
    """Return whether files that differ may include the baseline, or the target of a link to it."""
    place = files.baseline
    names = name_link(files.repository, place), files.repository.name(place)
    if any(diff.path in names or diff.old_path in names for diff in diffs):
        return True
    return bool(files.rules.recorded) and is_link(files, place)


def is_link(files: ChangedFiles, place: Path) -> bool:
    """Return whether a file is a symbolic link, in the working tree or in a commit of a bare repository."""
    if not files.repository.is_bare:
        return place.is_symlink()
    entry = files.change_set.find_entry(name_link(files.repository, place))
    return entry is not None and not entry[1]


def name_link(repository: Repository, place: Path) -> str:
    """Return the path of a file from the top. If the file is a link, it is not resolved."""
    return path_from(repository.top, os.path.join(os.path.realpath(place.parent), place.name))


def _parse(data: bytes | None) -> tuple[BaselineEntry, ...]:
    """Return the entries of a baseline; none if it does not exist."""
    return () if data is None else tuple(parse_baseline(data.decode()))


def _find_change(diffs: Iterable[FileDiff], name: str) -> FileDiff | None:
    """Return the diff of a file by its old path, or else by its new path."""
    found = (diff for diff in diffs if name in (diff.old_path, diff.path))
    return min(found, key=lambda diff: diff.old_path != name, default=None)
