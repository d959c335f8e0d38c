"""Find the languages of extensions that the settings name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from pytest_antipasta.extension.installed import find_distributions

if TYPE_CHECKING:
    from pytest_antipasta.extension.loading import LoadedLanguage


@cache
def find_languages(names: tuple[str, ...]) -> Mapping[str, LoadedLanguage]:
    """Return the installed ones of some languages, by suffix of their files, longest first.

    Args:
        names: names, as in settings.
    """
    if not find_distributions():
        return {}
    from pytest_antipasta.extension.loading import load_extensions

    named = (language for language in load_extensions().languages if language.name in names)
    found = {ending: item for item in named for ending in item.language.endings}
    return {ending: found[ending] for ending in sorted(found, key=len, reverse=True)}
