"""What measurements depend on besides the measured bytes."""

from __future__ import annotations

import hashlib

from pytest_antipasta.versions import installed_version, python_minor

# Meaning or order of the fields of a record, and every change of a number.
RECORD_SCHEMA = 6


def make_fingerprint() -> bytes:
    """Return 8 bytes that differ wherever the same content could be measured differently.

    The Python minor version is part of it: radon's raw counts and the syntax itself depend on it.
    """
    parts = (
        f"schema {RECORD_SCHEMA}",
        f"python {python_minor()}",
        f"radon {installed_version('radon')}",
        f"complexipy {installed_version('complexipy')}",
    )
    return hashlib.sha256("\n".join(parts).encode()).digest()[:8]
