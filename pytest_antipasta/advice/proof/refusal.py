"""How a proof ends that does not succeed."""

from __future__ import annotations


class RefusedError(Exception):
    """The proof is given up; the message says why."""
