r"""Convert a line of a ``.gitignore`` to a regular expression that matches exactly like git's ``wildmatch``.

Stars never make it slow. Each matches as little as possible before the following text, and is never tried
again, as a longer match would not help. Trying all ways would take exponential time.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

_SPECIAL = re.compile(r"[*?\[\\]")
_STAR, _FOLDERS = "[^/]*", "(?:[^/]*/)*"
# The same with at least one folder: git does not treat an escaped slash as that of "**/".
_SOME_FOLDERS = "(?:[^/]*/)+"
_CLASSES = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "blank": r" \t", "cntrl": r"\x00-\x1f\x7f", "digit": "0-9",
    "graph": r"\x21-\x7e", "lower": "a-z", "print": r"\x20-\x7e", "punct": r"!-/:-@\[-`{-~",
    "space": r" \t\n\r", "upper": "A-Z", "xdigit": "0-9A-Fa-f",
}  # fmt: skip


class TranslatedGlob(NamedTuple):
    """A pattern that can match a path.

    Attributes:
        regex: matches whole paths as converted by :func:`as_bytes`; folders have no slash at the end.
        takes_back: whether it begins with an exclamation mark.
        is_of_folders: whether it matches only folders.
    """

    regex: str
    takes_back: bool
    is_of_folders: bool


class _MatchesNothingError(Exception):
    """Git accepts the pattern, and it matches no path."""


def as_bytes(path: str) -> str:
    """Return a path or a pattern with one character for each byte, as git compares bytes."""
    if path.isascii():
        return path
    # Not by the encoding of the file system, as names in reports are UTF-8 on every machine.
    return path.encode("utf-8", sys.getfilesystemencodeerrors()).decode("latin-1")


def translate(line: str) -> TranslatedGlob | None:
    """Return the glob of a line; ``None`` if it matches nothing, such as a comment or an incomplete set."""
    if line.startswith("#"):
        return None
    text = as_bytes(_trim(line))
    takes_back = text.startswith("!")
    is_of_folders = text.endswith("/")
    text = text[takes_back : len(text) - is_of_folders]
    is_name = "/" not in text
    text = text.removeprefix("/")
    if not text:
        return None
    try:
        parts = [*_read_parts(text, is_name=is_name)]
    except _MatchesNothingError:
        return None
    return TranslatedGlob("(?:.*/)?" * is_name + _join(parts), takes_back, is_of_folders)


def _trim(line: str) -> str:
    """Return a line without trailing spaces; a backslash keeps the space after it."""
    bare = line.rstrip(" ")
    is_kept = (len(bare) - len(bare.rstrip("\\"))) % 2
    return line[: len(bare) + is_kept]


def _read_parts(text: str, *, is_name: bool) -> Iterable[str]:
    """Yield regular expressions; those of stars are the constants."""
    first = _SPECIAL.search(text)
    # Git compares the text before the first special character literally, so a pattern begins after it.
    start = first.start() if first else len(text)
    position = 0
    while position < len(text):
        if text[position] == "*":
            at_start = position == start or text[position - 1] == "/"
            regex, position = _read_stars(text, position, may_be_double=at_start and not is_name)
            yield regex
        elif text[position] == "[":
            regex, position = _read_set(text, position + 1)
            yield regex
        elif text[position] == "?":
            position += 1
            yield "[^/]"
        else:
            literal, position = _read_character(text, position)
            yield re.escape(literal)


def _read_stars(text: str, position: int, *, may_be_double: bool) -> tuple[str, int]:
    """Return the expression of stars, and where they end; a slash after ``**`` is a part of it."""
    end = len(text) - len(text[position:].lstrip("*"))
    if may_be_double and end > position + 1:
        if end == len(text):
            return ".*", end
        if text[end] == "/":
            return _FOLDERS, end + 1
        if text.startswith("\\/", end):
            return _SOME_FOLDERS, end + 2
    return _STAR, end


def _read_character(text: str, position: int) -> tuple[str, int]:
    """Return a character that may be escaped, and where it ends."""
    position += text[position : position + 1] == "\\"
    if position >= len(text):
        raise _MatchesNothingError
    return text[position], position + 1


def _read_set(text: str, position: int) -> tuple[str, int]:
    """Return a set that begins after a bracket, and where it ends."""
    is_negated = text[position : position + 1] in ("!", "^")
    position += is_negated
    first, inside = position, []
    before = ""  # possible start of a range
    while position == first or text[position : position + 1] != "]":
        if (named := _read_class(text, position)) is not None:
            inside.append(named[0])
            before, position = "", named[1]
            continue
        follows = text[position + 1 : position + 2]
        is_range = bool(before) and text[position : position + 1] == "-" and follows not in ("", "]")
        char, position = _read_character(text, position + is_range)
        if not is_range:
            inside.append(re.escape(char))
        elif before <= char:
            inside.append(f"{re.escape(before)}-{re.escape(char)}")
        before = "" if is_range else char
    return f"(?!/)[{'^' * is_negated}{''.join(inside)}]", position + 1


def _read_class(text: str, position: int) -> tuple[str, int] | None:
    """Return a class of characters such as ``[:alpha:]``, and where it ends; ``None`` if there is none."""
    if not text.startswith("[:", position):
        return None
    end = text.find("]", position + 2)
    if end < 0:
        raise _MatchesNothingError
    if end == position + 2 or text[end - 1] != ":":
        return None
    name = text[position + 2 : end - 1]
    if name not in _CLASSES:
        raise _MatchesNothingError
    return _CLASSES[name], end + 1


def _join(
    parts: Iterable[str], wildcards: Sequence[Container[str]] = ((_FOLDERS, _SOME_FOLDERS), (_STAR,))
) -> str:
    """Return parts as one regular expression in which only the last wildcard of a kind is tried twice."""
    if not wildcards:
        return "".join(parts)
    kind, *others = wildcards
    sections: list[tuple[str, list[str]]] = [("", [])]
    for part in parts:
        if part in kind:
            sections.append((part, []))
        else:
            sections[-1][1].append(part)
    (_, first), *middle = [(wildcard, _join(inside, others)) for wildcard, inside in sections]
    last = "".join(middle.pop()) if middle else ""
    return first + "".join(f"(?>{wildcard}?{inside})" for wildcard, inside in middle) + last
