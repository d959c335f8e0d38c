"""Count the commits of a year that edited each function, by the lines of their differences."""

from __future__ import annotations

import ast
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from pytest_antipasta.git.process import GitError, GitRunner
from pytest_antipasta.git.time_budget import TimeBudget
from pytest_antipasta.model.finding import FunctionKey, RecentEdits

_YEAR = 365 * 24 * 60 * 60
# Lines of their own settings and programs would not be those of a difference.
PATCH = (
    *("--unified=0", "--diff-algorithm=histogram", "--no-prefix", "--relative", "--no-renames"),
    *("--no-color", "--no-ext-diff", "--no-textconv"),
)
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_COMMIT = b"\0"
# More paths than these are not named to git, as a command can't have any number of arguments.
_MOST_PATHS = 500


class _Hunk(NamedTuple):
    """Lines that a commit replaced: half-open ranges of line numbers before and after it."""

    old: range
    new: range


class Span(NamedTuple):
    """The first and the last line of a function, 1-based."""

    first: int
    last: int


def find_recent_edits(root: Path, functions: Mapping[FunctionKey, tuple[int, int]]) -> RecentEdits | None:
    """Count the commits that edited functions in the year before the checked-out commit.

    Commits are those along first parents, so that a merge counts once. The commit that adds a function, or
    gives its file another name, is no edit, and those before it are not looked at.

    Args:
        root: folder of the paths.
        functions: the first and the last line of each function in the working tree.

    Returns:
        ``None`` without a commit, and in a shallow clone, whose history is cut off.
    """
    runner = GitRunner(root, TimeBudget())
    try:
        if runner.run_for_text("rev-parse", "--is-shallow-repository").strip() == "true":
            return None
        when = ("log", "-1", "--no-show-signature", "--no-notes", "--format=%ct", "HEAD")
        begin = max(int(runner.run_for_text(*when)) - _YEAR, 0)
        since = ("--first-parent", f"--since=@{begin} +0000")
        commits = int(runner.run_for_text("rev-list", "--count", *since, "HEAD", "--"))
        counts = _count(runner, since, functions) if functions else {}
    except (GitError, ValueError):
        return None
    return RecentEdits(commits, counts)


def _count(
    runner: GitRunner, since: Sequence[str], functions: Mapping[FunctionKey, tuple[int, int]]
) -> Mapping[FunctionKey, int]:
    paths = {path for path, _ in functions}
    named = [f":(literal){path}" for path in sorted(paths)] if len(paths) <= _MOST_PATHS else [":(glob)**"]
    # What is not committed is no edit, and moves lines.
    changed = runner.run("diff", *PATCH, "HEAD", "--", *named)
    log = ("-m", "--no-show-signature", "--no-notes", "--format=%x00", "--patch")
    edited = runner.run("log", *since, *log, *PATCH, "HEAD", "--", *named)
    spans: dict[str, dict[str, Span]] = {}
    for (path, name), lines in functions.items():
        spans.setdefault(path, {})[name] = Span(*lines)
    for path, hunks in iter_files(changed.split(b"\n")):
        go_back(spans.get(path, {}), hunks)
    counts: Counter[FunctionKey] = Counter()
    for path, hunks in iter_files(edited.split(b"\n")):
        counts.update((path, name) for name in go_back(spans.get(path, {}), hunks))
    return dict(counts)


def iter_files(lines: Iterable[bytes]) -> Iterator[tuple[str, Sequence[_Hunk]]]:
    """Yield the files of a patch in its order, each with what was replaced in it."""
    path, hunks, left = "", list[_Hunk](), 0
    for line in lines:
        if left and line[:1] in (b"+", b"-"):  # a line of code, which may look like a header
            left -= 1
        elif line.startswith(b"+++ "):
            path = _read_path(line[4:])
        elif found := _HUNK.match(line):
            hunks.append(_make_hunk(found))
            left = len(hunks[-1].old) + len(hunks[-1].new)
        elif hunks and line.startswith((b"diff ", _COMMIT)):
            yield path, hunks
            hunks = []
    if hunks:
        yield path, hunks


def _read_path(name: bytes) -> str:
    """Return a path, which git ends with a tab if it has blanks, and quotes as C does if need be."""
    name = name.rstrip(b"\t")
    if name.startswith(b'"'):
        name = ast.literal_eval(f"b{name.decode('ascii')}")
    return os.fsdecode(name)


def _make_hunk(found: re.Match[bytes]) -> _Hunk:
    """Return a hunk; git gives a range without lines the line before it."""
    start, lines, new_start, new_lines = (1 if part is None else int(part) for part in found.groups())
    old, new = start + (lines == 0), new_start + (new_lines == 0)
    return _Hunk(range(old, old + lines), range(new, new + new_lines))


def go_back(spans: dict[str, Span], hunks: Sequence[_Hunk]) -> list[str]:
    """Return the functions that a commit edited, and give all those of its file the lines before it.

    A function that the commit added is left out from then on.
    """
    edited = []
    for name, span in [*spans.items()]:
        if any(_contains(hunk.new, span) for hunk in hunks):
            del spans[name]
            continue
        if any(_touches(hunk.new, span) for hunk in hunks):
            edited.append(name)
        spans[name] = Span(_find_line(span.first, hunks, 0), _find_line(span.last, hunks, -1))
    return edited


def _contains(lines: range, span: Span) -> bool:
    return lines.start <= span.first and span.last < lines.stop


def _touches(lines: range, span: Span) -> bool:
    """Return whether lines of a function were replaced, or lines between two of its lines deleted."""
    return lines.start <= span.last and (lines.stop > span.first if lines else lines.start > span.first)


def _find_line(line: int, hunks: Sequence[_Hunk], end: Literal[0, -1]) -> int:
    """Return where a line was before a commit.

    For a line that the commit replaced it is the first or the last of those that were there, by ``end``.
    """
    shift = 0
    for hunk in hunks:
        if line < hunk.new.start:
            break
        if line < hunk.new.stop:
            return hunk.old.stop - 1 if end else hunk.old.start
        shift = hunk.old.stop - hunk.new.stop
    return line + shift
