"""Prepare trees and programs, time them, and write ``docs/benchmarks.md``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from benchmarks.claims import check_claims
from benchmarks.environments import describe_versions, make_own_environment, make_peer_environment
from benchmarks.page import format_page
from benchmarks.plots import draw_cost
from benchmarks.scenarios import Programs
from benchmarks.shares import measure_shares
from benchmarks.timing import Series, time_in_turn
from benchmarks.trees import SIZES, make_tree
from tests.corpora import python_files

_DOCS = Path(__file__).parent.parent / "docs"
_ROUNDS, _QUICK_ROUNDS = 5, 3
# Peers that take minutes for a tree have fewer rounds there.
_SLOW_FILES = 1000
_SLOW_ROUNDS = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmarks; exit code 1 where a promise is missed."""
    args = _parse(argv)
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        scratch = Path(name)
        own = make_own_environment(scratch)
        peers = make_peer_environment(scratch)
        rounds = _QUICK_ROUNDS if args.quick else _ROUNDS
        shares = measure_shares(python_files("django"), rounds)
        results: dict[int, dict[str, Series]] = {}
        for size in args.files:
            print(f"{size} files", file=sys.stderr)
            programs = Programs(own, peers, make_tree(size, scratch), scratch)
            results[size] = _time_tree(programs, size, rounds)
        versions = sorted({*describe_versions(own), *describe_versions(peers)}, key=str.lower)
    claims = list(check_claims(results, shares))
    args.output.mkdir(parents=True, exist_ok=True)
    draw_cost(results, args.output / "benchmarks.svg")
    page = format_page(results, shares, claims, versions, rounds)
    (args.output / "benchmarks.md").write_text(page)
    print(page)
    return 0 if all(claim.holds for claim in claims) else 1


def _time_tree(programs: Programs, size: int, rounds: int) -> dict[str, Series]:
    workers = ("auto", "0", "2")
    series = time_in_turn(chain(programs.floors(), programs.cold(*workers)), rounds)
    series |= time_in_turn(chain(programs.warm("auto", "2"), programs.quick_peers()), rounds)
    series |= time_in_turn(programs.changes(), rounds)
    slow_rounds = _SLOW_ROUNDS if size > _SLOW_FILES else rounds
    return series | time_in_turn(programs.slow_peers(), slow_rounds)


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the trees up to django, three rounds")
    parser.add_argument("--files", type=int, nargs="+", help="only trees of these sizes")
    parser.add_argument("--output", type=Path, default=_DOCS, help="where the page goes")
    args = parser.parse_args(argv)
    if not args.files:
        args.files = SIZES[:-1] if args.quick else SIZES
    return args


if __name__ == "__main__":
    sys.exit(main())
