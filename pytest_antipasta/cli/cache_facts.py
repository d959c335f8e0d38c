"""The actions of ``cache`` on an existing store, and the facts that they report."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, TypeAlias

from pytest_antipasta.cli.cache_runs import describe_runs
from pytest_antipasta.cli.operands import locate, locate_all
from pytest_antipasta.cli.running import follow
from pytest_antipasta.engine import (
    ReportProgress,
    Task,
    digest_content,
    find_language,
    find_wrong_memo,
    read_rules,
)
from pytest_antipasta.engine.measuring import Measurer, open_measurer
from pytest_antipasta.engine.storage import Storage, choose_bounds, current_fingerprint
from pytest_antipasta.files import UnreadableError, display_path, select_files
from pytest_antipasta.model import UsageError
from pytest_antipasta.report import make_measurements
from pytest_antipasta.runtime import VERSION, installed_version, python_minor
from pytest_antipasta.settings import Settings
from pytest_antipasta.store import (
    LAYOUT,
    RECORD_SCHEMA,
    SQLITE_VERSION,
    Bounds,
    EntryError,
    LocalStore,
    check_database,
    clear,
    count_entries,
    decode_record,
    find_other_layouts,
    find_row,
    forget_contents,
    forget_unused,
    is_packed,
    is_there,
    iter_bad_rows,
    leave_mark,
    read_runs,
    remove_rows,
    take_stock,
    tidy,
)

Facts: TypeAlias = dict[str, object]
"""The answer of a command, as in its JSON output."""

_SAMPLE = 100


def describe_place(cache_dir: Path) -> Facts:
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


def _describe_store(store: LocalStore, settings: Settings, _: Namespace) -> Facts:
    """Return the facts about a store and its contents."""
    now = time.time()
    return (
        describe_place(store.directory.parent)
        | take_stock(store, current_fingerprint(), now)
        | {
            "max_size": settings.cache_max_size_mb * 1e6,
            "max_age": settings.cache_max_age_days * 86400,
            "max_entries": settings.cache_max_entries,
            "eviction": settings.cache_eviction,
            "history": None,
        }
        | describe_runs(read_runs(store.directory), now)
    )


def _describe_file(store: LocalStore, settings: Settings, args: Namespace) -> Facts:
    """Return the stored measurements of a file's content."""
    location = locate(args.file)
    try:
        data = Task(location, location).read(settings.max_file_bytes).data
    except UnreadableError as error:
        raise UsageError(f"{args.file}: {error.error.message}") from error
    path = display_path(settings.root, location)
    key = digest_content(data, settings.languages, path) + current_fingerprint()
    row = find_row(store, key, time.time())
    facts: Facts = {"path": path, "key": key.hex(), "stored": row is not None}
    if row is None:
        return facts
    return facts | row | _decode(store, key, path)


def _decode(store: LocalStore, key: bytes, path: str) -> Facts:
    try:
        record = store.get(key) or b""
        measurement = decode_record(record)
    except EntryError as error:
        return {"bad": str(error)}
    files: object = make_measurements({path: measurement})["files"]
    return {"compressed": is_packed(record), "file": files[0]}  # type: ignore[index]


def _iter_digests(paths: Iterable[str], settings: Settings) -> Iterator[bytes]:
    """Yield the digests of files, and of the source files in folders."""
    for file in select_files(settings, locate_all(settings, paths)).files:
        with suppress(UnreadableError):  # the store can't contain it
            data = Task(file.path, file.location, place=file.place).read(settings.max_file_bytes).data
            yield digest_content(data, settings.languages, file.path)


def _verify(store: LocalStore, settings: Settings, args: Namespace) -> Facts:
    """Return problems in a store, and remove bad entries if requested.

    A sample of the root's files is measured again, and the memo of its commit is compared with all files.
    """
    if damage := find_damage(store, args):
        return damage
    facts = find_rows(store, args)
    with follow(args.quiet) as step:
        compared, wrong = _compare(store, settings, current_fingerprint(), step)
    again = [{"key": key.hex(), "reason": "different values when measured again"} for key in wrong]
    if (memo := find_wrong_memo(read_rules(Path.cwd(), args.config), store.directory.parent)) is not None:
        key, path = memo
        wrong = [*wrong, key]
        again.append({"key": key.hex(), "reason": f"the memo of the commit is wrong about {path}"})
    if args.repair:
        store.delete_many(wrong)
    return {**facts, "bad": [*facts["bad"], *again], "measured_again": compared}


def find_damage(store: LocalStore, args: Namespace) -> dict[str, Any]:
    """Return problems of the database as a whole; replace it by a new one if requested."""
    damage = check_database(store)
    if damage is None:
        return {}
    if args.repair:
        leave_mark(store.directory, store.inode)
    return {"damage": damage, "repaired": args.repair}


def find_rows(store: LocalStore, args: Namespace) -> dict[str, Any]:
    """Return bad entries of a store, and remove them if requested."""
    entries = count_entries(store)
    with follow(args.quiet, "entry", "entries") as step:
        rows = list(iter_bad_rows(store, current_fingerprint(), lambda done: step(done, entries)))
    bad = [{"key": _format_key(row.key), "reason": row.reason} for row in rows]
    facts = {"entries": entries, "bad": bad, "measured_again": 0, "repaired": args.repair}
    if args.repair:
        remove_rows(store, rows)
    return facts


def _compare(
    store: LocalStore, settings: Settings, fingerprint: bytes, step: ReportProgress
) -> tuple[int, list[bytes]]:
    """Measure stored files of the root again; return their number, and keys of wrong entries."""
    storage = Storage(settings.root, store, fingerprint, languages=settings.languages)
    found = storage.make_tasks(select_files(settings).files)
    tasks = [task for task in found if task.digest or find_language(settings.languages, task.path)]
    sample = tasks[:: -(-len(tasks) // _SAMPLE) or 1]
    with closing(open_measurer(settings, None)) as measurer:
        pairs: list[tuple[bytes, bool]] = []
        for number, task in enumerate(sample):
            step(number, len(sample))
            pairs += _iter_pairs(store, task, fingerprint, settings.max_file_bytes, measurer)
    return len(pairs), [key for key, is_right in pairs if not is_right]


def _iter_pairs(
    store: LocalStore, task: Task, fingerprint: bytes, max_size: float, measurer: Measurer
) -> Iterator[tuple[bytes, bool]]:
    """Yield the key of each such file, and whether the stored values equal the measured ones."""
    with suppress(UnreadableError, EntryError):
        data = task.read(max_size).data
        key = digest_content(data, measurer.storage.languages, task.path) + fingerprint
        record = store.get(key)
        if record is not None:
            yield (
                key,
                decode_record(record) == measurer.measure(task._replace(digest=None)).verdict.measurement,
            )


def _format_key(key: object) -> str:
    return key.hex() if isinstance(key, bytes) else repr(key)


def _prune(store: LocalStore, settings: Settings, args: Namespace) -> Facts:
    """Remove entries beyond the bounds, or those of some files."""
    if args.paths:
        removed = forget_contents(store, _iter_digests(args.paths, settings), (args.days or 0) * 86400)
    else:
        removed = remove_old(store, choose_bounds(settings), args)
    return {"removed": removed, "entries": count_entries(store)}


def remove_old(store: LocalStore, bounds: Bounds, args: Namespace) -> int:
    """Remove entries beyond the bounds, or not used for some days; return their number."""
    age = bounds.max_age if args.days is None else args.days * 86400
    return forget_unused(store, age) + tidy(store, bounds, float("inf"))


def _clear(store: LocalStore, _: Settings, __: Namespace) -> Facts:
    return {"removed": clear(store), "entries": count_entries(store)}


ANSWERS: Mapping[str, Callable[[LocalStore, Settings, Namespace], Facts]] = {
    "status": _describe_store,
    "inspect": _describe_file,
    "verify": _verify,
    "prune": _prune,
    "clear": _clear,
}
