"""What ``cache status``, ``inspect`` and ``verify`` report, collected from the store."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

from pytest_antipasta.cli.options import locate, locate_all
from pytest_antipasta.engine import (
    HeldSource,
    Measurer,
    Memory,
    Task,
    current_fingerprint,
    digest_content,
    find_language,
    open_measurer,
)
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
    check_database,
    count_entries,
    decode_record,
    find_other_layouts,
    find_row,
    is_packed,
    is_there,
    iter_bad_rows,
    leave_mark,
    read_last_run,
    remove_rows,
    take_stock,
)

_SAMPLE = 100


def describe_place(cache_dir: Path) -> dict[str, object]:
    """Return the facts about the folder of a store, and about what would use it."""
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


def describe_content(store: LocalStore, settings: Settings) -> dict[str, object]:
    """Return the facts about what is in a store."""
    now = time.time()
    return take_stock(store, current_fingerprint(), now) | {
        "last_run": _describe_run(store.directory, now),
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
    """Return what the store has for the content of a file."""
    location = locate(file)
    try:
        data = read_file(location, settings.max_file_bytes).data
    except UnreadableError as error:
        raise UsageError(f"{file}: {error.error.message}") from error
    path = display_path(settings.root, location)
    key = digest_content(data, find_language(settings.languages, path)) + current_fingerprint()
    row = find_row(store, key, time.time())
    facts: dict[str, object] = {"path": path, "key": key.hex(), "stored": row is not None}
    if row is None:
        return facts
    return facts | row | _decode(store, key, path)


def _decode(store: LocalStore, key: bytes, path: str) -> dict[str, object]:
    try:
        record = store.get(key) or b""
        measurement = decode_record(record)
    except EntryError as error:
        return {"bad": str(error)}
    files: object = make_measurements({path: measurement})["files"]
    return {"compressed": is_packed(record), "file": files[0]}  # type: ignore[index]


def iter_digests(paths: Iterable[str], settings: Settings) -> Iterator[bytes]:
    """Yield the digests of what is in files, and in the source files below folders."""
    for file in select_files(settings, locate_all(settings, paths)).files:
        with suppress(UnreadableError):  # the store has nothing of it
            data = read_file(file.location, settings.max_file_bytes).data
            yield digest_content(data, find_language(settings.languages, file.path))


def verify(store: LocalStore, settings: Settings, *, is_repair: bool) -> dict[str, object]:
    """Return what is bad in a store, and remove it for ``is_repair``.

    A sample of the root's files is measured again.
    """
    fingerprint = current_fingerprint()
    if damage := check_database(store):
        if is_repair:
            leave_mark(store.directory, store.inode)
        return {"damage": damage, "repaired": is_repair}
    rows = list(iter_bad_rows(store, fingerprint))
    compared, wrong = _compare(store, settings, fingerprint)
    facts: dict[str, object] = {
        "entries": count_entries(store),
        "bad": [{"key": _format_key(row.key), "reason": row.reason} for row in rows]
        + [{"key": key.hex(), "reason": "measured again, other numbers"} for key in wrong],
        "measured_again": compared,
        "repaired": is_repair,
    }
    if is_repair:
        remove_rows(store, rows)
        store.delete_many(wrong)
    return facts


def _compare(store: LocalStore, settings: Settings, fingerprint: bytes) -> tuple[int, list[bytes]]:
    """Measure files of the root whose content the store knows; return how many, and wrong keys."""
    memory = Memory(settings.root, Measurer(store, fingerprint, languages=settings.languages))
    found = memory.make_tasks(select_files(settings).files)
    tasks = [task for task in found if task.digest or find_language(settings.languages, task.path)]
    sample = tasks[:: -(-len(tasks) // _SAMPLE) or 1]
    with closing(open_measurer(settings, None)) as measurer:
        pairs = list(_iter_pairs(store, sample, fingerprint, settings.max_file_bytes, measurer))
    return len(pairs), [key for key, is_right in pairs if not is_right]


def _iter_pairs(
    store: LocalStore, tasks: list[Task], fingerprint: bytes, max_size: float, measurer: Measurer
) -> Iterator[tuple[bytes, bool]]:
    """Yield the keys of files that are at hand, and whether what the store has is what they measure."""
    for task in tasks:
        with suppress(UnreadableError, EntryError):
            data = read_file(task.location, max_size).data
            key = digest_content(data, find_language(measurer.languages, task.path)) + fingerprint
            record = store.get(key)
            if record is not None:
                yield key, decode_record(record) == measurer.measure(HeldSource(task.path, data)).measurement


def _format_key(key: object) -> str:
    return key.hex() if isinstance(key, bytes) else repr(key)
