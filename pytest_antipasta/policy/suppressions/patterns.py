"""Patterns of suppression comments: ours, and those of other tools."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from pytest_antipasta.model.measured import CommentPlace
from pytest_antipasta.model.registry import OUR_METRICS

_BLANKS = r"[^\S\n]*"
_FLAGS = re.IGNORECASE | re.MULTILINE | re.VERBOSE
# Misspelled comments match too: otherwise a user who omits the colon would never notice.
_OURS = r"""
    (?P<ours>(?:pytest[-\ ]?)?antipasta)_:
    | (?P<nearly>(?:pytest[-\ ]?)?(?:anti[-\ ]?past[a-z]{0,2} | ant[a-z]{0,2}pasta)
        (?=[-=.,;:(\ ]*ignore\b) | noqa_:_antipasta\b)
"""
# Where a comment begins: after any `#` of a comment, in any case. The common part of flake8 and ruff: for all
# rules or for a list of codes; a colon without a code has no effect. All begin with one character, as
# searching for it is faster than for words.
DIRECTIVE = re.compile(
    rf"""\#_(?:
        {_OURS}
        | (?P<complexipy>complexipy_:_ignore\b | noqa_:_complexipy\b)
        | (?P<pylint>pylint:)
        | (?P<noqa>(?P<file>(?:flake8|ruff)_[:=]_)?noqa
            (?:_:_(?P<codes>[a-z]+[0-9]+(?:[,\s]*[a-z]+[0-9]+)*)(?=[,\s#]|$) | (?=_$ | _\# | [^\S\n]+[^\s:]))
          )
    )""".replace("_", _BLANKS),
    _FLAGS,
)

# In flake8 and ruff only the first one of a comment counts, whatever follows it.
_NOQA = re.compile(r"#_noqa".replace("_", _BLANKS), re.IGNORECASE)
_CODE = re.compile(r"[a-z]+[0-9]+", re.IGNORECASE)
_AT_A_BLOCK: tuple[CommentPlace, ...] = ("signature", "decorator", "above")
LONGEST = 500
"""Maximum length of the text of a comment; it is longer than anyone writes by hand."""


class Candidate(NamedTuple):
    """A place in the source that looks like such a comment; it may be a part of a string.

    Attributes:
        is_for_signatures: whether it has an effect only in a block's signature, or before its body.
    """

    start: int
    is_for_signatures: bool


@cache
def compile_ours(start: str) -> re.Pattern[str]:
    """Return the pattern for the start of a comment that is followed by ours, or a misspelled one."""
    followed = f"(?=_(?:{_OURS}))".replace("_", _BLANKS)
    return re.compile(re.escape(start) + followed, _FLAGS)


def iter_candidates(text: str) -> Iterator[Candidate]:
    """Yield possible comments of this kind in a source."""
    for match in filter(_has_meaning, DIRECTIVE.finditer(text)):
        yield Candidate(match.start(), bool(match["noqa"]) and not match["file"])


def iter_directives(comment: str, place: CommentPlace) -> Iterator[tuple[int, str]]:
    """Yield the parts of a comment that are directives to a checker, each with its position.

    Antipasta comments are included anywhere, as errors in them must be reported; those of other tools only
    where they have an effect for that tool.
    """
    found = list(DIRECTIVE.finditer(comment))
    noqa = _NOQA.search(comment)
    ends = [*(match.start() for match in found[1:]), len(comment)]
    for match, end in zip(found, ends, strict=False):
        start = match.start()
        is_second = match["noqa"] and noqa and noqa.start() < start and not match["file"]
        if not is_second and _has_meaning(match) and _is_followed(match, place):
            yield start, comment[start : min(end, start + LONGEST)].rstrip()


def _has_meaning(match: re.Match[str]) -> bool:
    """Return whether a directive is about our metrics, as some rules of ruff and flake8 are."""
    if match["pylint"]:
        return False  # these are found by their effect
    return not match["codes"] or any(stands_for(match["codes"], metric.ruff) for metric in OUR_METRICS)


def stands_for(codes: str, rule: str) -> bool:
    """Return whether codes of a ``noqa`` name a rule, at least by its prefix, as in flake8."""
    return bool(rule) and any(rule.startswith(code.upper()) for code in _CODE.findall(codes))


def _is_followed(match: re.Match[str], place: CommentPlace) -> bool:
    if match["ours"] or match["nearly"]:
        return True
    if match["complexipy"]:
        return place in _AT_A_BLOCK
    return place in ("own line", "above") if match["file"] else place == "signature"
