"""The rules in a commit: a server judges received commits by them, as it has no working tree."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.baseline import locate_baseline, parse_named
from pytest_antipasta.engine import Rules
from pytest_antipasta.files import path_from
from pytest_antipasta.gate import open_commit, read_settings
from pytest_antipasta.git import Repository
from pytest_antipasta.model import BaselineEntry, UsageError
from pytest_antipasta.settings import decode

_FROM_COMMIT = "it is read from the pushed commit"


def read_commit_rules(args: argparse.Namespace, repository: Repository, commit: str) -> Rules:
    """Return the rules of a commit: its settings at the top, or those named by an option, and its baseline.

    A file named by an option is also read from the commit.

    Raises:
        UsageError: the rules are invalid.
        GitError: git can't read them.
    """
    if args.limits_from is not None:
        commit = repository.history.resolve(args.limits_from)
    config = None if args.config is None else os.path.normpath(args.config).replace(os.sep, "/")
    settings = read_settings(open_commit(repository, commit), config)
    place = repository.top / args.baseline if args.baseline else locate_baseline(settings)
    name = path_from(repository.top, os.fspath(place))
    is_named = args.baseline is not None or settings.baseline is not None
    # A pushed commit must not choose where the server writes,
    settings = replace(settings, cache_dir=None, baseline=repository.top / name)
    if args.receive:
        # or whether the server judges.
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


def _read_baseline(
    repository: Repository, commit: str, name: str, is_named: bool
) -> tuple[BaselineEntry, ...] | None:
    place = f"{commit[:12]}:{name}"
    data = repository.objects.read_file(commit, name)
    if data is not None:
        return parse_named(decode(Path(place), data), place, "restore it in a commit and push that commit")
    if is_named:
        raise UsageError(f"{place}: baseline not found; {_FROM_COMMIT}")
    return None
