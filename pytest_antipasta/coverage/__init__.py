"""Join coverage.py's data with the complexity of functions; imported only if a run requests it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.coverage.joining import *
    from pytest_antipasta.coverage.reading import *

__getattr__ = lazy_names(
    __name__,
    {"joining": "CoverageJudge make_facts sum_unreached", "reading": "Coverage open_coverage"},
)
