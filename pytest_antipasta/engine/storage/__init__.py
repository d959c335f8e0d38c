"""Storage: stored facts about contents and files, from earlier runs and from this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.engine.storage.storage import *

__getattr__ = lazy_names(
    __name__,
    {
        "storage": (
            "Storage choose_bounds choose_history_bounds current_fingerprint find_store open_history "
            "open_storage open_store"
        ),
    },
)
