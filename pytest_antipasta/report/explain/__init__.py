"""Explain how the values of a file and its functions are calculated, as text and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.report.explain.explanation import *
    from pytest_antipasta.report.explain.limits import *
    from pytest_antipasta.report.explain.record import *

__getattr__ = lazy_names(
    __name__,
    {
        "explanation": "Explained find_namesakes iter_explanation",
        "limits": "Limit find_limits",
        "record": "make_explanation",
    },
)
