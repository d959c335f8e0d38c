"""Read the configuration files of other tools: their options, and the converted settings.

An unreadable file is a ``UsageError``.
"""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from msgspec import Struct

from pytest_antipasta.messages import format_path
from pytest_antipasta.model import UsageError
from pytest_antipasta.settings import KeyPath, find_lines, format_key, parse_toml, read_text
from pytest_antipasta.setup.init_hook import read_hooks

_SECTIONS = ("flake8", "radon", "xenon")
_PYLINT = "pylint"
IN_PYPROJECT: Mapping[str, KeyPath] = {
    tool: ("tool", tool) for tool in ("complexipy", "ruff", _PYLINT, *_SECTIONS)
}
_SHORT = {
    "-a": "max-average", "-m": "max-modules", "-b": "max-absolute", "-e": "exclude", "-i": "ignore",
}  # fmt: skip


class Option(Struct, frozen=True):
    """One option of another tool.

    Attributes:
        tool: name of the tool.
        name: name with hyphens, and dots for subtables.
        value: value as returned by the file's parser.
        origin: ``file:line: option``.
        written: last part of its name, as written.
    """

    tool: str
    name: str
    value: object
    origin: str
    written: str = ""


class Setting(Struct, frozen=True):
    """One of our settings, or one item if it is a list.

    Attributes:
        key: ``paths``, ``languages``, ``exclude``, ``use_gitignore``, ``overrides`` or a metric.
        text: value as TOML; for ``overrides``, the value of ``files``.
        origin: the original option.
        note: a remark in one sentence.
        thresholds: thresholds of an entry of ``overrides``, as TOML.
    """

    key: str
    text: str
    origin: str
    note: str = ""
    thresholds: str = ""


class Lost(Struct, frozen=True):
    """An option without a counterpart, and what to do instead, or why nothing needs to be done."""

    origin: str
    why: str


def read_tables(path: Path, tables: Mapping[str, KeyPath]) -> Iterator[Option]:
    """Read the tables of some tools, by key; the empty key is for a tool's own file."""
    text = read_text(path)
    for tool, key in tables.items():
        data: Any = parse_toml(path, text)
        for part in key:
            data = data.get(part, {}) if isinstance(data, dict) else {}
        for inner, value in _iter_values((), data if isinstance(data, dict) else {}):
            place = f"{format_path(path)}:{find_lines(text).get((*key, *inner), 1)}"
            origin = f"{place}: {format_key((*key, *inner))}"
            # pylint accepts an option in any table.
            names = inner[-1:] if tool == _PYLINT else inner
            yield Option(tool, ".".join(names).replace("_", "-"), value, origin, inner[-1])


def _iter_values(key: tuple[str, ...], table: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], object]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _iter_values((*key, name), value)
        else:
            yield (*key, name), value


def read_sections(path: Path) -> Iterator[Option]:
    """Read the sections of all tools in an INI file."""
    parser, text = _parse_sections(path)
    for tool in _SECTIONS:
        yield from _iter_section(path, parser, text, tool, tool)
    for section in parser.sections():
        if section.partition(".")[0] == _PYLINT:
            yield from _iter_section(path, parser, text, _PYLINT, section)


def read_pylint_file(path: Path) -> Iterator[Option]:
    """Read all sections of pylint's own INI file."""
    parser, text = _parse_sections(path)
    for section in parser.sections():
        yield from _iter_section(path, parser, text, _PYLINT, section)


def _parse_sections(path: Path) -> tuple[configparser.ConfigParser, str]:
    text = read_text(path)
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text, format_path(path))
    except configparser.Error as error:
        raise UsageError(f"{format_path(path)}: not valid: {' '.join(str(error).split())}") from None
    return parser, text


def _iter_section(
    path: Path, parser: configparser.ConfigParser, text: str, tool: str, section: str
) -> Iterator[Option]:
    for name, value in parser.items(section) if parser.has_section(section) else ():
        origin = f"{format_path(path)}:{_find_line(text, section, name)}: {section}.{name}"
        yield Option(tool, name.replace("_", "-"), value, origin)


def _find_line(text: str, section: str, name: str) -> int:
    """Return the line (1-based) of a key; of the section or the first line if it is not found."""
    lines = text.splitlines()
    header = f"[{section}]"
    start = next((number for number, line in enumerate(lines) if line.strip() == header), 0)
    key = re.compile(rf"\s*{re.escape(name)}\s*[:=]", re.IGNORECASE)
    found = (number for number, line in enumerate(lines[start:], start) if key.match(line))
    return next(found, start) + 1


def read_arguments(path: Path) -> Iterator[Option]:
    """Read the arguments of tools that pre-commit runs."""
    for place, hook in read_hooks(path):
        tool = _find_tool(hook)
        if tool is not None:
            try:
                words = _split_arguments(hook)
            except ValueError as error:
                raise UsageError(f"{place}: can't parse {tool}'s arguments: {error}") from None
            yield from _iter_arguments(tool, words, place)


def _find_tool(hook: dict[str, Any]) -> str | None:
    words = [str(hook.get("id")), *str(hook.get("entry", "")).split()[:1]]
    return next((tool for tool in ("xenon", "flake8", "complexipy") if tool in words), None)


def _split_arguments(hook: dict[str, Any]) -> list[str]:
    """Return all words: some users write an option and its value as one item."""
    arguments = hook.get("args")
    items = [str(hook.get("entry", "")), *map(str, arguments if isinstance(arguments, list) else ())]
    return [word for item in items for word in shlex.split(item)]


def _iter_arguments(tool: str, words: list[str], place: str) -> Iterator[Option]:
    """Yield each option with its value; ``True`` if another option or nothing follows."""
    for word, following in pairwise((*words, "-")):
        if word.startswith("-"):
            flag, has_value, value = word.partition("=")
            name = _SHORT.get(flag, flag.lstrip("-")) if tool == "xenon" else flag.lstrip("-")
            behind = True if following.startswith("-") else following
            yield Option(tool, name, value if has_value else behind, f"{place}: {tool} {flag}")
