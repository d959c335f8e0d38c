"""What ``cache status`` and ``cache inspect`` report, collected from the store."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

from pytest_antipasta.cli.options import locate, locate_all
from pytest_antipasta.engine import current_fingerprint
from pytest_antipasta.errors import UsageError
from pytest_antipasta.files import UnreadableError, display_path, read_file, select_files
from pytest_antipasta.report import make_measurements
from pytest_antipasta.runtime import VERSION, installed_version, python_minor
from pytest_antipasta.settings import Settings
from pytest_antipasta.store import (
    LAYOUT,
    RECORD_SCHEMA,
    SQLITE_VERSION,
    EntryError,
    LocalStore,
    StoreError,
    decode_record,
    find_other_layouts,
    find_row,
    is_packed,
    is_there,
    read_last_run,
    take_stock,
)


def describe_store(cache_dir: Path, settings: Settings) -> dict[str, object]:
    """Return the facts about the store in a folder; none is made where there is none.

    Raises:
        UsageError: it can't be used.
    """
    try:
        facts = _describe_place(cache_dir)
        if not facts["exists"]:
            return facts
        with closing(LocalStore(cache_dir, settings.cache_journal)) as store:
            return facts | _describe_content(store, settings) | {"notes": list(store.notes)}
    except StoreError as error:
        raise UsageError(f"the store can't be used: {error}") from error


def _describe_place(cache_dir: Path) -> dict[str, object]:
    return {
        "location": str(cache_dir),
        "exists": is_there(cache_dir),
        "fingerprint": current_fingerprint().hex(),
        "versions": {
            "pytest-antipasta": VERSION,
            "layout": LAYOUT,
            "records": RECORD_SCHEMA,
            "python": python_minor(),
            "radon": installed_version("radon"),
            "complexipy": installed_version("complexipy"),
            "sqlite": SQLITE_VERSION,
        },
        "other_layouts": find_other_layouts(cache_dir),
    }


def _describe_content(store: LocalStore, settings: Settings) -> dict[str, object]:
    stock = take_stock(store, current_fingerprint())
    now = time.time()
    return {
        "entries": stock.records,
        "usable_entries": stock.usable,
        "roots": stock.roots,
        "size": stock.size,
        "age": None if stock.first_stored is None else now - stock.first_stored,
        "longest_unused": None if stock.least_recent_use is None else now - stock.least_recent_use,
        "last_run": _describe_run(store.directory, now),
        "journal_mode": stock.journal_mode,
        "max_size": settings.cache_max_size_mb * 1e6,
        "max_age": settings.cache_max_age_days * 86400,
        "max_entries": settings.cache_max_entries,
        "eviction": settings.cache_eviction,
    }


def _describe_run(directory: Path, now: float) -> dict[str, object] | None:
    run = read_last_run(directory)
    if run is None:
        return None
    files = run.hits + run.misses
    rate = run.hits / files if files else None
    return {"age": now - run.time, "hits": run.hits, "misses": run.misses, "hit_rate": rate}


def describe_file(store: LocalStore, file: str, settings: Settings) -> dict[str, object]:
    """Return what the store has for the content of a file.

    Raises:
        UsageError: the file can't be read.
        StoreError: the store can't be read.
    """
    location = locate(file)
    try:
        data = read_file(location, settings.max_file_bytes).data
    except UnreadableError as error:
        raise UsageError(f"{file}: {error.error.message}") from error
    path = display_path(settings.root, location)
    key = hashlib.sha256(data).digest() + current_fingerprint()
    row = find_row(store, key)
    facts: dict[str, object] = {"path": path, "key": key.hex(), "stored": row is not None}
    if row is None:
        return facts
    now = time.time()
    facts |= {"size": row.size, "age": now - row.stored, "unused": now - row.used, "uses": row.uses}
    return facts | _decode(store, key, path)


def iter_digests(paths: Iterable[str], settings: Settings) -> Iterator[bytes]:
    """Yield the digests of what is in files, and in the source files below folders.

    Raises:
        UsageError: a path is not there, or a folder has no files of the root.
    """
    for file in select_files(settings, locate_all(settings, paths)).files:
        with suppress(UnreadableError):  # the store has nothing of it
            yield hashlib.sha256(read_file(file.location, settings.max_file_bytes).data).digest()


def _decode(store: LocalStore, key: bytes, path: str) -> dict[str, object]:
    try:
        record = store.get(key) or b""
        measurement = decode_record(record)
    except EntryError as error:
        return {"bad": str(error)}
    files: object = make_measurements({path: measurement})["files"]
    return {"compressed": is_packed(record), "file": files[0]}  # type: ignore[index]
