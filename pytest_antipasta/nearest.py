"""What somebody may have meant who wrote a word that is not known."""

from __future__ import annotations

from collections.abc import Iterable

_NEAR = 0.87


def suggest(name: str, known: Iterable[str]) -> str:
    """Name the known word that is nearest, or all of them when none is near."""
    known = list(known)
    nearest = find_nearest(name, known)
    return f'did you mean "{nearest}"?' if nearest is not None else f"known here: {', '.join(known)}"


def find_nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known word that is nearest; ``None`` when none is near."""
    from difflib import get_close_matches  # here, because it is hardly ever needed

    words = {_normalise(word): word for word in known}
    close = get_close_matches(_normalise(name), words, n=1, cutoff=0.55)
    return words[close[0]] if close else None


def is_near(name: str, known: str) -> bool:
    """Whether a word is a known one with a slip or two."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, _normalise(name), _normalise(known)).ratio() >= _NEAR


def _normalise(word: str) -> str:
    """Return what is alike in words that only look different."""
    return word.lower().replace("-", "_").strip("_")
