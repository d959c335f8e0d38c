"""Input that is not the messages of an editor: the server ends and says so, as nobody would ever answer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_antipasta.editor.messages import MessageReader
from pytest_antipasta.model.errors import UsageError
from tests.editor.test_server import format_message

BODY = b'{"jsonrpc": "2.0", "id": 1, "method": "x"}'
HEADER = "expected a header such as Content-Length, got "
NUMBER = "expected a number of bytes > 0 as Content-Length, got "
WRONG = [
    pytest.param(b"Content-Length: -5\r\n\r\n", f'{NUMBER}"-5"', id="negative"),
    pytest.param(b"Content-Length: many\r\n\r\n", f'{NUMBER}"many"', id="no number"),
    pytest.param(b"Content-Length: 0\r\n\r\n", f'{NUMBER}"0"', id="nothing"),
    pytest.param(b"Content-Length: \r\n\r\n", f'{NUMBER}""', id="empty"),
    pytest.param(b"Content-Length: %s\r\n\r\n" % (b"9" * 4000), f'{NUMBER}"999', id="more than there is"),
    pytest.param(b"Content-Type: x\r\n\r\n", "a message has no Content-Length", id="missing"),
    pytest.param(b"\r\n" + BODY, "a message has no Content-Length", id="an empty header"),
    pytest.param(b"hello\r\n", f'{HEADER}"hello"', id="no header"),
    pytest.param(BODY, f'{HEADER}"{{', id="no header, and no end of a line"),
    pytest.param(b"\x00\xff", f'{HEADER}"\\u0000', id="no text"),
    pytest.param(
        b"X: " + b"a" * 5000,
        f'{HEADER}"X: aaa',
        id="a line without an end",
        marks=pytest.mark.skipif(sys.platform == "win32", reason="a pipe of Windows has no room for it"),
    ),
    pytest.param(
        b"Content-Length: 900\r\n\r\n%sContent-Length: 42\r\n\r\n" % BODY,
        "a message is shorter than its Content-Length of 900",
        id="more than arrives before the next message",
    ),
]
ENDED = [
    pytest.param(b"Content-Length: 900\r\n\r\n" + BODY, "input ended after 42 of 900 bytes", id="a body"),
    pytest.param(b"Content-Length: 9\r\n", "input ended within the header of a message", id="after a line"),
    pytest.param(b"Content-Le", "input ended within the header of a message", id="within a line"),
]


def read_all(data: bytes, *, is_closed: bool = True) -> list[bytes]:
    """Return what pygls would be given, line by line and then message by message."""
    source, sink = os.pipe()
    reader, found = MessageReader(source, 0.01), list[bytes]()
    with open(source, "rb"), open(sink, "wb") as writer:
        writer.write(data)
        writer.flush()
        if is_closed:
            writer.close()
        while line := reader.readline():
            found.append(line)
            if line == b"\r\n":
                found.append(reader.read(int(found[-2].removeprefix(b"Content-Length: "))))
        return found


@pytest.mark.parametrize(("data", "why"), WRONG)
def test_what_is_not_a_message_is_not_waited_for(data: bytes, why: str) -> None:
    good = b"Content-Length: 42\r\n\r\n" + BODY
    for before in (b"", good):
        with pytest.raises(UsageError) as caught:
            read_all(before + data, is_closed=False)
        assert str(caught.value).startswith(f"lsp: {why}")
        assert str(caught.value).endswith("; the client must send messages of the Language Server Protocol")


@pytest.mark.parametrize(("data", "why"), ENDED)
def test_a_message_that_breaks_off(data: bytes, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        read_all(data)
    if sys.platform != "win32":
        with pytest.raises(UsageError, match=r"the rest of a message did not arrive within 0\.01 s"):
            read_all(data, is_closed=False)


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: 42\r\n\r\n",
        b"Content-Length: 42\n\n",
        b"content-length:42\r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 42\r\n\r\n",
        b"Content-Length: 42\r\nContent-Type: x\r\n\r\n",
    ],
)
def test_headers_as_other_programs_write_them(header: bytes) -> None:
    assert read_all(2 * (header + BODY)) == 2 * [b"Content-Length: 42\r\n", b"\r\n", BODY]
    assert read_all(b"") == []


def test_half_a_character_is_a_text_like_any_other() -> None:
    body = b'{"text": "\\ud800"}'
    assert read_all(b"Content-Length: 18\r\n\r\n" + body)[2] == body


@pytest.mark.slow
def test_the_server_ends_with_a_message(tmp_path: Path) -> None:
    """In the middle of a session, and with its input still open."""
    begin = format_message(id=1, method="initialize", params={"capabilities": {}})
    wrong = {
        b"hello\r\n": "expected a header such as Content-Length",
        b"Content-Length: 900\r\n\r\n%s%s" % (BODY, begin): "a message is shorter than its Content-Length",
    }
    servers = []
    for data in wrong:
        server = subprocess.Popen(
            [sys.executable, "-m", "pytest_antipasta", "lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
        )
        assert server.stdin
        server.stdin.write(begin + data)
        server.stdin.flush()
        servers.append(server)
    for server, why in zip(servers, wrong.values(), strict=True):
        with server:
            assert server.stdout
            assert server.stderr
            answer, (line,) = server.stdout.read(), server.stderr.read().decode().splitlines()
            assert b'"serverInfo"' in answer
            assert line.startswith(f"error: lsp: {why}")
            assert server.wait() == 2


@pytest.mark.slow
def test_settings_that_editors_send_unasked_are_no_error(tmp_path: Path) -> None:
    """Helix and Eglot send them, and show what the server prints as errors."""
    session = (
        format_message(id=1, method="initialize", params={"capabilities": {}})
        + format_message(method="initialized", params={})
        + format_message(
            method="workspace/didChangeConfiguration", params={"settings": {"inlayHints": "all"}}
        )
        + format_message(id=2, method="shutdown")
        + format_message(method="exit")
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest_antipasta", "lsp"],
        input=session,
        capture_output=True,
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
