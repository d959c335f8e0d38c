"""Prove by the bytecode of the running Python that a rewritten function behaves as before."""

from __future__ import annotations


class RefusedError(Exception):
    """The proof is given up; the message says why."""
