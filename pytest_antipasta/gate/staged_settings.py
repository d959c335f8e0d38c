"""Read staged settings and baselines, as a commit is judged by the rules that it contains."""

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
    """Files whose content in the index differs from the working tree; methods raise :class:`GitError`."""

    def __init__(self, repository: Repository, folder: Path) -> None:
        """Read the possible settings files of a folder, and its baseline, at once when one is needed."""
        self._repository = repository
        self._known: dict[Path, bytes | None] = {}
        self._used: dict[Path, None] = {}
        names = (*SETTINGS_NAMES, DEFAULT_NAME)
        self._waiting = [place / name for place in (folder, *folder.parents) for name in names]

    def read(self, path: Path) -> bytes | None:
        """Return the staged content of a file; ``None`` if not staged, or the same in the working tree."""
        if path not in self._known:
            self._look_at([*self._waiting, path])
            self._waiting = []
        data = self._known[path]
        if data is not None:
            self._used[path] = None
        return data

    def look_at(self, names: Iterable[str]) -> FindContent:
        """Return a function that reads only these paths, relative to the top, without running git again."""
        top = self._repository.top
        found = {os.fspath(top / name): top / name for name in names}
        self._look_at(found.values())

        def find(path: Path) -> bytes | None:
            named = found.get(os.path.join(os.path.realpath(path.parent), path.name))
            return None if named is None else self.read(named)

        return find

    def iter_notes(self) -> Iterator[str]:
        """Yield a message for each file that was read."""
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
        """Return the path of a file in git; ``None`` outside the repository."""
        location = Path(os.path.realpath(path.parent), path.name)
        top = self._repository.top
        return location.relative_to(top).as_posix() if location.is_relative_to(top) else None


def complete_rules(
    rules: Rules, repository: Repository, changes: ChangeSet, staged: StagedSettings | None = None
) -> Rules:
    """Return rules with the settings of folders below the root, if ``nested`` is set.

    With ``staged``, settings are read from the index, otherwise from the working tree.

    Raises:
        UsageError: settings are invalid.
        GitError: a git command failed.
    """
    if not rules.settings.nested:
        return rules
    paths = {diff.path for diffs in changes.parents for diff in diffs if diff.path is not None}
    return rules.with_nearer(complete_settings(rules.settings, repository, paths, staged))


def leaves_behind(repository: Repository, changes: ChangeSet, path: Path, *, is_staged: bool) -> bool:
    """Return whether the commit of a change contains a file that it was judged by.

    Also true for a file outside the repository, and in a bare repository.

    Args:
        repository: the repository of the change.
        changes: the change.
        path: the path of the file.
        is_staged: whether the change is staged. Then the staged version of the file was used, or without
            one the version in the working tree.

    Raises:
        GitError: a git command failed.
    """
    name = repository.name(path)
    if repository.is_bare or name.startswith("../"):
        return True
    if is_staged:
        return bool(repository.objects.list_staged([name]))
    if (entry := changes.find_entry(name)) is None:
        return False
    data = repository.objects.read_blobs(entry[:1]).get(entry[0])
    return data is not None and _has(path, data)


def load_staged(folder: Path, load: Callable[[FindContent], Rules]) -> Rules:
    """Return the staged rules, with a note for each file that differs from the working tree.

    Args:
        folder: a folder in the repository.
        load: loads rules, given a function that returns the staged content of a file.

    Raises:
        UsageError: the rules are invalid.
    """
    try:
        staged = StagedSettings(Repository(folder), folder)
        rules = load(staged.read)
    except GitError:
        # The next command that reads the index reports the error.
        return load(lambda _: None)
    return replace(rules, notes=(*rules.notes, *staged.iter_notes()))


def _hash(path: Path, length: int) -> str:
    """Return the blob name of a file without conversion of line ends; empty if the file can't be read."""
    try:
        data = read_regular(path)
    except OSError:
        return ""
    return name_blob(data, length)


def _has(path: Path, data: bytes) -> bool:
    """Return whether a file has a content. Line ends are ignored, as git may convert them."""
    try:
        return _unify(read_regular(path)) == _unify(data)
    except OSError:
        return False


def _unify(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")
