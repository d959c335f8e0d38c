"""Read changes from git: the files that differ from one or several parents, and both sides of them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from pytest_antipasta.files.locations import display_path
from pytest_antipasta.files.selection import iter_link_notes, iter_submodule_notes, select_files
from pytest_antipasta.files.source_paths import SourcePaths
from pytest_antipasta.gate.sides import Side
from pytest_antipasta.gate.trees import CommitTree, IndexTree, WorktreeTree
from pytest_antipasta.git.diffs import FileDiff, Untracked
from pytest_antipasta.git.process import UnknownCommitError
from pytest_antipasta.messages import can_be_typed, format_argument, format_path
from pytest_antipasta.runtime.scripts import has_no_suffix
from pytest_antipasta.settings.values import SETTINGS_NAMES, select_settings

_BEFORE = "the commit before this change"
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class ChangeSet(NamedTuple):
    """A change to judge.

    Attributes:
        diffs_by_parent: the files that differ from each parent.
        after: the side after the change, with the settings of all folders.
        parent_trees: the files of each parent.
        settings_tree: the commit that has the settings before the change; ``None`` if the parents have them.
        closed: folders that may contain changes and can't be opened, relative to the repository's top.
        range: the same change for ``--diff``, as ``REF..REF``; ``None`` for other changes.
    """

    diffs_by_parent: Sequence[Sequence[FileDiff]]
    after: Side
    parent_trees: Sequence[CommitTree] = ()
    settings_tree: CommitTree | None = None
    closed: Sequence[str] = ()
    range: str | None = None

    def read(self, diffs: Mapping[str, FileDiff]) -> dict[str, bytes]:
        """Return the readable contents of files after the change, by the paths that reports have."""
        contents = self.after.tree.read({diff.path: diff.blob for diff in diffs.values() if diff.path})
        named = ((path, diff.path) for path, diff in diffs.items())
        return {path: contents[inside] for path, inside in named if inside in contents}

    def iter_changed(self, only: Container[str] | None = None) -> Iterator[FileDiff]:
        """Yield the files after the change that differ from every parent, as they differ from the first.

        ``only`` has the paths to include, relative to the repository's top; ``None`` for all.
        """
        named = ({diff.path: diff for diff in diffs if diff.path} for diffs in self.diffs_by_parent)
        for path, diffs in iter_common(named):
            if only is None or path in only:
                yield diffs[0]

    def iter_path_notes(self) -> Iterator[str]:
        """Yield a note for each of the settings' paths that is skipped, as far as there is a working tree.

        There is a note, too, if the folder of the settings has no source file.
        """
        repository, settings = self.after.tree.repository, self.after.rules.settings
        if not repository.is_bare:
            changed = {diff.link for diffs in self.diffs_by_parent for diff in diffs if diff.link is not None}
            yield from iter_link_notes(settings, repository.top)
            yield from iter_submodule_notes(settings, repository.top, changed)
            yield from self._iter_empty_root_notes()

    def _iter_empty_root_notes(self) -> Iterator[str]:
        """Yield that settings with a name of their own are in a folder without source files.

        They apply to that folder alone, and were meant for others.
        """
        settings, tree = self.after.rules.settings, self.after.tree
        is_on_disk = isinstance(tree, IndexTree | WorktreeTree)
        if settings.source is None or settings.source.name in SETTINGS_NAMES or not is_on_disk:
            return
        paths = SourcePaths(settings, tree.repository.top)
        if paths.find_new(self.iter_changed()) or select_files(settings).files:
            return
        yield (
            f"{format_path(settings.source)} applies to {format_path(settings.root)}/, which has no source "
            "file; move it to the folder of the project"
        )

    def find_unchecked(self, only: Container[str] | None) -> list[str]:
        """Return the changed files that the settings leave out, although their names are those of sources.

        ``only`` has the paths to include, relative to the repository's top; ``None`` for all. The result has
        paths in reports.
        """
        top = self.after.tree.repository.top
        checked, every = (
            SourcePaths(side.rules.settings, top).find_new(self.iter_changed(only))
            for side in (self.after, _widen(self.after))
        )
        return sorted(every.keys() - checked.keys())

    def iter_excluded_notes(self, names: Sequence[str]) -> Iterator[str]:
        """Yield a note for each changed file with one of some paths in reports that is not a source file.

        Notebooks that nothing is decided about are reported otherwise.
        """
        if not names:
            return
        settings = self.after.rules.settings
        paths = SourcePaths(settings, self.after.tree.repository.top)
        for diff in self.iter_changed():
            name = paths.name(diff.path)
            if name not in names or paths.find(diff.path, is_script=diff.is_script) is not None:
                continue
            if not any(paths.select_unchecked([diff.path])):
                path = format_path(settings.root / name)
                command = f"pytest-antipasta config show {format_argument(path)}"
                why = f"; run `{command}` to see why" if can_be_typed(name) else ""
                yield f"{path} has changed, but is not checked: the settings leave it out{why}"


def iter_common(found: Iterable[Mapping[_Key, _Value]]) -> Iterator[tuple[_Key, list[_Value]]]:
    """Yield what is found for every parent of a change, in the order of the first, with all values."""
    first, *others = found
    for key, value in first.items():
        if all(key in other for other in others):
            yield key, [value, *(other[key] for other in others)]


def staged_changes(after: Side) -> ChangeSet:
    """Return the changes of the index, compared with the parents of the next commit.

    Raises:
        UsageError: settings are invalid.
        GitError: a git command failed.
    """
    repository = after.tree.repository
    names = repository.history.commit_parents()
    return _make(after, [repository.diffs.of_index(parent) for parent in names], names)


def committed_changes(after: Side, base: str) -> ChangeSet:
    """Return the changes of a branch: its last commit compared with the merge bases with another commit.

    Raises:
        UsageError: settings are invalid.
        GitError: the other commit is unknown, or a git command failed.
    """
    return _compare(after, after.tree.repository.history.common_ancestors(base, _name_commit(after)))


def pushed_changes(after: Side, bases: Sequence[str], default: str | None = None) -> ChangeSet:
    """Return the changes of a pushed commit, compared with commits that are known already.

    Each merge base with a known commit counts as a parent, so that merged code does not fail. Without a merge
    base, all files are new.

    Args:
        after: the side of the pushed commit.
        bases: its merge bases with the commits that a remote, or the server itself, has.
        default: the commit that has the settings before the change, if there is no merge base.

    Raises:
        UsageError: settings are invalid.
        GitError: a git command failed.
    """
    repository = after.tree.repository
    if bases:
        return _compare(after, bases)
    empty = repository.objects.empty_tree()
    changes = _make(after, [repository.diffs.of_commit(empty, _name_commit(after))], [empty])
    if default is None:
        return changes
    try:
        name = repository.history.resolve(default)
    except UnknownCommitError:  # the first push: the remote has no default branch yet
        return changes
    return changes._replace(settings_tree=CommitTree(repository, name, _BEFORE))


def _name_commit(side: Side) -> str:
    assert isinstance(side.tree, CommitTree)  # noqa: S101 - who calls has opened a commit
    return side.tree.commit


def _compare(after: Side, ancestors: Sequence[str]) -> ChangeSet:
    diffs, commit = after.tree.repository.diffs, _name_commit(after)
    changes = _make(after, [diffs.of_commit(ancestor, commit) for ancestor in ancestors], ancestors)
    return changes._replace(range=f"{ancestors[0][:12]}..{commit[:12]}") if len(ancestors) == 1 else changes


def _make(after: Side, diffs_by_parent: Sequence[Sequence[FileDiff]], names: Iterable[str]) -> ChangeSet:
    """Return a change, with the settings of the folders that it touches."""
    paths = {path for diffs in diffs_by_parent for diff in diffs for path in (diff.path, diff.old_path)}
    trees = [CommitTree(after.tree.repository, name, _BEFORE) for name in names]
    return ChangeSet(diffs_by_parent, after.complete(path for path in paths if path is not None), trees)


def worktree_changes(after: Side, base: str) -> ChangeSet:
    """Return the changes of the working tree, compared with the merge bases of HEAD and another commit.

    Files that git does not track yet count as added, if they are sources, settings or the baseline.

    Raises:
        UsageError: settings are invalid.
        GitError: a commit is unknown, or a git command failed.
    """
    repository = after.tree.repository
    ancestors = repository.history.common_ancestors(base, "HEAD")
    untracked = repository.diffs.of_untracked()
    hidden = tuple(f"{folder}/" for folder in untracked.closed)
    tracked = [
        [diff for diff in diffs if diff.path or not (diff.old_path or "").startswith(hidden)]
        for diffs in map(repository.diffs.of_worktree, ancestors)
    ]
    side = _with_untracked(after, untracked)
    changes = _make(side, [diffs + untracked.files for diffs in tracked], ancestors)
    kept = _keep_sources(changes.after, untracked)
    if changes.after.may_change_settings(chain.from_iterable(changes.diffs_by_parent)):
        # A file that they leave out may be a waiver.
        kept = _add_files(kept, _keep_sources(_widen(changes.after), untracked))
    narrowed = _with_untracked(changes.after, kept)
    diffs_by_parent = [diffs + kept.files for diffs in tracked]
    return changes._replace(diffs_by_parent=diffs_by_parent, after=narrowed, closed=kept.closed)


def _add_files(kept: Untracked, others: Untracked) -> Untracked:
    files = {diff.path: diff for diff in (*kept.files, *others.files)}
    return kept._replace(files=[*files.values()])


def _widen(side: Side) -> Side:
    """Return a side whose settings leave out no source file of their folder."""
    all_files = {"paths": (".",), "exclude": (), "include": None, "nested": False, "projects": ()}
    settings = replace(side.rules.settings, **all_files)
    return side._replace(rules=replace(side.rules, settings=settings))


def _with_untracked(side: Side, untracked: Untracked) -> Side:
    """Return the side of a working tree to which some untracked files belong."""
    paths = {diff.path for diff in untracked.files if diff.path is not None}
    return side._replace(tree=WorktreeTree(side.tree.repository, paths))


def _keep_sources(side: Side, untracked: Untracked) -> Untracked:
    """Return the untracked files and the closed folders that a check of all files selects or reports.

    Git also lists links and virtual environments. Settings and the baseline are kept, too.
    """
    settings = side.rules.settings
    rules = _find_rules(side, untracked)
    paths = SourcePaths(settings, side.tree.repository.top)
    files = _find_possible(paths, untracked.files)
    if not (untracked.closed or files):
        return Untracked(rules, [])
    selection = select_files(settings)
    walked = {file.path for file in selection.files}
    closed = [folder for folder in untracked.closed if paths.name(folder) in walked]
    walked.update(display_path(settings.root, location) for location in selection.notebooks)
    return Untracked([*rules, *(diff for path, diff in files.items() if path in walked)], closed)


def _find_possible(paths: SourcePaths, untracked: Iterable[FileDiff]) -> dict[str, FileDiff]:
    """Return the untracked files that a walk may select or report, by their paths in reports.

    Any file without a suffix may be a script. The walk reads its mode and its first line.
    """
    files = {diff.path or "": diff for diff in untracked}
    scripts = {path: diff._replace(is_script=has_no_suffix(path)) for path, diff in files.items()}
    left = {paths.name(path): files[path] for path in paths.select_unchecked(files)}
    return paths.find_new(scripts.values()) | left


def _find_rules(side: Side, untracked: Untracked) -> list[FileDiff]:
    """Return the untracked files that are settings or the baseline."""
    places = filter(None, (side.rules.baseline_path, side.rules.named_config))
    files = {diff.path or "": diff for diff in untracked.files}
    named = {*map(side.tree.repository.name, places), *select_settings(files)}
    return [diff for path, diff in files.items() if path in named]
