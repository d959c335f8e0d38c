"""Count the commits of a year that edited each function, by the lines of their differences."""

from __future__ import annotations

import ast
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple, TypeVar

from pytest_antipasta.git.diffs import PLAIN, RENAMES
from pytest_antipasta.git.process import (
    NO_PROGRAMS,
    GitError,
    GitProcess,
    clean_environment,
    decode,
    switch_programs_off,
)
from pytest_antipasta.model.finding import FunctionKey, RecentEdits

_YEAR = 365 * 24 * 60 * 60
# What users can set would make other lines of a difference.
OPTIONS = (
    *(*NO_PROGRAMS, "-c", "core.quotePath=true", "-c", "diff.interHunkContext=0"),
    *("-c", "log.diffMerges=separate", "-c", "log.showSignature=false", "-c", "log.follow=false"),
)
PATCH = (
    *("--unified=0", "--diff-algorithm=histogram", "--no-prefix", "--relative", "--text", "--no-color"),
    *PLAIN,
)
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_NEW_NAME = re.compile(rb"(?:rename to|\+\+\+) ")
_COMMIT = b"\0"
# More paths than these are not named to git, as a command can't have any number of arguments.
_MOST_PATHS = 500

_Key = TypeVar("_Key")


class _Hunk(NamedTuple):
    """Lines that a commit replaced: half-open ranges of line numbers before and after it."""

    old: range
    new: range


class FilePatch(NamedTuple):
    """What a commit replaced in a file.

    Attributes:
        path: the path after the commit.
        hunks: the replaced lines.
        old_path: the path before the commit, if it renamed the file; otherwise empty.
    """

    path: str
    hunks: Sequence[_Hunk]
    old_path: str = ""


class LineRange(NamedTuple):
    """The first and the last line of a function, 1-based."""

    first: int
    last: int


def find_recent_edits(root: Path, functions: Mapping[FunctionKey, tuple[int, int]]) -> RecentEdits | None:
    """Count the commits that edited functions in the year before the checked-out commit.

    Commits are those along first parents, so that a merge counts once. The commit that adds a function is no
    edit. Files are followed when they are renamed.

    Paths are relative to ``root``. ``functions`` has the first and the last line of each in the working tree.

    Returns:
        ``None`` without a commit, and in a shallow clone, whose history is cut off.
    """
    try:
        if _ask(root, "rev-parse", "--is-shallow-repository").strip() == b"true":
            return None
        begin = max(int(_ask(root, "log", "-1", "--format=%ct", "HEAD")) - _YEAR, 0)
        since = ("--first-parent", f"--since=@{begin} +0000")
        commits = int(_ask(root, "rev-list", "--count", *since, "HEAD", "--"))
        outside = {path for path, _ in functions if os.path.isabs(path) or path.startswith("../")}
        inside = {key: span for key, span in functions.items() if key[0] not in outside}
        counts = _count(root, since, inside) if inside else {}
    except GitError:
        return None
    return RecentEdits(commits, counts)


def _ask(root: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> bytes:
    return GitProcess(root, arguments, environment, options=OPTIONS).read()


def _count(
    root: Path, since: Sequence[str], functions: Mapping[FunctionKey, tuple[int, int]]
) -> Mapping[FunctionKey, int]:
    paths = sorted({path for path, _ in functions})
    # Git would run filters of files in the working tree.
    keys = decode(_ask(root, "config", "--null", "--name-only", "--list")).split("\0")
    environment = clean_environment() | switch_programs_off(keys)
    # What is not committed is no edit, and moves lines.
    unstaged = ("diff", *PATCH, "--no-renames", "HEAD", "--", *_name_paths(paths))
    changed = _ask(root, *unstaged, environment=environment)
    log = ("log", *since, "-m", "--no-notes", *RENAMES)
    # A path selects nothing from before the file had it.
    named = _name_paths([*paths, *_find_old_paths(root, log, paths)])
    edited = _ask(root, *log, "--format=%x00", "--patch", *PATCH, "HEAD", "--", *named)
    spans: dict[str, dict[FunctionKey, LineRange]] = {}
    for key, lines in functions.items():
        spans.setdefault(key[0], {})[key] = LineRange(*lines)
    for patch in iter_files(changed.split(b"\n")):
        go_back(spans.get(patch.path, {}), patch.hunks)
    counts: Counter[FunctionKey] = Counter()
    for patch in iter_files(edited.split(b"\n")):
        counts.update(go_back(spans.get(patch.path, {}), patch.hunks))
        if patch.old_path:
            spans.setdefault(patch.old_path, {}).update(spans.pop(patch.path, {}))
    return dict(counts)


def _find_old_paths(root: Path, log: Sequence[str], paths: Iterable[str]) -> set[str]:
    """Return the paths that files had before commits renamed them."""
    form = ("--format=", "--diff-filter=R", "--name-status", "-z", "--relative", *PLAIN)
    renamed = _ask(root, *log, *form, "HEAD", "--", *_name_suffixes(paths))
    fields = [decode(field) for field in renamed.split(b"\0") if field.strip()]
    found = {*paths}
    for old, new in zip(fields[1::3], fields[2::3], strict=True):
        if new in found:
            found.add(old)
    return found.difference(paths)


def _name_paths(paths: Sequence[str]) -> list[str]:
    """Return pathspecs that match some paths, and no more than the files with the same suffixes."""
    few = len(paths) <= _MOST_PATHS
    return [f":(literal){path}" for path in paths] if few else _name_suffixes(paths)


def _name_suffixes(paths: Iterable[str]) -> list[str]:
    """Return pathspecs that match files with the same suffixes."""
    suffixes = sorted({suffix for path in paths if (suffix := PurePosixPath(path).suffix)})
    scripts = [path for path in paths if not PurePosixPath(path).suffix]
    return [*(f":(glob)**/*{suffix}" for suffix in suffixes), *(f":(literal){path}" for path in scripts)]


def iter_files(lines: Iterable[bytes]) -> Iterator[FilePatch]:
    """Yield the files of a patch in its order."""
    path, old_path, hunks, left = "", "", list[_Hunk](), 0
    for line in chain(lines, (_COMMIT,)):
        if left and line[:1] in (b"+", b"-"):  # a line of code, which may look like a header
            left -= 1
        elif line.startswith(b"rename from "):
            old_path = _read_path(line[12:])
        elif named := _NEW_NAME.match(line):
            path = _read_path(line[named.end() :])
        elif found := _HUNK.match(line):
            hunks.append(_make_hunk(found))
            left = len(hunks[-1].old) + len(hunks[-1].new)
        elif (hunks or old_path) and line.startswith((b"diff ", _COMMIT)):
            yield FilePatch(path, hunks, old_path)
            old_path, hunks = "", []


def _read_path(name: bytes) -> str:
    """Return a path, which git ends with a tab if it has blanks, and quotes as C does if need be."""
    name = name.rstrip(b"\t")
    if name.startswith(b'"'):
        name = ast.literal_eval(f"b{name.decode('ascii')}")
    return decode(name)


def _make_hunk(found: re.Match[bytes]) -> _Hunk:
    """Return a hunk; git gives a range without lines the line before it."""
    start, lines, new_start, new_lines = (1 if part is None else int(part) for part in found.groups())
    old, new = start + (lines == 0), new_start + (new_lines == 0)
    return _Hunk(range(old, old + lines), range(new, new + new_lines))


def go_back(spans: dict[_Key, LineRange], hunks: Sequence[_Hunk]) -> list[_Key]:
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
