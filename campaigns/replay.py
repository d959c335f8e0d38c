"""Commits of a repository, judged by the gate and by the naive judge."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

from campaigns.options import make_parser
from tests.gate.replay import compare, iter_steps, judge_by_gate, make_settings


def main(argv: Sequence[str] | None = None) -> int:
    """Judge the newest commits of a repository; print each difference and return 1 if there is one."""
    parser = make_parser("replay", main.__doc__, steps=100, step="how many commits")
    parser.add_argument("repository", type=Path, help="its folder")
    args = parser.parse_args(argv)
    settings = make_settings(args.repository)
    steps = [*itertools.islice(iter_steps(args.repository), args.steps)]
    different = blocked = 0
    for old, new in steps:
        differences = compare(args.repository, old, new, settings)
        different += bool(differences)
        blocked += any(one.failed for one in judge_by_gate(args.repository, old, new, settings).verdicts)
        for row in differences:
            print(new, *row)  # noqa: T201
    print(f"{len(steps)} commits, {blocked} blocked, {different} judged differently")  # noqa: T201
    return int(different > 0)
