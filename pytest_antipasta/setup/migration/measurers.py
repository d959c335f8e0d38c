"""Convert the limits and the files of complexipy, xenon and radon."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from posixpath import normpath

from pytest_antipasta.setup.migration.converted import (
    Converted,
    Lost,
    Setting,
    SourceTree,
    exclude,
    include,
    lose_number,
)
from pytest_antipasta.setup.migration.options import Options, ToolOption, is_true, merge
from pytest_antipasta.setup.migration.patterns import convert_name, convert_path, convert_plain

# The highest value of each rank, see radon.complexity.cc_rank; F is everything.
_RANKS = {"A": "5", "B": "10", "C": "20", "D": "30", "E": "40"}
_AVERAGE = "averages are not checked, but every block is"
ASSERTS = "assert statements are counted"
_BASELINE = "`pytest-antipasta baseline` does this"
_DIFF = "`pytest-antipasta check --diff REF` does this"
_STAGED = "`pytest-antipasta check --staged` and the commit hook do this"
_WHY_LOST: Mapping[str, str] = {
    "max-modules": _AVERAGE,
    "max-average": _AVERAGE,
    "max-average-num": _AVERAGE,
    "no-assert": ASSERTS,
    "snapshot-create": _BASELINE,
    "snapshot-ignore": _BASELINE,
    "diff": _DIFF,
    "diff.branch": _DIFF,
    "staged": _STAGED,
    "diff.staged": _STAGED,
    "ignore-complexity": "functions over the limit fail here",
    "check-script": "code outside functions is not checked",
}


def convert_xenon(layers: Sequence[Options], tree: SourceTree) -> Iterator[Converted]:
    """Yield the settings for what xenon checks; it has no options but arguments."""
    options = layers[0]
    yield from _lose(options)
    rank = options.get("max-absolute")
    letter = str(rank.value).upper() if rank is not None else "F"
    if rank is not None and letter in _RANKS:
        yield Setting("cyclomatic_complexity", _RANKS[letter], f"{rank.origin} {letter}")
        yield from _convert_files(options, tree, "xenon")
    elif rank is not None:
        yield Lost(rank.origin, "allows everything" if letter == "F" else "is not a rank from A to F")


def convert_radon(layers: Sequence[Options], tree: SourceTree) -> Iterator[Converted]:
    """Yield the settings for the files that radon reads; it has no limits."""
    options = merge(layers)
    yield from _lose(options)
    if "exclude" in options or "ignore" in options:
        yield from _convert_files(options, tree, "radon")


def _lose(options: Options) -> Iterator[Lost]:
    yield from (Lost(option.origin, _WHY_LOST[name]) for name, option in options.items() if name in _WHY_LOST)


def _convert_files(options: Options, tree: SourceTree, tool: str) -> Iterator[Converted]:
    for name, convert in (("exclude", _convert_fnmatch), ("ignore", _convert_folder)):
        if (option := options.get(name)) is not None:
            yield from exclude(ToolOption(str(option.value).split(","), option.origin), convert)
    yield from _leave_out_hidden(tree, tool)
    if ".pyw" in tree.suffixes:
        yield Setting("exclude", '"*.pyw"', f"as {tool}")
    if not is_true(options, "show-closures"):
        yield Setting("nested_blocks", "false", f"as {tool}")


def _convert_fnmatch(pattern: str) -> list[str]:
    # Neither spaces nor `./` are removed, so a pattern that has them matches nothing.
    return convert_path(pattern, files_only=True) if pattern == normpath(pattern.strip()) else []


def _convert_folder(pattern: str) -> list[str]:
    is_name = pattern == pattern.strip() and "/" not in pattern
    return [f"{glob}/" for glob in convert_name(pattern, files_only=False)] if is_name else []


def _leave_out_hidden(tree: SourceTree, tool: str) -> Iterator[Setting]:
    if any(name.startswith(".") for name in tree.find_names()):
        yield Setting("exclude", '".*"', f"as {tool}")


def _convert_limit(options: Options) -> Iterator[Converted]:
    limit = options.get("max-complexity-allowed")
    if limit is None:
        place = next((option.origin.partition(":")[0] for option in options.values()), "complexipy")
        yield Setting("cognitive_complexity", "15", f"{place}: complexipy's default")
    elif re.fullmatch(r"\d+", str(limit.value)):
        yield Setting("cognitive_complexity", str(limit.value), limit.origin)
    else:
        yield lose_number(limit.origin, limit.value)


def convert_complexipy(layers: Sequence[Options], tree: SourceTree) -> Iterator[Converted]:
    """Yield the settings for what complexipy checks."""
    options = merge(layers)
    yield from _convert_limit(options)
    yield from _lose(options)
    # Patterns are relative to each path, and to the current folder.
    paths = map(normpath, options["paths"].split() if "paths" in options else ())
    folders = dict.fromkeys(["", *(path for path in paths if path != ".")])
    yield from exclude(
        options.get("exclude"),
        lambda glob: [each for folder in folders for each in convert_plain(glob, folder)],
    )
    yield from include(tree, {".py"}, "complexipy")
    yield from _leave_out_hidden(tree, "complexipy")
    if not is_true(options, "no-ignore"):
        yield Setting("foreign_suppressions", '"complexipy"', "as complexipy")
