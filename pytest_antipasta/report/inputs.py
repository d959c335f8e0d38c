"""Write over nothing that a run reads: a path may have been meant as one to check."""

from __future__ import annotations

import os
import re
from pathlib import Path

from pytest_antipasta.baseline.file import DEFAULT_NAME
from pytest_antipasta.extension.installed import load_extensions
from pytest_antipasta.git.links import require_own_links
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.formats import RESERVED
from pytest_antipasta.runtime.scripts import SOURCE_ENDINGS, names_python, read_head
from pytest_antipasta.settings.load import HEADER
from pytest_antipasta.settings.values import SETTINGS_NAMES

_BASELINE = re.compile(rb'\s*\{\s*"schema_version"\s*:\s*\d+\s*,\s*"entries"')


def require_no_input(
    path: Path,
    action: str = "the report would overwrite",
    example: str = "report.json",
    *,
    has_languages: bool = True,
) -> None:
    """Check that a file to write replaces or extends nothing that a run reads.

    Args:
        path: path to write.
        action: what would be done to the file, for the message.
        example: another path for the message.
        has_languages: whether extensions are asked for the suffixes of their languages.

    Raises:
        UsageError: the path is a source file, settings or a baseline, or a link to one; or ``-``, which is
            standard output for a report.
    """
    if path.name == "-":
        raise UsageError(f"-: only reports can go to standard output; name a file, such as {example}")
    target = Path(os.path.realpath(path))
    if what := _name_input(target) or ("source file" if has_languages and _is_of_language(target) else None):
        raise UsageError(f"{action} the {what} {path.as_posix()}; name another file, such as {example}")


def require_log_place(path: Path) -> None:
    """Check that a log goes to no file that a run reads, and through no link of a repository.

    Raises:
        UsageError: the path is a source file, settings or a baseline.
        PermissionError: a repository may have created a link in the path.
    """
    # Every command may have a log, and loading extensions takes long.
    require_no_input(path, "the log would be written into", "antipasta.log", has_languages=False)
    require_own_links(path)


def _name_input(path: Path) -> str | None:
    """Return what a run reads from a path; with a usual name, the file need not exist."""
    head = read_head(path)
    if path.name in SETTINGS_NAMES or HEADER.search(head):
        return "settings"
    if path.name == DEFAULT_NAME or _BASELINE.match(head):
        return "baseline"
    if not path.suffix:
        return "source file" if names_python(head) else None
    # Up to Python 3.13, the methods of a path raise an error where a folder may not be entered.
    return "source file" if path.suffix.lower() in SOURCE_ENDINGS and os.path.isfile(path) else None


def _is_of_language(path: Path) -> bool:
    """Return whether a path is a file in a language of an extension."""
    if not os.path.isfile(path):
        return False
    extensions = load_extensions()
    endings = {ending for item in extensions.languages for ending in item.given.endings}
    of_reports = {*RESERVED, *(ending for _, form in extensions.formats for ending in form.endings)}
    return path.name.endswith(tuple(endings - of_reports))
