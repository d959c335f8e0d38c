"""Asking on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pytest_antipasta.errors import UsageError


def is_terminal() -> bool:
    """Whether somebody is there who can read a question and answer it."""
    return bool(sys.stdin and sys.stdout and sys.stdin.isatty() and sys.stdout.isatty())


def choose(question: str, choices: Sequence[str], default: str) -> str:
    """Ask for one of some words; an empty answer is the default, and any beginning of a word will do.

    Raises:
        UsageError: there is no answer.
    """
    while True:
        answer = _ask(f"{question} ({'/'.join(choices)}) [{default}]: ").lower()
        found = [choice for choice in choices if choice.startswith(answer)] if answer else [default]
        if len(found) == 1:
            return found[0]
        print(f"please answer {' or '.join(choices)}")


def confirm(question: str, default: bool) -> bool:
    """Ask for yes or no.

    Raises:
        UsageError: there is no answer.
    """
    return choose(question, ("yes", "no"), "yes" if default else "no") == "yes"


def _ask(prompt: str) -> str:
    try:
        return input(prompt).strip()
    except EOFError:
        print()
        raise UsageError("no answer, so nothing was written") from None
