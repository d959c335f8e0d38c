"""Find settings of folders below a root in which git has files, as a change may be about any of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pytest_antipasta.settings.load import LoadedSettings
from pytest_antipasta.settings.path_thresholds import with_projects
from pytest_antipasta.settings.patterns import is_outside
from pytest_antipasta.settings.rule_files import DISK, RuleFiles
from pytest_antipasta.settings.values import Settings


def complete_settings(
    settings: Settings, top: Path, paths: Iterable[str], files: RuleFiles = DISK
) -> LoadedSettings:
    """Return settings with those of the folders of some files below the root, if ``nested`` is set.

    ``paths`` are relative to ``top``, the top of the repository.

    Raises:
        UsageError: settings are invalid.
    """
    # Folders are spelled like the root, which may be a link.
    root = os.path.realpath(settings.root)
    inside = (os.path.relpath(os.path.join(top, path), root) for path in {*paths})
    locations = [os.path.join(settings.root, path) for path in inside if not is_outside(path)]
    return with_projects(settings, locations, files)
