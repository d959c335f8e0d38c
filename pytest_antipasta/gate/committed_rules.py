"""Read the rules of a commit, its settings and its baseline, without a working tree."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from pytest_antipasta.baseline import locate_baseline, parse_named
from pytest_antipasta.engine import Rules
from pytest_antipasta.files import path_from
from pytest_antipasta.gate.change_sets import ListFiles
from pytest_antipasta.git import GitError, Repository
from pytest_antipasta.model import BaselineEntry, UsageError
from pytest_antipasta.settings import SETTINGS_NAMES, Settings, decode, load_settings, with_projects

_MOST_LINKS = 10
_FROM_COMMIT = "it is read from the pushed commit"
_RESTORE = "restore it in a commit and push that commit"


class CommitTree(NamedTuple):
    """The files of a commit.

    Attributes:
        repository: the repository of the commit.
        label: the name of the commit in messages.
        list_all: lists all files.
        read: returns the content of a file by its path; ``None`` if the commit has no such file.
    """

    repository: Repository
    label: str
    list_all: ListFiles
    read: Callable[[str], bytes | None]


def open_commit(repository: Repository, commit: str) -> CommitTree:
    """Return the files of a commit."""
    return CommitTree(
        repository,
        commit[:12],
        lambda: repository.objects.list_commit(commit),
        lambda name: repository.objects.read_file(commit, name),
    )


def open_listing(repository: Repository, label: str, list_all: ListFiles) -> CommitTree:
    """Return the files of a listing, which is read immediately."""
    listed = list_all()

    def read(name: str) -> bytes | None:
        for _ in range(_MOST_LINKS):
            if name not in listed:
                return None
            blob, is_file = listed[name]
            data = repository.objects.read_blobs([blob]).get(blob)
            if is_file and data is None:
                raise GitError(f"can't read {name} in {label}")
            if is_file or data is None:  # a submodule has no content
                return data
            name = posixpath.normpath(posixpath.join(posixpath.dirname(name), os.fsdecode(data)))
        return None

    return CommitTree(repository, label, lambda: listed, read)


def read_settings(
    tree: CommitTree, config: str | None = None, start: str = "", *, must_exist: bool = True
) -> Settings:
    """Return the settings of a commit, with paths in the folder of the repository.

    Args:
        tree: the files of the commit.
        config: path in the commit of the settings file that an option names.
        start: path in the commit of the folder where the search for settings starts.
        must_exist: whether a missing ``config`` is an error. If not, settings are searched for.

    Raises:
        UsageError: the settings are invalid.
        GitError: git can't read a settings file.
    """
    import tempfile

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(os.path.realpath(temporary))
        (folder / ".git").mkdir()  # ends the search for settings at this folder
        try:
            named = _write_settings(tree, config, start, folder, must_exist=must_exist)
            here = folder / start
            here.mkdir(parents=True, exist_ok=True)
            settings = _with_projects(load_settings(here, named).settings, tree, folder)
        except UsageError as error:
            raise UsageError(str(error).replace(f"{folder}{os.sep}", f"{tree.label}:")) from error
    return _move(settings, folder, tree.repository.top)


def _write_settings(
    tree: CommitTree, config: str | None, start: str, folder: Path, *, must_exist: bool
) -> Path | None:
    """Write the settings of a commit into a folder; return the path of the file that an option names."""
    if config is not None:
        # Git finds no file for an absolute path, or for a path outside the tree.
        if _write(tree, [config], folder):
            return folder / config
        if must_exist:
            raise UsageError(f"{tree.label}:{config}: settings file not found; {_FROM_COMMIT}")
    parts = [part for part in start.split("/") if part not in ("", ".")]
    folders = ["".join(f"{part}/" for part in parts[:depth]) for depth in range(len(parts) + 1)]
    _write(tree, [f"{parent}{name}" for parent in folders for name in SETTINGS_NAMES], folder)
    return None


def _write(tree: CommitTree, names: Iterable[str], folder: Path) -> bool:
    """Write files of a commit; return whether at least one exists."""
    found = False
    for name in names:
        if (data := tree.read(name)) is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
            found = True
    return found


def _with_projects(settings: Settings, tree: CommitTree, folder: Path) -> Settings:
    """Return settings with those that a commit has in folders below the root, if ``nested`` is set."""
    if not settings.nested:
        return settings
    found = dict(_iter_below(tree, folder))
    inside = [os.fspath(place) for place in found if place.is_relative_to(settings.root)]
    return with_projects(settings, inside, found.get).settings


def _iter_below(tree: CommitTree, folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield all settings files of a commit: the path in a folder, and the content."""
    # A crafted git tree can have names that lead out of the folder.
    listed = {
        path: entry
        for path, entry in tree.list_all().items()
        if path.rpartition("/")[2] in SETTINGS_NAMES and ".." not in path.split("/")
    }
    contents = tree.repository.objects.read_blobs(blob for blob, is_file in listed.values() if is_file)
    for path, (blob, is_file) in listed.items():
        data = contents.get(blob) if is_file else tree.read(path)
        if data is not None:
            yield folder / path, data
        elif is_file:
            raise GitError(f"can't read {path} in {tree.label}")


def replace_place(settings: Settings, here: Settings) -> Settings:
    """Return settings of a commit with the root and the store of the current settings."""
    if os.path.realpath(settings.root) == os.path.realpath(here.root):
        settings = _move(settings, settings.root, here.root)
    return replace(settings, cache_dir=here.cache_dir)


def _move(settings: Settings, folder: Path, top: Path) -> Settings:
    """Return settings with all paths moved from one folder to another."""

    def place(path: Path | None) -> Path | None:
        is_inside = path is not None and path.is_relative_to(folder)
        return top / path.relative_to(folder) if path is not None and is_inside else path

    return replace(
        settings,
        root=top / settings.root.relative_to(folder),
        source=place(settings.source),
        baseline=place(settings.baseline),
        projects=tuple(_move(project, folder, top) for project in settings.projects),
    )


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
        tree = open_commit(repository, repository.history.resolve(name))
        return read_settings(tree, named, "" if start.startswith("..") else start, must_exist=False)
    except GitError as error:
        raise UsageError(f"could not read the settings of {name}: {error}") from error


def take_limits(rules: Rules, folder: Path, name: str, config: Path | None) -> Rules:
    """Return rules with the settings and the baseline of a commit.

    Args:
        rules: the rules of the root.
        folder: a folder in the repository.
        name: the name of the commit.
        config: the settings file that an option names.

    Raises:
        UsageError: the settings are invalid, or the commit is unknown.
    """
    try:
        repository = Repository(folder)
    except GitError as error:
        raise UsageError(f"could not read the settings of {name}: {error}") from error
    found = replace_place(read_policy(repository, name, rules.settings.root, config), rules.settings)
    recorded, place = None, locate_baseline(found, rules.named_baseline)
    if rules.has_baseline:
        path = repository.name(place)
        try:
            commit = repository.history.resolve(name)
            recorded = _read_baseline(repository, commit, path, f"{name}:{path}", "use another commit")
        except GitError as error:
            raise UsageError(f"could not read the baseline of {name}: {error}") from error
    # Current settings in folders below the root must not change those of the commit.
    settings = replace(found, nested=False, baseline=None if recorded is None else place)
    return replace(rules, settings=settings, recorded=recorded)


def read_commit_rules(
    repository: Repository,
    commit: str,
    config: Path | None,
    baseline: Path | None,
    *,
    has_baseline: bool,
    honours_suppressions: bool,
) -> Rules:
    """Return the rules of a pushed commit: its settings at the top, and its baseline.

    Args:
        repository: the repository of the commit.
        commit: id of the commit.
        config: path in the commit of the settings file that an option names.
        baseline: path in the commit of the baseline that an option names.
        has_baseline: whether recorded violations are tolerated.
        honours_suppressions: whether suppression comments count.

    Raises:
        UsageError: the rules are invalid, or the commit does not have a named file.
        GitError: git can't read them.
    """
    named = None if config is None else os.path.normpath(config).replace(os.sep, "/")
    settings = read_settings(open_commit(repository, commit), named)
    place = repository.top / baseline if baseline else locate_baseline(settings)
    path, recorded = path_from(repository.top, os.fspath(place)), None
    if has_baseline:
        where = f"{commit[:12]}:{path}"
        recorded = _read_baseline(repository, commit, path, where, _RESTORE)
        if recorded is None and (baseline is not None or settings.baseline is not None):
            raise UsageError(f"{where}: baseline not found; {_FROM_COMMIT}")
    place = repository.top / path
    return Rules(
        # A pushed commit must not choose where the server writes.
        replace(settings, cache_dir=None, baseline=place),
        recorded,
        honours_suppressions,
        named_baseline=place if baseline else None,
        has_baseline=has_baseline,
    )


def _read_baseline(
    repository: Repository, commit: str, path: str, where: str, advice: str
) -> tuple[BaselineEntry, ...] | None:
    """Return the baseline of a commit, if there is one; ``where`` names it in errors."""
    data = repository.objects.read_file(commit, path)
    return None if data is None else parse_named(decode(Path(where), data), where, advice)
