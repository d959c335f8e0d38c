"""Convert each option of another tool to one of our settings."""

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

# The highest value of each rank, see radon.complexity.cc_rank; F is everything.
_RANKS = {"A": "5", "B": "10", "C": "20", "D": "30", "E": "40", "F": "false"}
# The metric of each rule of ruff, and ruff's default limit.
_RULES_OF_RUFF = {
    "C901": ("mccabe_complexity", "10"),
    "PLR0911": ("returns", "6"),
    "PLR0912": ("branches", "12"),
    "PLR0913": ("parameters", "5"),
    "PLR0915": ("statements", "50"),
    "PLR0916": ("boolean_expressions", "5"),
    "PLR0917": ("positional_parameters", "5"),
}
_IN_PREVIEW = "PLR0916"
# The options of pylint, and of ruff's section `pylint`.
_LIMITS_OF_PYLINT = {
    "max-returns": "returns",
    "max-branches": "branches",
    "max-args": "parameters",
    "max-statements": "statements",
    "max-bool-expr": "boolean_expressions",
}
# Where ruff's settings select rules.
_SELECTIONS = re.compile(r"(?:lint\.)?(?:extend-)?(select|ignore)")
# The limits of ruff's rules PLR0904, PLR0914, PLR1702 and those above.
_OF_PYLINT = re.compile(r"(?:lint\.)?pylint\.max-[a-z-]+")
_CODES_OF_PYLINT = re.compile(r"PLR0904|PLR0914|PLR1702")
# Tools whose settings are mostly not about complexity.
_LINTERS = ("flake8", "pylint")
_LEAVING_OUT = re.compile(r"ruff lint\.exclude|(?:ruff|flake8) (?:extend-)?exclude")
_NO_PATTERN = "can't be converted to a pattern for pytest-antipasta"
# Measured with mccabe 0.7.0 on 2,345 functions of django, black and homeassistant.
MCCABE = "counted like ruff; mccabe's numbers are equal for 91 % of functions, and higher for most others"
# Measured with pylint 4 on 734 functions of them; all other values are equal.
PYLINT = {
    "mccabe_complexity": MCCABE,
    "statements": "counted like ruff; pylint's numbers are equal for 81 % of functions",
}


def convert(options: list[Option]) -> Iterator[Converted]:
    """Yield the settings for the options of one file; none for options that are not about complexity."""
    for tool in dict.fromkeys(option.tool for option in options):
        own = [option for option in options if option.tool == tool]
        found = [*_convert_tool(own)]
        yield from found
        # Exclusions of linters apply only together with a limit.
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
        elif option.tool not in _LINTERS:
            why = _WHY_LOST.get((option.tool, option.name)) or _WHY_LOST.get(("", option.name))
            yield Lost(option.origin, why or "has no equivalent")
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
    """Return the conversion for an option that is the limit of a metric."""

    def convert_limit(option: Option) -> Iterator[Converted]:
        if re.fullmatch(r"\d+", str(option.value)):
            yield Setting(metric, str(option.value), option.origin, note)
        elif str(option.value) == "-1":
            yield Lost(option.origin, "it checks nothing")
        else:
            yield Lost(option.origin, "is not a number >= 0")

    return convert_limit


def _convert_rank(option: Option) -> Iterator[Converted]:
    """Convert a rank of radon to the highest value with this rank."""
    rank = str(option.value).upper()
    if rank in _RANKS:
        yield Setting("cyclomatic_complexity", _RANKS[rank], f"{option.origin} {rank}")
    else:
        yield Lost(option.origin, "is not a rank from A to F")


def _convert_paths(option: Option) -> Iterator[Converted]:
    for path in _split(option.value):
        yield Setting("paths", format_json(path), option.origin)


def _convert_globs(rewrite: Callable[[str], str]) -> _Rule:
    """Return the conversion for an option that lists patterns, each of which is rewritten."""

    def convert_globs(option: Option) -> Iterator[Converted]:
        for glob in map(rewrite, _split(option.value)):
            if _is_glob(glob):
                yield Setting("exclude", format_json(glob), option.origin)
            else:
                yield Lost(f"{option.origin} {format_json(glob)}", _NO_PATTERN)

    return convert_globs


def _convert_ignores(option: Option) -> Iterator[Converted]:
    """Convert ruff's ignored rules for files."""
    is_list = re.match(r"(?:lint\.)?(?:extend-)?per-file-ignores\.", option.name)
    metrics = [_RULES_OF_RUFF[rule][0] for rule in _RULES_OF_RUFF if _names(option.value, rule)]
    if not is_list or not metrics:
        return
    if _is_glob(option.written) and not option.written.startswith("!"):
        off = ", ".join(f"{metric} = false" for metric in metrics)
        yield Setting("overrides", format_json(option.written), option.origin, thresholds=f"{{ {off} }}")
    else:
        yield Lost(option.origin, _NO_PATTERN)


def _names(value: object, rule: str) -> bool:
    """Return whether one of some codes stands for a rule of ruff, exactly or as a prefix."""
    return any(code == "ALL" or rule.startswith(code) for code in _split(value))


def _lose_pylint(option: Option) -> Iterator[Lost]:
    """Yield which of ruff's limits are not converted."""
    named = [code for code in _split(option.value) if _CODES_OF_PYLINT.fullmatch(code)]
    if _OF_PYLINT.fullmatch(option.name):
        named = [""]
    elif not (match := _SELECTIONS.fullmatch(option.name)) or match[1] == "ignore":
        return
    for code in named:
        yield Lost(f"{option.origin} {code}".rstrip(), "has no equivalent; ruff continues to check it")


def _convert_selection(options: Sequence[Option]) -> Iterator[Converted]:
    """Convert rules that ruff's settings select without a limit."""
    limited = {_METRIC_OF_OPTION.get((option.tool, option.name)) for option in options}
    left_out = set() if _has_preview(options) else {_IN_PREVIEW}
    for rule, (metric, limit) in _RULES_OF_RUFF.items():
        if metric not in limited and rule not in left_out and (origin := _find_selection(options, rule)):
            yield Setting(metric, limit, f"{origin}, with ruff's default limit")


def _find_selection(options: Sequence[Option], rule: str) -> str:
    """Return where ruff's settings select a rule; empty if they don't, or ignore it."""
    named = [option for option in options if _names(option.value, rule)]
    matches = [(match[1], option.origin) for option in named if (match := _SELECTIONS.fullmatch(option.name))]
    return "" if not matches or ("ignore" in dict(matches)) else matches[0][1]


def _has_preview(options: Sequence[Option]) -> bool:
    """Return whether ruff applies its rules in preview."""
    return any(option.name in ("preview", "lint.preview") and option.value is True for option in options)


def _is_glob(text: str) -> bool:
    remarks = Remarks()
    return parse_glob(Entry((), text, remarks)) is not None and not remarks.problems


def _split(value: object) -> list[str]:
    """Return the items of a list, or of a text separated by commas or lines."""
    items = value if isinstance(value, list) else re.split(r"[,\n]", str(value))
    return [str(item).strip() for item in items if str(item).strip()]


# radon's patterns match whole paths, and a star also matches slashes.
_convert_fnmatch = _convert_globs(lambda glob: re.sub(r"^\*/", "**/", re.sub(r"/\*$", "/", glob)))
_convert_folders = _convert_globs(lambda name: f"{name.rstrip('/')}/")
_convert_left_out = _convert_globs(lambda glob: re.sub(r"^\*/", "**/", re.sub(r"^\./", "/", glob)))
# ruff's options, including old spellings.
_METRIC_OF_OPTION: Mapping[tuple[str, str], str] = {
    ("ruff", f"{table}{name}"): metric
    for table in ("lint.", "")
    for name, metric in {
        "mccabe.max-complexity": "mccabe_complexity",
        **{f"pylint.{name}": metric for name, metric in _LIMITS_OF_PYLINT.items()},
        "pylint.max-positional-args": "positional_parameters",
    }.items()
}
_RULES: Mapping[tuple[str, str], _Rule] = {
    ("complexipy", "max-complexity-allowed"): _convert_to_limit("cognitive_complexity"),
    ("complexipy", "paths"): _convert_paths,
    ("complexipy", "exclude"): _convert_globs(lambda glob: glob.removesuffix("**")),
    **{key: _convert_to_limit(metric) for key, metric in _METRIC_OF_OPTION.items()},
    **{
        ("pylint", name): _convert_to_limit(metric, PYLINT.get(metric, ""))
        for name, metric in {
            **_LIMITS_OF_PYLINT,
            "max-positional-arguments": "positional_parameters",
            "max-complexity": "mccabe_complexity",
        }.items()
    },
    ("flake8", "max-complexity"): _convert_to_limit("mccabe_complexity", MCCABE),
    ("flake8", "max-cognitive-complexity"): _convert_to_limit("cognitive_complexity"),
    ("xenon", "max-absolute"): _convert_rank,
    ("xenon", "path"): _convert_paths,
    ("xenon", "exclude"): _convert_fnmatch,
    ("xenon", "ignore"): _convert_folders,
    ("radon", "exclude"): _convert_fnmatch,
    ("radon", "ignore"): _convert_folders,
}
_SHOWS = "only selects what radon shows"
_AVERAGE = "averages are not checked, but every block is"
_BASELINE = "`pytest-antipasta baseline` does this"
_WHY_LOST: Mapping[tuple[str, str], str] = {
    ("complexipy", "snapshot-create"): _BASELINE,
    ("complexipy", "snapshot-ignore"): _BASELINE,
    ("complexipy", "diff.branch"): "`pytest-antipasta check --diff REF` does this",
    ("complexipy", "diff.staged"): "`pytest-antipasta check --staged` and the commit hook do this",
    ("complexipy", "check-script"): "code outside functions is not checked",
    ("complexipy", "cache-dir"): "measurements are stored in the user's cache folder; see cache_dir",
    ("radon", "cc-min"): _SHOWS,
    ("radon", "cc-max"): _SHOWS,
    ("radon", "mi-min"): _SHOWS,
    ("radon", "mi-max"): _SHOWS,
    ("radon", "show-closures"): "nested functions are checked unless nested_blocks is false",
    ("xenon", "max-modules"): _AVERAGE,
    ("xenon", "max-average"): _AVERAGE,
    ("xenon", "max-average-num"): _AVERAGE,
    ("", "no-assert"): "assert statements are counted",
}
