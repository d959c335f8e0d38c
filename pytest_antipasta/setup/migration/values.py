"""Options of other tools, the settings made of them, and options that are lost."""

from __future__ import annotations

from msgspec import Struct


class Option(Struct, frozen=True):
    """One option of another tool.

    Attributes:
        tool: whose.
        name: with hyphens, and dots where it stands in a table of its own.
        value: as the file's parser gives it.
        origin: ``file:line: option``.
        written: the last part of its name, as it is written.
    """

    tool: str
    name: str
    value: object
    origin: str
    written: str = ""


class Setting(Struct, frozen=True):
    """One setting of ours, or one item of it where it is a list.

    Attributes:
        key: ``paths``, ``exclude``, ``use_gitignore``, ``overrides`` or a metric.
        text: its value as TOML; for ``overrides`` that of its ``files``.
        origin: what it was.
        note: a sentence about it.
    """

    key: str
    text: str
    origin: str
    note: str = ""


class Lost(Struct, frozen=True):
    """What has no counterpart.

    Attributes:
        origin: what it was.
        why: what to do instead, or why nothing needs to be done.
    """

    origin: str
    why: str
