"""Pages of documentation whose examples can be run.

The fence of a block says what it is: ``python shop.py`` and ``toml pyproject.toml`` are files to write,
``console`` is a session, where ``$`` begins a command and the lines below are all that it prints. ``…`` in
such a line stands for anything, and alone on a line for any lines. A block without a language is only to
be read.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from pytest_antipasta.cli import main

_BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


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


def run_page(page: Path, folder: Path, run: Callable[[str], str]) -> int:
    """Go through a page, write its files into a folder and compare what its commands print.

    Args:
        page: of the documentation.
        folder: to write into.
        run: runs a command there and returns what it prints.

    Returns:
        How many commands there are.
    """
    number = 0
    for block in iter_blocks(page):
        if block.name:
            (folder / block.name).write_text(block.text, encoding="utf-8")
        for command, expected in iter_session(block):
            number += 1
            said = run(command)
            assert re.fullmatch(make_pattern(expected), said), (
                f"{command} prints\n{said}\nand not\n{expected}"
            )
    return number


def run_command(capsys: pytest.CaptureFixture[str], command: str) -> str:
    """Return what a command of ours prints, run in this process."""
    program, *args = shlex.split(command)
    assert program == "pytest-antipasta"
    main(args)
    return "".join(capsys.readouterr())


def iter_session(block: Block) -> Iterator[tuple[str, str]]:
    """Yield each command of a session with what is printed below it."""
    if block.language == "console":
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            yield command, printed


def make_pattern(text: str) -> str:
    """Return a regular expression for what a page shows, where ``…`` stands for anything."""
    lines = text.splitlines(keepends=True)
    return "".join("(?:.*\n)*?" if line == "…\n" else re.escape(line).replace("…", ".*") for line in lines)
