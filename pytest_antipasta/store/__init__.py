"""Measurements by content, kept between runs: a key and bytes, and nothing about files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.store.audit import (
        check_database as check_database,
        iter_bad_rows as iter_bad_rows,
        remove_rows as remove_rows,
    )
    from pytest_antipasta.store.database import SQLITE_VERSION as SQLITE_VERSION
    from pytest_antipasta.store.inventory import (
        count_entries as count_entries,
        find_other_layouts as find_other_layouts,
        find_row as find_row,
        is_there as is_there,
        take_stock as take_stock,
    )
    from pytest_antipasta.store.local import (
        LAYOUT as LAYOUT,
        LocalStore as LocalStore,
    )
    from pytest_antipasta.store.location import find_cache_dir as find_cache_dir
    from pytest_antipasta.store.notes import (
        has_room as has_room,
        read_last_run as read_last_run,
        write_last_run as write_last_run,
    )
    from pytest_antipasta.store.opening import leave_mark as leave_mark
    from pytest_antipasta.store.protocol import (
        DAY as DAY,
        Bounds as Bounds,
        EntryError as EntryError,
        StoreError as StoreError,
    )
    from pytest_antipasta.store.records import (
        RECORD_SCHEMA as RECORD_SCHEMA,
        decode_record as decode_record,
        encode_record as encode_record,
        is_packed as is_packed,
        make_fingerprint as make_fingerprint,
    )
    from pytest_antipasta.store.stat_index import (
        Index as Index,
        decode_index as decode_index,
        encode_index as encode_index,
        index_key as index_key,
        update_index as update_index,
    )
    from pytest_antipasta.store.upkeep import (
        clear as clear,
        forget_unused as forget_unused,
        keep_up as keep_up,
        tidy as tidy,
    )

__getattr__ = lazy_names(
    __name__,
    {
        "audit": "check_database iter_bad_rows remove_rows",
        "database": "SQLITE_VERSION",
        "inventory": "count_entries find_other_layouts find_row is_there take_stock",
        "local": "LAYOUT LocalStore",
        "location": "find_cache_dir",
        "notes": "has_room read_last_run write_last_run",
        "opening": "leave_mark",
        "protocol": "Bounds DAY EntryError StoreError",
        "records": "RECORD_SCHEMA decode_record encode_record is_packed make_fingerprint",
        "stat_index": "Index decode_index encode_index index_key update_index",
        "upkeep": "clear forget_unused keep_up tidy",
    },
)
