"""Valid files with odd characters anywhere: no limit lacks a value, and all numbers are those of the oracles.

Python's parser, its tokenizer, ``str.splitlines``, radon and complexipy have opinions of their own about what
ends a line, what is a space, and what belongs to a name.
"""

from __future__ import annotations

import ast
import random
import warnings
from collections.abc import Iterator, Sequence
from typing import cast

from hypothesis.strategies import DrawFn

from campaigns.options import make_parser
from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.limits import PathLimits
from pytest_antipasta.model.registry import OUR_METRICS
from pytest_antipasta.policy.limits import Limits
from tests.oracles import consult, find_differences
from tests.programs import T, Writer, write_program

# What ends lines for `str.splitlines`, and for Python's parser; the latter with backslashes before it, too.
_LINE_ENDS = ("\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")
_NEWLINES = ("\n", "\r", "\n\f\n", "\\\n", "\\\n\n", "\f\\\n", "\\")
_SPACES = ("\t", " ", "\x1f", "\xa0", "\u2003", "\u3000")
_INVISIBLE = ("\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\x01", "\x1a", "\x7f")
# The first two combine with what is before them; the others belong to names, or look as if they did.
_LETTERS = ("\u0301", "\u0903", "\u00b7", "\u2118", "\u00aa", "\ufb01", "\u53d8", "\U0001d4b3", "\U0001f600")
CHARACTERS = (*_LINE_ENDS, *_NEWLINES, *_SPACES, *_INVISIBLE, *_LETTERS)
_TRIES = 16
_METRICS = [metric for metric in OUR_METRICS if not metric.needs_coverage]
_LIMITS = Limits(PathLimits(tuple(Threshold(metric.name, 0, ">=") for metric in _METRICS)))


class _RandomWriter(Writer):
    """Writes a program by chance, much faster than hypothesis draws one."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        super().__init__(cast(DrawFn, None), chance.randint(5, 60), is_odd=chance.random() < 0.5)

    def pick(self, options: Sequence[T]) -> T:
        return self._chance.choice(tuple(options))

    def number(self, least: int, most: int) -> int:
        return self._chance.randint(least, most)

    def often(self) -> bool:
        return self._chance.random() < 0.5


def make_file(seed: int, number: int) -> str:
    """Return a valid program with odd characters in any places that Python allows."""
    chance = random.Random(f"{seed} {number}")
    while not is_valid(text := write_program(_RandomWriter(chance))):
        pass
    for _ in range(_TRIES):
        place = chance.randint(0, len(text))
        changed = text[:place] + chance.choice(CHARACTERS) + text[place:]
        text = changed if is_valid(changed) else text
    return text


def is_valid(text: str) -> bool:
    """Return whether Python accepts a source."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except (SyntaxError, ValueError):
            return False
    return True


def find_troubles(text: str) -> Iterator[str]:
    """Yield what is wrong with the numbers of a valid source.

    Cognitive complexity may be missing where complexipy itself rejects the source, and then fails.
    """
    data = text.encode()
    found, expected = measure(data), consult(data)
    if found.error is not None:
        yield f"{found.error.kind}: {found.error.message}"
        return
    is_rejected = expected.metrics["total_cognitive_complexity"] is None
    lacking = _LIMITS.judge(found).lacking
    if lacking != (("cognitive_complexity",) if is_rejected else ()):
        yield f"no value for {', '.join(lacking) or 'nothing, though complexipy rejects it'}"
    yield from map(str, find_differences("it", found, expected))


def main(argv: Sequence[str] | None = None) -> int:
    """Measure files with odd characters; print what is wrong and return 1 if anything is."""
    parser = make_parser("characters", main.__doc__, steps=1000, step="how many")
    args = parser.parse_args(argv)
    wrong = 0
    for number in range(args.steps):
        text = make_file(args.seed, number)
        troubles = list(find_troubles(text))
        wrong += bool(troubles)
        for trouble in troubles:
            print(f"{trouble}\n    {text!r}")  # noqa: T201
    print(f"{args.steps} files: {wrong} wrong")  # noqa: T201
    return int(bool(wrong))
