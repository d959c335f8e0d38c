"""Suppression comments: finding them in the text, parsing them, and applying them to violations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.policy.suppressions.apply import *
    from pytest_antipasta.policy.suppressions.comments import *
    from pytest_antipasta.policy.suppressions.patterns import *

__getattr__ = lazy_names(
    __name__,
    {
        "apply": "SuppressionRules choose_state suppress",
        "comments": "find_comments",
        "patterns": "may_suppress",
    },
)
