"""Which change a git hook judges: the index, a range that pre-commit names, or what is pushed."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.baseline import locate_baseline, parse_named
from pytest_antipasta.cli.running import load_rules
from pytest_antipasta.cli.stdout import tell
from pytest_antipasta.engine import Rules
from pytest_antipasta.files import describe_missing_path, find_missing_paths
from pytest_antipasta.gate import (
    ChangeSet,
    StagedSettings,
    committed_changes,
    complete_rules,
    pushed_changes,
    staged_changes,
)
from pytest_antipasta.git import Repository
from pytest_antipasta.model import BaselineEntry, UsageError
from pytest_antipasta.settings import SETTINGS_NAMES, Settings, decode, load_settings, with_projects

_REMOTES = "refs/remotes"


def named_range() -> tuple[str, str] | None:
    """Return the two ends of the range that pre-commit names, if it names one."""
    start, end = os.environ.get("PRE_COMMIT_FROM_REF"), os.environ.get("PRE_COMMIT_TO_REF")
    return (start, end) if start and end else None


def _find_range(repository: Repository, start: str, end: str) -> ChangeSet:
    """Return what a range brings; where it is pushed, what of that no branch of a remote has."""
    if "PRE_COMMIT_REMOTE_NAME" in os.environ:
        return pushed_changes(repository, end, [start, *repository.history.list_heads(_REMOTES)])
    return committed_changes(repository, start, end)


def _iter_updates(repository: Repository, *, is_push: bool) -> Iterator[tuple[str, ChangeSet]]:
    """Yield commits that git is about to push or to receive, as it tells its hook, and what each brings."""
    heads = repository.history.list_heads(_REMOTES if is_push else "refs/heads")
    for line in sys.stdin:
        # What is pushed can be named by words of a commit's message; the rest has no blanks.
        _, commit, _, *there = line.rsplit(maxsplit=3) if is_push else line.split(maxsplit=2)
        if repository.history.is_commit(commit):
            yield commit, pushed_changes(repository, commit, [*there, *heads])


def find_lost_paths(settings: Settings, repository: Repository, changes: ChangeSet) -> Iterator[str]:
    """Yield what is wrong with paths of the settings at which a change leaves nothing.

    Such a change brings no violation, and every run over all files fails after it.
    """
    missing = [] if repository.is_bare else find_missing_paths(settings)
    if not missing:
        return
    root = os.path.realpath(settings.root)
    before = {diff.old_path for diffs in changes.parents for diff in diffs if diff.old_path is not None}
    for path in missing:
        lost = os.path.normpath(os.path.join(root, path))
        if any((repository.top / name).is_relative_to(lost) for name in before):
            yield describe_missing_path(settings, path)


def _rules_in(args: argparse.Namespace, repository: Repository, commit: str) -> Rules:
    """Return the rules that a commit brings at its top, as a bare repository has no others.

    A baseline that an option names is one of the commit, too.
    """
    import tempfile  # here, because only a server needs it

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(os.path.realpath(temporary))
        for file in SETTINGS_NAMES:
            if (data := repository.objects.read_file(commit, file)) is not None:
                (folder / file).write_bytes(data)
        (folder / ".git").mkdir()  # nothing further up is meant
        try:
            settings = _with_projects_in(load_settings(folder).settings, repository, commit)
        except UsageError as error:
            raise UsageError(str(error).replace(f"{folder}{os.sep}", f"{commit[:12]}:")) from error
        place = folder / args.baseline if args.baseline else locate_baseline(settings)
        name = os.path.relpath(place, folder).replace(os.sep, "/")
        is_named = args.baseline is not None or settings.baseline is not None
    # Who pushes does not choose where the server writes.
    settings = replace(
        settings,
        root=repository.top,
        source=settings.source and repository.top / settings.source.name,
        cache_dir=None,
        baseline=repository.top / name,
        projects=tuple(
            replace(project, root=repository.top / project.root.relative_to(folder))
            for project in settings.projects
        ),
    )
    recorded = None if args.no_baseline else _baseline_in(repository, commit, name, is_named)
    named = repository.top / name if args.baseline else None
    return Rules(settings, recorded, not args.no_ignore, named=named, has_baseline=not args.no_baseline)


def _with_projects_in(settings: Settings, repository: Repository, commit: str) -> Settings:
    """Return settings with those that a commit has in folders, where these count."""
    if not settings.nested:
        return settings
    listed = repository.objects.list_commit(commit).items()
    # Git may be given trees with names that lead out of a folder.
    names = {
        settings.root / path: blob
        for path, (blob, is_file) in listed
        if is_file and path.rpartition("/")[2] in SETTINGS_NAMES and ".." not in path.split("/")
    }
    contents = repository.objects.read_blobs(names.values())
    return with_projects(
        settings, map(os.fspath, names), lambda path: contents.get(names.get(path, ""))
    ).settings


def _baseline_in(
    repository: Repository, commit: str, name: str, is_named: bool
) -> tuple[BaselineEntry, ...] | None:
    place = f"{commit[:12]}:{name}"
    data = repository.objects.read_file(commit, name)
    if data is not None:
        return parse_named(decode(Path(place), data), place, "restore it in a commit, and push that")
    if is_named:
        raise UsageError(
            f"{place}: there is no such baseline; a bare repository takes it from the commit that is pushed"
        )
    return None


def iter_parts(args: argparse.Namespace) -> Iterator[tuple[Rules, Repository | None, ChangeSet | None]]:
    """Yield what is judged on its own: the commit, or each branch of a push."""
    if args.whole:
        yield load_rules(args), None, None
        return
    repository = Repository(Path.cwd())
    if args.push or args.receive:
        for commit, changes in _iter_updates(repository, is_push=args.push):
            yield _find_rules(args, repository, commit, changes), repository, changes
    elif named := named_range():
        changes = _find_range(repository, *named)
        yield complete_rules(load_rules(args), repository, changes), repository, changes
    else:
        staged = StagedSettings(repository, Path.cwd())
        changes = staged_changes(repository)
        rules = complete_rules(load_rules(args, staged.read), repository, changes, staged)
        tell(f"warning: {note}" for note in staged.iter_notes())
        yield rules, repository, changes


def _find_rules(args: argparse.Namespace, repository: Repository, commit: str, changes: ChangeSet) -> Rules:
    if repository.is_bare and args.config is None:
        return _rules_in(args, repository, commit)
    return complete_rules(load_rules(args), repository, changes)
