"""Finding and loading the settings of a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pytest_antipasta.errors import UsageError
from pytest_antipasta.messages import format_path
from pytest_antipasta.settings.unread import iter_misplaced_notes
from pytest_antipasta.settings.values import SETTINGS_NAMES, Settings

if TYPE_CHECKING:
    from pytest_antipasta.settings.documents import Document

Find: TypeAlias = Callable[[Path], "bytes | None"]
"""Gives what counts as a file's content in place of what it has; ``None`` where that counts."""


class LoadedSettings(NamedTuple):
    """Settings, and what the user should know of them."""

    settings: Settings
    notes: tuple[str, ...]


def load_settings(start: Path, config: Path | None = None, find: Find = lambda _: None) -> LoadedSettings:
    """Load the settings that apply in a folder.

    They come from ``config``, else from the nearest folder upwards whose ``pyproject.toml`` has our table
    or that has an ``.antipasta.yaml``; that folder is the root. Without any, the defaults apply, and the
    root is the nearest folder upwards with ``.git``, else ``start``.

    Args:
        start: the folder to look upwards from.
        config: a file that was named, TOML with our table or YAML; nothing else is looked at then.
        find: gives what counts in place of a file's content.

    Raises:
        UsageError: a file can't be read or says something wrong; every problem has a line of its own.
    """
    start = Path(os.path.abspath(start))  # resolve() would leave a linked folder
    notes: list[str] = []
    if config is not None:
        return _parse_document(read_named(config, notes, find), notes)
    document = _find_document(start, notes, find)
    if document is None:
        loaded = LoadedSettings(Settings(root=_find_git_top(start) or start, source=None), tuple(notes))
    else:
        loaded = _parse_document(document, notes)
    return loaded._replace(notes=(*loaded.notes, *iter_misplaced_notes(start, loaded.settings)))


def _parse_document(document: Document, noted: list[str]) -> LoadedSettings:
    from pytest_antipasta.settings.documents import Entry, Remarks

    remarks = Remarks()
    root = document.path.parent
    fields = document.parse(Entry(document.key, document.data, remarks))
    if remarks.problems:
        raise UsageError("\n".join(document.format_remarks(remarks.problems)))
    for name in {"baseline", "cache_dir"} & fields.keys():
        # os.path.expanduser leaves "~" alone where the home folder is not known; Path raises.
        fields[name] = root / os.path.expanduser(fields[name])
    notes = (*noted, *document.format_remarks(remarks.notes))
    return LoadedSettings(Settings(root=root, source=document.path, **fields), notes)


def _iter_upwards(start: Path) -> Iterator[Path]:
    yield start
    yield from start.parents


def _find_document(start: Path, notes: list[str], find: Find) -> Document | None:
    for folder in _iter_upwards(start):
        # os.path.isfile is False where a folder can't be searched; Path.is_file raises there.
        pyproject, antipasta = (folder / name for name in SETTINGS_NAMES)
        if (data := find(pyproject)) is not None or os.path.isfile(pyproject):
            document = _read_toml(pyproject, notes, data)
            if document is not None:
                return document
        if (data := find(antipasta)) is not None or os.path.isfile(antipasta):
            return _read_yaml(antipasta, data)
    return None


# Both here, because a run reads one kind of settings at most.
def _read_toml(path: Path, notes: list[str], data: bytes | None) -> Document | None:
    from pytest_antipasta.settings.toml_file import read_toml

    return read_toml(path, notes, data)


def _read_yaml(path: Path, data: bytes | None) -> Document:
    from pytest_antipasta.settings.yaml_file import read_yaml

    return read_yaml(path, data)


def _find_git_top(start: Path) -> Path | None:
    # A file in a linked worktree or a submodule, else a folder.
    tops = (folder for folder in _iter_upwards(start) if os.path.exists(folder / ".git"))
    return next(tops, None)


def read_named(config: Path, notes: list[str], find: Find = lambda _: None) -> Document:
    """Read a file that was named, or what ``find`` has in its place.

    What the user should know is added to ``notes``.

    Raises:
        UsageError: it can't be read, or holds no settings.
    """
    path = Path(os.path.abspath(config))  # the root is the link's folder, not the target's
    if os.path.isdir(path):
        raise UsageError(f"{format_path(path)}: is a folder; name a .toml or .yaml file")
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        return _read_yaml(path, find(path))
    if suffix != ".toml":
        raise UsageError(f"{format_path(path)}: can't hold settings; name a .toml or .yaml file")
    document = _read_toml(path, notes, find(path))
    if document is None:
        raise UsageError("\n".join((f"{format_path(path)}: has no table [tool.pytest-antipasta]", *notes)))
    return document
