"""Summaries, warnings and figures of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.engine.stats.facts import *
    from pytest_antipasta.engine.stats.stats import *

__getattr__ = lazy_names(
    __name__,
    {
        "facts": "describe_run",
        "stats": "describe_other_kernels find_changes find_scope find_warnings make_stats",
    },
)
