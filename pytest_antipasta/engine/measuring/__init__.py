"""Get the values of one source: from the store, or measured within limits of time and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.engine.measuring.measurement import *
    from pytest_antipasta.engine.measuring.measurer import *

__getattr__ = lazy_names(
    __name__,
    {
        "measurement": "measure",
        "measurer": "Measurer make_measurer measure_once open_measurer",
    },
)
