"""Converting each option of another tool to a setting of ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from pytest_antipasta.extension import judged_metrics
from pytest_antipasta.messages import format_json
from pytest_antipasta.settings import Entry, Remarks, parse_glob
from pytest_antipasta.setup.migration.options import Lost, Option, Setting

Converted: TypeAlias = Setting | Lost
_Rule: TypeAlias = Callable[[Option], Iterator[Converted]]

# The highest number of each rank, see radon.complexity.cc_rank; F is everything.
_RANKS = {"A": "5", "B": "10", "C": "20", "D": "30", "E": "40", "F": "false"}
_CODES_OF_MCCABE = {"C901", "C90", "C9", "C", "ALL"}
# Where ruff's settings say which rules there are, and its limit where they don't say one.
_SELECTIONS = re.compile(r"(?:lint\.)?(?:extend-)?(select|ignore)")
_LIMIT_OF_RUFF = "10"
# The limits of ruff's rules PLR0904 to PLR0917 and PLR1702.
_OF_PYLINT = re.compile(r"(?:lint\.)?pylint\.max-[a-z-]+")
_CODES_OF_PYLINT = re.compile(r"PLR09\d{0,2}|PLR1702")
_LEAVING_OUT = re.compile(r"ruff lint\.exclude|(?:ruff|flake8) (?:extend-)?exclude")
_NO_PATTERN = "can't be written as a pattern of ours"
# Measured with mccabe 0.7.0 on wheels of django, SQLAlchemy, rich, black, flask and requests.
MCCABE = (
    "mccabe's numbers (ruff's, flake8's) are lower than radon's, which are 1.2 times as high on average over "
    "20,855 functions"
)


def convert(options: list[Option]) -> Iterator[Converted]:
    """Yield what the options of one file become; nothing for what is not about complexity."""
    for tool in dict.fromkeys(option.tool for option in options):
        own = [option for option in options if option.tool == tool]
        found = [*_convert_tool(own)]
        yield from found
        # Of linters, what they leave out is wanted only with a limit of theirs.
        has_limit = any(isinstance(each, Setting) and each.key in judged_metrics() for each in found)
        for option in own if has_limit else ():
            if _LEAVING_OUT.fullmatch(f"{tool} {option.name}"):
                yield from _convert_left_out(option)


def _convert_tool(options: list[Option]) -> Iterator[Converted]:
    for option in _settle(options):
        rule = _RULES.get((option.tool, option.name))
        if rule is not None:
            yield from rule(option)
        elif option.tool == "ruff":
            yield from _convert_ignores(option)
            yield from _lose_pylint(option)
        elif option.tool != "flake8":
            why = _WHY_LOST.get((option.tool, option.name)) or _WHY_LOST.get(("", option.name))
            yield Lost(option.origin, why or "has no counterpart")
    yield from _convert_selection([option for option in options if option.tool == "ruff"])


def _settle(options: list[Option]) -> Iterator[Option]:
    """Yield options with their patterns relative to the root; complexipy's are relative to each path."""
    paths = [path for option in options if option.name == "paths" for path in _split(option.value)]
    for option in options:
        if (option.tool, option.name) == ("complexipy", "exclude"):
            globs = [f"/{path}/{glob}" for path in paths or ["."] for glob in _split(option.value)]
            yield replace(option, value=[glob.replace("/./", "/") for glob in globs])
        else:
            yield option


def _convert_to_limit(metric: str, note: str = "") -> _Rule:
    """Return the rule for an option that is the limit of a metric."""

    def convert_limit(option: Option) -> Iterator[Converted]:
        if re.fullmatch(r"\d+", str(option.value)):
            yield Setting(metric, str(option.value), option.origin, note)
        elif str(option.value) == "-1":
            yield Lost(option.origin, "nothing is judged by it")
        else:
            yield Lost(option.origin, "is no number of 0 or more")

    return convert_limit


def _convert_rank(option: Option) -> Iterator[Converted]:
    """Convert a rank of radon's to the highest number that has it."""
    rank = str(option.value).upper()
    if rank in _RANKS:
        yield Setting("cyclomatic_complexity", _RANKS[rank], f"{option.origin} {rank}")
    else:
        yield Lost(option.origin, "is no rank from A to F")


def _convert_paths(option: Option) -> Iterator[Converted]:
    for path in _split(option.value):
        yield Setting("paths", format_json(path), option.origin)


def _convert_globs(rewrite: Callable[[str], str]) -> _Rule:
    """Return the rule for an option that lists patterns, each of which is rewritten as one of ours."""

    def convert_globs(option: Option) -> Iterator[Converted]:
        for glob in map(rewrite, _split(option.value)):
            if _is_glob(glob):
                yield Setting("exclude", format_json(glob), option.origin)
            else:
                yield Lost(f"{option.origin} {format_json(glob)}", _NO_PATTERN)

    return convert_globs


def _convert_ignores(option: Option) -> Iterator[Converted]:
    """Convert the files for which ruff leaves mccabe's rule out."""
    is_list = re.match(r"(?:lint\.)?(?:extend-)?per-file-ignores\.", option.name)
    if not is_list or _CODES_OF_MCCABE.isdisjoint(_split(option.value)):
        return
    if _is_glob(option.written) and not option.written.startswith("!"):
        yield Setting("overrides", format_json(option.written), option.origin)
    else:
        yield Lost(option.origin, _NO_PATTERN)


def _lose_pylint(option: Option) -> Iterator[Lost]:
    """Say that ruff's limits of branches, arguments and the like are not taken over."""
    named = [code for code in _split(option.value) if _CODES_OF_PYLINT.fullmatch(code)]
    if _OF_PYLINT.fullmatch(option.name):
        named = [""]
    elif not (match := _SELECTIONS.fullmatch(option.name)) or match[1] == "ignore":
        return
    for code in named:
        yield Lost(f"{option.origin} {code}".rstrip(), "has no counterpart; ruff goes on checking it")


def _convert_selection(options: Sequence[Option]) -> Iterator[Converted]:
    """Convert mccabe's rule where ruff is told to keep to it, and not to which limit."""
    matches = ((_SELECTIONS.fullmatch(option.name), option) for option in options)
    found = [
        (match[1], option.origin)
        for match, option in matches
        if match and not _CODES_OF_MCCABE.isdisjoint(_split(option.value))
    ]
    has_limit = any((option.tool, option.name) in _RULES for option in options)
    if found and not has_limit and all(verb == "select" for verb, _ in found):
        origin = f"{found[0][1]}, with ruff's own limit"
        yield Setting("cyclomatic_complexity", _LIMIT_OF_RUFF, origin, MCCABE)


def _is_glob(text: str) -> bool:
    remarks = Remarks()
    return parse_glob(Entry((), text, remarks)) is not None and not remarks.problems


def _split(value: object) -> list[str]:
    """Return the items of a list, or of a text that lists them with commas or on lines."""
    items = value if isinstance(value, list) else re.split(r"[,\n]", str(value))
    return [str(item).strip() for item in items if str(item).strip()]


_convert_mccabe = _convert_to_limit("cyclomatic_complexity", MCCABE)
# radon's are of whole paths, and a star stands for slashes, too.
_convert_fnmatch = _convert_globs(lambda glob: re.sub(r"^\*/", "**/", re.sub(r"/\*$", "/", glob)))
_convert_folders = _convert_globs(lambda name: f"{name.rstrip('/')}/")
_convert_left_out = _convert_globs(lambda glob: re.sub(r"^\*/", "**/", re.sub(r"^\./", "/", glob)))
_RULES: Mapping[tuple[str, str], _Rule] = {
    ("complexipy", "max-complexity-allowed"): _convert_to_limit("cognitive_complexity"),
    ("complexipy", "paths"): _convert_paths,
    ("complexipy", "exclude"): _convert_globs(lambda glob: glob.removesuffix("**")),
    ("ruff", "lint.mccabe.max-complexity"): _convert_mccabe,
    ("ruff", "mccabe.max-complexity"): _convert_mccabe,
    ("flake8", "max-complexity"): _convert_mccabe,
    ("flake8", "max-cognitive-complexity"): _convert_to_limit("cognitive_complexity"),
    ("xenon", "max-absolute"): _convert_rank,
    ("xenon", "path"): _convert_paths,
    ("xenon", "exclude"): _convert_fnmatch,
    ("xenon", "ignore"): _convert_folders,
    ("radon", "exclude"): _convert_fnmatch,
    ("radon", "ignore"): _convert_folders,
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
