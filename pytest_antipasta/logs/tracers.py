"""Find who requests traces: the embedding application or the environment; no setting does."""

from __future__ import annotations

import os
import sys
from typing import Any

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
"""Environment variables with the address for spans, in order of precedence."""


def is_traced() -> bool:
    """Return whether the current run is traced."""
    return is_asked_for() or find_provider() is not None


def is_asked_for() -> bool:
    """Return whether the environment requests traces."""
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporters = os.environ.get("OTEL_TRACES_EXPORTER", "").replace(" ", "")
    return "otlp" in exporters.split(",") if exporters else any(map(os.environ.get, ENDPOINTS))


def find_provider() -> Any:
    """Return the application's own ``TracerProvider``, if set."""
    api = sys.modules.get("opentelemetry.trace")
    if api is None:
        return None
    # Asking OpenTelemetry would create one from the environment, whose spans nobody receives.
    return getattr(api, "_TRACER_PROVIDER", None)
