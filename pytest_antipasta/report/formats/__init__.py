"""Report formats, one module for each, and writing them to files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.report.formats.html_page.assembly import *
    from pytest_antipasta.report.formats.outputs import *

__getattr__ = lazy_names(
    __name__,
    {
        "html_page.assembly": "write_life_page write_trend_page",
        "outputs": (
            "Output choose_format find_format find_formats need_plans parse_outputs parse_path "
            "require_apart require_no_source write_reports"
        ),
    },
)
