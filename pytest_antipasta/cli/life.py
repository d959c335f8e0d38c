"""``pytest-antipasta trend FILE::BLOCK``: the life of one block."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_antipasta.cli.options import choose_cache_dir, follow, write_output
from pytest_antipasta.cli.stdout import ERRORS, is_ascii, tell, write_bytes
from pytest_antipasta.engine import Phases, describe_phases, describe_places, iter_debug_lines
from pytest_antipasta.extension import is_of_blocks
from pytest_antipasta.model import BLOCK_METRICS, LASTING_ERRORS, Life, UsageError
from pytest_antipasta.report import parse_path
from pytest_antipasta.settings import Settings

if TYPE_CHECKING:
    from pytest_antipasta.trend import Range


def run_life(args: argparse.Namespace, settings: Settings, asked: Range, block: tuple[str, str]) -> int:
    """Tell the life of a block, by the path that its file is reported under and its qualified name."""
    # Here, because it brings git and SQLite with it.
    from pytest_antipasta.trend import measure_life

    for metric in args.metrics or ():
        if metric not in BLOCK_METRICS and not is_of_blocks(metric):
            raise UsageError(f"--metric {metric}: a block has no such number")
    cache_dir = choose_cache_dir(args, settings)
    phases = Phases()
    with follow(args.quiet, "commit") as step:
        life = measure_life(
            settings, asked, block, args.metrics, cache_dir, Path.cwd(), args.jobs, phases, step
        )
    if args.debug:
        tell(iter_debug_lines((*describe_places(settings, cache_dir), describe_phases(phases))))
    if args.format != "text":
        tell(f"warning: {warning}" for warning in life.warnings)
    _write(life, args)
    return ERRORS if life.unmeasured.keys() - LASTING_ERRORS else 0


def _write(life: Life, args: argparse.Namespace) -> None:
    """Write the answer, and the page; on standard output, that is the answer."""
    if args.html is not None:
        from pytest_antipasta.report import write_life_page  # here, because most runs have no need of it

        write_output(write_life_page(life), parse_path(args.html))
        if parse_path(args.html) is None:
            return
    write_bytes(_format(life, args.format))


def _format(life: Life, kind: str) -> bytes:
    from pytest_antipasta.report import Paint, has_color, iter_life_lines, make_life_csv, make_life_json

    if kind == "json":
        return make_life_json(life)
    if kind == "csv":
        return make_life_csv(life)
    lines = iter_life_lines(life, Paint(has_color(sys.stdout)), is_ascii=is_ascii())
    return "".join(f"{line}\n" for line in lines).encode()
