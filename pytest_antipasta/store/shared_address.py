"""Where a shared store is, how its records are sealed, and how long it keeps them.

Only the user says so, by an option or by the environment: a repository's settings have no word for it, as a
stranger's project must not make us connect anywhere, nor fill the store of all projects.
"""

from __future__ import annotations

import os
from urllib.parse import SplitResult, unquote, urlsplit

from msgspec import Struct

from pytest_antipasta.model import UsageError
from pytest_antipasta.store.protocol import DAY, SHARED_VARIABLE

_SCHEMES = ("redis", "rediss", "unix")
_EXPECTED = (
    "expected the address of a Redis server: redis://HOST:PORT/DATABASE, rediss://… for TLS, or "
    "unix://PATH; percent-encode / ? # @ and : in passwords"
)


class SharedAddress(Struct, frozen=True):
    """A Redis server, and what to do with it.

    Attributes:
        name: the address as messages have it, without user name, password and options.
        url: all of it.
        place: host and port, or the path of a socket.
        password: to log in with, where the URL has none.
        key: that records are sealed with; empty for none, which the environment says by not having it.
        seconds: how long a record stays.
        is_for_all: whether it is asked though measuring may take no longer.
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
    """Return what a URL and the environment say.

    Args:
        url: with or without a password; no message shows it.
        source: what has it, for messages.

    Raises:
        UsageError: one of them is wrong.
    """
    try:
        name, place = _parse(urlsplit(url))
    except ValueError:
        raise UsageError(f"{source}: {_EXPECTED}") from None
    key = os.environ.get(f"{SHARED_VARIABLE}_KEY")
    if key == "":  # as a secret is that a CI service keeps back; without a key all records are believed
        raise UsageError(f"{SHARED_VARIABLE}_KEY is empty; set it to the key, or unset it")
    password = os.environ.get(f"{SHARED_VARIABLE}_PASSWORD") or None
    return SharedAddress(name, url, place, password, os.fsencode(key or ""), int(_find_days() * DAY))


def _parse(parts: SplitResult) -> tuple[str, tuple[str, int] | str]:
    """Return what to call an address, and its place.

    Raises:
        ValueError: it is none, or the rest of a password may stand where another part belongs.
    """
    if parts.scheme not in _SCHEMES or "@" in f"{parts.path}{parts.query}{parts.fragment}" or parts.fragment:
        raise ValueError
    if parts.scheme == "unix":
        if not parts.path:
            raise ValueError
        return f"unix://{parts.path}", unquote(parts.path)
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
