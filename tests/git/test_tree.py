"""What a working tree has otherwise than a tree, asked of git in several processes."""

from __future__ import annotations

import gc

import pytest

from pytest_antipasta.git.process import GitError
from pytest_antipasta.git.tree import TreeQuestions
from tests.conftest import Repository


def test_no_process_is_left_where_another_one_can_not_be_started(repository: Repository) -> None:
    repository.git("config", "core.ignoreCase", "false")  # as Windows and macOS have it otherwise
    questions = TreeQuestions(repository.path)
    with pytest.raises(GitError, match="can't run git"):
        questions.compare("x" * 4_000_000)  # more than a command line may have
    gc.collect()  # which warns of a process that nobody has waited for
