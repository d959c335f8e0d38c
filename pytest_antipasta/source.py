"""Bytes to text, text to one syntax tree; nothing is ever executed."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings

from pytest_antipasta.model import FileError

_BOM = b"\xef\xbb\xbf"


class SourceError(Exception):
    """The source can't be measured as a whole; ``error`` says why."""

    def __init__(self, error: FileError) -> None:
        """Keep the value that reports show."""
        super().__init__(error.message)
        self.error = error


def decode_source(data: bytes) -> str:
    r"""Return the text as ``tokenize.open`` would: no BOM, PEP 263 cookie honoured, ``\n`` only.

    Raises:
        SourceError: of kind ``encoding``.
    """
    try:
        text = _decode(data)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = f"byte 0x{data[error.start]:02x} at offset {error.start} is not {error.encoding}"
        raise SourceError(_encoding_error(reason, line)) from error
    except (SyntaxError, LookupError, ValueError) as error:
        raise SourceError(_encoding_error(str(error), 1)) from error
    if "\r" in text:
        return text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def parse_source(text: str) -> ast.Module:
    """Return the syntax tree of a module.

    Raises:
        SourceError: of kind ``syntax`` or ``too_deep``.
    """
    try:
        with warnings.catch_warnings():
            # Invalid escapes and the like are the compiler's business, and an "error" filter
            # would make a valid file fail.
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        raise SourceError(FileError("syntax", error.msg, error.lineno)) from error
    except (RecursionError, MemoryError) as error:
        message = "nested too deeply for Python's own parser; split the expression or exclude the file"
        raise SourceError(FileError("too_deep", message)) from error
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise SourceError(_encoding_error("a lone surrogate is no character", line)) from error
    except ValueError as error:
        # NUL, up to CPython 3.11.
        raise SourceError(FileError("syntax", str(error))) from error


def _decode(data: bytes) -> str:
    if not data.startswith(_BOM) and b"coding" not in _first_two_lines(data):
        return data.decode("utf-8")
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data.decode(encoding)


def _first_two_lines(data: bytes) -> bytes:
    """Return at least the part that may hold a cookie; a lone CR does not end a line there."""
    end = data.find(b"\n")
    return data[: data.find(b"\n", end + 1)] if end >= 0 else data


def _encoding_error(reason: str, line: int) -> FileError:
    message = f"{reason}; save the file as UTF-8 or name its encoding in the first line (PEP 263)"
    return FileError("encoding", message, line)
