"""The history of values: contents of commits, each measured once, and totals of every commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.trend.life import *
    from pytest_antipasta.trend.opening import *
    from pytest_antipasta.trend.plan import *
    from pytest_antipasta.trend.run import *

__getattr__ = lazy_names(
    __name__,
    {
        "life": "measure_life",
        "opening": "Past open_past",
        "plan": "Range",
        "run": "measure_trend",
    },
)
