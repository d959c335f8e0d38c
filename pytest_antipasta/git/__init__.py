"""Ask git about a repository: its files, contents, differences and history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.git.diffs import *
    from pytest_antipasta.git.head import *
    from pytest_antipasta.git.history import *
    from pytest_antipasta.git.ignored import *
    from pytest_antipasta.git.links import *
    from pytest_antipasta.git.modes import *
    from pytest_antipasta.git.objects import *
    from pytest_antipasta.git.process import *
    from pytest_antipasta.git.program import *
    from pytest_antipasta.git.repository import *
    from pytest_antipasta.git.time_budget import *
    from pytest_antipasta.git.tree import *

__getattr__ = lazy_names(
    __name__,
    {
        "diffs": "FileDiff Untracked",
        "head": "describe_head",
        "history": "Commit",
        "ignored": "ask_for_ignored find_ignore_rule has_tracked_files read_ignored",
        "links": "is_in_checkout require_own_folder require_own_links",
        "modes": "FileModes",
        "objects": "Objects TreeEntry name_blob",
        "process": "GitError GitProcess GitTimeout LostContentError RefusalError UnknownCommitError",
        "program": "find_repository is_in_repository is_other_repository",
        "repository": "Repository",
        "time_budget": "OutOfTimeError SlowGitError TimeBudget",
        "tree": "Difference TreeQuestions TreeState has_large_index",
    },
)
