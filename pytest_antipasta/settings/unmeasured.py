"""Find metrics and languages in the settings and the baseline that no installed extension measures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from pytest_antipasta.extension.installed import LIZARD, LIZARD_WANTED, load_extensions
from pytest_antipasta.extension.loaded import normalise_name
from pytest_antipasta.extension.metrics import is_missing
from pytest_antipasta.messages import list_names
from pytest_antipasta.model.measured import FOREIGN
from pytest_antipasta.model.registry import COVERAGE_METRICS
from pytest_antipasta.settings.values import Settings


def find_faults(settings: Settings, recorded: Iterable[str] = ()) -> tuple[str, ...]:
    """Return a line for each installed extension that is disabled, and each one that is not installed.

    Args:
        settings: settings of the root.
        recorded: the metrics in its baseline.
    """
    faults = load_extensions().faults
    lines = [*faults.values()]
    named = dict.fromkeys((*_iter_limited(settings), *settings.languages))
    configured = _group_missing(named)
    for distribution, names in configured.items():
        if distribution not in faults:
            what, verb = ("it", "is") if len(names) == 1 else ("them", "are")
            why = f"{_describe_missing(distribution)}, or remove {what} from the settings"
            lines.append(f"{list_names(names)} {verb} configured, but {why}")
    for distribution, names in _group_missing(recorded).items():
        if distribution not in faults and distribution not in configured:
            why = f"{_describe_missing(distribution)}, or delete the entries"
            lines.append(f"the baseline has entries of {list_names(names)}, but {why}")
    return tuple(lines)


def _group_missing(names: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Return those names that no loaded extension has, by their distribution."""
    missing: dict[str, list[str]] = {}
    for name in filter(is_missing, names):
        missing.setdefault(_find_owner(name), []).append(name)
    return missing


def iter_idle_limits(
    settings: Settings, list_paths: Callable[[], Iterable[str]] | None = None
) -> Iterator[str]:
    """Yield a note if the settings limit metrics of other languages, and no file is in these languages.

    The default limits of an extension need no note where nobody uses its languages.

    Args:
        settings: settings of the root.
        list_paths: returns the paths of all source files; ``None`` if unknown.
    """
    idle: dict[str, list[str]] = {}
    for name in filter(is_of_languages, dict.fromkeys(_iter_limited(settings))):
        idle.setdefault(_find_owner(name), []).append(name)
    for owner, names in sorted(idle.items()):
        languages = tuple(name for name in _iter_languages(settings) if _find_owner(name) == owner)
        if not languages:
            example = "javascript" if owner == LIZARD else f"{owner}:…"
            why = f'no language of {owner} is enabled; enable one, as in languages = ["{example}"]'
        elif list_paths is not None and not _has_any(languages, list_paths()):
            why = f"there are no {list_names(languages)} files"
        else:
            continue
        yield f"ignored limits: {list_names(names)}: not measured in Python files, and {why}"


def iter_missing_limits(settings: Settings) -> Iterator[str]:
    """Yield a note if no metric has a limit."""
    if not find_judged(settings):
        yield "no metric has a limit, so no value can fail"


def find_judged(settings: Settings) -> set[str]:
    """Return the metrics with a limit for any file."""
    of_some = (each.thresholds.items() for each in settings.overrides)
    return {
        *settings.thresholds,
        *(metric for items in of_some for metric, limit in items if limit is not None),
        *(metric for project in settings.projects for metric in find_judged(project)),
    }


def iter_uncovered_limits(settings: Settings) -> Iterator[str]:
    """Yield a note if metrics with a limit need coverage data, and the run has none."""
    if names := COVERAGE_METRICS.intersection(_iter_limited(settings)):
        how = "`check --coverage PATH` (pytest: --antipasta-coverage)"
        yield f"limits without effect: {list_names(sorted(names))}: no coverage data; pass it with {how}"


def _iter_languages(settings: Settings) -> Iterator[str]:
    """Yield the languages in the settings, for any files."""
    yield from dict.fromkeys(settings.languages)
    for project in settings.projects:
        yield from _iter_languages(project)


def _has_any(languages: tuple[str, ...], paths: Iterable[str]) -> bool:
    """Return whether any file is in one of some languages."""
    from pytest_antipasta.extension.languages import find_languages

    endings = tuple(find_languages(languages))
    return any(path.endswith(endings) for path in paths)


def is_of_languages(metric: str) -> bool:
    """Return whether a metric belongs to an extension that does not measure it in Python."""
    return any(item.name == metric and item.given.measure is None for item in load_extensions().metrics)


def _describe_missing(distribution: str) -> str:
    if distribution == LIZARD:
        how = f'`pip install "{LIZARD_WANTED}"`'
        return f"lizard is not installed: {how}, or in pre-commit `additional_dependencies: [lizard]`"
    how = f"in pre-commit with `additional_dependencies: [{distribution}]`"
    return f"extension {distribution} is not installed: install it into pytest-antipasta's environment, {how}"


def _find_owner(name: str) -> str:
    return normalise_name(name.partition(FOREIGN)[0])


def _iter_limited(settings: Settings) -> Iterator[str]:
    """Yield the metrics that the settings give limits, for any files; others have their defaults."""
    yield from filter(settings.named.__contains__, settings.thresholds)
    for override in settings.overrides:
        yield from override.thresholds
    for project in settings.projects:
        yield from _iter_limited(project)
