"""Values without verdicts: tables, CSV, rankings and distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.report.measure.output import *
    from pytest_antipasta.report.measure.ranking import *

__getattr__ = lazy_names(
    __name__,
    {
        "output": "make_measure_csv make_measure_table",
        "ranking": "iter_distributions",
    },
)
