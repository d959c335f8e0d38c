"""Asking git."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.git.ignored import (
        ask_for_ignored as ask_for_ignored,
        find_ignore_rule as find_ignore_rule,
        is_ignored as is_ignored,
        read_ignored as read_ignored,
    )
    from pytest_antipasta.git.output import FileDiff as FileDiff
    from pytest_antipasta.git.process import (
        GitError as GitError,
        GitProcess as GitProcess,
        GitTimeout as GitTimeout,
    )
    from pytest_antipasta.git.program import find_repository as find_repository
    from pytest_antipasta.git.repository import Repository as Repository

__getattr__ = lazy_names(
    __name__,
    {
        "ignored": "ask_for_ignored find_ignore_rule is_ignored read_ignored",
        "output": "FileDiff",
        "process": "GitError GitProcess GitTimeout",
        "program": "find_repository",
        "repository": "Repository",
    },
)
