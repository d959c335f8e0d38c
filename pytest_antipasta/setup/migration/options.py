"""Reading the files of other tools."""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pytest_antipasta.errors import UsageError
from pytest_antipasta.messages import format_path
from pytest_antipasta.settings import Key, find_lines, format_key, parse_toml, read_text
from pytest_antipasta.setup.migration.values import Option

_SECTIONS = ("flake8", "radon", "xenon")
_SHORT = {
    "-a": "max-average", "-m": "max-modules", "-b": "max-absolute", "-e": "exclude", "-i": "ignore",
}  # fmt: skip


def read_pyproject(path: Path) -> Iterator[Option]:
    """Read the tables of all tools that have one.

    Raises:
        UsageError: the file can't be read.
    """
    for tool in ("complexipy", "ruff", *_SECTIONS):
        yield from _read_table(path, ("tool", tool), tool)


def read_own_toml(path: Path, tool: str) -> Iterator[Option]:
    """Read a file that is one tool's alone.

    Raises:
        UsageError: the file can't be read.
    """
    yield from _read_table(path, (), tool)


def _read_table(path: Path, key: Key, tool: str) -> Iterator[Option]:
    text = read_text(path)
    data: Any = parse_toml(path, text)
    for part in key:
        data = data.get(part, {}) if isinstance(data, dict) else {}
    if isinstance(data, dict):
        for inner, value in _iter_values((), data):
            place = f"{format_path(path)}:{find_lines(text).get((*key, *inner), 1)}"
            origin = f"{place}: {format_key((*key, *inner))}"
            yield Option(tool, ".".join(inner).replace("_", "-"), value, origin, inner[-1])


def _iter_values(key: tuple[str, ...], table: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], object]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _iter_values((*key, name), value)
        else:
            yield (*key, name), value


def read_sections(path: Path) -> Iterator[Option]:
    """Read the sections of all tools that have one in an INI file.

    Raises:
        UsageError: the file can't be read.
    """
    text = read_text(path)
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text, format_path(path))
    except configparser.Error as error:
        raise UsageError(f"{format_path(path)}: not valid: {' '.join(str(error).split())}") from None
    for tool in _SECTIONS:
        for name, value in parser.items(tool) if parser.has_section(tool) else ():
            origin = f"{format_path(path)}:{_find_line(text, tool, name)}: {tool}.{name}"
            yield Option(tool, name.replace("_", "-"), value, origin)


def _find_line(text: str, section: str, name: str) -> int:
    """Return the 1-based line of a key; the section's or the first where it is written strangely."""
    lines = text.splitlines()
    header = f"[{section}]"
    start = next((number for number, line in enumerate(lines) if line.strip() == header), 0)
    key = re.compile(rf"\s*{re.escape(name)}\s*[:=]", re.IGNORECASE)
    found = (number for number, line in enumerate(lines[start:], start) if key.match(line))
    return next(found, start) + 1


def read_hooks(path: Path) -> Iterator[Option]:
    """Read the arguments of tools that pre-commit runs.

    Raises:
        UsageError: the file can't be read.
    """
    # Here, because the other files are read without it.
    from pytest_antipasta.settings import find_yaml_line, parse_yaml

    node, data = parse_yaml(path, read_text(path))
    for key, hook in _iter_hooks(data):
        tool = _find_tool(hook)
        if tool is not None:
            place = f"{format_path(path)}:{find_yaml_line(node, key)}"
            try:
                words = _split_arguments(hook)
            except ValueError as error:
                raise UsageError(f"{place}: {tool}'s arguments can't be read: {error}") from None
            yield from _iter_arguments(tool, words, place)


def _iter_hooks(data: object) -> Iterator[tuple[Key, dict[str, Any]]]:
    repositories = data.get("repos") if isinstance(data, dict) else None
    for number, repository in enumerate(repositories if isinstance(repositories, list) else ()):
        hooks = repository.get("hooks") if isinstance(repository, dict) else None
        for index, hook in enumerate(hooks if isinstance(hooks, list) else ()):
            if isinstance(hook, dict):
                yield ("repos", number, "hooks", index), hook


def _find_tool(hook: dict[str, Any]) -> str | None:
    words = [str(hook.get("id")), *str(hook.get("entry", "")).split()[:1]]
    return next((tool for tool in ("xenon", "flake8", "complexipy") if tool in words), None)


def _split_arguments(hook: dict[str, Any]) -> list[str]:
    """Return all words: some write an option and its value as one item."""
    arguments = hook.get("args")
    items = [str(hook.get("entry", "")), *map(str, arguments if isinstance(arguments, list) else ())]
    return [word for item in items for word in shlex.split(item)]


def _iter_arguments(tool: str, words: list[str], place: str) -> Iterator[Option]:
    make = partial(_make_argument, tool, place)
    waiting = ""
    for word in words:
        if waiting and not word.startswith("-"):
            yield make(waiting, word)
            waiting = ""
        elif word.startswith("-"):
            if waiting:
                yield make(waiting, True)
            waiting, has_value, value = word.partition("=")
            if has_value:
                yield make(waiting, value)
                waiting = ""
    if waiting:
        yield make(waiting, True)


def _make_argument(tool: str, place: str, flag: str, value: object) -> Option:
    name = _SHORT.get(flag, flag.lstrip("-")) if tool == "xenon" else flag.lstrip("-")
    return Option(tool, name, value, f"{place}: {tool} {flag}")
