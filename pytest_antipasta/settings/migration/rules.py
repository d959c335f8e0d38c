"""What becomes of each option of another tool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_antipasta.settings.migration.conversions import (
    Outcome,
    Rule,
    convert_exact_globs,
    convert_fnmatch,
    convert_folders,
    convert_ignores,
    convert_paths,
    convert_rank,
    convert_to_limit,
)
from pytest_antipasta.settings.migration.values import Lost, Option


def convert(option: Option) -> Iterator[Outcome]:
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
