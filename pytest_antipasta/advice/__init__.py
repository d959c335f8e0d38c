"""Rewrites that make a function simpler: tried, measured and proven, never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.advice.aims import *
    from pytest_antipasta.advice.edits import *
    from pytest_antipasta.advice.module import *
    from pytest_antipasta.advice.plan import *
    from pytest_antipasta.advice.search import *

__getattr__ = lazy_names(
    __name__,
    {
        "aims": "ENGINE_VERSION Limits Numbers SMALL TASTE Taste",
        "edits": "Edit apply_edits diff_edits",
        "module": "Module",
        "plan": "Plan Step",
        "search": "find_plan",
    },
)
