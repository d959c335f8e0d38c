"""Kinds of values that a setting can have: the check, the message and the JSON Schema of each.

The type of a field of ``Settings`` says its kind, see :func:`choose_kind`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal, TypeAlias, TypeGuard, get_args, get_origin

from msgspec import Struct

from pytest_antipasta.messages import format_value
from pytest_antipasta.model.measured import Number, is_finite
from pytest_antipasta.settings.documents import Entry
from pytest_antipasta.settings.entries import MOST_PATTERNS, parse_list, refuse

Schema: TypeAlias = Mapping[str, Any]
"""A JSON Schema, draft 2020-12."""
LEAST_MEMORY = 64


class Kind(Struct, frozen=True):
    """The values that a setting can have.

    Attributes:
        parse: returns the value of an entry, or reports a problem and returns anything.
        schema: the schema of the values.
    """

    parse: Callable[[Entry], Any]
    schema: Schema


def _make_plain(expected: str, is_valid: Callable[[Any], bool], schema: Schema) -> Kind:
    """Return the kind of values that are kept as they are if they are valid."""

    def parse(entry: Entry) -> object:
        if is_valid(entry.value):
            return entry.value
        refuse(entry, expected)
        return None

    return Kind(parse, schema)


def is_limit(value: object) -> TypeGuard[Number]:
    """Return whether a value can be a limit; ``bool`` does not count as a number."""
    return is_finite(value) and value >= 0


def _is_count(value: object) -> bool:
    return is_limit(value) and isinstance(value, int) and value >= 1


def make_choice(words: Iterable[str]) -> Kind:
    """Return the kind of one of several words."""
    words = tuple(words)
    expected = " or ".join(map(format_value, words))
    return _make_plain(expected, lambda value: isinstance(value, str) and value in words, {"enum": [*words]})


def make_list(item: Kind, least: int = 0, most: int = MOST_PATTERNS) -> Kind:
    """Return the kind of lists of strings, at least ``least`` (0 or 1) and at most ``most``."""

    def parse(entry: Entry) -> tuple[str, ...]:
        if least and entry.value == []:
            entry.complain("expected at least one string, got an empty list")
        if isinstance(entry.value, str):
            text = format_value(entry.value)
            entry.complain(f"expected a list of strings, got {text}; write [{text}]")
            return ()
        texts = map(item.parse, parse_list(entry, "strings", most) or ())
        return tuple(text for text in texts if text is not None)

    bounds = {"minItems": least} if least else {}
    return Kind(parse, {"type": "array", "items": item.schema, **bounds})


def parse_text(entry: Entry) -> str | None:
    """Parse a string that is not blank and valid in a file name."""
    if not isinstance(entry.value, str) or not entry.value.strip():
        refuse(entry, "a non-empty string")
        return None
    # YAML can spell half of a surrogate pair.
    if "\0" in entry.value or any("\ud800" <= char <= "\udfff" for char in entry.value):
        refuse(entry, "a string that is valid in a file name")
        return None
    return entry.value


def _parse_folder(entry: Entry) -> str | None:
    """Parse a path that is not a whole file system, which nobody intends to measure."""
    path = parse_text(entry)
    if path is not None and not os.path.basename(os.path.normpath(path)):
        entry.complain(f"expected a path in the project, got {format_value(path)} (the whole file system)")
        return None
    return path


def parse_glob(entry: Entry) -> str | None:
    """Parse a glob that can match a path."""
    glob = parse_any_glob(entry)
    if glob is not None and glob.removeprefix("!").startswith(("./", "../")):
        entry.complain(f"expected a glob relative to the root without leading dots, got {format_value(glob)}")
        return None
    return glob


def parse_any_glob(entry: Entry) -> str | None:
    """Parse a line as in a ``.gitignore``."""
    glob = parse_text(entry)
    if glob is None:
        return None
    if "\\" in glob and re.match(_WITH_BACKSLASH, glob, re.DOTALL):
        entry.complain(f"expected a glob with / between folders, not \\, got {format_value(glob)}")
        return None
    if not _can_match(glob):
        entry.complain(f"expected a gitignore-style glob, got {format_value(glob)}")
        return None
    return glob


def _can_match(glob: str) -> bool:
    # All other characters can match, and nearly all settings contain only these.
    if not set(glob) & set("[\\!/ "):
        return True
    from pytest_antipasta.settings.globs import translate

    return glob.startswith("#") or translate(glob) is not None


def _make_pattern(pattern: str, examples: str) -> Kind:
    """Return the kind of strings that match a regular expression."""

    def parse(entry: Entry) -> str | None:
        text = parse_text(entry)
        if text is None or re.fullmatch(pattern, text):
            return text
        entry.complain(f"expected a name such as {examples}, got {format_value(text)}")
        return None

    return Kind(parse, {"type": "string", "pattern": pattern})


# They can match a function: by its name or a decorator, and by its file and its name.
_NAME = r"^(?!.*::)(?!@?!)(?!@$)[^\s()/]+$"
_PLACE = r"^(?![@!]).*::(?![@!])\S.*(?<!\(\))$"
# Escapes what needs no escape, or nothing: a path as Windows writes it. Comments may have one.
_WITH_BACKSLASH = r"(?!#)(?:[^\\]|\\\W)*\\(?:\w|$)"
_DECORATOR = 'a decorator such as "@*.route"'
_NOT_BLANK: Schema = {"type": "string", "pattern": r"\S"}
FLAG = _make_plain("true or false", lambda value: isinstance(value, bool), {"type": "boolean"})
LIMIT = _make_plain("a finite number >= 0", is_limit, {"type": "number", "minimum": 0})
TEXT = Kind(parse_text, _NOT_BLANK)
FOLDER = Kind(_parse_folder, _NOT_BLANK)
GLOB = Kind(parse_glob, {"type": "string", "pattern": rf"^(?!!?\.\.?/)(?!{_WITH_BACKSLASH}).*\S"})
FUNCTION = _make_pattern(_NAME, f'"test_*", "Cart.*", or {_DECORATOR}')
_CRITICAL = _make_pattern(f"{_NAME}|{_PLACE}", f'"total", "Cart.*", "src/pay/*.py::*", or {_DECORATOR}')
_POSITIVE = _make_plain(
    "a finite number > 0",
    lambda value: is_limit(value) and value > 0,
    {"type": "number", "exclusiveMinimum": 0},
)
# A process uses as much before it measures anything.
_MEMORY = _make_plain(
    f"a finite number >= {LEAST_MEMORY}",
    lambda value: is_limit(value) and value >= LEAST_MEMORY,
    {"type": "number", "minimum": LEAST_MEMORY},
)
_WHOLE: Schema = {"type": "integer", "minimum": 1}
COUNT = _make_plain("a whole number >= 1", _is_count, _WHOLE)
_JOBS = _make_plain(
    'a whole number >= 1 or "auto"',
    lambda value: value == "auto" or _is_count(value),
    {"anyOf": [_WHOLE, {"const": "auto"}]},
)

Positive: TypeAlias = Annotated[Number, _POSITIVE]
Memory: TypeAlias = Annotated[Number, _MEMORY]
Jobs: TypeAlias = Annotated[int | Literal["auto"], _JOBS]
Critical: TypeAlias = Annotated[str, _CRITICAL]
Glob: TypeAlias = Annotated[str, GLOB]


def choose_kind(declared: Any) -> Kind:
    """Return the kind that a type declares: its own, or that of ``bool``, of a ``Literal`` or of a tuple.

    Raises:
        TypeError: the type declares none.
    """
    of_its_own = [item for item in getattr(declared, "__metadata__", ()) if isinstance(item, Kind)]
    if of_its_own:
        return of_its_own[0]
    if get_origin(declared) is Literal:
        return make_choice(get_args(declared))
    if get_origin(declared) is tuple:
        return make_list(choose_kind(get_args(declared)[0]))
    if declared is bool:
        return FLAG
    raise TypeError(f"no kind of settings: {declared}")
