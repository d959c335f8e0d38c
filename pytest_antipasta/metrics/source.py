"""Decode and parse source: bytes or cells to text, text to a syntax tree; no code is executed."""

from __future__ import annotations

import ast
import codecs
import io
import re
import tokenize
import warnings
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple, cast

from pytest_antipasta.model.measured import JOINED, NULL_BYTES, FileError

_BOM = b"\xef\xbb\xbf"
# Byte order marks of encodings that are not a superset of ASCII, which source can't have; longer ones first.
_OTHER_BOMS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_BEGINNING = 8000
# The first line of what git stores in place of a file that Git LFS has.
_LFS = "version https://git-lfs.github.com/spec/"
# What git stores in place of a file that git-crypt encrypts begins with this.
_ENCRYPTED = "\0GITCRYPT\0"
# Git's conflict markers, which are longer where files were renamed on both sides.
_CONFLICT = re.compile("^<{7,}(?: |$)", re.MULTILINE)
_TOO_DEEP = "nested too deeply for Python's parser; split the expression or exclude the file"

# A notebook is one Python source: a header that identifies cells, then the code of all cells in order. The
# header contains NULs, which no valid Python source has, and no line feed, so that line numbers are those of
# the code. Decoding skips it: values, bodies and points are those of the code.
_CELLS = JOINED + b"cells "
_KERNEL = JOINED + b"kernel "
_HEAD_END = b"\0"
_FEED = "\n"


class SourceError(Exception):
    """The source can't be measured as a whole; ``error`` says why."""

    def __init__(self, error: FileError) -> None:
        super().__init__(error.message)
        self.error = error


class OtherKernelError(SourceError):
    """The source is a notebook that is not Python; ``language`` is the name in its kernel."""

    def __init__(self, language: str) -> None:
        super().__init__(FileError("syntax", f"the kernel of this notebook is for {language}"))
        self.language = language


def has_digest(data: bytes, digest: bytes | None) -> bool:
    """Return whether a content on disk is the measured one, apart from line ends that git has changed.

    Args:
        data: the content.
        digest: sha256 of the measured content.
    """
    # Git has line feeds only, where it writes files with the line ends of Windows.
    contents = (data, data.replace(b"\r\n", b"\n"))
    return any(sha256(content).digest() == digest for content in contents)


def decode_source(data: bytes) -> str:
    r"""Return the text as ``tokenize.open`` would: no BOM, PEP 263 cookie honoured, ``\n`` only.

    For a notebook, this is the joined code of its cells.

    Raises:
        SourceError: of kind ``encoding``.
        OtherKernelError: the notebook is not Python.
    """
    if data.startswith(JOINED):
        if (language := find_kernel(data)) is not None:
            raise OtherKernelError(language)
        return strip_head(data).decode()
    if data.startswith(_ENCRYPTED.encode()):
        raise SourceError(_describe_encrypted())
    try:
        text = _decode(data)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start : error.start + 1].hex() or "00"
        reason = f"byte 0x{byte} at offset {error.start} is not {error.encoding}{describe_other(data)}"
        raise SourceError(_encoding_error(reason, line)) from error
    except (SyntaxError, LookupError, ValueError) as error:
        raise SourceError(_describe_declaration(data, error)) from error
    if "\r" in text:
        return text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def split_lines(data: bytes, *, is_python: bool = True) -> list[str]:
    """Return the lines of a content; empty if it can't be decoded.

    Args:
        data: the content.
        is_python: whether to count lines like Python's parser. Otherwise only line feeds end lines, also
            behind a carriage return, and any bytes are accepted.
    """
    if not is_python:
        return data.decode("utf-8", "surrogateescape").replace("\r\n", "\n").split("\n")
    try:
        return decode_source(data).split("\n")
    except SourceError:
        return []


def find_indent(line: str) -> str:
    """Return the white space at the beginning of a line."""
    return line[: len(line) - len(line.lstrip())]


def find_stand_in(text: str) -> FileError | None:
    """Return why a text that can't be parsed is not the file itself.

    It may be a pointer of Git LFS, be encrypted, have conflicts, or be the path in a symbolic link.
    """
    if text.startswith(_ENCRYPTED):
        return _describe_encrypted()
    if text.startswith(_LFS):
        message = (
            "a Git LFS pointer, not the file itself; run `git lfs pull`, or exclude the file where commits "
            "are checked, which have only the pointer"
        )
        return FileError("not_fetched", message)
    if (line := _find_conflict(text)) is not None:
        return FileError("unmerged", "the file has merge conflict markers", line)
    if text.startswith("../") and "\n" not in text:  # as on Windows
        message = "a symbolic link's path, which git writes as a file if core.symlinks is false"
        return FileError("syntax", message, 1)
    return None


def _describe_encrypted() -> FileError:
    message = (
        "encrypted by git-crypt; run `git-crypt unlock`, or exclude the file where commits are checked, "
        "which have only the encrypted content"
    )
    return FileError("encoding", message)


def _find_conflict(text: str) -> int | None:
    """Return the line of the first conflict marker of a merge."""
    conflict = _CONFLICT.search(text)
    if conflict is None or "\n=======" not in text or "\n>>>>>>>" not in text:
        return None
    return text.count("\n", 0, conflict.start()) + 1


def parse_source(text: str) -> ast.Module:
    """Return the syntax tree of a module.

    Raises:
        SourceError: of kind ``syntax``, ``unmerged``, ``not_fetched`` or ``too_deep``.
    """
    if (nul := text.find("\0")) >= 0:  # each CPython version has another message for it, and few have a line
        line = text.count("\n", 0, nul) + 1
        raise SourceError(FileError("syntax", NULL_BYTES, line))
    try:
        with warnings.catch_warnings():
            # Warnings such as invalid escapes are not our concern, and an "error" filter would reject a valid
            # file.
            warnings.simplefilter("ignore")
            # Since CPython 3.14, `ast.parse` leaves out docstrings under `-OO`.
            tree = compile(text, "<unknown>", "exec", ast.PyCF_ONLY_AST, optimize=0)
            return cast("ast.Module", tree)
    except SyntaxError as error:
        stand_in = find_stand_in(text)
        raise SourceError(stand_in or FileError("syntax", error.msg, error.lineno)) from error
    except (RecursionError, MemoryError) as error:
        raise SourceError(FileError("too_deep", _TOO_DEEP)) from error
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise SourceError(_encoding_error("lone surrogates are not valid in source code", line)) from error
    except ValueError as error:  # such as a number of more than 4300 digits
        raise SourceError(FileError("syntax", str(error))) from error


def _decode(data: bytes) -> str:
    if not data.startswith(_BOM) and b"coding" not in _first_two_lines(data):
        return data.decode("utf-8")
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data.decode(encoding)


def _describe_declaration(data: bytes, error: Exception) -> FileError:
    """Return why a declared encoding can't be used, in Python's words."""
    if not data.startswith(_BOM):
        return _encoding_error(str(error), 1)
    reason = str(error)
    try:
        ast.parse(_first_two_lines(data))
    except SyntaxError as refusal:
        reason = refusal.msg
    return FileError("encoding", f"{reason}; remove the byte order mark, or declare UTF-8", 1)


def describe_other(data: bytes) -> str:
    """Return what the beginning of an undecodable file shows that it is instead, after a comma."""
    bom = next((bom for bom in _OTHER_BOMS if data.startswith(bom)), None)
    if bom is not None:
        return f", the file starts like {_OTHER_BOMS[bom]}"
    return ", it looks like a binary file" if b"\0" in data[:_BEGINNING] else ""


def _first_two_lines(data: bytes) -> bytes:
    """Return at least the part that may contain a cookie; a lone CR does not end a line there."""
    end = data.find(b"\n")
    return data[: data.find(b"\n", end + 1)] if end >= 0 else data


def _encoding_error(reason: str, line: int) -> FileError:
    message = f"{reason}; save the file as UTF-8 or declare its encoding in the first line (PEP 263)"
    return FileError("encoding", message, line)


class Cell(NamedTuple):
    """A code cell of a notebook.

    Attributes:
        number: number of the cell among cells of all kinds, 1-based.
        line: its first line in the source, 1-based.
        end_line: its last line.
    """

    number: int
    line: int
    end_line: int


def encode_joined(cells: Iterable[tuple[int, str]]) -> bytes:
    r"""Return the source of some cells, given as numbers and texts with ``\n`` at the end of their lines."""
    cells = list(cells)
    head = " ".join(f"{number}:{text.count(_FEED) + 1}" for number, text in cells)
    code = "".join(f"{text}\n" for _, text in cells)
    return b"".join((_CELLS, head.encode(), _HEAD_END, code.encode()))


def encode_kernel(name: str) -> bytes:
    """Return the content for a notebook that is not Python, with the name of its language."""
    return b"".join((_KERNEL, name.encode("ascii", "replace").replace(_HEAD_END, b"?"), _HEAD_END))


def find_kernel(data: bytes) -> str | None:
    """Return the language of a notebook that is not Python; ``None`` for any other content."""
    return data[len(_KERNEL) : -1].decode() if data.startswith(_KERNEL) else None


def strip_head(data: bytes) -> bytes:
    """Return the code of a Python notebook."""
    return data[data.index(_HEAD_END, 1) + 1 :]


def find_cells(data: bytes) -> tuple[Cell, ...]:
    """Return the cells of a notebook in order; empty for any other content."""
    if not data.startswith(_CELLS):
        return ()
    cells: list[Cell] = []
    end = 0
    for part in data[len(_CELLS) : data.index(_HEAD_END, 1)].split():
        number, _, lines = part.partition(b":")
        line, end = end + 1, end + int(lines)
        cells.append(Cell(int(number), line, end))
    return tuple(cells)
