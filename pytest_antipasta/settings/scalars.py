"""Readers of single values: each gives the value, or notes a problem and gives ``None``."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TypeGuard

from pytest_antipasta.model import Number
from pytest_antipasta.settings.entries import Entry
from pytest_antipasta.settings.wording import format_value

_LEAST_MEMORY = 64


def refuse(entry: Entry, expected: str) -> None:
    """Note that a value is not what it should be."""
    entry.complain(f"expected {expected}, got {format_value(entry.value)}")


def parse_bool(entry: Entry) -> bool | None:
    """Read ``true`` or ``false``."""
    if isinstance(entry.value, bool):
        return entry.value
    refuse(entry, "true or false")
    return None


def parse_limit(entry: Entry) -> Number | None:
    """Read a finite number of 0 or more."""
    if is_limit(entry.value):
        return entry.value
    refuse(entry, "a finite number >= 0")
    return None


def is_limit(value: object) -> TypeGuard[Number]:
    """Tell whether a value can be a limit; ``bool`` is no number here."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(value) and value >= 0
    except OverflowError:  # an integer that no float can hold can't be reported either
        return False


def parse_size(entry: Entry) -> Number | None:
    """Read a finite number of more than 0."""
    if is_limit(entry.value) and entry.value:
        return entry.value
    refuse(entry, "a finite number > 0")
    return None


def parse_memory(entry: Entry) -> Number | None:
    """Read megabytes, at least what a process of ours takes before it measures anything."""
    if is_limit(entry.value) and entry.value >= _LEAST_MEMORY:
        return entry.value
    refuse(entry, f"a finite number >= {_LEAST_MEMORY}")
    return None


def parse_count(entry: Entry) -> int | None:
    """Read a whole number of 1 or more."""
    if is_limit(entry.value) and isinstance(entry.value, int) and entry.value:
        return entry.value
    refuse(entry, "a whole number >= 1")
    return None


def parse_choice(entry: Entry, choices: Collection[str]) -> str | None:
    """Read one of some words."""
    if isinstance(entry.value, str) and entry.value in choices:
        return entry.value
    refuse(entry, " or ".join(format_value(choice) for choice in choices))
    return None


def parse_text(entry: Entry) -> str | None:
    """Read a string that is not blank and that can stand in a file name."""
    if not isinstance(entry.value, str) or not entry.value.strip():
        refuse(entry, "a string that is not empty")
        return None
    # YAML can spell half of a surrogate pair.
    if "\0" in entry.value or any("\ud800" <= char <= "\udfff" for char in entry.value):
        refuse(entry, "a string that can stand in a file name")
        return None
    return entry.value
