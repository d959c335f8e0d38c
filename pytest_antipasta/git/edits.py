"""Count the commits of a year that edited each function, by the lines of their differences."""

from __future__ import annotations

import ast
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from pytest_antipasta.git.diffs import PLAIN
from pytest_antipasta.git.process import (
    NO_PROGRAMS,
    GitError,
    GitProcess,
    clean_environment,
    switch_programs_off,
)
from pytest_antipasta.model.finding import FunctionKey, RecentEdits

_YEAR = 365 * 24 * 60 * 60
# What users can set would make other lines of a difference.
OPTIONS = (
    *(*NO_PROGRAMS, "-c", "core.quotePath=true", "-c", "diff.interHunkContext=0"),
    *("-c", "log.diffMerges=separate", "-c", "log.showSignature=false"),
)
PATCH = (
    *("--unified=0", "--diff-algorithm=histogram", "--no-prefix", "--relative", "--no-renames", "--text"),
    *("--no-color", *PLAIN),
)
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_COMMIT = b"\0"
# More paths than these are not named to git, as a command can't have any number of arguments.
_MOST_PATHS = 500


class _Hunk(NamedTuple):
    """Lines that a commit replaced: half-open ranges of line numbers before and after it."""

    old: range
    new: range


class LineRange(NamedTuple):
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
    try:
        if _ask(root, "rev-parse", "--is-shallow-repository").strip() == b"true":
            return None
        begin = max(int(_ask(root, "log", "-1", "--format=%ct", "HEAD")) - _YEAR, 0)
        since = ("--first-parent", f"--since=@{begin} +0000")
        commits = int(_ask(root, "rev-list", "--count", *since, "HEAD", "--"))
        inside = {key: span for key, span in functions.items() if not _is_outside(key[0])}
        counts = _count(root, since, inside) if inside else {}
    except GitError:
        return None
    return RecentEdits(commits, counts)


def _is_outside(path: str) -> bool:
    return os.path.isabs(path) or path.startswith("../")


def _ask(root: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> bytes:
    return GitProcess(root, arguments, environment, options=OPTIONS).read()


def _count(
    root: Path, since: Sequence[str], functions: Mapping[FunctionKey, tuple[int, int]]
) -> Mapping[FunctionKey, int]:
    named = _name_paths(sorted({path for path, _ in functions}))
    # Git would run filters of files in the working tree.
    keys = os.fsdecode(_ask(root, "config", "--null", "--name-only", "--list")).split("\0")
    environment = clean_environment() | switch_programs_off(keys)
    # What is not committed is no edit, and moves lines.
    changed = _ask(root, "diff", *PATCH, "HEAD", "--", *named, environment=environment)
    log = ("-m", "--no-notes", "--format=%x00", "--patch")
    edited = _ask(root, "log", *since, *log, *PATCH, "HEAD", "--", *named)
    spans: dict[str, dict[str, LineRange]] = {}
    for (path, name), lines in functions.items():
        spans.setdefault(path, {})[name] = LineRange(*lines)
    for path, hunks in iter_files(changed.split(b"\n")):
        go_back(spans.get(path, {}), hunks)
    counts: Counter[FunctionKey] = Counter()
    for path, hunks in iter_files(edited.split(b"\n")):
        counts.update((path, name) for name in go_back(spans.get(path, {}), hunks))
    return dict(counts)


def _name_paths(paths: Sequence[str]) -> list[str]:
    """Return pathspecs that match some paths, and no more than the files with the same suffixes."""
    if len(paths) <= _MOST_PATHS:
        return [f":(literal){path}" for path in paths]
    suffixes = sorted({suffix for path in paths if (suffix := PurePosixPath(path).suffix)})
    scripts = [path for path in paths if not PurePosixPath(path).suffix]
    return [*(f":(glob)**/*{suffix}" for suffix in suffixes), *(f":(literal){path}" for path in scripts)]


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


def go_back(spans: dict[str, LineRange], hunks: Sequence[_Hunk]) -> list[str]:
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
        spans[name] = LineRange(_find_line(span.first, hunks, 0), _find_line(span.last, hunks, -1))
    return edited


def _contains(lines: range, span: LineRange) -> bool:
    return lines.start <= span.first and span.last < lines.stop


def _touches(lines: range, span: LineRange) -> bool:
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
