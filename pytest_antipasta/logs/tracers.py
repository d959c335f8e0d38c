"""Who traces runs: the application that we are part of, or the environment; no setting does."""

from __future__ import annotations

import os
import sys
from typing import Any

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
"""Variables that say where spans go, the one for spans alone first."""


def is_traced() -> bool:
    """Whether anybody traces what is run now."""
    return is_asked_for() or find_provider() is not None


def is_asked_for() -> bool:
    """Whether the environment asks for traces."""
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporters = os.environ.get("OTEL_TRACES_EXPORTER", "").replace(" ", "")
    return "otlp" in exporters.split(",") if exporters else any(map(os.environ.get, ENDPOINTS))


def find_provider() -> Any:
    """Return the application's own ``TracerProvider``, if it has set one."""
    api = sys.modules.get("opentelemetry.trace")
    if api is None:
        return None
    # Asking for it would make one where the environment names a kind, of which nobody takes the spans.
    return getattr(api, "_TRACER_PROVIDER", None)
