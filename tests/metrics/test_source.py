"""Bytes to text, and text to a syntax tree."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tokenize
import warnings

import pytest

from pytest_antipasta.metrics.notebook.joining import join_notebook
from pytest_antipasta.metrics.source import SourceError, decode_source, parse_source
from pytest_antipasta.model.measured import ErrorKind, FileError

BOM = b"\xef\xbb\xbf"

# What `git lfs clean` writes, by the specification of Git LFS.
LFS_POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4d' * 32}\nsize 12345\n"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param("s = 'é'\n".encode(), id="UTF-8"),
        pytest.param(BOM + b"x = 1\n", id="a byte order mark"),
        pytest.param(BOM + b"# coding: utf-8\nx = 1\n", id="a byte order mark and a cookie"),
        pytest.param("# coding: latin-1\ns = 'é'\n".encode("latin-1"), id="a cookie in the first line"),
        pytest.param("#!x\n# vim: fileencoding=cp1252\ns = '€'\n".encode("cp1252"), id="one in the second"),
        pytest.param("# coding: utf-8\n# coding: latin-1\ns = 'é'\n".encode(), id="two cookies"),
        pytest.param(
            "x = 1\n\n# coding: latin-1\ns = 'é'\n".encode(), id="one in the third, where it is none"
        ),
        pytest.param("s = 'coding: latin-1'\nt = 'é'\n".encode(), id="one in a string, where it is none"),
        pytest.param("x = 1\n# coding: latin-1\ns = 'é'\n".encode(), id="one after code, where it is none"),
        pytest.param("# coding: shift_jis\ns = 'ソ'\n".encode("shift_jis"), id="a backslash inside a letter"),
        pytest.param(b"x = 1\r\ny = 2\r\n", id="line ends of Windows"),
        pytest.param(b"x = 1\ry = 2\r", id="line ends of old Macs"),
        pytest.param(b"# x\r# coding: latin-1\rs = 1\r", id="a cookie between such line ends"),
        pytest.param(b"x = '''\r\n\r'''\r\r\n\n", id="all kinds of them"),
        pytest.param("s = '\x85\u2028\x0c'\n".encode(), id="characters that some take for line ends"),
    ],
)
def test_text_is_what_python_reads(data: bytes) -> None:
    stream = io.TextIOWrapper(io.BytesIO(data), tokenize.detect_encoding(io.BytesIO(data).readline)[0])
    assert decode_source(data) == stream.read()


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        pytest.param(b"x = 1\ns = '\xe9'\n", 2, "byte 0xe9 at offset 11 is not utf-8", id="not UTF-8"),
        pytest.param(
            b"# coding: ascii\ns = '\xe9'\n", 2, "byte 0xe9 at offset 21 is not ascii", id="not ASCII"
        ),
        pytest.param(b"# coding: nonsense\n", 1, "unknown encoding: nonsense", id="an unknown encoding"),
        pytest.param(b"# coding: hex\n00\n", 1, "", id="an encoding that is not of text"),
        pytest.param(b"# coding: undefined\nx\n", 1, "", id="an encoding that always fails"),
        pytest.param(
            "x = 1\n".encode("utf-16"),
            1,
            "byte 0xff at offset 0 is not utf-8, the file starts like UTF-16",
            id="UTF-16",
        ),
        pytest.param(
            "x = 1\n".encode("utf-32"),
            1,
            "byte 0xff at offset 0 is not utf-8, the file starts like UTF-32",
            id="UTF-32",
        ),
        pytest.param(
            b"\x7fELF\0\xf0",
            1,
            "byte 0xf0 at offset 5 is not utf-8, it looks like a binary file",
            id="a program",
        ),
    ],
)
def test_what_can_not_be_decoded_says_where(data: bytes, line: int, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        decode_source(data)
    error = caught.value.error
    assert (error.kind, error.line) == ("encoding", line)
    assert error.message.startswith(message)
    assert error.message.endswith(
        "; save the file as UTF-8 or declare its encoding in the first line (PEP 263)"
    )


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param(b"\x92\xf8" * 20, id="not UTF-8"),
        pytest.param(b"abc", id="UTF-8 by chance"),
    ],
)
def test_a_file_that_git_crypt_encrypts_is_said_to_be_one(rest: bytes) -> None:
    """As `git-crypt` 0.7 writes it: this name, then a nonce and the content."""
    for read in (decode_source, join_notebook):
        with pytest.raises(SourceError) as caught:
            read(b"\0GITCRYPT\0" + rest)
        error = caught.value.error
        assert (error.kind, error.line) == ("encoding", None)
        assert error.message.startswith("encrypted by git-crypt; run `git-crypt unlock`, or exclude")


def test_a_declaration_that_contradicts_the_byte_order_mark_is_said_in_pythons_words() -> None:
    data = BOM + b"# coding: latin-1\nx = 1\n"
    with pytest.raises(SourceError) as caught:
        decode_source(data)
    with pytest.raises(SyntaxError) as refused:
        compile(data, "a.py", "exec")
    advice = "remove the byte order mark, or declare UTF-8"
    assert caught.value.error == FileError("encoding", f"{refused.value.msg}; {advice}", 1)


@pytest.mark.parametrize(
    ("text", "kind", "line"),
    [
        pytest.param("def f(:\n", "syntax", 1, id="a syntax error"),
        pytest.param("x = 1\n\ty = 2\n", "syntax", 2, id="a wrong indent"),
        pytest.param("if x:\n        y\n\tz\n", "syntax", 3, id="tabs and blanks"),
        pytest.param("x = " + "-" * 100_000 + "1\n", "too_deep", None, id="too deep an expression"),
        pytest.param("s = '\ud800'\n", "encoding", 1, id="half of a surrogate pair"),
        pytest.param("print 1\n", "syntax", 1, id="Python 2"),
        pytest.param(LFS_POINTER, "not_fetched", None, id="a pointer of Git LFS"),
    ],
)
def test_what_can_not_be_parsed_says_why(text: str, kind: ErrorKind, line: int | None) -> None:
    with pytest.raises(SourceError) as caught:
        parse_source(text)
    assert (caught.value.error.kind, caught.value.error.line) == (kind, line)


def test_a_link_that_git_wrote_as_a_file_is_said_to_be_one() -> None:
    for text, is_link in (("../shared/a.py", True), ("../shared/a.py\n", False)):
        with pytest.raises(SourceError) as caught:
            parse_source(text)
        error = caught.value.error
        assert (error.kind, error.line, "a symbolic link's path" in error.message) == ("syntax", 1, is_link)


def test_a_nul_is_an_error_on_every_python() -> None:
    with pytest.raises(SourceError) as caught:
        parse_source("x = 1\n\0")
    assert caught.value.error == FileError("syntax", "source code can't contain null bytes", 2)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("s = '\\d'\n", id="an escape that is none"),
        pytest.param("x = 1 is 1\n", id="an identity of numbers"),
        pytest.param("assert (1, 'm')\n", id="an assertion that always holds"),
        pytest.param("x = 1or 2\n", id="a number and a keyword together"),
        pytest.param("def f():\n    try: pass\n    finally: return\n", id="a return in finally"),
    ],
)
def test_the_compilers_warnings_are_not_ours(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(parse_source(text), ast.Module)


@pytest.mark.skipif(sys.platform == "emscripten", reason="there are no processes")
@pytest.mark.parametrize("options", [[], ["-O"], ["-OO"]])
def test_options_of_python_leave_nothing_out(options: list[str]) -> None:
    program = (
        "from pytest_antipasta.metrics.source import parse_source\n"
        'print(len(parse_source(\'"""Text."""\\nassert x\').body))'
    )
    done = subprocess.run([sys.executable, *options, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("2\n", "")
