"""Read a project's settings of coverage.py as data: no plugin is imported, and nothing is executed.

Environment variables in values are not expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from configparser import Error as ParserError
from configparser import RawConfigParser
from pathlib import Path
from typing import Any, TypeAlias

from coverage.config import DEFAULT_EXCLUDE, DEFAULT_PARTIAL, DEFAULT_PARTIAL_ALWAYS
from msgspec import Struct

from pytest_antipasta.coverage.analysis import LinePatterns
from pytest_antipasta.messages import format_path
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.runtime.fileio import read_regular
from pytest_antipasta.settings.toml_file import find_table, parse_toml

_Sections: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Values by section and option."""
# coverage.py's own files, then shared ones. The first file with settings counts.
_OWN, _SHARED = (".coveragerc", ".coveragerc.toml"), ("setup.cfg", "tox.ini", "pyproject.toml")


class ProjectSettings(Struct, frozen=True):
    """The settings that affect reading data.

    Attributes:
        patterns: patterns of excluded lines.
        paths: location of each source tree, and patterns of its earlier locations.
        is_relative: whether paths in the data are relative.
        plugins: names of plugins, which are not loaded.
    """

    patterns: LinePatterns
    paths: tuple[tuple[str, ...], ...] = ()
    is_relative: bool = False
    plugins: tuple[str, ...] = ()


def read_project(root: Path) -> ProjectSettings:
    """Return the settings of a root, or coverage.py's defaults.

    Raises:
        UsageError: the settings can't be read.
    """
    for name in (*_OWN, *_SHARED):
        path = root / name
        try:
            sections = _read(path, is_own=name in _OWN)
            if sections or (name in _OWN and path.is_file()):
                return _make(sections)
        except (OSError, ValueError, ParserError) as error:
            raise UsageError(
                f"can't read coverage.py's settings in {format_path(path)}: {error!s:.500}"
            ) from error
    return _make({})


def _read(path: Path, *, is_own: bool) -> _Sections:
    """Return coverage.py's sections in a file; empty if there is no such file."""
    try:
        text = read_regular(path).decode()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    if path.suffix != ".toml":
        return _read_ini(text, is_own=is_own)
    return _read_toml(path, text, is_own=is_own)


def _read_toml(path: Path, text: str, *, is_own: bool) -> _Sections:
    if "coverage" not in text and not is_own:
        return {}
    whole = parse_toml(path, text)
    found = find_table(whole, "tool", "coverage")
    if found is None and is_own:
        found = whole
    return {name: item for name, item in (found or {}).items() if isinstance(item, dict)}


def _read_ini(text: str, *, is_own: bool) -> _Sections:
    parser = RawConfigParser(interpolation=None)
    parser.read_string(text)
    found = {name: dict(parser.items(name)) for name in parser.sections()}
    prefix = "coverage:"
    ours = {name.removeprefix(prefix): item for name, item in found.items() if name.startswith(prefix)}
    return {**found, **ours} if is_own else ours


def _make(sections: _Sections) -> ProjectSettings:
    """Return settings from a file's sections.

    Raises:
        ValueError: a value has the wrong type, or a pattern is invalid.
    """
    run, report, paths = (sections.get(name, {}) for name in ("run", "report", "paths"))
    exclude = [*_find_lines(report, "exclude_lines", DEFAULT_EXCLUDE), *_find_lines(report, "exclude_also")]
    partial = [
        *_find_lines(report, "partial_branches", DEFAULT_PARTIAL),
        *_find_lines(report, "partial_also"),
        *_find_lines(report, "partial_branches_always", DEFAULT_PARTIAL_ALWAYS),
    ]
    return ProjectSettings(
        LinePatterns(_join(exclude), _join(partial)),
        tuple(tuple(_require_names(_split(value))) for value in paths.values()),
        str(run.get("relative_files", "")).lower() in ("true", "1", "yes", "on"),
        tuple(_split(run.get("plugins", ()))),
    )


def _find_lines(section: Mapping[str, Any], name: str, default: Iterable[str] = ()) -> Iterator[str]:
    """Yield the regular expressions of an option, one for each line."""
    value = section.get(name)
    if value is None:
        yield from default
    else:
        lines = value.splitlines() if isinstance(value, str) else _require_texts(value)
        yield from filter(None, map(str.strip, lines))


def _split(value: object) -> Iterator[str]:
    """Yield the items of a list; in an INI file they are separated by commas and lines."""
    parts = re.split(r"[,\n]", value) if isinstance(value, str) else _require_texts(value)
    yield from filter(None, map(str.strip, parts))


def _require_texts(value: object) -> Iterable[str]:
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return value
    raise ValueError(f"expected a list of strings, got {value!r:.200}")


def _require_names(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        if "\0" in path:
            raise ValueError(f"expected a path, got {path!r:.200}")
        yield path


def _join(patterns: Iterable[str]) -> str:
    """Return one regular expression that combines all.

    Raises:
        ValueError: an expression is invalid.
    """
    whole = list(patterns)
    for item in whole:
        try:
            re.compile(item)
        except re.error as error:
            raise ValueError(f"invalid regular expression {item!r:.200}: {error}") from error
    return "|".join(f"(?:{element})" for element in whole)
