"""The file that proposed settings are written to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pytest_antipasta.git.program import find_repository
from pytest_antipasta.messages import format_argument, format_path
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.settings.documents import KeyPath, decode, format_key, read_bytes
from pytest_antipasta.settings.load import load_settings
from pytest_antipasta.settings.toml_file import find_table, parse_toml
from pytest_antipasta.settings.toml_lines import find_lines


def choose_target(config: Path | None) -> Path:
    """Return the file to write: the named one, or the nearest ``pyproject.toml`` in the repository.

    A missing file will be created at the repository's top, or in the current folder outside a repository.
    """
    folder = Path.cwd()
    if config is not None:
        if config.suffix.lower() != ".toml":
            raise UsageError(
                f"{format_path(config)}: can't write TOML settings to this file; name a .toml file"
            )
        if not os.path.isdir((folder / config).parent):
            raise UsageError(f"{format_path(config)}: folder not found; create it first")
        return folder / config
    top = find_repository(folder) or folder
    inside = [each for each in (folder, *folder.parents) if each.is_relative_to(top)]
    found = (each for each in inside if os.path.lexists(each / "pyproject.toml"))
    return next(found, top) / "pyproject.toml"


def require_no_other_settings(config: Path | None, target: Path, *, but_yaml: bool = False) -> None:
    """Check that a table would not override settings in another file, unless one was named."""
    source = load_settings(Path.cwd()).settings.source if config is None else None
    if source is None or source == target or (but_yaml and source.suffix != ".toml"):
        return
    advice = "`pytest-antipasta config migrate` converts them to a table"
    if source.suffix == ".toml":
        option = f"`--config {format_argument(format_path(target))}`"
        advice = f"{option} proposes separate settings for that folder and below"
    raise UsageError(f"{format_path(source)}: already has settings that apply here; {advice}")


def read_target(target: Path) -> bytes:
    """Return the content of the file to write; empty if it does not exist."""
    return read_bytes(target) if os.path.lexists(target) else b""


def append_table(path: Path, content: bytes, table: Sequence[str]) -> bytes:
    """Return the content of a TOML file with our table appended, with the file's line ends.

    Raises:
        UsageError: the file is not valid TOML in UTF-8, already has our table, or has a `tool` that can't be
            extended.
    """
    text = decode(path, content)
    if "pytest-antipasta" in (find_table(parse_toml(path, text), "tool") or ()):
        raise _refuse(path, text, ("tool", "pytest-antipasta"), "already exists; not modified")
    ending = "\r\n" if "\r\n" in text else "\n"
    gap = ending * (2 - text.endswith("\n")) if text.strip() else ""
    added = gap + "".join(f"{line}{ending}" for line in table)
    try:
        parse_toml(path, text + added)
    except UsageError:
        raise _refuse(path, text, ("tool",), "a table can't be added after this line") from None
    return content + added.encode()


def _refuse(path: Path, text: str, key: KeyPath, problem: str) -> UsageError:
    place = f"{format_path(path)}:{find_lines(text).get(key, 1)}: {format_key(key)}"
    return UsageError(f"{place}: {problem}; merge the proposed lines by hand")
