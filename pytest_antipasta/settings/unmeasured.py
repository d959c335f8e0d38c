"""What settings name and nobody measures: for want of an extension, or of a language."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_antipasta.extension import LIZARD, LIZARD_WANTED, find_distributions, is_missing
from pytest_antipasta.messages import list_names
from pytest_antipasta.model import FOREIGN
from pytest_antipasta.settings.values import Settings


def find_faults(settings: Settings) -> tuple[str, ...]:
    """Return a line for each installed extension that is switched off, and each one that is not installed."""
    lines: list[str] = []
    if find_distributions():
        # Here, because hardly anybody has an extension.
        from pytest_antipasta.extension import load_extensions

        lines += load_extensions().faults
    missing: dict[str, list[str]] = {}
    for name in filter(is_missing, dict.fromkeys((*_iter_limited(settings), *settings.languages))):
        missing.setdefault(_find_owner(name), []).append(name)
    for distribution, names in missing.items():
        if not any(f"extension {distribution} " in line for line in lines):
            what = "it" if len(names) == 1 else "them"
            why = _describe_missing(distribution)
            named = list_names(names)
            lines.append(f"the settings name {named}, and {why}, or take {what} out of the settings")
    return tuple(lines)


def iter_idle_limits(settings: Settings) -> Iterator[str]:
    """Yield a note where metrics have a limit that are about languages alone, and none of these is named."""
    named = set(map(_find_owner, settings.languages))
    idle: dict[str, list[str]] = {}
    for name in filter(_is_of_languages, dict.fromkeys(_iter_limited(settings))):
        idle.setdefault(_find_owner(name), []).append(name)
    for owner in sorted(idle.keys() - named):
        example = "javascript" if owner == LIZARD else f"{owner}:…"
        yield (
            f"no file has {list_names(idle[owner])}: the settings name no language of {owner}'s; "
            f'say which, as in languages = ["{example}"]'
        )


def _is_of_languages(metric: str) -> bool:
    """Whether a metric is one of an extension that does not measure it in Python."""
    if FOREIGN not in metric or not find_distributions():
        return False
    from pytest_antipasta.extension import load_extensions  # likewise

    return any(one.name == metric and one.metric.measure is None for one in load_extensions().metrics)


def _describe_missing(distribution: str) -> str:
    if distribution == LIZARD:
        how = f'`pip install "{LIZARD_WANTED}"`'
        return f"lizard is not installed: {how}, and for pre-commit `additional_dependencies: [lizard]`"
    return f"no extension {distribution} is installed: install it into the environment of pytest-antipasta"


def _find_owner(name: str) -> str:
    return name.partition(FOREIGN)[0]


def _iter_limited(settings: Settings) -> Iterator[str]:
    """Yield the metrics that settings name, for whichever files."""
    yield from settings.thresholds
    for override in settings.overrides:
        yield from override.thresholds
    for project in settings.projects:
        yield from _iter_limited(project)
