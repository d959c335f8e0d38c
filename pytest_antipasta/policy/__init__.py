"""Policy: compare values with limits, and suppress violations by comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.policy.headroom import *
    from pytest_antipasta.policy.limits import *
    from pytest_antipasta.policy.suppressions.apply import *
    from pytest_antipasta.policy.suppressions.comments import *
    from pytest_antipasta.policy.suppressions.other_languages import *
    from pytest_antipasta.policy.worst import *

__getattr__ = lazy_names(
    __name__,
    {
        "headroom": "NEAR HeadroomFinder Standing find_headroom find_standing parse_ratio",
        "limits": (
            "Limits excess_ratio find_block_threshold find_block_thresholds find_excess find_nested "
            "is_critical is_worse judge satisfies"
        ),
        "suppressions.apply": "SuppressionRules choose_state suppress",
        "suppressions.comments": "find_comment_line find_comments may_suppress",
        "suppressions.other_languages": "find_line_comments",
        "worst": "WorstLimits find_worst",
    },
)
