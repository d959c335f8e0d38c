"""Settings and baselines as they are staged: a commit is judged by what it will have."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.baseline import DEFAULT_NAME
from pytest_antipasta.engine import Rules
from pytest_antipasta.files import complete_settings
from pytest_antipasta.gate.change_sets import ChangeSet
from pytest_antipasta.git import GitError, Repository, name_blob
from pytest_antipasta.messages import format_path
from pytest_antipasta.runtime import read_regular
from pytest_antipasta.settings import SETTINGS_NAMES, FindContent


class StagedSettings:
    """Files of which the index has another content than the worktree; each method raises what git does."""

    def __init__(self, repository: Repository, folder: Path) -> None:
        """Look at what may be the settings of a folder, and its baseline."""
        self._repository = repository
        self._known: dict[Path, bytes | None] = {}
        self._used: dict[Path, None] = {}
        names = (*SETTINGS_NAMES, DEFAULT_NAME)
        self._look_at(place / name for place in (folder, *folder.parents) for name in names)

    def read(self, path: Path) -> bytes | None:
        """Return the staged content of a file; ``None`` if the worktree has the same, or it is not staged."""
        if path not in self._known:
            self._look_at([path])
        data = self._known[path]
        if data is not None:
            self._used[path] = None
        return data

    def look_at(self, names: Iterable[str]) -> FindContent:
        """Return what reads files of some paths, relative to the top, alone, and asks git no more."""
        top = self._repository.top
        found = {os.fspath(top / name): top / name for name in names}
        self._look_at(found.values())

        def find(path: Path) -> bytes | None:
            named = found.get(os.path.join(os.path.realpath(path.parent), path.name))
            return None if named is None else self.read(named)

        return find

    def iter_notes(self) -> Iterator[str]:
        """Yield what to say of files that were read."""
        for path in self._used:
            yield f"{format_path(path)}: the staged version was used; the working tree differs"

    def _look_at(self, paths: Iterable[Path]) -> None:
        names = {path: self._name(path) for path in paths}
        self._known |= dict.fromkeys(names)
        listed = self._repository.objects.list_staged(filter(None, names.values()))
        staged = {path: listed[name] for path, name in names.items() if name in listed}
        others = {path: blob for path, blob in staged.items() if _hash(path, len(blob)) != blob}
        blobs = self._repository.objects.read_blobs(others.values())
        found = {path: blobs[blob] for path, blob in others.items() if blob in blobs}
        self._known |= {path: data for path, data in found.items() if not _has(path, data)}

    def _name(self, path: Path) -> str | None:
        """Return the name that git has for a file; ``None`` outside of the repository."""
        location = Path(os.path.realpath(path.parent), path.name)
        top = self._repository.top
        return location.relative_to(top).as_posix() if location.is_relative_to(top) else None


def complete_rules(
    rules: Rules, repository: Repository, changes: ChangeSet, staged: StagedSettings | None = None
) -> Rules:
    """Return rules with the settings of folders below the root, where these count.

    What is ``staged`` counts as the index has it; without, as the worktree does.

    Raises:
        UsageError: settings are wrong.
        GitError: git refuses.
    """
    if not rules.settings.nested:
        return rules
    paths = {diff.path for diffs in changes.parents for diff in diffs if diff.path is not None}
    return rules.with_nearer(complete_settings(rules.settings, repository, paths, staged))


def leaves_behind(repository: Repository, changes: ChangeSet, path: Path, *, is_staged: bool) -> bool:
    """Whether a change leaves a file behind that it was judged by, or the file is not the repository's.

    Args:
        repository: that has the change.
        changes: the change.
        path: of the file.
        is_staged: whether the change is staged; then the file counted as it is staged, if it is, and else as
            it is in the worktree.

    Raises:
        GitError: git refuses.
    """
    name = repository.name(path)
    if repository.is_bare or name.startswith("../"):
        return True
    if is_staged:
        return bool(repository.objects.list_staged([name]))
    blob, _ = changes.list_all().get(name, ("", False)) if changes.list_all else ("", False)
    data = repository.objects.read_blobs([blob]).get(blob) if blob else None
    return data is not None and _has(path, data)


def load_staged(folder: Path, load: Callable[[FindContent], Rules]) -> Rules:
    """Return rules as they are staged, with a note for each file that the worktree has another content of.

    Args:
        folder: in the repository.
        load: loads rules from files of which some have another content.

    Raises:
        UsageError: the rules are wrong.
    """
    try:
        staged = StagedSettings(Repository(folder), folder)
        rules = load(staged.read)
    except GitError:
        # Whoever asks next what is staged says why that can't be told.
        return load(lambda _: None)
    return replace(rules, notes=(*rules.notes, *staged.iter_notes()))


def _hash(path: Path, length: int) -> str:
    """Return the name that git gives a file's content where it converts nothing; empty for no file."""
    try:
        data = read_regular(path)
    except OSError:
        return ""
    return name_blob(data, length)


def _has(path: Path, data: bytes) -> bool:
    """Whether a file has a content, but for the ends of lines, which git may write as it likes."""
    try:
        return _unify(read_regular(path)) == _unify(data)
    except OSError:
        return False


def _unify(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")
