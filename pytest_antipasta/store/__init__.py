"""The store: measurements by content, kept between runs as bytes under a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.store.exchange import *
    from pytest_antipasta.store.fingerprint import *
    from pytest_antipasta.store.inventory import *
    from pytest_antipasta.store.journal import *
    from pytest_antipasta.store.local import *
    from pytest_antipasta.store.location import *
    from pytest_antipasta.store.protocol import *
    from pytest_antipasta.store.records import *
    from pytest_antipasta.store.shared import *
    from pytest_antipasta.store.shared_address import *
    from pytest_antipasta.store.upkeep import *

__getattr__ = lazy_names(
    __name__,
    {
        "exchange": "import_entries iter_export",
        "fingerprint": "RECORD_SCHEMA list_versions make_fingerprint",
        "inventory": (
            "check_database count_entries find_other_layouts find_other_versions find_row find_size is_there "
            "iter_bad_rows remove_rows take_stock"
        ),
        "journal": "DAYS PastRun RunKind find_hit_rate record_run read_runs",
        "local": "LAYOUT LocalStore SQLITE_VERSION leave_mark",
        "location": "ENVIRONMENT_VARIABLE find_cache_dir find_history_dir find_shared_store",
        "protocol": "Bounds DAY EntryError StoreError UNDECODABLE",
        "records": "decode_bodies decode_record encode_bodies encode_record find_bodies_key is_packed",
        "shared": "SharedStore",
        "shared_address": "SharedAddress",
        "upkeep": "clear forget_contents forget_other_versions forget_unused keep_up tidy",
    },
)
