"""What can go wrong in a way that a user can mend."""

from __future__ import annotations


class AntipastaError(Exception):
    """The message says what is wrong, where, and what to do."""


class UsageError(AntipastaError):
    """Wrong settings or arguments: exit code 2 on the command line, 4 in pytest."""
