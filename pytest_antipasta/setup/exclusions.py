"""Find files to exclude: vendored and generated ones, migrations, and folders that pytest skips."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path, PurePosixPath

from msgspec import Struct

from pytest_antipasta.messages import count
from pytest_antipasta.metrics.generated import HEAD_SIZE, is_generated
from pytest_antipasta.settings.patterns import compile_patterns, iter_steps
from pytest_antipasta.setup.skipped_by_pytest import iter_collect_ignore, iter_norecursedirs

_VENDORED = ("_vendor", "_vendored", "vendored", "third_party", "thirdparty", "3rdparty", "extern", "_extern")
_MIGRATION = re.compile(r"(?:^|/)migrations/[0-9]{4}_[^/]*\.py$")
_NAMES = {"_pb2.py": "*_pb2.py", "_pb2_grpc.py": "*_pb2_grpc.py"}
# A character of UTF-8 has at most four bytes.
_HEAD_BYTES = 4 * HEAD_SIZE
_MOST = 10  # lines for one reason
_SPECIAL = re.compile(r"([\\*?\[\]!#])")


class Exclusion(Struct, frozen=True):
    """One pattern for ``exclude``, its reason in a word or two, and how many files it excludes."""

    pattern: str
    why: str
    count: int = 1


def find_exclusions(root: Path, files: Iterable[str]) -> list[Exclusion]:
    """Return exclusions for files that need no check; paths are posix and relative to the root.

    The first lines of each file are read unless its name decides.
    """
    paths = list(files)
    reasons = {path: reason for path in paths if (reason := _find_reason(root, path))}
    marked = {path for path in paths if path not in reasons and _is_marked(root / path)}
    patterns = [*sorted({*reasons.values()}), *_iter_marked(paths, marked)]
    found = list(_iter_counted(paths, patterns))
    return [*found, *_iter_skipped(root, paths, [exclusion.pattern for exclusion in found])]


def describe(exclusions: Iterable[Exclusion]) -> Iterator[str]:
    """Yield a line for each exclusion; only one for a reason that has many, which the settings list."""
    reasons: dict[str, list[Exclusion]] = {}
    for exclusion in exclusions:
        reasons.setdefault(exclusion.why, []).append(exclusion)
    for why, found in reasons.items():
        if len(found) > _MOST:
            files = count(sum(exclusion.count for exclusion in found), "file")
            yield f"excluded: {files} by {len(found)} patterns ({why})"
        else:
            yield from (f"excluded: {each.pattern} ({why}, {count(each.count, 'file')})" for each in found)


def _iter_skipped(root: Path, paths: Sequence[str], known: Sequence[str]) -> Iterator[Exclusion]:
    """Yield folders that pytest skips and other patterns don't exclude.

    A pattern that would exclude more than half of the files is about tests alone.
    """
    skipped = dict.fromkeys(iter_norecursedirs(root), "skipped by pytest: norecursedirs")
    ignored = map(anchor, iter_collect_ignore(root, paths))
    skipped |= dict.fromkeys(ignored, "skipped by pytest: collect_ignore")
    if not skipped:
        return
    is_known = compile_patterns(tuple(known))
    rest = [path for path in paths if not is_known(path)]
    for exclusion in _iter_counted(rest, list(skipped.items())):
        if 0 < exclusion.count <= len(paths) / 2:
            yield exclusion


def _iter_counted(paths: Sequence[str], patterns: Sequence[tuple[str, str]]) -> Iterator[Exclusion]:
    """Yield patterns with reasons as exclusions, with their numbers of files."""
    # There may be as many patterns of single files and folders as there are files; these need no matching.
    exact = Counter(anchor(part) for path in paths for part in iter_steps(path)) if patterns else Counter()
    for pattern, why in patterns:
        yield Exclusion(pattern, why, exact[pattern] or sum(map(compile_patterns((pattern,)), paths)))


def _find_reason(root: Path, path: str) -> tuple[str, str] | None:
    """Return the pattern that excludes a file by its name, and the reason."""
    parts = PurePosixPath(path).parts
    for name in _VENDORED:
        if name in parts:
            return f"{name}/", "vendored"
    if _MIGRATION.search(path):
        return "**/migrations/[0-9][0-9][0-9][0-9]_*.py", "migrations"
    for ending, pattern in _NAMES.items():
        if path.endswith(ending):
            return pattern, "generated"
    folder = PurePosixPath(path).parent
    if folder.name == "versions" and (root / folder.parent / "script.py.mako").is_file():
        return f"/{folder}/", "migrations"
    return None


def _is_marked(location: Path) -> bool:
    try:
        with open(location, "rb") as file:
            return is_generated(file.read(_HEAD_BYTES).decode("utf-8-sig", "replace"))
    except OSError:
        return False


def _iter_marked(paths: Iterable[str], marked: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield folders with only generated files besides ``__init__.py``, and other generated files."""
    own = {
        folder
        for path in paths
        if path not in marked and not path.endswith("/__init__.py")
        for folder in iter_steps(path)
    }
    for folder, group in groupby(sorted(marked, key=_folder), _folder):
        here = sorted(group)
        is_whole = len(here) > 1 and folder and folder not in own
        for path in [folder] if is_whole else here:
            yield anchor(path), "generated"


def _folder(path: str) -> str:
    """Return the folder of a path with a slash at its end; empty for the root."""
    return path[: path.rfind("/") + 1]


def anchor(path: str) -> str:
    """Return the pattern of one path."""
    return "/" + _SPECIAL.sub(r"\\\1", path)
