"""The fingerprint that is part of the key of each record: the versions that its numbers depend on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from pytest_antipasta.runtime import installed_version, python_minor

# Meaning or order of the fields of a record, and every change of a number or of what stands for a body.
RECORD_SCHEMA = 11


def list_versions(others: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the versions that the numbers of a content depend on, each with the name of what has it.

    The Python minor version is one of them: radon's raw counts and the syntax itself depend on it.
    """
    return (
        f"schema {RECORD_SCHEMA}",
        f"python {python_minor()}",
        f"radon {installed_version('radon')}",
        f"complexipy {installed_version('complexipy')}",
        *others,
    )


def make_fingerprint(others: Iterable[str] = ()) -> bytes:
    """Return 8 bytes that differ wherever the same content could be measured differently.

    ``others`` is a line for whatever else measures.
    """
    return hashlib.sha256("\n".join(list_versions(others)).encode()).digest()[:8]
