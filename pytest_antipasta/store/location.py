"""Finding the folder of the store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_antipasta.runtime import trusted_first
from pytest_antipasta.store.protocol import SHARED_VARIABLE

if TYPE_CHECKING:
    from pytest_antipasta.store.shared_address import SharedAddress

_NAME = "pytest-antipasta"
ENVIRONMENT_VARIABLE = "PYTEST_ANTIPASTA_CACHE_DIR"


def find_history_dir(cache_dir: Path) -> Path:
    """Return the folder, in that of the store, of the store for contents of old commits."""
    return cache_dir / "history"


def find_cache_dir(option: Path | None, setting: Path | None, folder: Path = Path()) -> Path:
    """Return the folder: the option, else the environment, else the setting, else the user's cache folder.

    What the environment names is relative to ``folder``, which is the current one unless it is given. Only
    where the home folder is not known, the result is relative, and no store is opened there.
    """
    if option is not None:
        return option.absolute()
    if named := os.environ.get(ENVIRONMENT_VARIABLE):
        return (folder / named).absolute()
    if setting is not None:
        return setting
    with trusted_first():
        from platformdirs import user_cache_path

    try:
        return user_cache_path(_NAME, appauthor=False)
    except RuntimeError:  # from platformdirs 4.11 on; before, it leaves the ~ as it is
        return Path("~", ".cache", _NAME)


def find_shared_store(option: str | None, name: str) -> SharedAddress | None:
    """Return where the store is that machines share: by the option of this name, else by the environment.

    Raises:
        UsageError: what one of them says is no address.
    """
    url = option or os.environ.get(SHARED_VARIABLE)
    if not url:
        return None
    # Here, because few have one.
    from pytest_antipasta.store.shared_address import parse_shared_address

    return parse_shared_address(url, name if option else SHARED_VARIABLE)
