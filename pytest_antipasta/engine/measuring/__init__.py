"""Measuring one source: looked up in the store, or measured within limits of time and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.engine.measuring.lookup import *
    from pytest_antipasta.engine.measuring.measurer import *
    from pytest_antipasta.engine.measuring.worker_orders import *

__getattr__ = lazy_names(
    __name__,
    {
        "lookup": "Lookup current_fingerprint open_store",
        "measurer": "Measurer measure_once open_measurer",
        "worker_orders": "decode_orders encode_orders",
    },
)
