"""What comments that suppress look like: ours, and those of other tools."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pytest_antipasta.model import CommentPlace

# A word that every one of these comments has, in lower case: most files have none and are done with it.
_WORDS = ("antipasta", "noqa", "complexipy")

OURS = re.compile(r"#\s*(?P<name>(?:pytest[-_ ]?)?antipasta)\s*:", re.IGNORECASE)

# complexipy 8.3: nothing before it in the comment, any case.
COMPLEXIPY = re.compile(
    r"#\s*(?:complexipy\s*:\s*ignore|noqa\s*:\s*complexipy)\b(?P<reason>.*)", re.IGNORECASE
)

# What flake8 and ruff have in common: anywhere in a comment, for all rules or for a list of codes. A colon
# without a code after it means nothing.
_CODES = r"(?:\s*:\s*(?P<codes>[a-z]+[0-9]+(?:[\s,]+[a-z]+[0-9]+)*)(?=[\s,]|$)|(?=\s*$|\s+[^\s:]))"
NOQA = re.compile(rf"#\s*noqa{_CODES}(?P<reason>.*)", re.IGNORECASE)
FILE_NOQA = re.compile(rf"#\s*(?:flake8|ruff)\s*[:=]\s*noqa{_CODES}(?P<reason>.*)", re.IGNORECASE)

_MCCABE = "C901"
_AT_A_BLOCK: tuple[CommentPlace, ...] = ("signature", "decorator", "above")


def may_suppress(text: str) -> bool:
    """Whether a source may have such a comment; a string that looks like one counts, too."""
    if not _has_word(text):
        return False
    return any(
        any(map(_is_directive, _iter_parts(line))) for line in re.findall("#.*", text) if _has_word(line)
    )


def _has_word(text: str) -> bool:
    lowered = text.lower()
    return any(word in lowered for word in _WORDS)


def _iter_parts(comment: str) -> Iterator[str]:
    """Yield what begins with each ``#``, to the end."""
    return (comment[match.start() :] for match in re.finditer("#", comment))


def _is_directive(text: str) -> bool:
    return bool(OURS.match(text) or COMPLEXIPY.match(text) or is_about_mccabe(text))


def is_about_mccabe(text: str) -> bool:
    """Whether a text begins with a ``noqa`` that speaks of flake8's and ruff's rule of that name."""
    match = NOQA.match(text) or FILE_NOQA.match(text)
    # As flake8 reads it, a code stands for all that begin with it.
    return match is not None and (not match["codes"] or _has_mccabe(re.split(r"[\s,]+", match["codes"])))


def _has_mccabe(codes: Iterable[str]) -> bool:
    return any(_MCCABE.startswith(code.upper()) for code in codes)


def iter_directives(comment: str, place: CommentPlace) -> Iterator[str]:
    """Yield the parts of a comment that tell a checker something there, each to the comment's end.

    Ours wherever it stands, as a mistake in it is to be told; another tool's only where that tool, or
    complexipy's rule for the line above, would follow it.
    """
    if place in _AT_A_BLOCK and COMPLEXIPY.match(comment):
        yield comment
    for part in _iter_parts(comment):
        if OURS.match(part) or (is_about_mccabe(part) and _applies(part, place)):
            yield part


def _applies(noqa: str, place: CommentPlace) -> bool:
    """Whether a ``noqa`` means something there: in a signature, or for the file on a line of its own."""
    is_of_file = FILE_NOQA.match(noqa) is not None
    return place in ("own line", "above") if is_of_file else place == "signature"
