"""``pytest-antipasta trend FILE::BLOCK``: the history of one block."""

from __future__ import annotations

import argparse
import sys
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pytest_antipasta.cli.running import write_output
from pytest_antipasta.cli.stdout import ERRORS, is_ascii, print_to_stderr, write_bytes
from pytest_antipasta.engine import ReportProgress
from pytest_antipasta.extension import is_of_blocks
from pytest_antipasta.model import BLOCK_METRICS, LASTING_ERRORS, Life, UsageError
from pytest_antipasta.report.formats import parse_path

if TYPE_CHECKING:
    from pytest_antipasta.trend import Past


def run_life(
    args: argparse.Namespace,
    opening: AbstractContextManager[tuple[Past, ReportProgress]],
    block: tuple[str, str],
) -> int:
    """Print the history of a block, by the path of its file in reports and its qualified name."""
    from pytest_antipasta.trend import measure_life

    for metric in args.metrics or ():
        if metric not in BLOCK_METRICS and not is_of_blocks(metric):
            raise UsageError(f"--metric {metric}: not measured for functions and classes")
    with opening as (past, step):
        life = measure_life(past, block, args.metrics, step)
    life = replace(life, warnings=past.warnings)
    if args.format != "text":
        print_to_stderr(f"warning: {warning}" for warning in life.warnings)
    _write(life, args)
    return ERRORS if life.unmeasured.keys() - LASTING_ERRORS else 0


def _write(life: Life, args: argparse.Namespace) -> None:
    """Write the result and the HTML page; on standard output, the page replaces the result."""
    if args.html is not None:
        from pytest_antipasta.report.formats import write_life_page

        write_output(write_life_page(life), parse_path(args.html))
        if parse_path(args.html) is None:
            return
    write_bytes(_format(life, args.format))


def _format(life: Life, kind: str) -> bytes:
    from pytest_antipasta.report import Paint, has_color
    from pytest_antipasta.report.trend import iter_life_lines, make_life_csv, make_life_json

    if kind == "json":
        return make_life_json(life)
    if kind == "csv":
        return make_life_csv(life)
    lines = iter_life_lines(life, Paint(has_color(sys.stdout)), is_ascii=is_ascii())
    return "".join(f"{line}\n" for line in lines).encode()
