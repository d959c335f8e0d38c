"""``pytest-antipasta explain``: where the points of a file or a block come from."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pytest_antipasta.cli.options import (
    add_baseline_options,
    add_no_ignore,
    add_run_options,
    load_rules,
    locate,
    write_output,
)
from pytest_antipasta.cli.parser import SubParsers, add_command
from pytest_antipasta.cli.stdout import ERRORS
from pytest_antipasta.errors import UsageError

if TYPE_CHECKING:
    from pytest_antipasta.cli.parser import SubParsers
    from pytest_antipasta.report import Explained

_SEPARATOR = "::"
# The name of a file's item in pytest, so that a node id will do.
_ITEM = "antipasta"
# As editors, compilers and our own messages print it, with a column or without.
_PLACE = re.compile(r"(?P<path>.+?):(?P<line>[0-9]+)(?::[0-9]*)?:?")


def add_parser(subparsers: SubParsers) -> None:
    """Add ``explain`` to the command line."""
    text = "show which line gives which points, the formulas filled in, and what would lower them"
    parser = add_command(subparsers, "explain", text, _run_explain)
    parser.add_argument(
        "target",
        metavar="FILE[::BLOCK]",
        help="a file, or a block of it by its qualified name, or by a line of it as FILE:LINE",
    )
    parser.add_argument(
        "--all", action="store_true", help="explain all blocks of the file, not those over a limit alone"
    )
    parser.add_argument("--format", default="text", choices=("text", "json"), help="how to write it")
    add_baseline_options(parser)
    add_no_ignore(parser)
    add_run_options(parser)


def _run_explain(args: argparse.Namespace) -> int:
    """Explain a file or a block; exit code 3 where the file has no numbers."""
    rules = load_rules(args)
    path, block = _parse_target(args.target)
    location = locate(path)
    if os.path.isdir(location):
        raise UsageError(f"{path}: is a folder; name a file")
    # Here, because it brings what measures with it.
    from pytest_antipasta.cli.explain_file import explain_file
    from pytest_antipasta.report import place_verdicts

    explained = explain_file(rules, location, block, args)
    if args.format == "text":
        (verdict,) = place_verdicts([explained.verdict], rules.settings.root)
        explained = replace(explained, verdict=verdict)
    write_output(_format(explained, args), None)
    return ERRORS if explained.verdict.measurement.error else 0


def _parse_target(text: str) -> tuple[str, str | int | None]:
    """Return the file and the block that are meant: its name, or a line of it.

    The node id of a file's item is the file.
    """
    if os.path.lexists(text):
        return text, None
    path, separator, name = text.rpartition(_SEPARATOR)
    if separator:
        return path, None if name == _ITEM else name
    place = _PLACE.fullmatch(text)
    return (place["path"], int(place["line"])) if place else (text, None)


def _format(explained: Explained, args: argparse.Namespace) -> bytes:
    if args.format == "json":
        from pytest_antipasta.report import encode, make_explanation

        return encode(make_explanation(explained))
    from pytest_antipasta.report import Paint, has_color, iter_explanation

    lines = [*iter_explanation(explained, Paint(has_color(sys.stdout)))]
    if not args.quiet:
        lines.extend(_iter_next(explained, args.target.removesuffix(f"{_SEPARATOR}{_ITEM}")))
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")


def _iter_next(explained: Explained, target: str) -> Iterator[str]:
    """Yield what else can be explained."""
    if explained.left_out:
        command = f"pytest-antipasta explain {target}"
        yield f"next: `{command} --all` explains all {explained.left_out} blocks, `{command}::BLOCK` one"
    if not explained.has_file:
        for one in explained.chosen:
            yield from _iter_namesakes(explained, one.block.qualified_name)


def _iter_namesakes(explained: Explained, name: str) -> Iterator[str]:
    """Yield which other blocks have the same name."""
    from pytest_antipasta.report import find_namesakes

    others = [one for one in find_namesakes(explained.parts, name) if one.qualified_name != name]
    if others:
        places = ", ".join(f"{one.qualified_name} in line {one.line}" for one in others)
        yield f"more blocks have that name, and can be explained by these: {places}"
