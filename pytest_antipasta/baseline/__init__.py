"""The baseline: violations recorded in a file, which are tolerated while they get no worse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.baseline.entries import *
    from pytest_antipasta.baseline.file import *
    from pytest_antipasta.baseline.matching import *
    from pytest_antipasta.baseline.moved import *
    from pytest_antipasta.baseline.review import *
    from pytest_antipasta.baseline.text import *
    from pytest_antipasta.baseline.tolerance import *
    from pytest_antipasta.baseline.update import *

__getattr__ = lazy_names(
    __name__,
    {
        "entries": "Baseline EntryKey BodySource make_entry",
        "file": (
            "DEFAULT_NAME find_baseline command_for iter_unread_notes locate_baseline parse_named "
            "read_baseline"
        ),
        "matching": "FileSource ValueKey identify",
        "moved": "Tree",
        "review": "find_better is_lost is_near_limit is_vacant review_baseline",
        "text": "BaselineError SCHEMA_VERSION describe format_baseline parse_baseline",
        "tolerance": "Tolerance",
        "update": "Current EntryChange UpdateScope Update give_reason plan_prune plan_write",
    },
)
