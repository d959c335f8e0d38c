"""Repositories as the gate's tests have them."""

from tests.gate.conftest import _origin, _origin_of_empty, _path, empty, guarded

__all__ = ["_origin", "_origin_of_empty", "_path", "empty", "guarded"]
