"""Values of other tools' options, and how they are written here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from msgspec.structs import replace

from pytest_antipasta.messages import format_json
from pytest_antipasta.settings import Entry, Remarks, parse_glob
from pytest_antipasta.setup.migration.values import Lost, Option, Setting

Converted: TypeAlias = Setting | Lost
Rule: TypeAlias = Callable[[Option], Iterator[Converted]]

# The highest number of each rank, see radon.complexity.cc_rank; F is everything.
_RANKS = {"A": "5", "B": "10", "C": "20", "D": "30", "E": "40", "F": "false"}
_MCCABE = ("C901", "C90", "C9", "C", "ALL")


def settle(options: list[Option]) -> Iterator[Option]:
    """Yield options with their patterns relative to the root; complexipy's are relative to each path."""
    paths = [path for option in options if option.name == "paths" for path in _split(option.value)]
    for option in options:
        if (option.tool, option.name) == ("complexipy", "exclude"):
            globs = [f"/{path}/{glob}" for path in paths or ["."] for glob in _split(option.value)]
            yield replace(option, value=[glob.replace("/./", "/") for glob in globs])
        else:
            yield option


def convert_to_limit(metric: str) -> Rule:
    """Return the rule for an option that is the limit of a metric."""

    def convert_limit(option: Option) -> Iterator[Converted]:
        if re.fullmatch(r"\d+", str(option.value)):
            yield Setting(metric, str(option.value), option.origin)
        elif str(option.value) == "-1":
            yield Lost(option.origin, "nothing is judged by it")
        else:
            yield Lost(option.origin, "is no number of 0 or more")

    return convert_limit


def convert_rank(option: Option) -> Iterator[Converted]:
    """Convert a rank of radon's to the highest number that has it."""
    limit = _RANKS.get(str(option.value).upper())
    if limit is None:
        yield Lost(option.origin, "is no rank from A to F")
    else:
        yield Setting("cyclomatic_complexity", limit, f"{option.origin} {str(option.value).upper()}")


def convert_paths(option: Option) -> Iterator[Converted]:
    """Convert a list of files and folders."""
    for path in _split(option.value):
        yield Setting("paths", format_json(path), option.origin)


def convert_exact_globs(option: Option) -> Iterator[Converted]:
    """Convert complexipy's patterns, which begin at the folder that is looked at."""
    for glob in _split(option.value):
        yield _make_glob(option, glob.removesuffix("**"))


def convert_fnmatch(option: Option) -> Iterator[Converted]:
    """Convert radon's patterns of whole paths, in which a star stands for slashes, too."""
    for glob in _split(option.value):
        yield _make_glob(option, re.sub(r"^\*/", "**/", re.sub(r"/\*$", "/", glob)))


def convert_folders(option: Option) -> Iterator[Converted]:
    """Convert radon's names of folders, wherever they are."""
    for name in _split(option.value):
        yield _make_glob(option, f"{name.rstrip('/')}/")


def convert_ignores(option: Option) -> Iterator[Converted]:
    """Convert the files for which ruff leaves mccabe's rule out."""
    is_list = re.match(r"(?:lint\.)?(?:extend-)?per-file-ignores\.", option.name)
    if not is_list or not set(_split(option.value)) & set(_MCCABE):
        return
    made = _make_glob(option, option.written)
    if isinstance(made, Lost) or option.written.startswith("!"):
        yield Lost(option.origin, "can't be written as a pattern of ours")
    else:
        yield Setting("overrides", made.text, option.origin)


def _make_glob(option: Option, glob: str) -> Converted:
    remarks = Remarks()
    parsed = parse_glob(Entry((), glob, remarks))
    if parsed is None or remarks.problems:
        return Lost(f"{option.origin} {format_json(glob)}", "can't be written as a pattern of ours")
    return Setting("exclude", format_json(glob), option.origin)


def _split(value: object) -> list[str]:
    """Return the items of a list, or of a text that lists them with commas or on lines."""
    items = value if isinstance(value, list) else re.split(r"[,\n]", str(value))
    return [str(item).strip() for item in items if str(item).strip()]


def convert(option: Option) -> Iterator[Converted]:
    """Yield what an option becomes; nothing for what is not about complexity."""
    rule = _RULES.get((option.tool, option.name))
    if rule is not None:
        yield from rule(option)
    elif option.tool == "ruff":
        yield from convert_ignores(option)
    elif option.tool != "flake8":
        why = _WHY_LOST.get((option.tool, option.name)) or _WHY_LOST.get(("", option.name))
        yield Lost(option.origin, why or "has no counterpart")


_RULES: Mapping[tuple[str, str], Rule] = {
    ("complexipy", "max-complexity-allowed"): convert_to_limit("cognitive_complexity"),
    ("complexipy", "paths"): convert_paths,
    ("complexipy", "exclude"): convert_exact_globs,
    ("ruff", "lint.mccabe.max-complexity"): convert_to_limit("cyclomatic_complexity"),
    ("ruff", "mccabe.max-complexity"): convert_to_limit("cyclomatic_complexity"),
    ("flake8", "max-complexity"): convert_to_limit("cyclomatic_complexity"),
    ("flake8", "max-cognitive-complexity"): convert_to_limit("cognitive_complexity"),
    ("xenon", "max-absolute"): convert_rank,
    ("xenon", "path"): convert_paths,
    ("xenon", "exclude"): convert_fnmatch,
    ("xenon", "ignore"): convert_folders,
    ("radon", "exclude"): convert_fnmatch,
    ("radon", "ignore"): convert_folders,
}
_SHOWS = "only chooses what radon shows"
_AVERAGE = "averages are not judged, every block is"
_BASELINE = "`pytest-antipasta baseline` does this"
_WHY_LOST: Mapping[tuple[str, str], str] = {
    ("complexipy", "snapshot-create"): _BASELINE,
    ("complexipy", "snapshot-ignore"): _BASELINE,
    ("complexipy", "diff.branch"): "`pytest-antipasta check --diff REF` does this",
    ("complexipy", "diff.staged"): "`pytest-antipasta check --staged` and the commit hook do this",
    ("complexipy", "check-script"): "code outside of functions is not judged",
    ("complexipy", "cache-dir"): "measurements are kept in the user's cache folder, see cache_dir",
    ("radon", "cc-min"): _SHOWS,
    ("radon", "cc-max"): _SHOWS,
    ("radon", "mi-min"): _SHOWS,
    ("radon", "mi-max"): _SHOWS,
    ("radon", "show-closures"): "closures are judged unless nested_blocks is false",
    ("xenon", "max-modules"): _AVERAGE,
    ("xenon", "max-average"): _AVERAGE,
    ("xenon", "max-average-num"): _AVERAGE,
    ("", "no-assert"): "assert statements are counted",
}
