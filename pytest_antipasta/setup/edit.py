"""Writing our table into a ``pyproject.toml``, for ``config init`` and ``config migrate``."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from difflib import unified_diff
from itertools import pairwise
from pathlib import Path
from typing import Any

from msgspec import Struct

from pytest_antipasta.errors import UsageError
from pytest_antipasta.git import find_repository
from pytest_antipasta.messages import format_path
from pytest_antipasta.settings import (
    Key,
    decode,
    find_headers,
    load_settings,
    parse_toml,
    read_bytes,
    read_toml,
)

_TABLE = ("tool", "pytest-antipasta")


def put_table(path: Path, text: str, table: str) -> str:
    """Return a TOML text with our table in it: in place of the one that is there, or at the end.

    Args:
        path: the file that the text is of, for messages.
        text: the whole file.
        table: our table with its headers, lines that end with newlines.

    Raises:
        UsageError: the text is not valid TOML, or our table is written in it in a way that can't be cut out.
    """
    before = parse_toml(path, text)
    ending = "\r\n" if "\r\n" in text else "\n"
    edited = _edit(text, table.replace("\n", ending), ending)
    try:
        is_right = parse_toml(path, edited) == _expect(before, table)
    except UsageError:
        is_right = False
    if not is_right:
        raise UsageError(
            f"{format_path(path)}: the table can't be put there without touching what else stands there; "
            f"take the settings of pytest-antipasta out, or write them by hand:\n{table.rstrip()}"
        )
    return edited


def _expect(before: dict[str, Any], table: str) -> dict[str, Any]:
    """Return what the edited file must say."""
    tool = before.get("tool", {})
    ours = parse_toml(Path(), table)["tool"]["pytest-antipasta"]
    return {**before, "tool": {**(tool if isinstance(tool, dict) else {}), "pytest-antipasta": ours}}


def _edit(text: str, table: str, ending: str) -> str:
    if any(_is_ours(key) for _, key in find_headers(text)):
        return "".join(_iter_replaced(text, table))
    if not text.strip():
        return text + table
    return text + ("" if text.endswith("\n") else ending) + ending + table


def _iter_replaced(text: str, table: str) -> Iterator[str]:
    """Yield the text with our table in place of the first of our sections and nothing of the others.

    Comments and blank lines behind our last key stay: they may be about the table that comes next.
    """
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    headers = [(1, ()), *find_headers(text), (len(lines) + 1, ())]
    for (start, key), (end, next_key) in pairwise(headers):
        section = lines[start - 1 : end - 1]
        if not _is_ours(key):
            yield from section
            continue
        yield table
        table = ""
        if not _is_ours(next_key):
            yield from _find_tail(section)


def _find_tail(lines: list[str]) -> list[str]:
    """Return the comments and blank lines at the end of a section."""
    tail = len(lines)
    while lines[tail - 1].strip() == "" or lines[tail - 1].lstrip().startswith("#"):
        tail -= 1
    return lines[tail:]


def _is_ours(key: Key) -> bool:
    return key[: len(_TABLE)] == _TABLE


_BOM = b"\xef\xbb\xbf"


def read_existing(path: Path) -> str:
    """Read a settings file as UTF-8, or nothing where there is none.

    Raises:
        UsageError: it can't be read.
    """
    return decode(path, read_bytes(path)) if os.path.lexists(path) else ""


def rewrite(path: Path, text: str) -> None:
    """Write a settings file beside its place and move it there; links, rights and a byte order mark stay.

    Raises:
        UsageError: it can't be written.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        is_marked = target.exists() and target.read_bytes().startswith(_BOM)
        temporary.write_bytes((_BOM if is_marked else b"") + text.encode())
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except OSError as error:
        raise UsageError(f"{format_path(path)}: can't be written: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


class Edit(Struct, frozen=True):
    """A settings file as it is and as it should be.

    Attributes:
        path: absolute.
        before: its text, empty where there is no file.
        after: the text with our table.
    """

    path: Path
    before: str
    after: str

    def iter_diff(self) -> Iterator[str]:
        """Yield the lines of a unified diff, which ``patch`` and ``git apply`` understand."""
        name = format_path(self.path).replace(os.sep, "/")
        old, new = (text.splitlines() for text in (self.before, self.after))
        yield from unified_diff(
            old, new, f"a/{name}" if self.before else "/dev/null", f"b/{name}", lineterm=""
        )

    def write(self) -> None:
        """Write the file.

        Raises:
            UsageError: it can't be written.
        """
        rewrite(self.path, self.after)


def find_target(config: Path | None) -> Path:
    """Return the file to write: one that was named, else the nearest ``pyproject.toml`` in the repository.

    Where there is none, it is to be made at the repository's top, or in the current folder outside of one.

    Raises:
        UsageError: the file that was named can't hold a table.
    """
    folder = Path.cwd()
    if config is not None:
        if config.suffix.lower() != ".toml":
            raise UsageError(f"{format_path(config)}: can't hold a table; name a .toml file")
        return folder / config
    top = find_repository(folder) or folder
    inside = [each for each in (folder, *folder.parents) if each.is_relative_to(top)]
    found = (each for each in inside if os.path.lexists(each / "pyproject.toml"))
    return next(found, top) / "pyproject.toml"


def require_no_settings(target: Path, config: Path | None, *, but_yaml: bool = False) -> None:
    """Make sure that nothing is overwritten or loses its effect unasked.

    Args:
        target: the file to write.
        config: the same, where it was named.
        but_yaml: whether settings of antipasta may lose their effect.

    Raises:
        UsageError: there are settings already.
    """
    if config is None:
        source = load_settings(Path.cwd()).source
    else:
        source = target if os.path.lexists(target) and read_toml(target, []) else None
    if source is None or (but_yaml and source.suffix != ".toml"):
        return
    raise UsageError(f"{format_path(source)}: {_describe(source, target)}")


def _describe(source: Path, target: Path) -> str:
    """Return what is in the way, and what to do about it."""
    if source.suffix != ".toml":
        return (
            "holds the settings already; `pytest-antipasta config migrate` makes a table of them, "
            "--force writes a table that takes its place"
        )
    if source == target:
        return "has the table [tool.pytest-antipasta] already; use --force to write another in its place"
    return (
        "has settings that count here, too; use --force to write others "
        f"into {format_path(target)}, which count from there on"
    )


def make_edit(path: Path, table: Iterable[str]) -> Edit:
    """Return what putting a table into a file comes to.

    Args:
        path: the file.
        table: the lines of our table.

    Raises:
        UsageError: the file can't be read or edited.
    """
    before = read_existing(path)
    return Edit(path, before, put_table(path, before, "".join(f"{line}\n" for line in table)))
