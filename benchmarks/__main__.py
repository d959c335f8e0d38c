"""Prepare trees and programs, time them, and write ``docs/benchmarks.md`` and ``docs/benchmarks.json``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.claims import claim_engine, claim_memory, keep_promises
from benchmarks.environments import (
    describe_peers,
    describe_versions,
    make_own_environment,
    make_peer_environment,
    make_wily_environment,
)
from benchmarks.figures import collect_figures, compare_figures, read_figures, write_figures
from benchmarks.page import Results, format_page
from benchmarks.peers_chart import write_charts
from benchmarks.plots import draw_cost, import_matplotlib
from benchmarks.scenarios import Programs
from benchmarks.shares import measure_shares
from benchmarks.timing import Series, time_in_turn
from benchmarks.trees import SIZES, make_tree
from tests.corpora import python_files

_DOCS = Path(__file__).parent.parent / "docs"
_ROUNDS, _FEWER_ROUNDS = 5, 3
# Above it there are fewer rounds, and slow peers run only where something is promised about them.
_MANY_FILES = 1000
_LEAST_FOR_COMMITS = 500
_SHARE_ROUNDS = 9


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmarks; exit code 1 where a promise is missed."""
    args = _parse(argv)
    import_matplotlib()  # which an hour of measuring would end without
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        scratch = Path(name)
        own = make_own_environment(scratch)
        peers = make_peer_environment(scratch)
        wily = make_wily_environment(scratch)
        rounds = _FEWER_ROUNDS if args.quick else _ROUNDS
        files = python_files("django")
        shares = measure_shares(files, _SHARE_ROUNDS)
        results = Results({}, {}, shares, [claim_engine(shares["measure"])])
        for size in args.files:
            print(f"{size} files", file=sys.stderr)
            programs = Programs(own, peers, make_tree(size, scratch), scratch, wily)
            _time_tree(programs, size, _FEWER_ROUNDS if size > _MANY_FILES else rounds, results)
        versions = sorted({*describe_versions(own), *describe_peers()}, key=str.lower)
    _write(results, versions, rounds, args.output)
    figures = collect_figures(results.claims, results.tables, results.commits, results.shares)
    write_figures(figures, args.output / "benchmarks.json")
    write_charts(figures, args.output / "pictures")
    if args.compare is not None:
        print(*compare_figures(args.compare, figures), sep="\n")
    return 0 if all(claim.holds for claim in results.claims) else 1


def _time_tree(programs: Programs, size: int, rounds: int, results: Results) -> None:
    """Add what one tree shows."""
    workers = ("auto", "0", "2")
    groups = (
        (*programs.floors(), *programs.cold(*workers)),
        (*programs.warm("auto", "2"), *programs.quick_peers()),
        tuple(programs.changes()),
        tuple(programs.slow_peers()),
    )
    commits = programs.commits()
    floor = commits.floor()
    promised = (*programs.added(), *programs.large()) if size == SIZES[-1] else ()
    others = ((floor, *commits.judge()), promised)
    commands = {command.name: command for group in (*groups, *others) for command in group}
    # Promises before tables: a tree is as it was committed until files of it are changed.
    claims = list(keep_promises(size, commands))
    series: dict[str, Series] = {}
    for group in groups:
        if group is not groups[-1]:
            series |= time_in_turn(group, rounds)
        elif size <= _MANY_FILES:
            series |= time_in_turn(group, 1, warm_up=False)
    results.tables[size] = series
    if size >= _LEAST_FOR_COMMITS:
        results.commits[size] = time_in_turn((floor, *commits.judge()), rounds)
    if size == SIZES[-1]:
        claims.append(claim_memory(series))
    results.claims.extend(claims)


def _write(results: Results, versions: Sequence[str], rounds: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    draw_cost(results.tables, folder / "benchmarks.svg")
    page = format_page(results, versions, rounds)
    (folder / "benchmarks.md").write_text(page)
    print(page)


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the trees up to django, three rounds")
    parser.add_argument("--files", type=int, nargs="+", help="only trees of these sizes")
    parser.add_argument(
        "--output", type=Path, default=_DOCS, help="the folder for the page, its plots and its figures"
    )
    parser.add_argument(
        "--compare",
        type=read_figures,
        metavar="FILE",
        help="say what differs from an earlier benchmarks.json",
    )
    args = parser.parse_args(argv)
    if not args.files:
        args.files = SIZES[:-1] if args.quick else SIZES
    return args


if __name__ == "__main__":
    sys.exit(main())
