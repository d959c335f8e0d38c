"""Pages of documentation whose examples can be run.

The fence of a block says what it is: ``python shop.py`` and ``toml pyproject.toml`` are files to write,
``console`` is a session, where ``$`` begins a command and the lines below are all that it prints. ``…`` in
such a line stands for anything, and alone on a line for any lines. A block without a language is only to
be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

_BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ANYTHING = "…"


class Block(NamedTuple):
    """One fenced block.

    Attributes:
        language: what the fence says first.
        name: of the file, for those that are one.
        text: between the fences.
    """

    language: str
    name: str
    text: str


def iter_blocks(page: Path) -> Iterator[Block]:
    """Yield the blocks of a page that have a language."""
    return (Block(*match.groups("")) for match in _BLOCK.finditer(page.read_text(encoding="utf-8")))


def run_page(page: Path, folder: Path, run: Callable[[str], str]) -> str:
    """Go through a page, write its files into a folder, and return the page with what its commands print.

    Args:
        page: of the documentation.
        folder: to write into.
        run: runs a command there and returns what it prints.
    """

    def renew(match: re.Match[str]) -> str:
        block = Block(*match.groups(""))
        if block.name:
            (folder / block.name).write_text(block.text, encoding="utf-8")
        if block.language != "console":
            return match[0]
        return match[0].replace(block.text, renew_session(block.text, run))

    return _BLOCK.sub(renew, page.read_text(encoding="utf-8"))


def renew_session(text: str, run: Callable[[str], str]) -> str:
    """Return a session with what its commands print; what fits is left as it is, with its ``…``."""
    parts = []
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        parts.append(f"$ {command}\n{_renew(shown, run(command))}")
    return "".join(parts)


def _renew(shown: str, printed: str) -> str:
    if re.fullmatch(_make_pattern(shown), printed):
        return shown
    lines = shown.splitlines(keepends=True)
    known = [line for line in lines if _ANYTHING in line and line.strip() != _ANYTHING]
    renewed = [
        next((line for line in known if re.fullmatch(_make_pattern(line), new)), new)
        for new in printed.splitlines(keepends=True)
    ]
    # Where the lines around a line of `…` alone are still printed, it goes on standing for what is between.
    for before, line, after in zip(lines, lines[1:], lines[2:], strict=False):
        if line.strip() == _ANYTHING and before in renewed and after in renewed[renewed.index(before) :]:
            first = renewed.index(before) + 1
            renewed[first : renewed.index(after, first)] = [line]
    return "".join(renewed)


def _make_pattern(text: str) -> str:
    """Return a regular expression for what a page shows."""
    lines = map(re.escape, text.splitlines(keepends=True))
    any_lines = re.escape(f"{_ANYTHING}\n")
    return "".join("(?:.*\n)*?" if line == any_lines else line.replace(_ANYTHING, ".*") for line in lines)
