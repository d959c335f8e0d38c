"""What a git hook judges, part by part, and the settings that apply to each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from pytest_antipasta.change_sets import ChangeSet
from pytest_antipasta.cli.hook_changes import find_changes, read_pushed, read_received, settings_in
from pytest_antipasta.cli.options import load_with_baseline, with_options
from pytest_antipasta.revisions import Repository
from pytest_antipasta.settings import Settings


def iter_parts(args: argparse.Namespace) -> Iterator[tuple[Settings, Repository | None, ChangeSet | None]]:
    """Yield what is judged on its own: the commit, or each branch of a push.

    Raises:
        UsageError: the settings or the baseline are wrong.
        GitError: git refuses.
    """
    if args.whole:
        yield load_with_baseline(args), None, None
        return
    repository = Repository(Path.cwd())
    if args.push or args.receive:
        read = read_pushed if args.push else read_received
        for commit, changes in read(repository, sys.stdin):
            yield _find_settings(args, repository, commit), repository, changes
    else:
        yield load_with_baseline(args), repository, find_changes(repository)


def _find_settings(args: argparse.Namespace, repository: Repository, commit: str) -> Settings:
    if repository.is_bare and args.config is None:
        return with_options(settings_in(repository, commit, args.baseline), args)
    return load_with_baseline(args)
