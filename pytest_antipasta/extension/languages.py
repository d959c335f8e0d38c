"""Find the languages of extensions that the settings name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from pytest_antipasta.extension.installed import load_extensions

if TYPE_CHECKING:
    from pytest_antipasta.extension.contract import Language
    from pytest_antipasta.extension.loaded import Loaded


@cache
def find_languages(names: tuple[str, ...]) -> Mapping[str, Loaded[Language]]:
    """Return the installed ones of some languages, by suffix of their files, longest first.

    Args:
        names: names, as in settings.
    """
    named = (language for language in load_extensions().languages if language.name in names)
    found = {ending: item for item in named for ending in item.given.endings}
    return {ending: found[ending] for ending in sorted(found, key=len, reverse=True)}
