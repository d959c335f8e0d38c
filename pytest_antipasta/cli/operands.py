"""Parse paths and blocks in arguments, and explain missing ones."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from pytest_antipasta.files import require_inside
from pytest_antipasta.messages import find_nearest, format_argument, make_printable
from pytest_antipasta.model import UsageError
from pytest_antipasta.settings import Settings

# A node id, a block or a line of a file; or a block after one colon, as in some tools.
_PART = re.compile(r"(?P<file>.+?)(?P<part>::.+|:[0-9]+(?::[0-9]*)?:?|:(?P<name>[^\W\d][^:/\\]*))")


def locate_all(settings: Settings, paths: Iterable[str]) -> list[str] | None:
    """Return the named paths as absolute locations; ``None`` for all."""
    paths = list(paths)
    if missing := [path for path in paths if path and not os.path.lexists(path)]:
        raise UsageError("\n".join(map(describe_missing, missing)))
    locations = [locate(path) for path in paths]
    require_inside(settings, locations)
    return locations or None


def locate(path: str) -> str:
    """Return a path as an absolute location."""
    if not path:
        raise UsageError("a path is empty (unset variable?); to check all files, omit it")
    location = os.path.abspath(path)
    if not os.path.lexists(location):
        raise UsageError(describe_missing(path))
    return location


def split_block(text: str) -> tuple[str, str]:
    """Return the file and the qualified name of ``FILE::BLOCK``.

    As in pytest, ``FILE::CLASS::METHOD`` is accepted. The name of an existing file may contain colons.
    """
    path, _, name = text.rpartition("::")
    while "::" in path and not os.path.lexists(path):
        path, _, outer = path.rpartition("::")
        name = f"{outer}.{name}"
    return path, name


def _find_nearest_file(path: str) -> str | None:
    """Return the path in the same folder that is most similar to a missing one, if any is similar."""
    folder, name = os.path.split(path)
    try:
        nearest = find_nearest(name, os.listdir(folder or "."))
    except OSError:
        return None
    return None if nearest is None else make_printable(os.path.join(folder, nearest))


def describe_missing(path: str) -> str:
    """Return that a path does not exist, and what to write for a block or a line of a file."""
    text = f"no such file or folder: {make_printable(path)}"
    match = _PART.fullmatch(path)
    if match is None or not os.path.isfile(match["file"]):
        return text if (nearest := _find_nearest_file(path)) is None else f'{text}; did you mean "{nearest}"?'
    text += f"; name the whole file, {make_printable(match['file'])}"
    if match["part"] == "::antipasta":
        return text
    target = f"{match['file']}::{match['name']}" if match["name"] else path
    return f"{text}, or see `pytest-antipasta explain {make_printable(format_argument(target))}`"
