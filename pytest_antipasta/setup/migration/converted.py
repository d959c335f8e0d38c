"""What options of other tools become: settings of ours, or comments that say why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from msgspec import Struct

from pytest_antipasta.messages import format_json
from pytest_antipasta.setup.migration.options import ToolOption

NO_PATTERN = "can't be converted to a pattern for pytest-antipasta"
_NO_FILE = "matches no source file"
Convert: TypeAlias = Callable[[str], list[str]]
"""Returns the patterns for a pattern, or raises ``ValueError``."""


class Setting(Struct, frozen=True):
    """One of our settings, or one item if it is a list.

    Attributes:
        key: name of a setting, or a metric.
        text: value as TOML; for ``overrides``, the value of ``files``.
        origin: the original option.
        note: a remark in one sentence.
        limits: by metric, the limits of an entry of ``overrides``, as TOML.
    """

    key: str
    text: str
    origin: str
    note: str = ""
    limits: Mapping[str, str] = {}

    @property
    def thresholds(self) -> str:
        """The limits as a table of TOML."""
        return f"{{ {', '.join(f'{metric} = {limit}' for metric, limit in self.limits.items())} }}"


class Lost(Struct, frozen=True):
    """An option without a counterpart, and what to do instead, or why nothing needs to be done."""

    origin: str
    why: str


Converted: TypeAlias = Setting | Lost


def lose_number(origin: str, value: object) -> Lost:
    """Return that a tool's limit is not a number, with the value, such as one with a comment behind it."""
    return Lost(origin, f"{format_json(str(value))} is not a number >= 0")


class SourceTree(Struct, frozen=True):
    """A folder with source files.

    Attributes:
        root: where it is.
        paths: the files, also those that git ignores, relative to the root.
        suffixes: of the files that are checked by default, and of stubs.
        has_ignored: whether git ignores some.
    """

    root: Path
    paths: frozenset[PurePosixPath]
    suffixes: frozenset[str]
    has_ignored: bool

    def find_names(self) -> set[str]:
        """Return the names of all files, and of folders that have some."""
        return {part for path in self.paths for part in path.parts}

    def find_folders(self) -> list[PurePosixPath]:
        """Return the folders below the root that have source files, also further down."""
        return sorted({folder for path in self.paths for folder in path.parents if folder.parts})


def lose(option: ToolOption | None, why: str) -> Iterator[Lost]:
    """Yield that an option is lost, if it is set."""
    if option is not None:
        yield Lost(option.origin, why)


def exclude(option: ToolOption | None, convert: Convert) -> Iterator[Converted]:
    """Yield the exclusions for the patterns of an option, if it is set."""
    if option is None:
        return
    for pattern in option.split():
        globs = _convert(pattern, option.origin, convert)
        if isinstance(globs, Lost):
            yield globs
        else:
            yield from (Setting("exclude", format_json(glob), option.origin) for glob in globs)


def include(tree: SourceTree, suffixes: Set[str], tool: str) -> Iterator[Setting]:
    """Yield the suffixes that a tool checks, if there are files with others that are checked by default."""
    if tree.suffixes - suffixes - {".pyi"}:
        yield from (Setting("include", f'"*{suffix}"', f"as {tool}") for suffix in sorted(suffixes))


def override(pattern: str, origin: str, limits: Mapping[str, str], convert: Convert) -> Converted:
    """Return other limits for the files that a pattern matches; with ``!`` before it, for all others."""
    globs = _convert(pattern.removeprefix("!"), origin, convert)
    is_for_others = pattern.startswith("!")
    if isinstance(globs, Lost):
        if globs.why != _NO_FILE or not is_for_others:
            return globs
        globs = []
    if is_for_others:
        # Files are included again one by one, as the rest of their folders is.
        folders = [f"{glob.rstrip('/')}/**" for glob in globs if not glob.endswith("/**")]
        globs = ["*.py", "*.pyi", *(f"!{glob}" for glob in (*globs, *folders) if not glob.endswith("/"))]
    return Setting("overrides", ", ".join(map(format_json, globs)), origin, limits=limits)


def _convert(pattern: str, origin: str, convert: Convert) -> list[str] | Lost:
    try:
        globs = convert(pattern)
    except ValueError:
        return Lost(f"{origin}: {format_json(pattern)}", NO_PATTERN)
    return globs or Lost(f"{origin}: {format_json(pattern)}", _NO_FILE)
