"""Set up a project: propose settings, migrate those of other tools, install git hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.setup.git_hooks import *
    from pytest_antipasta.setup.init_hook import *
    from pytest_antipasta.setup.migration.migrate import *
    from pytest_antipasta.setup.proposal import *

__getattr__ = lazy_names(
    __name__,
    {
        "init_hook": "CommitHook find_commit_hook find_configured iter_stub_notes",
        "git_hooks": "GitHook HOOK_TYPES find_config_to_name find_git_hooks list_notes",
        "migration.migrate": "MIGRATED_FILES find_migration require_known",
        "proposal": "Preset Proposal append_table iter_table make_proposal",
    },
)
