"""Find the folder of the store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_antipasta.store.protocol import SHARED_VARIABLE

if TYPE_CHECKING:
    from pytest_antipasta.store.shared_address import SharedAddress

_NAME = "pytest-antipasta"
ENVIRONMENT_VARIABLE = "PYTEST_ANTIPASTA_CACHE_DIR"
ELSEWHERE = f"set {ENVIRONMENT_VARIABLE} to another folder"
"""What to do about an unusable folder; the variable takes precedence over the setting."""


def locate_history_dir(cache_dir: Path) -> Path:
    """Return the folder inside the store's folder for contents of old commits."""
    return cache_dir / "history"


def locate_cache_dir(option: str | Path | None, setting: Path | None, folder: Path = Path()) -> Path:
    """Return the folder: from the option, the environment, the setting, or the user's cache folder.

    A path of the option or in the environment is relative to ``folder`` (default: the current folder). The
    result is relative only if the home folder is unknown; no store is opened there.
    """
    if named := option or os.environ.get(ENVIRONMENT_VARIABLE):
        # No shell replaces the `~` in `--cache-dir=~/store`, or `$HOME` in a variable that a CI service sets.
        return (folder / os.path.expanduser(os.path.expandvars(named))).absolute()
    if setting is not None:
        return setting
    from platformdirs import user_cache_path

    try:
        return user_cache_path(_NAME, appauthor=False)
    except RuntimeError:  # since platformdirs 4.11; earlier versions keep the ~
        return Path("~", ".cache", _NAME)


def find_shared_store(option: str | None, name: str) -> SharedAddress | None:
    """Return the address of the shared store from the option with this name, or from the environment.

    Raises:
        UsageError: a value is not a valid address.
    """
    url = option or os.environ.get(SHARED_VARIABLE)
    if not url:
        return None
    from pytest_antipasta.store.shared_address import parse_shared_address

    return parse_shared_address(url, name if option else SHARED_VARIABLE)
