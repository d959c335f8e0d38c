"""Text that antipasta takes for a number or a truth value, and YAML does not."""

from __future__ import annotations

from contextlib import suppress

from pytest_antipasta.settings.entries import Entry

_TRUTHS: dict[object, bool] = {
    **dict.fromkeys(("true", "yes", "on", "y", "t", "1"), True),
    **dict.fromkeys(("false", "no", "off", "n", "f", "0"), False),
}


def read_number(entry: Entry) -> Entry:
    """Give the entry with the number that its text spells, or as it is."""
    if not isinstance(entry.value, str):
        return entry
    for kind in (int, float):
        with suppress(ValueError):
            return Entry(entry.key, kind(entry.value), entry.remarks)
    return entry


def read_truth(entry: Entry) -> Entry:
    """Give the entry with the truth value that its text spells, or as it is."""
    text = str(entry.value).lower()
    return Entry(entry.key, _TRUTHS[text], entry.remarks) if text in _TRUTHS else entry
