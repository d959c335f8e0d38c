"""Recognise Python files: by their suffix, or without one by their first line."""

from __future__ import annotations

import os
from itertools import pairwise, takewhile

from pytest_antipasta.runtime.fileio import open_regular

SOURCE_ENDINGS = (".py", ".pyi", ".pyw")
"""Suffixes of source files."""
HEAD_SIZE = 4096
"""How many bytes of a file say whether it is a script: systems use at most 256 of the first line."""

_PRINTABLE = frozenset((*b"\t\n\v\f\r", *range(ord(" "), 127)))
_ENV = "/usr/bin/env"
_NIX, _UV = "nix-shell", "uv"
_INTERPRETERS = frozenset(("python", "python2", "python3"))


def has_no_suffix(path: str) -> bool:
    """Return whether the name at the end of a posix path has no suffix; a dot at its start begins none."""
    return path.rfind(".", path.rfind("/") + 2) < 0


def starts_as_script(path: str | os.PathLike[str]) -> bool:
    """Return whether the first line of a regular file names Python; false if it can't be read."""
    return names_python(read_head(path))


def read_head(path: str | os.PathLike[str]) -> bytes:
    """Return the first :data:`HEAD_SIZE` bytes of a regular file; empty if it can't be read."""
    try:
        with open(path, "rb", buffering=0, opener=open_regular) as file:
            return file.read(HEAD_SIZE)
    except OSError:
        return b""


def names_python(head: bytes) -> bool:
    """Return whether the first line of a file is a shebang with a Python interpreter.

    The interpreter is ``python``, ``python2`` or ``python3`` in any folder, also with more of a version, or
    the first argument of ``/usr/bin/env``. Of a script for ``nix-shell``, the lines below name it. One that
    ``uv run --script`` runs is Python, too.

    Args:
        head: the first :data:`HEAD_SIZE` bytes of the file.
    """
    first, *others = head.split(b"\n")
    if not (b"python" in head or b"--script" in first) or not _is_shebang(first):
        return False
    words = _split(first)
    if words[:2] == [_ENV, "-S"]:
        words = words[2:]
    elif words[:1] == [_ENV]:
        words = words[1:]
    interpreter = words[0] if words else ""
    if words == [_NIX]:
        interpreter = _find_in_nix(others)
    name = interpreter.rpartition("/")[2]
    return _is_python(name) or (name == _UV and {"run", "--script"} <= {*words})


def _is_shebang(line: bytes) -> bool:
    """Return whether a line is a shebang, which has only printable ASCII."""
    return line.startswith(b"#!") and _PRINTABLE.issuperset(line)


def _split(line: bytes) -> list[str]:
    """Return the words of a shebang."""
    import shlex

    text = line.decode("ascii")[2:].strip()
    try:
        return shlex.split(text)
    except ValueError:  # a quote that does not end
        return text.split()


def _find_in_nix(lines: list[bytes]) -> str:
    """Return the last interpreter that the lines below ``nix-shell`` name with ``-i``."""
    interpreter = ""
    for line in takewhile(_is_shebang, lines):
        words = _split(line)
        for option, value in pairwise(words):
            interpreter = value if option == "-i" else interpreter
    return interpreter


def _is_python(name: str) -> bool:
    """Return whether a name is that of an interpreter, without parts of its version after a dot."""
    while name and name not in _INTERPRETERS:
        name = name.rpartition(".")[0]
    return bool(name)
