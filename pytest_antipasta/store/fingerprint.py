"""The fingerprint, part of the key of each record: the versions that its values depend on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from pytest_antipasta.model.measured import RECORD_SCHEMA
from pytest_antipasta.runtime.environment import installed_version, python_minor


def list_versions(others: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the versions that the values of a content depend on, by package name."""
    return (
        f"schema {RECORD_SCHEMA}",
        f"python {python_minor()}",
        f"radon {installed_version('radon')}",
        f"complexipy {installed_version('complexipy')}",
        *others,
    )


def make_fingerprint(others: Iterable[str] = ()) -> bytes:
    """Return 8 bytes that differ if the same content could be measured differently.

    ``others`` has the versions of everything else that measures.
    """
    return hashlib.sha256("\n".join(list_versions(others)).encode()).digest()[:8]
