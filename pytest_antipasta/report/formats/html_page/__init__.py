"""HTML pages of a check and of a history, which open from disk: data, scripts and libraries are inline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.report.formats.html_page.assembly import *

__getattr__ = lazy_names(__name__, {"assembly": "write write_trend_page"})
