"""Comments that suppress violations: found in the text, read, and applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.policy.suppressions.apply import (
        SuppressionRules as SuppressionRules,
        choose_state as choose_state,
        suppress as suppress,
    )
    from pytest_antipasta.policy.suppressions.comments import find_comments as find_comments
    from pytest_antipasta.policy.suppressions.patterns import may_suppress as may_suppress

__getattr__ = lazy_names(
    __name__,
    {
        "apply": "SuppressionRules choose_state suppress",
        "comments": "find_comments",
        "patterns": "may_suppress",
    },
)
