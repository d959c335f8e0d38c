"""The commit gate: judging a commit, a push or a branch by what it adds, changes and takes away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.gate.blocks import *
    from pytest_antipasta.gate.change_sets import *
    from pytest_antipasta.gate.file_version import *
    from pytest_antipasta.gate.gate import *
    from pytest_antipasta.gate.identity import *
    from pytest_antipasta.gate.run import *
    from pytest_antipasta.gate.staged_files import *

__getattr__ = lazy_names(
    __name__,
    {
        "blocks": "BlockComparison Change",
        "change_sets": "ChangeSet committed_changes pushed_changes staged_changes",
        "file_version": "BlockId FileVersion",
        "gate": "Gate",
        "identity": "identify_block identify_blocks",
        "run": "open_change_run",
        "staged_files": "StagedFiles load_staged",
    },
)
