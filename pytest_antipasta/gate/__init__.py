"""The commit gate: judge a commit, a push or a branch by its changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.gate.change_sets import *
    from pytest_antipasta.gate.committed_rules import *
    from pytest_antipasta.gate.gate import *
    from pytest_antipasta.gate.index_run import *
    from pytest_antipasta.gate.measuring import *
    from pytest_antipasta.gate.opening import *
    from pytest_antipasta.gate.side_rules import *
    from pytest_antipasta.gate.sides import *
    from pytest_antipasta.gate.trees import *

__getattr__ = lazy_names(
    __name__,
    {
        "change_sets": "ChangeSet committed_changes pushed_changes staged_changes",
        "committed_rules": "open_received take_limits",
        "gate": "Gate",
        "index_run": "find_failing open_index_run open_tree",
        "measuring": "ContentMeasurer",
        "opening": "AskedChange open_change_run",
        "side_rules": "PolicySource",
        "sides": "Side open_after open_commit open_side",
        "trees": "CommitTree IndexTree",
    },
)
