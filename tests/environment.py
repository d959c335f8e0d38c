"""What git and other programs see of the user and the machine in tests: nothing."""

from __future__ import annotations

import os

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
