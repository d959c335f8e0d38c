"""Digests of contents, by which measurements are stored, and the languages that they depend on."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_antipasta.extension.contract import Language
    from pytest_antipasta.extension.loaded import Loaded


def find_language(languages: tuple[str, ...], path: str) -> Loaded[Language] | None:
    """Return the configured language that measures a file; ``None`` for Python and all others."""
    if not languages:
        return None
    from pytest_antipasta.extension.languages import find_languages

    found = find_languages(languages).items()
    return next((language for ending, language in found if path.endswith(ending)), None)


def digest_content(data: bytes, languages: tuple[str, ...], path: str) -> bytes:
    """Return the key of a file's content in the store: its sha256.

    For a language of an extension, the versions are hashed too, so that an upgrade measures only contents of
    this language again. A NUL separates them, as no valid Python source contains one.
    """
    language = find_language(languages, path)
    salt = f"{language}\0".encode() if language else b""
    return hashlib.sha256(salt + data).digest()
