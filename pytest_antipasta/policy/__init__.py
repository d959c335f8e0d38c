"""Policy: comparing numbers with limits, and suppressing violations by comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.policy.limits import *

__getattr__ = lazy_names(
    __name__,
    {
        "limits": "excess_ratio find_block_threshold is_critical is_worse judge satisfies",
    },
)
