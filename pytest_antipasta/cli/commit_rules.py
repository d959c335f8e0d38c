"""The rules that a commit brings: a server judges what it receives by them, as it has no working tree."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.baseline import locate_baseline, parse_named
from pytest_antipasta.engine import Rules
from pytest_antipasta.files import path_from
from pytest_antipasta.git import GitError, Repository
from pytest_antipasta.model import BaselineEntry, UsageError
from pytest_antipasta.settings import SETTINGS_NAMES, Settings, decode, load_settings, with_projects

_FROM_COMMIT = "it is taken from the commit that is pushed"


def read_commit_rules(args: argparse.Namespace, repository: Repository, commit: str) -> Rules:
    """Return the rules of a commit: its settings at the top, or those that an option names, and its baseline.

    What an option names is a file of the commit, too.

    Raises:
        UsageError: something is wrong with them.
        GitError: git has them, and can't read them.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(os.path.realpath(temporary))
        (folder / ".git").mkdir()  # nothing further up is meant
        try:
            config = _write_settings(args, repository, commit, folder)
            settings = _with_projects(load_settings(folder, config).settings, repository, commit, folder)
        except UsageError as error:
            raise UsageError(str(error).replace(f"{folder}{os.sep}", f"{commit[:12]}:")) from error
        place = folder / args.baseline if args.baseline else locate_baseline(settings)
        name = path_from(folder, os.fspath(place))
        is_named = args.baseline is not None or settings.baseline is not None
    settings = _move(settings, folder, repository.top)
    # Who pushes does not choose where the server writes.
    settings = replace(settings, cache_dir=None, baseline=repository.top / name)
    if args.receive:
        # Nor whether it judges at all.
        settings = replace(
            settings,
            time_budget=float("inf"),
            fail_fast=False,
            on_error="fail",
            on_timeout="block",
            on_internal_error=args.on_internal_error or "block",
        )
    recorded = None if args.no_baseline else _read_baseline(repository, commit, name, is_named)
    named = repository.top / name if args.baseline else None
    return Rules(settings, recorded, not args.no_ignore, named=named, has_baseline=not args.no_baseline)


def _write_settings(
    args: argparse.Namespace, repository: Repository, commit: str, folder: Path
) -> Path | None:
    """Write the settings of a commit into a folder; return where those are that an option names."""
    names = SETTINGS_NAMES if args.config is None else (os.path.normpath(args.config).replace(os.sep, "/"),)
    for name in names:
        # Git has no file of an absolute path, nor of one that leads out of the tree.
        if (data := repository.objects.read_file(commit, name)) is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        elif args.config is not None:
            raise UsageError(f"{commit[:12]}:{name}: there is no such file of settings; {_FROM_COMMIT}")
    return None if args.config is None else folder / names[0]


def _with_projects(settings: Settings, repository: Repository, commit: str, folder: Path) -> Settings:
    """Return settings with those that a commit has in folders below their root, where these count."""
    if not settings.nested:
        return settings
    listed = repository.objects.list_commit(commit).items()
    # Git may be given trees with names that lead out of a folder.
    names = {
        folder / path: blob
        for path, (blob, is_file) in listed
        if is_file and path.rpartition("/")[2] in SETTINGS_NAMES and ".." not in path.split("/")
    }
    contents = repository.objects.read_blobs(names.values())
    if lost := [place for place, blob in names.items() if blob not in contents]:
        raise GitError(f"{lost[0].relative_to(folder).as_posix()} of {commit[:12]} can't be read")
    return with_projects(
        settings, map(os.fspath, names), lambda path: contents.get(names.get(path, ""))
    ).settings


def _move(settings: Settings, folder: Path, top: Path) -> Settings:
    """Return settings that were read in a folder as those of another one."""
    return replace(
        settings,
        root=top / settings.root.relative_to(folder),
        source=settings.source and top / settings.source.relative_to(folder),
        projects=tuple(_move(project, folder, top) for project in settings.projects),
    )


def _read_baseline(
    repository: Repository, commit: str, name: str, is_named: bool
) -> tuple[BaselineEntry, ...] | None:
    place = f"{commit[:12]}:{name}"
    data = repository.objects.read_file(commit, name)
    if data is not None:
        return parse_named(decode(Path(place), data), place, "restore it in a commit, and push that")
    if is_named:
        raise UsageError(f"{place}: there is no such baseline; {_FROM_COMMIT}")
    return None
