"""Prints ``path:line: what is wrong`` for our messages, docstrings, comments, names and pages."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from checks import docstrings, sentences, words


def iter_problems() -> Iterator[str]:
    """Yield what each check finds."""
    yield from words.find_problems()
    yield from docstrings.find_problems()
    yield from sentences.find_problems()


def main() -> int:
    """Print all of it; return 1 if there is any."""
    found = list(iter_problems())
    sys.stdout.writelines(f"{line}\n" for line in found)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
