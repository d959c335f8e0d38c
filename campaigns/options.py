"""The options that campaigns share."""

from __future__ import annotations

import argparse


def make_parser(
    name: str, text: str | None, *, steps: int, step: str = "how many"
) -> argparse.ArgumentParser:
    """Return a parser with ``--steps`` and ``--seed``.

    Args:
        name: of the campaign.
        text: what it does, and when it fails.
        steps: how many it takes unless it is told.
        step: what they are counted in.
    """
    parser = argparse.ArgumentParser(prog=f"python -m campaigns {name}", description=text)
    parser.add_argument("--steps", type=int, default=steps, metavar="N", help=f"{step} (default: {steps})")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="where chance begins (default: 1)")
    return parser
