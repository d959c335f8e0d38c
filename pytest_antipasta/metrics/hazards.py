"""Detect sources that CPython's parser is very slow for, before parsing."""

from __future__ import annotations

import re
import sys

# Longer names are joined part by part: 200,000 parts take a minute.
_LONG_NAME = 5_000
_NAME_RUN = re.compile(rb"[\w\x80-\xff.\s\\]+")

_TAKES_F_STRINGS_APART = sys.version_info >= (3, 12)
_STARTS = [b"f'", b'f"', b"fr'", b'fr"']
if sys.version_info >= (3, 14):  # t-strings (PEP 750)
    _STARTS += [b"t'", b't"', b"tr'", b'tr"']
# Number of such strings times bytes of the source: about a second.
_SLOW_F_STRINGS = 2e10


def may_parse_slowly(data: bytes) -> bool:
    """Return whether parsing a source may take seconds."""
    return has_long_name(data) or has_many_f_strings(data)


def has_long_name(data: bytes) -> bool:
    """Return whether a dotted name may have so many parts that parsing takes seconds."""
    if data.count(b".") < _LONG_NAME:
        return False
    return any(match[0].count(b".") >= _LONG_NAME for match in _NAME_RUN.finditer(data))


def has_many_f_strings(data: bytes) -> bool:
    """Return whether CPython 3.12 or later (PEP 701) may take seconds for the f-strings of a source.

    The time for each f-string, and for each t-string, grows with the whole source: a megabyte of f-strings
    takes six seconds.
    """
    if not _TAKES_F_STRINGS_APART or len(data) ** 2 < _SLOW_F_STRINGS:
        return False
    return len(data) * sum(map(data.lower().count, _STARTS)) >= _SLOW_F_STRINGS
