"""Random changes: staged, in the working tree, in a range and in a push, the same is said of each.

``python -m campaigns ways --steps N --seed S``
"""

from __future__ import annotations

from campaigns.steps import do_steps
from campaigns.ways.steps import WaysStep


def main(argv: list[str] | None = None) -> int:
    """Do as many steps as asked for; return 1 if two ways in differ."""
    return do_steps("ways", WaysStep, main.__doc__, argv, steps=100, slow=25)
