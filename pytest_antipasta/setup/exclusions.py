"""Finding files to exclude: vendored, generated, migrations."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from pathlib import Path, PurePosixPath

from msgspec import Struct

from pytest_antipasta.settings import compile_patterns

_VENDORED = ("_vendor", "_vendored", "vendored", "third_party", "thirdparty", "3rdparty", "extern", "_extern")
_MIGRATION = re.compile(r"(?:^|/)migrations/[0-9]{4}_[^/]*\.py$")
_NAMES = {"_pb2.py": "*_pb2.py", "_pb2_grpc.py": "*_pb2_grpc.py"}
# What generators write at the top: a comment of its own, or a module's docstring.
_MARK = re.compile(
    r"""^\s*(?:\#|["']{1,3})\W*
    (?: .*@generated\b | .*\bdo[ ]not[ ]edit\b
      | (?:(?:this[ ])?(?:file|code|module)[ ](?:(?:is|was)[ ])?)?
        (?: auto(?:matically)?[- ]?generated\b | generated[ ](?:by|from|with)\b )
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_HEAD_BYTES = 2048
_SPECIAL = re.compile(r"([\\*?\[\]!#])")


class Exclusion(Struct, frozen=True):
    """One pattern for ``exclude``, why in a word or two, and how many files it leaves out."""

    pattern: str
    why: str
    count: int = 1


def find_exclusions(root: Path, files: Iterable[str]) -> list[Exclusion]:
    """Find what is not worth judging among source files, whose paths are posix and relative to the root.

    Each is opened for its first lines unless its name tells.
    """
    paths = list(files)
    reasons = {path: reason for path in paths if (reason := _find_reason(root, path))}
    found = sorted({reason for reason in reasons.values() if reason != _MARKED})
    marked = {path for path, reason in reasons.items() if reason == _MARKED}
    return [
        Exclusion(pattern, why, sum(map(compile_patterns((pattern,)), paths)))
        for pattern, why in (*found, *_iter_marked(paths, marked))
    ]


def exclude_exactly(path: str, why: str) -> Exclusion:
    """Return the exclusion of one file, or of a folder whose path ends with a slash."""
    return Exclusion(_anchor(path), why)


_MARKED = ("", "generated")


def _find_reason(root: Path, path: str) -> tuple[str, str] | None:
    """Return the pattern by which a file should be left out, and why; ``_MARKED`` has no pattern yet."""
    parts = PurePosixPath(path).parts
    for name in _VENDORED:
        if name in parts:
            return f"{name}/", "vendored"
    if _MIGRATION.search(path):
        return "**/migrations/[0-9][0-9][0-9][0-9]_*.py", "migrations"
    for ending, pattern in _NAMES.items():
        if path.endswith(ending):
            return pattern, "generated"
    return _find_in_content(root, path)


def _find_in_content(root: Path, path: str) -> tuple[str, str] | None:
    folder = PurePosixPath(path).parent
    if folder.name == "versions" and (root / folder.parent / "script.py.mako").is_file():
        return f"/{folder}/", "migrations"
    return _MARKED if _is_marked(root / path) else None


def _is_marked(location: Path) -> bool:
    try:
        with open(location, "rb") as file:
            head = file.read(_HEAD_BYTES).decode("utf-8", "replace")
    except OSError:
        return False
    return any(_MARK.match(line) for line in _iter_header(head))


def _iter_header(text: str) -> Iterator[str]:
    """Yield the comments at the top, and the first line that is none."""
    for line in text.splitlines():
        yield line
        if line.strip() and not line.startswith("#"):
            return


def _iter_marked(paths: Iterable[str], marked: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield folders in which all files but ``__init__.py`` are generated, and the other files one by one."""
    own = [path for path in paths if path not in marked and not path.endswith("/__init__.py")]
    for folder, group in groupby(sorted(marked, key=_folder), _folder):
        here = sorted(group)
        is_whole = len(here) > 1 and folder and not any(path.startswith(folder) for path in own)
        for path in [folder] if is_whole else here:
            yield _anchor(path), "generated"


def _folder(path: str) -> str:
    """Return the folder of a path with a slash at its end; nothing for the root."""
    return path[: path.rfind("/") + 1]


def _anchor(path: str) -> str:
    """Return the pattern of one path."""
    return "/" + _SPECIAL.sub(r"\\\1", path)
