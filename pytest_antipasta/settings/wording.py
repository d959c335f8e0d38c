"""How settings messages speak of values, keys, names and paths."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from msgspec.json import encode

from pytest_antipasta.settings.entries import Key

_LONGEST_VALUE = 60
_HUGE = 10**30


def format_value(value: object) -> str:
    """Write a value as the user wrote it, or say what it is where it would be long."""
    if isinstance(value, str):
        text = value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + "…"
        # YAML can spell half of a surrogate pair, which no encoding can write.
        return format_json(text.encode("utf-8", "backslashreplace").decode())
    if isinstance(value, bool):
        return "true" if value else "false"
    return _format_other(value)


def format_json(value: object) -> str:
    """Write a string, a number, a truth value or a list of them as JSON that is TOML too."""
    # Both forbid control characters in strings, but only TOML counts this one among them.
    return encode(value).decode().replace("\x7f", "\\u007f")


def _format_other(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, (dict, list)):
        return "a table" if isinstance(value, dict) else "a list"
    # Python refuses to write integers of more than 4300 digits, which a hexadecimal number can have.
    if isinstance(value, int) and abs(value) > _HUGE:
        return "a huge number"
    return str(value)


def format_key(key: Key) -> str:
    """Write a key path as TOML would: dots between the names, quotes where a name needs them."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{_format_name(part)}" for part in key)
    return text.removeprefix(".")


def _format_name(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else format_value(name)


def format_path(path: Path) -> str:
    """Write a path relative to the current folder when it is below it, on one line, in any encoding."""
    text = os.fspath(path)
    with suppress(ValueError, OSError):  # not below it, or the current folder is gone
        text = os.fspath(path.relative_to(Path.cwd()))
    text = os.fsencode(text).decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
