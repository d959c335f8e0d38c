"""How hard README.md and the pages of docs/ are to read.

``python -m tests.documents.readability`` prints for each page its words, sentences, words per sentence,
sentences of more than 25 words, and Flesch's reading ease: 206.835 - 1.015 words per sentence - 84.6
syllables per word, so that more is easier (R. Flesch, "A new readability yardstick", 1948). Headings, blocks
of code, tables and comments are left out. Code in a sentence is one word without syllables. Syllables are
estimated from letters, as a dictionary of sounds would have to be downloaded.

``--compare REV`` prints each number of a commit before it; ``--long`` prints the sentences that are too long.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import cmarkgfm

ROOT = Path(__file__).parents[2]
MOST_WORDS = 25
_LEFT_OUT = {"pre", "table", "h1", "h2", "h3", "h4", "h5", "h6"}
_PARTS = {"p", "li", "ul", "ol", "blockquote"}
_END = re.compile(r"(?<!\be\.g)(?<!\bi\.e)[.!?][\"')\]]*\s+(?=[\"'(\[]*[A-Z0-9`])")
_VOWELS = re.compile(r"[aeiouyäöü]+")
# An `e` at the end, as in `rule`, `file`, `files` and `called`, and not as in `table`, `tables` and `needed`.
_SILENT = re.compile(
    r"(?:(?<=[^aeiouyl])|(?<=[aeiouy]l))e$"
    r"|(?:(?<=[^aeiouydtsxzhcgl])|(?<=[aeiouyl]l))e[sd]$"
    r"|(?<=[csxzhg])ed$"
)
_CODE = "`x`"


class Figures(NamedTuple):
    """What is counted in a page, or in all of them.

    Attributes:
        words: between spaces, with a letter or a digit.
        sentences: the text of a list's item counts as one even without a full stop.
        long: sentences of more than ``MOST_WORDS`` words.
        syllables: estimated, of the words that are not code.
        codes: words that are code.
    """

    words: int
    sentences: int
    long: int
    syllables: int
    codes: int

    @property
    def mean(self) -> float:
        """Words per sentence."""
        return self.words / max(self.sentences, 1)

    @property
    def ease(self) -> float:
        """Flesch's reading ease."""
        return 206.835 - 1.015 * self.mean - 84.6 * self.syllables / max(self.words - self.codes, 1)


class _Reader(HTMLParser):
    """Collects paragraphs and items of lists."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = [""]
        self.depth = 0
        self.is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.depth += tag in _LEFT_OUT
        if tag in _PARTS:
            self.parts.append("")
        elif tag == "code" and not self.depth:
            self.parts[-1] += _CODE
            self.is_code = True

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag in _LEFT_OUT
        if tag in _PARTS:
            self.parts.append("")
        elif tag == "code":
            self.is_code = False

    def handle_data(self, data: str) -> None:
        if not self.depth and not self.is_code:
            self.parts[-1] += data


def iter_sentences(markdown: str) -> Iterator[list[str]]:
    """Yield the words of each sentence of a page."""
    reader = _Reader()
    reader.feed(cmarkgfm.github_flavored_markdown_to_html(markdown))
    for part in reader.parts:
        for sentence in _END.split(part):
            words = [word for word in sentence.split() if re.search(r"\w", word)]
            if words:
                yield words


def count_syllables(word: str) -> int:
    """Estimate the syllables of an English word: groups of vowels, without an `e` that is silent."""
    parts = re.findall(r"[^\W\d_]+", word.lower())
    return max(1, sum(max(1, len(_VOWELS.findall(_SILENT.sub("", part)))) for part in parts))


def count(markdown: str) -> Figures:
    """Return the figures of a page."""
    sentences = list(iter_sentences(markdown))
    words = [word for sentence in sentences for word in sentence]
    long = sum(len(sentence) > MOST_WORDS for sentence in sentences)
    spoken = [word for word in words if _CODE not in word]
    syllables = sum(map(count_syllables, spoken))
    return Figures(len(words), len(sentences), long, syllables, len(words) - len(spoken))


def add_up(pages: Iterable[Figures]) -> Figures:
    """Return the figures of several pages as one."""
    return Figures(*map(sum, zip(Figures(0, 0, 0, 0, 0), *pages, strict=True)))


def read_pages(root: Path) -> dict[str, str]:
    """Return the pages of a checkout by their paths."""
    paths = [*root.glob("README.md"), *sorted(root.glob("docs/*.md"))]
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def read_old_pages(root: Path, revision: str) -> dict[str, str]:
    """Return the pages of a commit by their paths."""

    def git(*args: str) -> str:
        done = subprocess.run(["git", *args], cwd=root, stdout=subprocess.PIPE, check=True)
        return done.stdout.decode()

    paths = git("ls-tree", "--name-only", "-z", revision, "README.md", "docs/").split("\0")
    return {path: git("show", f"{revision}:{path}") for path in paths if path.endswith(".md")}


def iter_rows(now: Mapping[str, str], before: Mapping[str, str] | None) -> Iterator[str]:
    """Yield a table of all pages, with the figures of another state of them if there is one."""
    states = [now] if before is None else [before, now]
    figures = [{name: count(text) for name, text in state.items()} for state in states]
    width = max(map(len, [*(name for state in states for name in state), "total"]))
    yield f"{'page':{width}}" + "".join(f"  {title:>{_width(states)}}" for title in _TITLES)
    for name in dict.fromkeys(name for state in reversed(figures) for name in state):
        yield _format_row(name, width, [state.get(name) for state in figures])
    yield _format_row("total", width, [add_up(state.values()) for state in figures])


_TITLES = ("words", "sentences", "per sentence", f"over {MOST_WORDS}", "ease")


def _width(states: Sequence[object]) -> int:
    return 12 if len(states) == 1 else 16


def _format_row(name: str, width: int, states: Sequence[Figures | None]) -> str:
    cells = zip(*(_format(state) for state in states), strict=True)
    return f"{name:{width}}" + "".join(f"  {' → '.join(cell):>{_width(states)}}" for cell in cells)


def _format(figures: Figures | None) -> list[str]:
    if figures is None:
        return ["-"] * len(_TITLES)
    sizes = str(figures.words), str(figures.sentences)
    return [*sizes, f"{figures.mean:.1f}", str(figures.long), f"{figures.ease:.1f}"]


def iter_long_sentences(pages: Mapping[str, str]) -> Iterator[str]:
    """Yield each sentence that is too long with its page and its words."""
    for name, text in pages.items():
        for words in iter_sentences(text):
            if len(words) > MOST_WORDS:
                yield f"{name}: {len(words)}: {' '.join(words)}"


def main(argv: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.documents.readability")
    parser.add_argument("--compare", metavar="REV", help="a commit whose figures are shown, too")
    parser.add_argument("--long", action="store_true", help="print the sentences that are too long, too")
    args = parser.parse_args(argv)
    pages = read_pages(root)
    before = None if args.compare is None else read_old_pages(root, args.compare)
    sys.stdout.writelines(f"{line}\n" for line in iter_rows(pages, before))
    if args.long:
        sys.stdout.writelines(f"{line}\n" for line in iter_long_sentences(pages))
    return 0


if __name__ == "__main__":
    sys.exit(main())
