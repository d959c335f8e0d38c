"""Asking git."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.git.output import FileDiff as FileDiff
    from pytest_antipasta.git.process import (
        GitError as GitError,
        Question as Question,
        SilenceError as SilenceError,
        ask_for_ignored as ask_for_ignored,
        find_ignore_rule as find_ignore_rule,
        find_repository as find_repository,
        is_ignored as is_ignored,
        read_ignored as read_ignored,
    )
    from pytest_antipasta.git.repository import Repository as Repository

__getattr__ = lazy_names(
    __name__,
    {
        "output": "FileDiff",
        "process": (
            "GitError Question SilenceError ask_for_ignored find_ignore_rule find_repository is_ignored "
            "read_ignored"
        ),
        "repository": "Repository",
    },
)
