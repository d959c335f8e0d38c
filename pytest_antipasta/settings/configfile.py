"""Choose between the settings beside pytest's configfile and those of the current folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pytest_antipasta.settings.load import find_document, read_in
from pytest_antipasta.settings.rule_files import RuleFiles, is_same_file
from pytest_antipasta.settings.values import SETTINGS_NAMES

if TYPE_CHECKING:
    from pytest_antipasta.settings.documents import Document

# pytest reads only `[pytest]` of these files, and `check` does not look for settings in them.
_ONLY_PYTEST = ("pytest.toml", ".pytest.toml")


class Beside(NamedTuple):
    """Settings beside pytest's configfile, which apply instead of those of the current folder.

    Attributes:
        path: the settings file; the configfile itself if it has our table.
        other: the settings file of the current folder; ``None`` if only defaults apply there.
    """

    path: Path
    other: Path | None


def find_beside(configfile: Path, folder: Path, files: RuleFiles) -> Beside | None:
    """Return the settings beside pytest's configfile; ``None`` if those of a folder apply.

    Settings of the folder with ``nested = true`` apply: the others then count for the files below them.

    Args:
        configfile: pytest's configfile, absolute.
        folder: the folder where ``check`` starts to search for settings, absolute.
        files: reads the settings files.

    Raises:
        UsageError: a settings file is unreadable or not valid TOML or YAML.
    """
    beside = _read_beside(configfile, files)
    if beside is None:
        return None
    here = find_document(folder, [], files)
    if here is None:
        return Beside(beside.path, None)
    if is_same_file(here.path, beside.path, files) or _includes(here, beside.path):
        return None
    return Beside(beside.path, here.path)


def _read_beside(configfile: Path, files: RuleFiles) -> Document | None:
    if configfile.suffix == ".toml" and configfile.name not in _ONLY_PYTEST:
        from pytest_antipasta.settings.toml_file import read_toml

        data = files.read(configfile)
        if data is not None and (document := read_toml(configfile, [], data)) is not None:
            return document
    return read_in(configfile.parent, [], files)


def _includes(here: Document, path: Path) -> bool:
    """Return whether settings apply together with those of a folder below."""
    is_nested = isinstance(here.data, dict) and here.data.get("nested") is True
    return is_nested and path.name in SETTINGS_NAMES and path.is_relative_to(here.path.parent)
