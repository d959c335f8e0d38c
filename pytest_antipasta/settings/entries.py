"""A value of a settings file with its place, and remarks about wrong values."""

from __future__ import annotations

import re
from typing import TypeAlias

from msgspec import Struct, field

from pytest_antipasta.messages import format_value

Key: TypeAlias = tuple[str | int, ...]
"""The way from the top of a file to a value: names in tables, 0-based positions in arrays."""


class Remark(Struct, frozen=True):
    """Something to say about one place of the file.

    Attributes:
        key: the place.
        text: the remark, without the place.
    """

    key: Key
    text: str


class Remarks(Struct, frozen=True):
    """All that was found while one file was read: every problem, not only the first.

    Attributes:
        problems: what makes the settings wrong.
        notes: what the user should know and need not fix.
    """

    problems: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)


class Entry(Struct, frozen=True):
    """One value of the file.

    Attributes:
        key: where it stands.
        value: what the TOML or YAML parser made of it.
        remarks: where to note what is said about it.
    """

    key: Key
    value: object
    remarks: Remarks

    @property
    def name(self) -> str:
        """The last part of the key."""
        return str(self.key[-1])

    def child(self, part: str | int, value: object) -> Entry:
        """Give the entry of a value inside this one."""
        return Entry((*self.key, part), value, self.remarks)

    def complain(self, text: str) -> None:
        """Note a problem of this value."""
        self.remarks.problems.append(Remark(self.key, text))

    def note(self, text: str) -> None:
        """Note something that the user should know of this value."""
        self.remarks.notes.append(Remark(self.key, text))


def format_key(key: Key) -> str:
    """Write a key path as TOML would: dots between the names, quotes where a name needs them."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{_format_name(part)}" for part in key)
    return text.removeprefix(".")


def _format_name(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else format_value(name)
