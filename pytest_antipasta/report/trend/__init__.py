"""The history of a repository and of a single function, as text and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.report.trend.data import *
    from pytest_antipasta.report.trend.life_text import *
    from pytest_antipasta.report.trend.series import *
    from pytest_antipasta.report.trend.text import *

__getattr__ = lazy_names(
    __name__,
    {
        "data": (
            "format_date iter_trend_csv iter_trend_json make_life make_life_csv make_life_json make_standing"
        ),
        "life_text": "iter_life_lines",
        "series": "iter_series",
        "text": "find_worst iter_hotspot_lines iter_trend_lines iter_trend_notes",
    },
)
