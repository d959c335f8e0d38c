"""Choose the change that a git hook judges: the index, a range from pre-commit, or a push."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeAlias

from pytest_antipasta.cli.running import load_rules
from pytest_antipasta.cli.stdout import print_to_stderr
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
from pytest_antipasta.git import GitError, Repository
from pytest_antipasta.settings import Settings

Opened: TypeAlias = tuple[Rules, Repository | None, ChangeSet | None]
_REMOTES = "refs/remotes"


def named_range() -> tuple[str, str] | None:
    """Return both ends of the range in pre-commit's variables, if set."""
    start, end = os.environ.get("PRE_COMMIT_FROM_REF"), os.environ.get("PRE_COMMIT_TO_REF")
    return (start, end) if start and end else None


def _find_range(repository: Repository, start: str, end: str) -> ChangeSet:
    """Return the changes of a range; for a push, without commits on remote branches."""
    if "PRE_COMMIT_REMOTE_NAME" in os.environ:
        return pushed_changes(repository, end, [start, *repository.history.list_heads(_REMOTES)])
    return committed_changes(repository, start, end)


def find_lost_paths(settings: Settings, repository: Repository, changes: ChangeSet) -> Iterator[str]:
    """Yield errors about paths in the settings whose files a change removes.

    Such a change has no violations, but every run over all files fails after it.
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


class Part(NamedTuple):
    """A separately judged part: the commit, or one of the pushed references.

    Attributes:
        name: name of the reference; ``None`` for the commit.
        open: returns the rules, and for a change the repository and the change; ``None`` if there is nothing
            to judge.
    """

    name: str | None
    open: Callable[[], Opened | None]


def find_parts(args: argparse.Namespace) -> list[Part]:
    """Return the parts to judge.

    Raises:
        GitError: git fails, or does not list the push.
    """
    if args.whole:
        return [Part(None, lambda: (load_rules(args), None, None))]
    repository = Repository(Path.cwd())
    if args.push or args.receive:
        return _find_updates(args, repository)
    return [Part(None, partial(_open_commit, args, repository))]


def _open_commit(args: argparse.Namespace, repository: Repository) -> Opened:
    if named := named_range():
        changes = _find_range(repository, *named)
        return complete_rules(load_rules(args), repository, changes), repository, changes
    staged = StagedSettings(repository, Path.cwd())
    changes = staged_changes(repository)
    rules = complete_rules(load_rules(args, staged.read), repository, changes, staged)
    print_to_stderr(f"warning: {note}" for note in staged.iter_notes())
    return rules, repository, changes


def _find_updates(args: argparse.Namespace, repository: Repository) -> list[Part]:
    """Return the references that git pushes or receives, from the standard input of its hook."""
    if sys.stdin is None:
        raise GitError("standard input is closed; git should pass the pushed refs there")
    heads = repository.history.list_heads(_REMOTES if args.push else "refs/heads")
    # Bytes: a name that is not UTF-8 must not prevent judging the others.
    lines = sys.stdin.buffer.read().split(b"\n")
    if args.receive and not any(lines):
        raise GitError(
            "standard input is empty; git should pass the pushed refs there (did another program read it?)"
        )
    return [_make_update(args, repository, heads, line) for line in lines if line]


def _make_update(args: argparse.Namespace, repository: Repository, heads: Sequence[str], line: bytes) -> Part:
    # A pushed commit can be named by words of a message; the other fields contain no blanks.
    words = list(map(os.fsdecode, line.rsplit(b" ", 3) if args.push else line.split(b" ", 2)))
    if len(words) != (4 if args.push else 3):
        raise GitError(
            f"unexpected line on standard input: {os.fsdecode(line)!r}; expected git's list of pushed refs"
        )
    _, commit, name, *there = words
    return Part(name, partial(_open_update, args, repository, commit, [*there, *heads]))


def _open_update(
    args: argparse.Namespace, repository: Repository, commit: str, known: Sequence[str]
) -> Opened | None:
    """Return the change of a reference; ``None`` if the reference is deleted or is not a commit."""
    if not repository.history.has_commit(commit):
        return None
    is_server = repository.is_bare or args.receive
    changes = pushed_changes(repository, commit, known, "HEAD" if is_server else None)
    if is_server:
        from pytest_antipasta.cli.commit_rules import read_commit_rules

        return read_commit_rules(args, repository, commit), repository, changes
    return complete_rules(load_rules(args), repository, changes), repository, changes
