"""Hostile files, one of each kind, and what may come of each."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.limits import DEEP, HEAVY, SLOW

MEASURED, LEFT_OUT = "measured", "left out"
# Errors of files that were given up, of which something is known all the same.
GIVEN_UP = frozenset(("too_large", "timeout", "memory", "out_of_memory"))
_ELIFS = "if x == 0:\n    pass\n" + "".join(f"elif x == {number}:\n    pass\n" for number in range(1, 5_000))


class Kind(NamedTuple):
    """One hostile file.

    Attributes:
        name: of the file; bytes, as it may be no text.
        make: puts it at a path.
        outcomes: what may come of it: the kind of its error, or one of the two words above.
    """

    name: bytes
    make: Callable[[Path], object]
    outcomes: frozenset[str]


def _write(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def _make_sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 101_000_000)


def _make_socket(path: Path) -> None:
    # By its name alone, as the path of a socket may be no longer than some hundred characters.
    folder = os.getcwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(folder)


def _make_unreadable(path: Path) -> None:
    path.write_bytes(b"x = 1\n")
    path.chmod(0)


def _make_folder(path: Path) -> None:
    path.mkdir()
    (path / "not_python.txt").write_bytes(b"x")


def _kind(name: str | bytes, make: Callable[[Path], object], *outcomes: str) -> Kind:
    # What takes too much memory may do so on a machine that has less left than the limit.
    short = ("out_of_memory",) if "memory" in outcomes else ()
    return Kind(os.fsencode(name), make, frozenset((*outcomes, *short)))


KINDS = (
    _kind("null_byte.py", _write(b"x = 1\n\0"), "syntax"),
    _kind("cookie_of_nothing.py", _write(b"# coding: klingon\nx = 1\n"), "encoding"),
    _kind("wrong_cookie.py", _write("# coding: ascii\nx = 'é'\n".encode()), "encoding"),
    _kind("latin.py", _write(b"x = '\xe9'\n"), "encoding"),
    _kind("utf16.py", _write("x = 1\n".encode("utf-16")), "encoding"),
    _kind("two_boms.py", _write(b"\xef\xbb\xbf\xef\xbb\xbfx = 1\n"), "syntax"),
    _kind("cr_only.py", _write(b"x = 1\ry = 2\r"), MEASURED),
    _kind("form_feed.py", _write(b"x = '\x0c'\n"), MEASURED),
    _kind("binary.py", _write(bytes(range(256)) * 400), "encoding", "syntax"),
    _kind(
        "many_brackets.py", _write(b"x = " + b"(" * 5_000 + b"1" + b")" * 5_000 + b"\n"), "syntax", "too_deep"
    ),
    _kind("many_signs.py", _write(b"x = " + b"-" * 100_000 + b"1\n"), "too_deep"),
    _kind("many_terms.py", _write(b"x = 1" + b" + 1" * 200_000 + b"\n"), "too_deep", "timeout", "memory"),
    _kind("many_elifs.py", _write(_ELIFS.encode()), "too_deep", MEASURED),
    _kind("long_line.py", _write(b"x = [" + b"1, " * 400_000 + b"]\n"), MEASURED, "timeout", "memory"),
    _kind("long_literal.py", _write(b"x = '" + b"a" * 30_000_000 + b"'\n"), MEASURED, "timeout", "memory"),
    _kind("large_table.py", _write(b"x = [\n" + b"'a',\n" * 6_000_000 + b"]\n"), "timeout", "memory"),
    _kind("slow.py", _write(SLOW), "timeout", "memory"),
    _kind("heavy.py", _write(HEAVY), "timeout", "memory"),
    _kind("never_closed.py", _write(DEEP), "timeout", "too_deep", "syntax"),
    _kind("too_large.py", _make_sparse, "too_large"),
    _kind("pipe.py", os.mkfifo, LEFT_OUT),
    _kind("socket.py", _make_socket, LEFT_OUT),
    _kind("loop.py", lambda path: path.symlink_to(path.name), LEFT_OUT),
    _kind("dangling.py", lambda path: path.symlink_to("nowhere.py"), LEFT_OUT),
    _kind("endless.py", lambda path: path.symlink_to("/dev/zero"), LEFT_OUT),
    _kind("folder.py", _make_folder, LEFT_OUT),
    _kind("unreadable.py", _make_unreadable, "unreadable"),
    _kind(b"name_\xff.py", _write(b"x = 1\n"), MEASURED),
    _kind("escape_\x1b[31m.py", _write(b"x = (\n"), "syntax"),
)
