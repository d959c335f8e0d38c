"""The hunt: random edits of real files, and whether what is said of them is what the pages promise."""

from __future__ import annotations

from campaigns.hunt.steps import HuntStep
from campaigns.steps import do_steps


def main(argv: list[str] | None = None) -> int:
    """Do as many steps as asked for; return 1 if something was said wrong."""
    return do_steps("hunt", HuntStep, main.__doc__, argv, steps=200, slow=50)
