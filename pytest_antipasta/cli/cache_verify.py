"""``cache verify``: checking every record of the store, and measuring the current files again to compare."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing, suppress

from pytest_antipasta.engine import HeldSource, Measurer, Memory, Task, current_fingerprint, open_measurer
from pytest_antipasta.files import UnreadableError, read_file, select_files
from pytest_antipasta.settings import Settings
from pytest_antipasta.store import (
    EntryError,
    LocalStore,
    check_database,
    count_entries,
    decode_record,
    iter_bad_rows,
    leave_mark,
    remove_rows,
)

_SAMPLE = 100


def verify(store: LocalStore, settings: Settings, *, is_repair: bool) -> dict[str, object]:
    """Return what is bad in a store.

    Args:
        store: to be read.
        settings: of the root whose files are measured again.
        is_repair: whether to remove it.

    Raises:
        StoreError: the store can't be read, or not be repaired.
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
    memory = Memory(settings.root, Measurer(store, fingerprint))
    tasks = [task for task in memory.make_tasks(select_files(settings).files) if task.digest]
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
            key = hashlib.sha256(data).digest() + fingerprint
            record = store.get(key)
            if record is not None:
                yield key, decode_record(record) == measurer.measure(HeldSource("", data)).measurement


def _format_key(key: object) -> str:
    return key.hex() if isinstance(key, bytes) else repr(key)
