"""What a working tree has otherwise than a tree, asked of git in several processes."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path

import pytest

from pytest_antipasta.git.process import GitError
from pytest_antipasta.git.tree import TreeQuestions, has_large_index
from tests.conftest import Repository


def test_no_process_is_left_where_another_one_can_not_be_started(repository: Repository) -> None:
    repository.git("config", "core.ignoreCase", "false")  # as Windows and macOS have it otherwise
    questions = TreeQuestions(repository.path)
    with pytest.raises(GitError, match="can't run git"):
        questions.compare("x" * 4_000_000)  # more than a command line may have
    gc.collect()  # which warns of a process that nobody has waited for


def test_a_git_file_of_any_size_takes_little_memory(tmp_path: Path) -> None:
    """Here, 64 MB of zeros that take no room on the disk."""
    with (tmp_path / ".git").open("wb") as file:
        file.truncate(64_000_000)
    tracemalloc.start()
    try:
        assert not has_large_index(tmp_path, 0)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
