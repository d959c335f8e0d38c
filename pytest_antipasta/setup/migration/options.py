"""Read the options of other tools from the files and hooks where the tools find them.

An unreadable file is a ``UsageError``.
"""

from __future__ import annotations

import configparser
import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from msgspec import Struct

from pytest_antipasta.files.locations import path_from
from pytest_antipasta.messages import format_path
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.settings.documents import format_key, read_text
from pytest_antipasta.settings.toml_file import find_table, parse_toml
from pytest_antipasta.settings.toml_lines import find_lines
from pytest_antipasta.setup.framework_settings import parse_hooks, read_hooks

HOOKS = ".pre-commit-config.yaml"
_PYPROJECT = "pyproject.toml"
# Where each tool looks for its options, in order.
FILES: Mapping[str, Sequence[str]] = {
    "ruff": (".ruff.toml", "ruff.toml", _PYPROJECT),
    "flake8": ("setup.cfg", "tox.ini", ".flake8"),
    "pylint": (
        "pylintrc", "pylintrc.toml", ".pylintrc", ".pylintrc.toml", _PYPROJECT, "setup.cfg", "tox.ini",
    ),
    "xenon": (),
    "complexipy": ("complexipy.toml", ".complexipy.toml", _PYPROJECT),
    "radon": ("setup.cfg", _PYPROJECT, "radon.cfg"),
}  # fmt: skip
_PYLINT, _RADON = "pylint", "radon"
_SHORT: Mapping[str, Mapping[str, str]] = {
    "xenon": {"a": "max-average", "m": "max-modules", "b": "max-absolute", "e": "exclude", "i": "ignore"},
    "complexipy": {"e": "exclude", "d": "diff", "i": "ignore-complexity", "mx": "max-complexity-allowed"},
    "pylint": {"e": "enable", "d": "disable", "rcfile": "config"},
}
# Many run a tool by another program, as in `poetry run xenon` or `python -m xenon`.
_RUNNER = r"(?:[^'\"]+\s(?:run|-m)\s+(?:--\S+\s+)*|uvx\s+)?(?:[^\s'\"]*/)?"
_COMMAND = _RUNNER + r"{}(?!\s+format\b)(?:\s+.*)?"
# complexipy has the two letters up to version 5.
_ARGUMENT = re.compile(r"(--[a-z][\w-]*|-mx|-[a-zA-Z])=?(.+)?", re.DOTALL)
# Options without a value.
_FLAG = re.compile(
    r"no-assert|paths-in-front|preview|fix|q|f|i|v|quiet|failed|plain|ignore-complexity|no-ignore|staged"
    r"|count|disable-noqa|exit-non-zero-on-fix|exit-zero|fix-only|force-exclude|isolated|no-cache|show-fixes"
    r"|show-source|statistics|suggest-refactors|unsafe-fixes|verbose"
)
# Lists of rules to which ruff and pylint add each time; other options count as they are given last.
_JOINED = re.compile(r"(?:extend-)?(?:select|ignore)|enable|disable")


class ToolOption(Struct, frozen=True):
    """One option of another tool.

    Attributes:
        value: value as returned by the file's parser.
        origin: ``file:line: option``.
        folder: what its patterns are relative to, from the root; empty for the root.
    """

    value: object
    origin: str
    folder: str = ""

    def split(self) -> list[str]:
        """Return the items of a list as they are, or of a text separated by commas or lines."""
        if isinstance(self.value, list):
            return [str(item) for item in self.value if item != ""]
        return [item.strip() for item in re.split(r"[,\n]", str(self.value)) if item.strip()]


Options: TypeAlias = Mapping[str, ToolOption]
"""Options by name: with hyphens, and dots for subtables."""


def is_true(options: Options, name: str) -> bool:
    """Return whether an option is switched on."""
    return name in options and str(options[name].value).lower() in ("true", "1", "yes", "on")


def merge(layers: Sequence[Options]) -> Options:
    """Return all options of some layers, the first of which counts."""
    return {name: option for layer in reversed(layers) for name, option in layer.items()}


def read_options(root: Path, tool: str, names: Sequence[str]) -> list[Options]:
    """Return the options that a tool finds in some files of a folder, those that count first."""
    files = [name for name in FILES[tool] if name in names]
    hook = _read_hook(root / HOOKS, tool) if HOOKS in names else None
    if hook is None:
        return _read_files(root, tool, files)
    if "config" in hook and os.path.isfile(root / str(hook["config"].value)):
        files = [str(hook.pop("config").value)]
    # A hook without options counts, too, as it applies the tool's own limits.
    return [hook, *_read_files(root, tool, files)]


def _read_files(root: Path, tool: str, names: Sequence[str]) -> list[Options]:
    layers: list[Options] = []
    for name in names:
        options = _read_file(root / name, tool)
        if options is not None:
            layers.append(options)
            if tool == "ruff":
                layers += _read_bases(root, root / name, options)
            if tool != _RADON:  # radon alone reads all its files
                break
    return layers


def _read_file(path: Path, tool: str, folder: str = "") -> Options | None:
    """Return the options of a tool; ``None`` if the file has none, and the tool looks further."""
    if not os.path.isfile(path):
        return None
    if path.suffix == ".toml":
        is_own = path.name != _PYPROJECT and tool != _PYLINT
        return _read_table(path, () if is_own else ("tool", tool), tool, folder)
    return _read_sections(path, tool)


def _read_table(path: Path, key: tuple[str, ...], tool: str, folder: str) -> Options | None:
    text = read_text(path)
    if (data := find_table(parse_toml(path, text), *key)) is None:
        return None
    lines, found = find_lines(text), {}
    for inner, value in _iter_values((), data):
        origin = f"{format_path(path)}:{lines.get((*key, *inner), 1)}: {format_key((*key, *inner))}"
        # pylint accepts an option in any table.
        found[".".join(inner[-1:] if tool == _PYLINT else inner)] = ToolOption(value, origin, folder)
    return found


def _iter_values(key: tuple[str, ...], table: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], object]]:
    for name, value in table.items():
        # The names in such a table are patterns.
        if isinstance(value, dict) and not name.endswith("per-file-ignores"):
            yield from _iter_values((*key, name), value)
        else:
            yield (*key, name), value


def _read_bases(root: Path, path: Path, options: Options) -> Iterator[Options]:
    """Yield the options of the files that settings of ruff extend."""
    read = {path}
    while (extend := options.get("extend")) is not None:
        path = Path(os.path.normpath(path.parent / os.path.expanduser(str(extend.value))))
        if path in read:
            return
        read.add(path)
        folder = path_from(root, os.fspath(path.parent))
        options = _read_file(path, "ruff", "" if folder == "." else folder) or {}
        yield options


def _read_sections(path: Path, tool: str) -> Options | None:
    text = read_text(path)
    # pylint alone removes comments behind values.
    comments = ("#", ";") if tool == _PYLINT else None
    parser = configparser.ConfigParser(interpolation=None, strict=False, inline_comment_prefixes=comments)
    try:
        parser.read_string(text, format_path(path))
    except configparser.Error as error:
        raise UsageError(f"{format_path(path)}: not valid: {' '.join(str(error).split())}") from None
    # All sections of its own file are pylint's.
    is_own = tool == _PYLINT and path.name not in ("setup.cfg", "tox.ini")
    sections = [name for name in parser.sections() if is_own or name.partition(".")[0] == tool]
    found = {
        name.replace("_", "-"): ToolOption(
            value, f"{format_path(path)}:{_find_line(text, section, name)}: {section}.{name}"
        )
        for section in sections
        for name, value in parser.items(section)
    }
    return found if sections else None


def _find_line(text: str, section: str, name: str) -> int:
    """Return the line (1-based) of a key; of the section or the first line if it is not found."""
    lines = text.splitlines()
    header = f"[{section}]"
    start = next((number for number, line in enumerate(lines) if line.strip() == header), 0)
    key = re.compile(rf"\s*{re.escape(name)}\s*[:=]", re.IGNORECASE)
    found = (number for number, line in enumerate(lines[start:], start) if key.match(line))
    return next(found, start) + 1


def _read_hook(path: Path, tool: str) -> dict[str, ToolOption] | None:
    """Return the arguments of the first hook that runs a tool, by option; ``paths`` are the others."""
    found = [each for each in read_hooks(path) if _runs(each[1], tool)] if os.path.isfile(path) else []
    if not found:
        return None
    place, hook = found[0]
    try:
        words = _split_arguments(_find_arguments(hook, tool), hook.get("args"))
    except ValueError as error:
        raise UsageError(f"{place}: can't parse {tool}'s arguments: {error}") from None
    filters = {
        f"hook.{key}": ToolOption("", f"{place}: {key}") for key in ("files", "exclude") if key in hook
    }
    others = {f"hook.other.{other}": ToolOption("", f"{other}: {tool}") for other, _ in found[1:]}
    plugins = ToolOption(hook.get("additional_dependencies", []), f"{place}: additional_dependencies")
    known = {"plugins": plugins, **filters, **_read_filters(path), **others}
    return {**_parse_arguments(tool, words, place), **known}


def _read_filters(path: Path) -> Options:
    """Return the regular expressions that apply to all hooks."""
    data, find_line = parse_hooks(path)
    return {
        f"hook.all.{key}": ToolOption("", f"{format_path(path)}:{find_line((key,))}: {key}")
        for key in ("files", "exclude")
        if isinstance(data, dict) and key in data
    }


def _runs(hook: Mapping[str, Any], tool: str) -> bool:
    command = str(hook.get("entry", hook.get("id")))
    is_tool = hook.get("id") in (tool, f"{tool}-check")
    return is_tool or re.fullmatch(_COMMAND.format(tool), command, re.DOTALL) is not None


def _find_arguments(hook: Mapping[str, Any], tool: str) -> str:
    """Return what follows the tool's name in a hook's command; nothing for a script."""
    match = re.search(rf"{tool}\S*(?:\s+check\b)?\s+(.*)", str(hook.get("entry", "")), re.DOTALL)
    return match[1] if match else ""


def _split_arguments(entry: str, arguments: object) -> list[str]:
    """Return all words: some users write an option and its value as one item."""
    words = shlex.split(entry)
    for item in map(str, arguments if isinstance(arguments, list) else ()):
        words += shlex.split(item) if re.match(r"-[^\s=]*\s", item) else [item]
    return words


def _parse_arguments(tool: str, words: Sequence[str], place: str) -> Options:
    found: dict[str, ToolOption] = {}
    paths: list[str] = []
    rest = [*words]
    while rest:
        word = rest.pop(0)
        match = _ARGUMENT.fullmatch(word)
        if match is None:
            paths.append(word)
            continue
        name, value = match[1].lstrip("-"), match[2]
        name = _SHORT.get(tool, {}).get(name, name)
        if value is None and _takes_next(name, rest):
            value = rest.pop(0)
        if _JOINED.fullmatch(name) and tool in ("ruff", _PYLINT) and name in found:
            value = f"{found[name].value},{value}"
        found[name] = ToolOption(True if value is None else value, f"{place}: {tool} {match[1]}")
    return {**found, **({"paths": ToolOption(paths, f"{place}: {tool}")} if paths else {})}


def _takes_next(name: str, rest: Sequence[str]) -> bool:
    """Return whether the next word is the value of an option."""
    return bool(rest) and not _FLAG.fullmatch(name) and not _ARGUMENT.fullmatch(rest[0])
