"""The actions of ``cache`` on the separate store for contents of old commits."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from pytest_antipasta.cli.cache_facts import Facts, find_damage, find_rows, remove_old
from pytest_antipasta.engine.storage import choose_history_bounds, current_fingerprint, open_store
from pytest_antipasta.settings import Settings
from pytest_antipasta.store import (
    LocalStore,
    clear,
    count_entries,
    find_history_dir,
    is_there,
    take_stock,
)

_ADDED = ("removed", "entries", "bad", "measured_again", "notes")


def answer_for_history(cache_dir: Path, settings: Settings, args: Namespace) -> dict[str, Any]:
    """Return the facts about this store for an action's result; empty if the store does not exist."""
    folder = find_history_dir(cache_dir)
    if args.action not in _ANSWERS or not is_there(folder):
        return {}
    with closing(open_store(folder, settings.cache_journal)) as store:
        return {**_ANSWERS[args.action](store, settings, args), "notes": list(store.notes)}


def merge(facts: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    """Return the facts about both stores: numbers are added, lists are joined."""
    both = [name for name in _ADDED if name in facts and name in others]
    return {**facts, **others, **{name: facts[name] + others[name] for name in both}}


def _describe(store: LocalStore, settings: Settings, _: Namespace) -> Facts:
    stock = take_stock(store, current_fingerprint(), time.time())
    kept = {name: stock[name] for name in ("entries", "measurements", "usable_measurements", "size")}
    return {"history": kept | {"max_size": settings.history_max_size_mb * 1e6}}


def _verify(store: LocalStore, _: Settings, args: Namespace) -> Facts:
    return find_damage(store, args) or find_rows(store, args)


def _prune(store: LocalStore, settings: Settings, args: Namespace) -> Facts:
    # Contents of old commits can't be found by path.
    removed = 0 if args.paths else remove_old(store, choose_history_bounds(settings), args)
    return {"removed": removed, "entries": count_entries(store)}


def _clear(store: LocalStore, _: Settings, __: Namespace) -> Facts:
    return {"removed": clear(store), "entries": 0}


_ANSWERS: Mapping[str, Callable[[LocalStore, Settings, Namespace], Facts]] = {
    "status": _describe,
    "verify": _verify,
    "prune": _prune,
    "clear": _clear,
}
