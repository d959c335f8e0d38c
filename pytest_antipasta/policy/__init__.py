"""Numbers against limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.policy.limits import (
        find_block_threshold as find_block_threshold,
        find_excess as find_excess,
        is_critical as is_critical,
        is_worse as is_worse,
        judge as judge,
        keeps_to as keeps_to,
    )

__getattr__ = lazy_names(
    __name__,
    {
        "limits": "find_block_threshold find_excess is_critical is_worse judge keeps_to",
    },
)
