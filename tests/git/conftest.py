"""Repositories as the gate's tests have them."""

from tests.gate.conftest import _path, empty, guarded

__all__ = ["_path", "empty", "guarded"]
