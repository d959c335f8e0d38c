"""Asking on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pytest_antipasta.errors import UsageError


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
