"""Sizes, times and numbers of entries in words."""

from __future__ import annotations

from pytest_antipasta.report.wording import count


def format_size(size: float) -> str:
    """Return bytes as people say them."""
    if size < 1000:
        return count(int(size), "byte")
    return f"{size / 1e3:.1f} kB" if size < 1e6 else f"{size / 1e6:.1f} MB"


def format_age(seconds: float) -> str:
    """Return a time that has passed, in the largest unit of which there are two."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{count(int(seconds / length), unit)}"
    return count(max(int(seconds), 0), "second")


def count_entries(number: int) -> str:
    """Return ``1 entry``, ``2 entries``."""
    return f"{number} {'entry' if number == 1 else 'entries'}"
