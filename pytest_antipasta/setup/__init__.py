"""Bringing a project in: proposing settings, migrating others, installing git hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.setup.commit_hook import choose_commit_hook as choose_commit_hook
    from pytest_antipasta.setup.edit import (
        Edit as Edit,
        find_target as find_target,
        make_edit as make_edit,
        require_no_settings as require_no_settings,
    )
    from pytest_antipasta.setup.git_hooks import (
        HOOK_TYPES as HOOK_TYPES,
        GitHook as GitHook,
        find_config_to_name as find_config_to_name,
    )
    from pytest_antipasta.setup.proposal import (
        Proposal as Proposal,
        iter_table as iter_table,
        make_proposal as make_proposal,
    )
    from pytest_antipasta.setup.questions import (
        Asker as Asker,
        Choices as Choices,
        is_terminal as is_terminal,
        make_choices as make_choices,
    )

__getattr__ = lazy_names(
    __name__,
    {
        "commit_hook": "choose_commit_hook",
        "edit": "Edit find_target make_edit require_no_settings",
        "git_hooks": "GitHook HOOK_TYPES find_config_to_name",
        "proposal": "Proposal iter_table make_proposal",
        "questions": "Asker Choices is_terminal make_choices",
    },
)
