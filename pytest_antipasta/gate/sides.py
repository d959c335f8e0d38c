"""One side of a change: a tree of git, and the rules that this tree has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeAlias

from msgspec.structs import replace

from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.files.nearer_settings import complete_settings
from pytest_antipasta.gate.rule_files import DiskRuleFiles, TreeRuleFiles
from pytest_antipasta.gate.trees import CommitTree, IndexTree, RemovedTree, Tree, WorktreeTree
from pytest_antipasta.git.diffs import FileDiff
from pytest_antipasta.git.process import GitError, reporting_git_errors
from pytest_antipasta.git.repository import Repository
from pytest_antipasta.git.time_budget import OutOfTimeError
from pytest_antipasta.messages import format_path
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.settings.load import LoadedSettings, load_settings
from pytest_antipasta.settings.rule_files import RuleFiles
from pytest_antipasta.settings.values import Settings, select_settings

Load: TypeAlias = Callable[[RuleFiles], Rules]
"""Loads rules from files, with the options of a command; raises ``UsageError``."""


class Side(NamedTuple):
    """A tree of git, with the settings and the baseline that this tree has.

    :func:`open_side` makes it, so that the rules of a tree are never completed from another one. Both states
    of a change are judged by the side after it; sides before it are opened for waivers and baselines.

    Attributes:
        tree: the contents.
        rules: the settings and the baseline.
        files: reads settings and baselines of the tree.
        start: the folder where the search for settings starts.
    """

    tree: Tree
    rules: Rules
    files: DiskRuleFiles | TreeRuleFiles
    start: Path

    def complete(self, paths: Iterable[str]) -> Side:
        """Return the side with the settings of folders below the root, if ``nested`` is set.

        Args:
            paths: paths of changed files from the repository's top. Their folders may have settings that git
                does not have.

        Raises:
            UsageError: settings are invalid.
            GitError: a git command failed.
        """
        rules, files = self.rules, self.files
        if not rules.settings.needs_projects:
            return self
        # A crafted tree can have names that lead out of the repository.
        names = {name for name in self.tree.list_settings() if ".." not in name.split("/")}
        files.look_up(names)
        load = partial(complete_settings, rules.settings, self.tree.repository.top, {*names, *paths})
        try:
            loaded = load(files=files)
        except UsageError as error:
            raise UsageError(files.name_places(str(error))) from error
        return self._replace(rules=_mark_limits(rules.with_nearer(loaded), files, load))

    def iter_notes(self) -> Iterator[str]:
        """Yield which files of the rules differ from those on disk, and which are only there."""
        yield from self.files.iter_notes()
        with suppress(GitError, OutOfTimeError):  # the rules are known without such a note
            recorded = self.rules.recorded is not None
            baseline = self._iter_loose(self.rules.settings.baseline if recorded else None)
            yield from (note for _, note in chain(self.iter_loose_settings(), baseline))

    def iter_loose_settings(self) -> Iterator[tuple[Path, str]]:
        """Yield settings that were read from disk, as git neither has nor ignores them, each with a note.

        Raises:
            GitError: git does not say whether it ignores a file.
            SlowGitError: git did not answer in time.
        """
        settings = self.rules.settings
        return self._iter_loose(settings.source, *(project.source for project in settings.projects))

    def _iter_loose(self, *paths: Path | None) -> Iterator[tuple[Path, str]]:
        lacks = (
            "it is not staged" if isinstance(self.tree, IndexTree) else f"{self.tree.label} does not have it"
        )
        for path in filter(None, paths):
            if self.files.is_only_on_disk(path):
                yield path, f"{format_path(path)}: the file on disk was used; {lacks}"

    def may_change_settings(self, diffs: Iterable[FileDiff]) -> bool:
        """Return whether files that differ may include the settings, or the target of a link to them."""
        config = self.rules.named_config
        named = None if config is None else self.tree.repository.name(config)
        paths = {path for diff in diffs for path in (diff.path, diff.old_path, diff.link) if path}
        if named in paths or any(select_settings(paths)):
            return True
        settings = self.rules.settings
        sources = (project.source for project in (settings, *settings.projects))
        return any(map(self.files.is_link, filter(None, sources)))

    def has(self, path: Path) -> bool:
        """Return whether the tree contains a file that was read for the rules.

        Also true for a file outside the repository, and in a bare repository.

        Raises:
            GitError: a git command failed.
        """
        repository = self.tree.repository
        name = repository.name(path)
        return repository.is_bare or name.startswith("../") or bool(self.tree.find([name]))


def open_side(tree: Tree, start: Path, load: Load, others: Sequence[Tree] | None = ()) -> Side:
    """Return a tree with its rules, without those of folders below the root; see :meth:`Side.complete`.

    Args:
        tree: the tree.
        start: the folder where the search for settings starts.
        load: loads the rules.
        others: other trees of the change. Settings and baselines that none of the trees has are read from
            disk; ``None`` to read nothing from disk.

    Raises:
        UsageError: the rules are invalid.
        GitError: a git command failed.
    """
    files = DiskRuleFiles(tree) if isinstance(tree, WorktreeTree) else TreeRuleFiles(tree, start, others)
    try:
        rules = load(files)
    except UsageError as error:
        raise UsageError(files.name_places(str(error))) from error
    if isinstance(tree, CommitTree):
        # A commit that somebody looks at must not choose where files are written.
        own = Settings(start, None) if others is None else _load_own_settings(start)
        rules = replace(rules, settings=rules.settings.with_store_of(own))
    rules = _mark_limits(rules, files, partial(load_settings, start, rules.settings.source))
    return Side(tree, rules, files, start)


def _mark_limits(
    rules: Rules, files: DiskRuleFiles | TreeRuleFiles, load_own: Callable[[], LoadedSettings]
) -> Rules:
    """Return rules of a tree that say if their limits are not those on disk, which other commands read."""
    if not any(files.iter_notes()):
        return rules
    try:
        is_same = _list_limits(load_own().settings) == _list_limits(rules.settings)
    except UsageError:
        is_same = False
    return rules if is_same else replace(rules, has_other_limits=True)


def _list_limits(settings: Settings) -> list[object]:
    return [(each.thresholds, each.overrides) for each in (settings, *settings.projects)]


def load_settings_of(tree: Tree, start: Path, config: Path | None, files: RuleFiles) -> Settings:
    """Return the settings of a tree, without those of folders below the root; see ``load_settings``.

    Raises:
        UsageError: the settings are invalid.
        GitError: a git command failed.
    """
    settings = load_settings(start, config, files).settings
    if settings.source is None and tree.repository.is_bare:
        return replace(settings, root=tree.repository.top)  # which has no ``.git``
    return settings


def _load_own_settings(start: Path) -> Settings:
    """Return the settings of the working tree; the defaults if these are invalid."""
    try:
        return load_settings(start).settings
    except UsageError:
        return Settings(start, None)


def open_after(folder: Path, ref: str | None, load: Load) -> Side:
    """Return the side after a requested change, in the repository of a folder.

    Args:
        folder: the folder where the search for settings starts.
        ref: ``REF`` for the changes of the working tree, ``REF..REF`` for those of a branch, ``None`` for
            staged changes.
        load: loads the rules.

    Raises:
        UsageError: the rules are invalid, there is no repository, or a commit is unknown.
    """
    with reporting_git_errors():
        repository = Repository(folder)
        if ref is None:
            return open_index(repository, folder, load)
        if (ends := split_range(ref)) is None:
            return open_side(WorktreeTree(repository), folder, load)
        return open_commit(repository, ends[1], folder, load, ends[0])


def open_index(repository: Repository, start: Path, load: Load) -> Side:
    """Return the side of the staged files. A file that the next commit removes is not read from disk.

    Raises:
        UsageError: the rules are invalid.
        GitError: a git command failed.
    """
    if repository.is_bare:  # git compares with an empty index
        raise GitError("a bare repository has no staged files; run this in a working tree of it")
    return open_side(IndexTree(repository), start, load, (RemovedTree(repository),))


def open_commit(repository: Repository, name: str, start: Path, load: Load, base: str | None = None) -> Side:
    """Return the side of a commit. Without a working tree, nothing is read from disk.

    Args:
        repository: the repository.
        name: the name of the commit.
        start: the folder where the search for settings starts.
        load: loads the rules.
        base: the commit to compare with, if known. A file that only this one has is not read from disk.

    Raises:
        UsageError: the rules are invalid.
        GitError: the commit is unknown.
    """
    tree = CommitTree(repository, repository.history.resolve(name))
    others = [CommitTree(repository, other) for other in ("HEAD", base) if other is not None]
    return open_side(tree, start, load, None if repository.is_bare else others)


def split_range(ref: str) -> tuple[str, str] | None:
    """Return both ends of ``REF..REF``; ``None`` for a single commit.

    Raises:
        UsageError: neither end is named.
    """
    base, dots, commit = ref.partition("..")
    if not dots:
        return None
    commit = commit.removeprefix(".")
    if not base and not commit:  # variables of a CI service that are empty
        raise UsageError(f"--diff {ref} names no commit; write REF or REF..REF")
    return base or "HEAD", commit or "HEAD"
