"""What is to be written by ``config init``: by flags, by answers, or by default."""

from __future__ import annotations

import argparse

from msgspec import Struct

from pytest_antipasta.adoption.levels import Level
from pytest_antipasta.adoption.proposal import Proposal
from pytest_antipasta.cli.commit_hook import CommitHook
from pytest_antipasta.cli.questions import Asker
from pytest_antipasta.report.wording import count


class Choices(Struct, frozen=True):
    """What was asked for.

    Attributes:
        level: the limits.
        wants_baseline: whether to record what is over them.
        hook: how commits are to be judged, if they are.
    """

    level: Level
    wants_baseline: bool
    hook: CommitHook | None


def make_choices(
    args: argparse.Namespace, proposal: Proposal, hook: CommitHook | None, asker: Asker
) -> Choices:
    """Take what the flags say and ask for the rest.

    Where nobody can be asked, nothing but the settings is written: a baseline forgives, and a hook is run.

    Raises:
        UsageError: there is no answer.
    """
    name = args.level or asker.choose("which limits?", [each.name for each in proposal.levels], "default")
    level = proposal.find_level(name)
    wants_baseline, wants_hook = args.baseline, args.hook
    if wants_baseline is None:
        files = count(level.failing, "file")
        question = f"record {files} over a limit in a baseline, so that only new and worse code fails?"
        wants_baseline = level.failing > 0 and asker.confirm(question, default=True, otherwise=False)
    if wants_hook is None:
        question = "install the commit hook?"
        wants_hook = hook is not None and asker.confirm(question, default=True, otherwise=False)
    return Choices(level, wants_baseline, hook if wants_hook else None)
