"""Write over nothing that a run reads: a path may have been meant as one to check."""

from __future__ import annotations

import os
import re
from pathlib import Path

from pytest_antipasta.baseline.file import DEFAULT_NAME
from pytest_antipasta.extension.installed import find_distributions
from pytest_antipasta.git.links import require_own_links
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.formats import RESERVED
from pytest_antipasta.runtime.scripts import is_source, read_head
from pytest_antipasta.settings.values import SETTINGS_NAMES

# Suffixes of files that may be settings, of ours or of others.
_SETTINGS_ENDINGS = frozenset((".toml", ".yaml", ".yml", ".ini", ".cfg"))
_BASELINE = re.compile(rb'\s*\{\s*"schema_version"\s*:\s*\d+\s*,\s*"entries"')


def require_no_input(path: Path, noun: str = "report", example: str = "report.json") -> None:
    """Check that a file to write replaces or extends nothing that a run reads.

    Args:
        path: path to write.
        noun: name of the file in the message.
        example: another path for the message.

    Raises:
        UsageError: the path is a source file, settings or a baseline, or a link to one.
    """
    if what := _name_input(path):
        raise UsageError(
            f"the {noun} would overwrite the {what} {path}; name another file, such as {example}"
        )


def require_log_place(path: Path) -> None:
    """Check that a log goes to no file that a run reads, and through no link of a repository.

    Raises:
        UsageError: the path is a source file, settings or a baseline.
        PermissionError: a repository may have created a link in the path.
    """
    require_no_input(path, "log", "antipasta.log")
    require_own_links(path)


def _name_input(path: Path) -> str | None:
    """Return what a run reads from a path; with a usual name, the file need not exist."""
    target = Path(os.path.realpath(path))
    if target.name in SETTINGS_NAMES:
        return "settings"
    if target.name == DEFAULT_NAME or _BASELINE.match(read_head(target)):
        return "baseline"
    if is_source(target):
        return "source file"
    return _name_by_suffix(target) if os.path.isfile(target) else None


def _name_by_suffix(path: Path) -> str | None:
    """Return what a run reads from a file by its suffix, unless that belongs to a format of reports."""
    of_languages: set[str] = set()
    of_reports = {*RESERVED}
    if find_distributions():
        from pytest_antipasta.extension.loading import load_extensions

        extensions = load_extensions()
        of_languages.update(*(item.language.endings for item in extensions.languages))
        of_reports.update(*(item.format.endings for item in extensions.formats))
    if path.name.lower().endswith(tuple(_SETTINGS_ENDINGS - of_reports)):
        return "settings"
    return "source file" if path.name.endswith(tuple(of_languages - of_reports)) else None
