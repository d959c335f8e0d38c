"""What the report of a shard has under ``run.shard``, for it to be merged with those of the others."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence

import msgspec

from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.run import Run
from pytest_antipasta.files import display_path
from pytest_antipasta.git import GitError, Repository
from pytest_antipasta.model import Review, Shard, ShardFacts
from pytest_antipasta.runtime import VERSION
from pytest_antipasta.settings import Settings

# What may differ from machine to machine, as no verdict depends on it, or is in what else is there.
_OF_MACHINE = ("root", "source", "baseline", "history_max_size_mb", "projects", "asked", "jobs")


def describe_shard(
    shard: Shard, run: Run, metrics: Iterable[str] | None, warnings: Sequence[str], review: Review | None
) -> ShardFacts:
    """Return what its report says of a shard.

    Args:
        shard: that was judged.
        run: over it, that has ended.
        metrics: those that are looked at; ``None`` for all.
        warnings: about settings, paths and the store.
        review: of the baseline, as far as the shard's files go; ``None`` where there is none.
    """
    settings, named = run.rules.settings, run.rules.named
    return ShardFacts(
        shard.number,
        shard.of,
        asked_for=(*(run.selection.narrowed_by or ()), *run.ending.deselected_by),
        files=run.part.files,
        commit=_find_commit(settings),
        settings_digest=digest_rules(run.rules, metrics),
        version=VERSION,
        faults=run.rules.find_faults(),
        warnings=tuple(warnings),
        review=review,
        named_baseline=None if named is None else display_path(settings.root, os.path.abspath(named)),
    )


def digest_rules(rules: Rules, metrics: Iterable[str] | None) -> str:
    """Return what stands for all that a verdict depends on besides the file, on whatever machine."""
    settings = rules.settings
    projects = {
        project.root.relative_to(settings.root).as_posix(): _list_judging(project)
        for project in settings.projects
    }
    judged = (
        _list_judging(settings),
        projects,
        rules.recorded,
        rules.honours_suppressions,
        sorted(metrics or ()),
    )
    return hashlib.sha256(msgspec.json.encode(judged, order="deterministic")).hexdigest()


def _list_judging(settings: Settings) -> dict[str, object]:
    return {
        name: getattr(settings, name)
        for name in Settings.__struct_fields__
        if name not in _OF_MACHINE and not name.startswith("cache_")
    }


def _find_commit(settings: Settings) -> str | None:
    """Return the commit that is checked out; ``None`` where git knows of none."""
    try:
        return Repository(settings.root).history.head()
    except GitError:
        return None
