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
            lines.append(f"the settings name {list_names(names)}, and {why}, or take {what} out")
    return tuple(lines)


def iter_idle_limits(settings: Settings) -> Iterator[str]:
    """Yield a note where metrics have a limit that are about languages alone, and none of these is named."""
    names = [name for name in dict.fromkeys(_iter_limited(settings)) if FOREIGN in name]
    if not names or not find_distributions():
        return
    from pytest_antipasta.extension import load_extensions  # likewise

    extensions = load_extensions()
    waiting = {one.name for one in extensions.metrics if one.metric.measure is None}
    named = set(map(_find_owner, settings.languages))
    for owner in dict.fromkeys(_find_owner(name) for name in names if name in waiting):
        if owner not in named:
            idle = [name for name in names if name in waiting and _find_owner(name) == owner]
            example = "javascript" if owner == LIZARD else f"{owner}:…"
            yield (
                f"no file has {list_names(idle)}: the settings name no language of {owner}'s; "
                f'say which, as in languages = ["{example}"]'
            )


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
