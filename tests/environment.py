"""What git and other programs see of the user and the machine in tests: nothing."""

from __future__ import annotations

import os
import re
import sys

import pytest

GIT_SETTINGS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "A. Author",
    "GIT_AUTHOR_EMAIL": "author@example.org",
    "GIT_COMMITTER_NAME": "A. Author",
    "GIT_COMMITTER_EMAIL": "author@example.org",
}
"""No settings but those of the repository, and an author."""
ENVIRONMENT = {**GIT_SETTINGS, "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
"""The same, with messages in English and without colors."""
AND = "\n          " if sys.platform == "win32" else " && "
"""What stands between the commands of a hook's ``record``: not each shell of Windows knows ``&&``."""

NEEDS_LINKS = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
NOT_ON_WINDOWS = pytest.mark.skipif(sys.platform == "win32", reason="it has no such files, names and modes")


# Characters, and names of devices, whatever follows a dot.
_NOT_ON_WINDOWS = re.compile(
    r'(?i)[\x00-\x1f<>:"\\|?*\ud800-\udfff]|[ .](/|$)|(^|/)(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|/|$)'
)


def can_be_on_disk(name: str) -> bool:
    """Return whether this system can have a file of a name; Windows allows fewer characters."""
    return sys.platform != "win32" or can_be_on_windows(name)


def can_be_on_windows(name: str) -> bool:
    """Return whether Windows can have a file of a name, a posix path."""
    return _NOT_ON_WINDOWS.search(name) is None


def decode_name(name: bytes) -> str:
    """Return Python's text for a name of bytes that need not be UTF-8, which Windows would not decode."""
    return name.decode("utf-8", "surrogateescape")
