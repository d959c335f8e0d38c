"""Read the messages of an editor, and reject what is not one.

pygls 2.1 skips lines until it finds a header that it knows. After a wrong header it waits for ever, while the
editor waits for an answer.
"""

from __future__ import annotations

import os
import re
import select
import sys

from pytest_antipasta.messages import format_value
from pytest_antipasta.model.errors import UsageError

_FIELD = re.compile(rb"[A-Za-z][A-Za-z0-9-]*[ \t]*(:.*)?", re.DOTALL)
_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*(.*)", re.IGNORECASE)
# JSON has no line ends in strings: where a message has this, it has ended before.
_NEXT = re.compile(rb"Content-Length: [0-9]{1,15}\r\n")
_OVERLAP = 40
# Digits of a length that can be that of a message.
_NUMBER = re.compile(rb"[0-9]{1,15}")
_LONGEST_LINE = 4096
_CHUNK = 1 << 16
# Seconds until more of a message arrives, once it has begun.
_PATIENCE = 30.0


class MessageReader:
    """Reads messages for pygls, which asks for lines of a header and then for as many bytes as it names.

    Every method raises :class:`UsageError` for input that is not a message.
    """

    def __init__(self, descriptor: int, patience: float = _PATIENCE) -> None:
        """Read a file descriptor; ``patience`` is how many seconds to wait for the rest of a message."""
        self._descriptor = descriptor
        self._patience = patience
        self._held = bytearray()
        self._lines: list[bytes] = []

    def readline(self) -> bytes:
        """Return the next line of a header, as pygls expects it; nothing at the end of the input."""
        if not self._lines:
            length = self._read_header()
            if length is None:
                return b""
            self._lines = [b"\r\n", b"Content-Length: %d\r\n" % length]
        return self._lines.pop()

    def read(self, size: int) -> bytes:
        """Return a message of a size."""
        searched = 0
        while True:
            if _NEXT.search(self._held, searched, size):
                raise _reject(f"a message is shorter than its Content-Length of {size}")
            if len(self._held) >= size:
                break
            searched = max(0, len(self._held) - _OVERLAP)
            if not self._fill(has_begun=True):
                raise _reject(f"input ended after {len(self._held)} of {size} bytes of a message")
        message = bytes(self._held[:size])
        del self._held[:size]
        return message

    def _read_header(self) -> int | None:
        """Return the length of the next message; ``None`` at the end of the input."""
        length: bytes | None = None
        has_begun = False
        while line := self._read_line(has_begun=has_begun):
            has_begun = True
            if not line.strip():
                break
            if match := _LENGTH.fullmatch(line.strip()):
                length = match[1]
        if not has_begun:
            return None
        if length is None:
            raise _reject("a message has no Content-Length")
        if not _NUMBER.fullmatch(length) or not int(length):
            raise _reject(f"expected a number of bytes > 0 as Content-Length, got {_show(length)}")
        return int(length)

    def _read_line(self, *, has_begun: bool) -> bytes:
        """Return a line of a header with its end; nothing at the end of the input."""
        while (end := self._held.find(b"\n") + 1) == 0:
            self._require_field()
            if not self._fill(has_begun=has_begun or bool(self._held)):
                if has_begun or self._held:
                    raise _reject("input ended within the header of a message")
                return b""
        line = bytes(self._held[:end])
        if line.strip() and not (_FIELD.fullmatch(line) and b":" in line):
            raise _reject(f"expected a header such as Content-Length, got {_show(line.strip())}")
        del self._held[:end]
        return line

    def _require_field(self) -> None:
        """Check that the begin of a line can be a field of a header: the rest may never arrive."""
        begun = bytes(self._held)
        is_field = not begun.strip() or _FIELD.fullmatch(begun)
        if not is_field or len(begun) > _LONGEST_LINE:
            raise _reject(f"expected a header such as Content-Length, got {_show(begun)}")

    def _fill(self, *, has_begun: bool) -> bool:
        """Read what has arrived, or wait for more; return whether there was more."""
        # Windows can wait for sockets alone.
        if has_begun and sys.platform != "win32":
            ready, _, _ = select.select([self._descriptor], [], [], self._patience)
            if not ready:
                raise _reject(f"the rest of a message did not arrive within {self._patience:g} s")
        data = os.read(self._descriptor, _CHUNK)
        self._held += data
        return bool(data)


def _show(data: bytes) -> str:
    return format_value(data[:40].decode(errors="replace"))


def _reject(why: str) -> UsageError:
    hint = "the client must send messages of the Language Server Protocol"
    return UsageError(f"lsp: {why}; {hint}")
