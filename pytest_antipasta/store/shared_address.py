"""The address of a shared store, the key that seals its records, and their lifetime.

Only the user sets them, by an option or the environment. Settings of a repository can't, as a stranger's
project must not open connections, or fill the store of all projects.
"""

from __future__ import annotations

import os
import re
from urllib.parse import SplitResult, unquote, urlsplit

from msgspec import Struct

from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.store.protocol import DAY, SHARED_VARIABLE

_SCHEMES = ("redis", "rediss", "unix")
# The addresses come last: hide_passwords hides what is between one and an "@".
_EXPECTED = (
    "expected the address of a Redis server (percent-encode / ? # @ and : in passwords): "
    "redis://HOST:PORT/DATABASE (a number), rediss://… for TLS, or unix://PATH"
)


class SharedAddress(Struct, frozen=True):
    """A Redis server, and what to do with it.

    Attributes:
        name: the address for messages, without user name, password and options.
        url: the complete address.
        place: host and port, or the path of a socket.
        password: password if the URL has none.
        key: key that seals records; empty if the environment does not set it.
        seconds: lifetime of a record in seconds.
        is_for_all: whether it is used even if measuring takes no longer.
    """

    name: str
    url: str
    place: tuple[str, int] | str
    password: str | None
    key: bytes
    seconds: int
    is_for_all: bool = False

    def __repr__(self) -> str:
        """Show no secret."""
        return f"SharedAddress({self.name!r})"


def parse_shared_address(url: str, source: str) -> SharedAddress:
    """Return the address from a URL and the environment.

    Args:
        url: with or without a password; no message shows it.
        source: origin of the URL, for messages.

    Raises:
        UsageError: the URL or a variable is invalid.
    """
    try:
        name, place = _parse(urlsplit(url))
    except ValueError:
        raise UsageError(f"{source}: {_EXPECTED}") from None
    key = os.environ.get(f"{SHARED_VARIABLE}_KEY")
    if key == "":  # as a CI service does for withheld secrets; without a key all records would be trusted
        raise UsageError(f"{SHARED_VARIABLE}_KEY is empty; set it to the key, or unset it")
    password = os.environ.get(f"{SHARED_VARIABLE}_PASSWORD") or None
    return SharedAddress(name, url, place, password, os.fsencode(key or ""), int(_find_days() * DAY))


def _parse(parts: SplitResult) -> tuple[str, tuple[str, int] | str]:
    """Return the display name of an address, and its place.

    Raises:
        ValueError: the address is invalid, or part of a password may be in the place of another part.
    """
    if parts.scheme not in _SCHEMES or "@" in f"{parts.path}{parts.query}{parts.fragment}" or parts.fragment:
        raise ValueError
    if parts.scheme == "unix":
        if not parts.path:
            raise ValueError
        return f"unix://{parts.path}", unquote(parts.path)
    if not re.fullmatch(r"/?|/[0-9]+/?", parts.path):  # redis-py takes database 0 for other words
        raise ValueError
    host, port = parts.hostname or "localhost", parts.port or 6379
    return f"{parts.scheme}://{host}:{port}", (host, port)


def _find_days() -> float:
    name = f"{SHARED_VARIABLE}_DAYS"
    text = os.environ.get(name) or "30"
    try:
        days = float(text)
    except ValueError:
        days = 0.0
    if not 0.001 <= days <= 10_000:
        raise UsageError(f"{name}: expected a number of days, got {text}")
    return days
