"""Python files whose functions have known numbers, around the limits that tools have by default."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence

SIZES: Mapping[str, Sequence[int]] = {
    "ifs": (2, 5, 9, 10, 12, 13, 16, 21),
    "arguments": (3, 5, 6, 8),
    "keywords": (5, 6),
    "returns": (3, 6, 7),
    "words": (3, 5, 6, 8),
    "lines": (18, 50, 51),
}
_NAMES = ("main.py", "test_a.py", "a_test.py", "a_pb2.py", "conf.py", "a.py", "b.py", "__init__.py")
_FOLDERS = (
    "src", "src/pkg", "src/pkg/gen", "tests", "tests/unit", "src/tests", "test_data", "build", "gen", "docs",
    "src/build", ".tools", "a.b",
)  # fmt: skip


def _write_ifs(size: int) -> tuple[str, Iterator[str]]:
    return "a", (f"if a == {number}:\n        b = {number}" for number in range(size))


def _write_arguments(size: int) -> tuple[str, Iterator[str]]:
    return ", ".join(f"a{number}" for number in range(size)), iter(["pass"])


def _write_keywords(size: int) -> tuple[str, Iterator[str]]:
    return "*, " + ", ".join(f"a{number}" for number in range(size)), iter(["pass"])


def _write_returns(size: int) -> tuple[str, Iterator[str]]:
    return "a", ("return a" for _ in range(size))


def _write_words(size: int) -> tuple[str, Iterator[str]]:
    return "a", iter([f"if {' and '.join(['a'] * size)}:\n        pass"])


def _write_lines(size: int) -> tuple[str, Iterator[str]]:
    return "a", (f"b = {number}" for number in range(size))


_WRITERS: Mapping[str, Callable[[int], tuple[str, Iterator[str]]]] = {
    "ifs": _write_ifs,
    "arguments": _write_arguments,
    "keywords": _write_keywords,
    "returns": _write_returns,
    "words": _write_words,
    "lines": _write_lines,
}


def write_source(comment: str = "") -> str:
    """Return functions of each kind and size, a method and a closure; one of them has a comment."""
    lines = []
    for kind, sizes in SIZES.items():
        for size in sizes:
            parameters, body = _WRITERS[kind](size)
            lines += [f"def {kind}_{size}({parameters}):", *(f"    {line}" for line in body), "", ""]
    parameters, body = _write_ifs(14)
    lines += [f"def ignored({parameters}):{comment}", *(f"    {line}" for line in body), "", ""]
    for name, place in (("Class", "class Class:"), ("outer", "def outer():")):
        parameters, body = _write_ifs(15)
        inside = [f"def in_{name}({parameters}):", *(f"    {line}" for line in body)]
        lines += [place, *(f"    {line}".replace("\n", "\n    ") for line in inside), "", ""]
    return "\n".join(lines)


def pick_paths(chance: random.Random, number: int) -> list[str]:
    """Return paths of files, some of them below folders that are often left out."""
    folders = ["", *chance.sample(_FOLDERS, 6)]
    paths = {"/".join(filter(None, (chance.choice(folders), chance.choice(_NAMES)))) for _ in range(number)}
    return sorted({"main.py", *paths})


def make_pattern(chance: random.Random, paths: Sequence[str], pieces: Sequence[str]) -> str:
    """Return a path, or part of it, with some of it replaced by pieces of patterns."""
    pattern = chance.choice(paths)
    if chance.random() < 0.6:
        parts = pattern.split("/")
        start = chance.randrange(len(parts))
        pattern = "/".join(parts[start : chance.randint(start + 1, len(parts))])
    characters = [*pattern]
    for _ in range(chance.choice((0, 1, 1, 2))):
        start = chance.randrange(len(characters))
        characters[start : start + chance.randint(1, 3)] = [chance.choice(pieces)]
    before, behind = (
        chance.choice(("", "", "", "*/", "**/", "./", "*")),
        chance.choice(("", "", "/*", "/", "*")),
    )
    return before + "".join(characters) + behind
