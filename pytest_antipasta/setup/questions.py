"""Asking on a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from msgspec import Struct

from pytest_antipasta.errors import UsageError
from pytest_antipasta.messages import count
from pytest_antipasta.setup.commit_hook import CommitHook
from pytest_antipasta.setup.levels import Level
from pytest_antipasta.setup.proposal import Proposal


def is_terminal() -> bool:
    """Whether somebody is there who can read a question and answer it."""
    return bool(sys.stdin and sys.stdout and sys.stdin.isatty() and sys.stdout.isatty())


class Asker:
    """Asks, or does without.

    Attributes:
        has_asked: whether there was a question.
    """

    def __init__(self, can_ask: bool) -> None:
        """Take whether somebody is there to be asked."""
        self._can_ask = can_ask
        self.has_asked = False

    def choose(self, question: str, choices: Sequence[str], default: str) -> str:
        """Ask for one of some words; an empty answer is the default, and any beginning of a word will do.

        Raises:
            UsageError: there is no answer.
        """
        if not self._can_ask:
            return default
        self.has_asked = True
        while True:
            answer = _ask(f"{question} ({'/'.join(choices)}) [{default}]: ").lower() or default
            found = [choice for choice in choices if choice.startswith(answer)]
            if len(found) == 1:
                return found[0]
            print(f"please answer {' or '.join(choices)}")

    def confirm(self, question: str, *, default: bool, otherwise: bool) -> bool:
        """Ask for yes or no.

        Args:
            question: with its question mark.
            default: what an empty answer means.
            otherwise: the answer where nobody can be asked.

        Raises:
            UsageError: there is no answer.
        """
        if not self._can_ask:
            return otherwise
        return self.choose(question, ("yes", "no"), "yes" if default else "no") == "yes"


def _ask(prompt: str) -> str:
    try:
        return input(prompt).strip()
    except EOFError:
        print()
        raise UsageError("no answer, so nothing was written") from None


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
