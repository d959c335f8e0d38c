"""Whether source files of a project use a word, such as the name of a method that is to be added."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from pytest_antipasta.files.reading import UnreadableError, read_file
from pytest_antipasta.files.selection import select_files
from pytest_antipasta.settings.values import Settings


class Use(NamedTuple):
    """Where a file uses a word.

    Attributes:
        word: the word.
        path: path of the file in reports.
        line: the line, 1-based.
    """

    word: str
    path: str
    line: int


def find_use(settings: Settings, words: Iterable[str], path: str) -> Use | None:
    """Return where a source file uses one of some words, the first that is found; ``None`` if none does.

    The file with ``path``, a path in reports, is not searched.
    """
    encoded = [word.encode() for word in words]
    if not encoded:
        return None
    # Bytes from 128 on are parts of letters.
    pattern = re.compile(rb"(?<![\w\x80-\xff])(?:" + b"|".join(encoded) + rb")(?![\w\x80-\xff])")
    for file in select_files(settings).files:
        if file.path == path:
            continue
        with suppress(UnreadableError):
            data = read_file(file.location, settings.max_file_bytes).data
            # The pattern alone takes fifty times as long.
            if any(word in data for word in encoded) and (match := pattern.search(data)):
                return Use(match[0].decode(), file.path, data.count(b"\n", 0, match.start()) + 1)
    return None
