"""The answers of ``pytest-antipasta cache`` about an existing store, as facts."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, TypeAlias, get_args

from msgspec.structs import asdict

from pytest_antipasta.cli.running import follow, locate, locate_all
from pytest_antipasta.engine.diagnostics import ReportProgress
from pytest_antipasta.engine.digests import digest_content
from pytest_antipasta.engine.measuring.measurer import Measurer, open_measurer
from pytest_antipasta.engine.memo_keeping import find_wrong_memo
from pytest_antipasta.engine.rules import read_rules
from pytest_antipasta.engine.storage.storage import (
    Storage,
    choose_bounds,
    current_fingerprint,
)
from pytest_antipasta.files.locations import display_path
from pytest_antipasta.files.reading import UnreadableError
from pytest_antipasta.files.selection import select_files
from pytest_antipasta.files.source import Source
from pytest_antipasta.messages import make_printable, name_path
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.measured import RECORD_SCHEMA
from pytest_antipasta.report.inputs import require_no_input
from pytest_antipasta.report.records import make_measurements
from pytest_antipasta.report.writing import write_parts
from pytest_antipasta.runtime.environment import VERSION, installed_version, python_minor
from pytest_antipasta.settings.values import Settings
from pytest_antipasta.store.exchange import import_entries, iter_export
from pytest_antipasta.store.inventory import (
    check_database,
    count_entries,
    find_row,
    is_there,
    iter_bad_rows,
    remove_rows,
    take_stock,
)
from pytest_antipasta.store.journal import DAYS, PastRun, RunKind, find_hit_rate, read_runs
from pytest_antipasta.store.local import LAYOUT, SQLITE_VERSION, LocalStore, leave_mark
from pytest_antipasta.store.protocol import Bounds, EntryError
from pytest_antipasta.store.records import decode_record, is_packed
from pytest_antipasta.store.upkeep import (
    clear,
    forget_contents,
    forget_other_versions,
    forget_unused,
    keep_up,
    tidy,
)

Facts: TypeAlias = dict[str, Any]
"""The answer of an action, as in its JSON output."""

# Maximum number of files that are measured again.
_SAMPLE = 100
# Number of runs that are listed.
_LAST_RUNS = 5


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
    }


def describe_store(store: LocalStore, settings: Settings) -> Facts:
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
        | _describe_runs(read_runs(store.directory), now)
    )


def _describe_runs(runs: Sequence[PastRun], now: float) -> Facts:
    """Return the facts about runs in the order of their ends: the last runs, and hit rates."""
    past = [
        {"age": now - run.time, **asdict(run), "hit_rate": find_hit_rate([run])}
        for run in reversed(runs[-_LAST_RUNS:])
    ]
    kinds = {kind: _sum_up(run for run in runs if run.kind == kind) for kind in get_args(RunKind)}
    return {
        "last_run": past[0] if past else None,
        "runs": past,
        "recent": {"days": DAYS, **_sum_up(runs), **kinds},
    }


def _sum_up(runs: Iterable[PastRun]) -> Facts:
    runs = list(runs)
    return {"runs": len(runs), "hit_rate": find_hit_rate(runs)}


def describe_file(store: LocalStore, settings: Settings, file: str) -> Facts:
    """Return the stored measurements of a file's content."""
    location = locate(file)
    try:
        data = Source(location, location).read(settings.max_file_bytes).data
    except UnreadableError as error:
        raise UsageError(f"{file}: {error.error.message}") from error
    path = display_path(settings.root, location)
    key = digest_content(data, settings.languages, path) + current_fingerprint()
    row = find_row(store, key, time.time())
    facts: Facts = {"path": path, "key": key.hex(), "stored": row is not None}
    if row is None:
        return facts
    try:
        record = store.get(key) or b""
        measurement = decode_record(record)
    except EntryError as error:
        return facts | row | {"bad": str(error)}
    files: Any = make_measurements({path: measurement})["files"]
    return facts | row | {"compressed": is_packed(record), "file": files[0]}


def verify(
    store: LocalStore, settings: Settings, config: Path | None, *, is_quiet: bool, repair: bool
) -> Facts:
    """Return problems in a store, and remove bad entries if requested.

    A sample of the root's files is measured again, and the memo of its commit is compared with all files.
    """
    facts = verify_rows(store, settings, is_quiet=is_quiet, repair=repair)
    if "damage" in facts:
        return facts
    with follow(is_quiet) as step:
        compared, wrong = _compare(store, settings, current_fingerprint(), step)
    again = [{"key": key.hex(), "reason": "different values when measured again"} for key in wrong]
    if (memo := find_wrong_memo(read_rules(Path.cwd(), config), store.directory.parent)) is not None:
        key, path = memo
        wrong = [*wrong, key]
        again.append({"key": key.hex(), "reason": f"the memo of the commit is wrong about {path}"})
    if repair:
        store.delete_many(wrong)
    return {**facts, "bad": [*facts["bad"], *again], "measured_again": compared}


def verify_rows(store: LocalStore, _: Settings, *, is_quiet: bool, repair: bool) -> Facts:
    """Return bad entries of a store or damage of its database, and remove them if requested.

    A damaged database is replaced by a new one.
    """
    if (damage := check_database(store)) is not None:
        if repair:
            leave_mark(store.directory, store.inode)
        return {"damage": damage, "repaired": repair}
    entries = count_entries(store)
    with follow(is_quiet, "entry", "entries") as step:
        rows = list(iter_bad_rows(store, current_fingerprint(), lambda done: step(done, entries)))
    bad = [
        {"key": row.key.hex() if isinstance(row.key, bytes) else repr(row.key), "reason": row.reason}
        for row in rows
    ]
    if repair:
        remove_rows(store, rows)
    return {"entries": entries, "bad": bad, "measured_again": 0, "repaired": repair}


def _compare(
    store: LocalStore, settings: Settings, fingerprint: bytes, step: ReportProgress
) -> tuple[int, list[bytes]]:
    """Measure stored files of the root again; return their number, and keys of wrong entries."""
    storage = Storage(settings.root, store, Bounds(fingerprint=fingerprint), languages=settings.languages)
    found = storage.with_digests(select_files(settings).files)
    pairs: list[tuple[bytes, bool]] = []
    with closing(open_measurer(settings, None)) as measurer:
        for source in _spread(found):
            if len(pairs) >= _SAMPLE:
                break
            step(len(pairs), _SAMPLE)
            pairs += _iter_pairs(store, source, fingerprint, settings.max_file_bytes, measurer)
    return len(pairs), [key for key, is_right in pairs if not is_right]


def _spread(sources: Sequence[Source]) -> Iterator[Source]:
    """Yield sources in an order in which the first are a sample of all."""
    stride = -(-len(sources) // _SAMPLE) or 1
    for start in range(stride):
        yield from sources[start::stride]


def _iter_pairs(
    store: LocalStore, source: Source, fingerprint: bytes, max_size: float, measurer: Measurer
) -> Iterator[tuple[bytes, bool]]:
    """Yield the key of each such file, and whether the stored values equal the measured ones."""
    with suppress(UnreadableError, EntryError):
        data = source.read(max_size).data
        key = digest_content(data, measurer.storage.languages, source.path) + fingerprint
        record = store.get(key)
        if record is not None:
            yield (
                key,
                decode_record(record) == measurer.measure(source._replace(digest=None)).measurement,
            )


def prune(
    store: LocalStore,
    settings: Settings,
    paths: Sequence[str],
    days: float | None,
    *,
    other_versions: bool,
    is_history: bool = False,
) -> Facts:
    """Remove entries beyond the bounds or not used for some days, or those of some files.

    Those of other versions are removed if requested. Contents of old commits can't be found by path.
    """
    removed, notes = 0, list[str]()
    if not paths:
        bounds = choose_bounds(settings, is_history=is_history)
        removed = forget_other_versions(store, bounds.fingerprint) if other_versions else 0
        removed += forget_unused(store, bounds.max_age if days is None else days * 86400)
        store.forget_full()
        removed += tidy(store, bounds, float("inf"))
    elif not is_history:
        digests, selection = [], select_files(settings, locate_all(settings, paths))
        for file in selection.files:
            with suppress(UnreadableError):  # the store can't contain it
                data = file.read(settings.max_file_bytes).data
                digests.append(digest_content(data, settings.languages, file.path))
        removed, notes = forget_contents(store, digests, (days or 0) * 86400), [*selection.notes]
        store.forget_full()
    return {"removed": removed, "entries": count_entries(store), "notes": notes}


def clear_all(store: LocalStore, _: Settings) -> Facts:
    """Remove all entries."""
    return {"removed": clear(store), "entries": count_entries(store)}


def describe_history(store: LocalStore, settings: Settings) -> Facts:
    """Return the facts about the store for contents of old commits."""
    stock = take_stock(store, current_fingerprint(), time.time())
    kept = {name: stock[name] for name in ("entries", "measurements", "usable_measurements", "size")}
    return {"history": kept | {"max_size": settings.history_max_size_mb * 1e6}}


def write_export(store: LocalStore, _: Settings, path: Path, since: float) -> Facts:
    """Write the store's measurements to a file."""
    require_no_input(path, "the export would overwrite", "measurements.bin")
    number = size = 0

    def iter_counted() -> Iterator[bytes]:
        nonlocal number, size
        for number, part in enumerate(iter_export(store, since), start=-1):  # noqa: B007
            size += len(part)
            yield part

    write_parts(path, iter_counted(), "export")
    return {"exported": number, "size": size, "path": name_path(str(path))}


def read_export(store: LocalStore, settings: Settings, path: Path) -> Facts:
    """Import the measurements of a file within the store's bounds."""
    try:
        number, usable = import_entries(store, path, current_fingerprint())
    except (EntryError, OSError) as error:
        said = error.strerror if isinstance(error, OSError) else f"{error}; nothing was imported"
        raise UsageError(f"{make_printable(str(path))}: {said}") from error
    advice = keep_up(store, choose_bounds(settings))
    return {"imported": number, "usable": usable, "advice": advice}
