"""Rewrites that make a function simpler: tried, measured and proven, never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.advice.module import *
    from pytest_antipasta.advice.plan import *
    from pytest_antipasta.advice.search import *
    from pytest_antipasta.advice.snippet import *

__getattr__ = lazy_names(
    __name__,
    {
        "module": "Module",
        "plan": "Limits Plan Step apply_plan iter_diffs",
        "search": "ENGINE_VERSION SMALL TASTE Taste find_plan",
        "snippet": "Numbers",
    },
)
